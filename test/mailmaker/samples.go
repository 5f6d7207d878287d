package mailmaker

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// SOC251URL is what the code of the founding case holds (LetsDefend, alert SOC251, "Quishing Detected").
const SOC251URL = "https://ipfs.io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4#"

// SOC251Client is the SMTP client of that case.
const SOC251Client = "158.69.201.47"

// SOC251 is the mail of the founding case, with the alert's sender, recipient, subject and time.
func SOC251() Letter {
	html := `<html><body><p>Dear Claire,</p>
<p>to protect your account in the New Year, all employees must set up Multi-Factor Authentication (MFA) today.
Please scan the code below with the camera of your phone and follow the steps.</p>
<p><img src="cid:mfa" alt="Security code" width="300"></p>
<p>Accounts without MFA will be locked. Your Security Team</p></body></html>`
	return Letter{
		From:    "security@microsecmfa.com",
		To:      "Claire@letsdefend.io",
		Subject: "New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)",
		Date:    time.Date(2024, 1, 1, 12, 37, 0, 0, time.UTC),
		Body:    Related(HTML(html), Inline("mfa", "image/png", "mfa.png", PNG(CodeImage(SOC251URL, 6)))),
	}
}

// BenchURL is in the codes of the kinds that the benchmark sends: a link without anything suspicious about it.
const BenchURL = "https://www.example.net/account/welcome?id=20261121"

// Plain5KB is a plain text mail of about 5 KB: kind i of the benchmark.
func Plain5KB() Letter {
	var text strings.Builder
	for i := 1; text.Len() < 4700; i++ {
		fmt.Fprintf(&text, "%d. The minutes of the meeting are attached to the calendar entry; please read them by Friday.\n", i)
	}
	return Letter{From: "colleague@example.net", To: "reader@example.org", Subject: "Minutes", Body: Text(text.String())}
}

// HTMLWithLogoAndPhoto is an HTML mail with a logo and a JPEG photo of 1.9 megapixels and about 300 KB, without any
// code: kind ii of the benchmark.
func HTMLWithLogoAndPhoto() Letter {
	html := `<html><body><img src="cid:logo"><h1>Our new garden</h1><p>See how it grew over the summer.</p>
<p><img src="cid:photo" width="800"></p><p>The garden team</p></body></html>`
	return Letter{
		From: "garden@example.net", To: "reader@example.org", Subject: "Pictures of the garden",
		Body: Related(
			Alternative(Text("See how our garden grew over the summer."), HTML(html)),
			Inline("logo", "image/png", "logo.png", PNG(Logo())),
			Inline("photo", "image/jpeg", "garden.jpg", photo()),
		),
	}
}

var photo = sync.OnceValue(func() []byte { return JPEG(Photo(1600, 1200, 7), 86) })

// PNGCode is an HTML mail with a code as inline PNG: kind iii of the benchmark.
func PNGCode() Letter {
	return Letter{
		From: "welcome@example.net", To: "reader@example.org", Subject: "Your account",
		Body: Related(
			HTML(`<html><body><p>Scan to open your account.</p><img src="cid:code"></body></html>`),
			Inline("code", "image/png", "code.png", PNG(CodeImage(BenchURL, 5))),
		),
	}
}

// PDFImageCode is a mail with a PDF that has a code as a picture: kind iv of the benchmark.
func PDFImageCode() Letter {
	return withPDF("invoice.pdf", PDFWithImage(CodeImage(BenchURL, 5)))
}

// PDFDrawnCode is a mail with a PDF that draws a code module by module: kind v of the benchmark.
func PDFDrawnCode() Letter {
	return withPDF("ticket.pdf", PDFDrawn(Modules(BenchURL)))
}

func withPDF(name string, pdf []byte) Letter {
	return Letter{
		From: "billing@example.net", To: "reader@example.org", Subject: "Your document " + name,
		Body: Mixed(Text("Please find your document attached."), Attached("application/pdf", name, pdf)),
	}
}

// NewsletterURL is the link in the code of Newsletter.
const NewsletterURL = "https://www.example.com/autumn?utm_source=newsletter"

// Newsletter is a marketing mail with a code that its readers want: a link to the sender's own site.
func Newsletter() Letter {
	html := `<html><body><img src="cid:logo"><h1>Autumn at Example Store</h1>
<p>New jackets have arrived. Show this code at the till, or visit <a href="https://www.example.com/autumn">our shop</a>.</p>
<img src="cid:code" width="160"><p><a href="https://www.example.com/unsubscribe">Unsubscribe</a></p></body></html>`
	return Letter{
		From: "newsletter@example.com", To: "reader@example.org", Subject: "Autumn has come – 20 % off",
		Fields: []string{"List-Unsubscribe: <https://www.example.com/unsubscribe>", "Precedence: bulk"},
		Body: Related(
			Alternative(Text("New jackets have arrived: https://www.example.com/autumn"), HTML(html)),
			Inline("logo", "image/png", "logo.png", PNG(Logo())),
			Inline("code", "image/png", "code.png", PNG(CodeImage(NewsletterURL, 4))),
		),
	}
}
