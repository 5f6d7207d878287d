package judged

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image"
	"time"

	"quishmilter/test/mailmaker"
)

// Attack is a message that steals.
type Attack struct {
	Name   string
	Auth   string // "pass", "fail" or "none"
	Letter mailmaker.Letter
	Strong bool // its link or its disguise is a strong signal: standard holds it from a stranger
	Names  bool // its link names the reader, on a host that nobody knows: held from a known sender too
}

// attacker is who sends them.
const attacker = "payroll@staff-notices.example"

// AllAttacks are the ways that standard has to know, dated at.
func AllAttacks(at time.Time) []Attack {
	const site = "https://sign-in.quish-test.example/"
	named := site + "?u=reader%40example.org"
	all := []Attack{
		{Name: "a link and nothing else", Letter: pictured("https://sign-in.quish-test.example/a1")},
		{Name: "names the reader", Letter: pictured(named), Strong: true, Names: true},
		{Name: "names the reader, base64 in the fragment", Letter: pictured(site + "#" + base64.RawURLEncoding.EncodeToString([]byte(Reader))), Strong: true, Names: true},
		{Name: "names the reader, hex in the path", Letter: pictured(site + hex.EncodeToString([]byte(Reader)) + "/x"), Strong: true, Names: true},
		{Name: "names the reader, proven author of the link's domain", Auth: "pass", Letter: pictured("https://www.staff-notices.example/?u=reader%40example.org"), Strong: true},
		{Name: "names the reader behind a redirector", Letter: pictured("https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM#M=" + Reader), Strong: true, Names: true},
		{Name: "IPFS", Letter: pictured(mailmaker.SOC251URL), Strong: true},
		{Name: "free hosting", Letter: pictured("https://mfa-portal-7f3a.pages.dev/login"), Strong: true},
		{Name: "tunnel", Letter: pictured("https://quiet-river-1234.trycloudflare.com/"), Strong: true},
		{Name: "shortener", Letter: pictured("https://tinyurl.com/mfa-7f3a"), Strong: true},
		{Name: "user information before the host", Letter: pictured("https://login.microsoftonline.com@quish-test.example/"), Strong: true},
		{Name: "a name misspelt", Letter: pictured("https://login.micr0soft-portal.example/"), Strong: true},
		{Name: "a link that claims to be a payment", Letter: pictured("SPC\n0200\n1\nhttps://sign-in.quish-test.example/pay"), Strong: true},
		{Name: "device linking", Letter: pictured("sgnl://linkdevice?uuid=bLp3Vd0bTvSQHZRBQ7f9Ew%3D%3D&pub_key=BTf9tY2X0t1mPz8m1m2r8w0lq3gk4yUu0l9xkP1vQm5R"), Strong: true},
		{Name: "proven forgery", Auth: "fail", Letter: pictured(site), Strong: true},
		{Name: "two halves", Letter: halves(site + "half"), Strong: true},
		{Name: "table cells", Letter: letter(mailmaker.HTML(mailmaker.TableHTML(framed(site+"cells"), mailmaker.Black()))), Strong: true},
		{Name: "block characters", Letter: letter(mailmaker.Text(mailmaker.HalfBlocks(framed(site + "blocks")))), Strong: true},
		{Name: "hardly to be seen", Letter: shown(faint(site + "faint")), Strong: true},
		{Name: "a PDF that asks to scan and says nothing else", Strong: true, Letter: attached("application/pdf", "payroll.pdf",
			page(site+"pdf", "Scan the QR code with your phone camera", "to view your secure document."))},
		{Name: "a Word file that asks to scan and says nothing else", Strong: true, Letter: attached("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "payroll.docx",
			mailmaker.DOCX("<w:p><w:r><w:t>Bitte scannen Sie den QR-Code mit Ihrem Smartphone</w:t></w:r></w:p>",
				mailmaker.File{Name: "image1.png", Data: mailmaker.PNG(mailmaker.CodeImage(site+"docx", 5))}))},
		{Name: "a PDF without words, and a letter that asks to scan it", Strong: true, Letter: attached("application/pdf", "scan.pdf", mailmaker.PDFDrawn(mailmaker.Modules(site+"blank")))},
	}
	for n := range all {
		a := &all[n]
		a.Letter.From, a.Letter.To, a.Letter.Date = attacker, Reader, at
		a.Letter.ID = fmt.Sprintf("attack-%d@staff-notices.example", n)
		if a.Letter.Subject == "" {
			a.Letter.Subject = "Action required: your payroll authentication expires within 24 hours"
		}
		if a.Auth == "" {
			a.Auth = "none"
		}
	}
	return all
}

const lure = "Your password expires. Scan the QR code with your phone to verify your account, or it will be suspended."

func letter(part mailmaker.Part) mailmaker.Letter { return mailmaker.Letter{Body: part} }

func pictured(text string) mailmaker.Letter { return shown(mailmaker.CodeImage(text, 4)) }

func shown(code image.Image) mailmaker.Letter {
	return letter(mailmaker.Related(mailmaker.HTML("<p>"+lure+"</p><img src=\"cid:c\">"), mailmaker.Inline("c", "image/png", "c.png", mailmaker.PNG(code))))
}

func attached(mediaType, name string, data []byte) mailmaker.Letter {
	return letter(mailmaker.Mixed(mailmaker.Text(lure), mailmaker.Attached(mediaType, name, data)))
}

func framed(text string) [][]bool { return mailmaker.Framed(mailmaker.Modules(text)) }

// halves shows a code as two pictures side by side.
func halves(text string) mailmaker.Letter {
	code := mailmaker.CodeImage(text, 6)
	side := code.Rect.Dx()
	left, right := code.SubImage(image.Rect(0, 0, side/2, side)), code.SubImage(image.Rect(side/2, 0, side, side))
	return letter(mailmaker.Related(mailmaker.HTML(`<p>`+lure+`</p><table cellspacing="0" cellpadding="0"><tr><td><img src="cid:l"></td><td><img src="cid:r"></td></tr></table>`),
		mailmaker.Inline("l", "image/png", "l.png", mailmaker.PNG(left)), mailmaker.Inline("r", "image/png", "r.png", mailmaker.PNG(right))))
}

// faint is a code of two grays that hardly differ.
func faint(text string) image.Image {
	img := mailmaker.CodeImage(text, 6)
	for i, v := range img.Pix {
		img.Pix[i] = 200
		if v == 0 {
			img.Pix[i] = 188
		}
	}
	return img
}
