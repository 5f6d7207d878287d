package picture_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"strings"
	"testing"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/qr"
	"quishmilter/test/mailmaker"
)

const link = "https://login.example.net/a?u=reader%40example.org"

// reading is what is read in a part.
type reading struct {
	texts    []string
	carriers []string
	at       []string
	problems []mime.Problem
}

func read(t testing.TB, part picture.Part, limits picture.Limits) (r reading) {
	t.Helper()
	part.Path = "2"
	r.problems = picture.NewOpener("").Open(t.Context(), part, limits, func(p picture.Picture) {
		if p.Image == nil {
			r.texts, r.carriers, r.at = append(r.texts, p.Payload), append(r.carriers, p.Carrier), append(r.at, p.At)
			return
		}
		for _, code := range qr.Read(t.Context(), p.Image).Codes {
			r.texts, r.carriers, r.at = append(r.texts, code.Text), append(r.carriers, p.Carrier), append(r.at, p.At)
		}
	})
	return r
}

// tricks are forms in which every carrier has to be read.
func tricks() map[string]image.Image {
	inverted := mailmaker.CodeImage(link, 4)
	for i := range inverted.Pix {
		inverted.Pix[i] = 255 - inverted.Pix[i]
	}
	wide := image.NewGray(image.Rect(0, 0, inverted.Rect.Dx()+200, inverted.Rect.Dy()+100)) // dark around, as in a dark design
	for y := range inverted.Rect.Dy() {
		for x := range inverted.Rect.Dx() {
			wide.SetGray(x+100, y+50, color.Gray{Y: inverted.GrayAt(x, y).Y})
		}
	}
	return map[string]image.Image{"clean": mailmaker.CodeImage(link, 4), "inverted": wide, "tiny": mailmaker.CodeImage(link, 2)}
}

// carrier makes a part that holds a picture.
type carrier struct {
	name, file, mediaType string
	carrier, at           string
	make                  func(img image.Image) []byte
}

func containers() []carrier {
	png := func(img image.Image) []byte { return mailmaker.PNG(img) }
	eml := func(img image.Image) []byte {
		return mailmaker.Letter{From: "a@example.net", To: "b@example.org", Body: mailmaker.Mixed(
			mailmaker.Text("hello"), mailmaker.Attached("application/octet-stream", "a.png", png(img)))}.Bytes()
	}
	zipped := func(img image.Image) []byte {
		return mailmaker.Zip(mailmaker.File{Name: "readme.txt", Data: []byte("text")}, mailmaker.File{Name: "d/a.png", Data: png(img)})
	}
	docx := func(img image.Image) []byte {
		return mailmaker.DOCX("<w:p/>", mailmaker.File{Name: "image1.png", Data: png(img)})
	}
	return []carrier{
		{"docx", "a.docx", "", "office", "word/media/image1.png", docx},
		{"docx under another name", "a.bin", "application/octet-stream", "office", "word/media/image1.png", docx},
		{"docx without directory", "a.docx", "", "office", "word/media/image1.png", func(img image.Image) []byte {
			data := docx(img)
			return data[:bytes.Index(data, []byte("PK\x01\x02"))]
		}},
		{"docx with broken offsets", "a.docx", "", "office", "word/media/image1.png", func(img image.Image) []byte {
			data := docx(img)
			at := bytes.LastIndex(data, []byte("PK\x01\x02"))
			data[at+42] ^= 0x55
			return data
		}},
		{"docx with emf", "a.docx", "", "office", "word/media/image1.emf picture 1", func(img image.Image) []byte {
			return mailmaker.DOCX("", mailmaker.File{Name: "image1.emf", Data: mailmaker.EMF(img)})
		}},
		{"docx with data link", "a.docx", "", "office", "word/document.xml data 1", func(img image.Image) []byte {
			return mailmaker.DOCX(`<v:imagedata src="data:image/png;base64,` + base64.StdEncoding.EncodeToString(png(img)) + `"/>`)
		}},
		{"docx with object", "a.docx", "", "office", "word/media/oleObject1.bin a.png", func(img image.Image) []byte {
			object := mailmaker.Compound(mailmaker.Entry{Name: "\x01Ole10Native", Data: mailmaker.Package(mailmaker.File{Name: "a.png", Data: png(img)})})
			return mailmaker.DOCX("", mailmaker.File{Name: "oleObject1.bin", Data: object})
		}},
		{"flat word xml", "a.xml", "text/xml", "office", "data 1", func(img image.Image) []byte {
			return []byte(`<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument><w:pict><w:binData w:name="a">` +
				base64.StdEncoding.EncodeToString(png(img)) + `</w:binData></w:pict></w:wordDocument>`)
		}},
		{"xlsx", "a.xlsx", "", "office", "xl/media/image1.png", func(img image.Image) []byte { return mailmaker.XLSX(png(img)) }},
		{"pptx", "a.pptx", "", "office", "ppt/media/image1.png", func(img image.Image) []byte { return mailmaker.PPTX(png(img)) }},
		{"odt", "a.odt", "", "office", "Pictures/100.png", func(img image.Image) []byte { return mailmaker.ODT("", png(img)) }},
		{"doc", "a.doc", "", "office", "Data picture 1", func(img image.Image) []byte { return mailmaker.DOC(png(img)) }},
		{"doc with emf", "a.doc", "", "office", "Data picture 1 picture 1", func(img image.Image) []byte { return mailmaker.DOC(mailmaker.EMF(img)) }},
		{"xls", "a.xls", "", "office", "Workbook picture 1", func(img image.Image) []byte { return mailmaker.XLS(png(img)) }},
		{"ppt", "a.ppt", "", "office", "Pictures picture 1", func(img image.Image) []byte { return mailmaker.PPT(png(img)) }},
		{"rtf", "a.rtf", "", "office", "picture 1", func(img image.Image) []byte { return mailmaker.RTF("pngblip", png(img)) }},
		{"rtf as doc", "a.doc", "application/msword", "office", "picture 1", func(img image.Image) []byte {
			return mailmaker.RTF("dibitmap0", mailmaker.DIB(img))
		}},
		{"emf", "a.emf", "", "image", "picture 1", func(img image.Image) []byte { return mailmaker.EMF(img) }},
		{"emf plus", "a.emf", "", "image", "picture 1", func(img image.Image) []byte { return mailmaker.EMFPlus(png(img), 1<<20) }},
		{"emf plus in pieces", "a.emf", "", "image", "picture 1", func(img image.Image) []byte { return mailmaker.EMFPlus(png(img), 200) }},
		{"wmf", "a.wmf", "", "image", "picture 1", func(img image.Image) []byte { return mailmaker.WMF(img) }},
		{"msg", "a.msg", "", "image", "a.png", func(img image.Image) []byte {
			return mailmaker.MSG("", mailmaker.File{Name: "a.png", Data: png(img)})
		}},
		{"msg in msg", "a.msg", "", "image", "a.png", func(img image.Image) []byte {
			return mailmaker.MSGWithMessage("", mailmaker.File{Name: "a.png", Data: png(img)})
		}},
		{"winmail.dat", "winmail.dat", "application/ms-tnef", "image", "a.png", func(img image.Image) []byte {
			return mailmaker.TNEF(mailmaker.File{Name: "b.txt", Data: []byte("text")}, mailmaker.File{Name: "a.png", Data: png(img)})
		}},
		{"zip", "a.zip", "", "image", "d/a.png", zipped},
		{"zip in zip", "a.zip", "", "image", "b.zip d/a.png", func(img image.Image) []byte {
			return mailmaker.Zip(mailmaker.File{Name: "b.zip", Data: zipped(img)})
		}},
		{"zip behind junk", "a.zip", "", "image", "d/a.png", func(img image.Image) []byte { return append([]byte("MZ junk\x00\x01"), zipped(img)...) }},
		{"docx in zip", "a.zip", "", "office", "a.docx word/media/image1.png", func(img image.Image) []byte {
			return mailmaker.Zip(mailmaker.File{Name: "a.docx", Data: docx(img)})
		}},
		{"tar", "a.tar", "", "image", "a.png", func(img image.Image) []byte {
			return mailmaker.Tar(mailmaker.File{Name: "t", Data: []byte("text")}, mailmaker.File{Name: "a.png", Data: png(img)})
		}},
		{"tgz", "a.tgz", "", "image", "a.tar a.png", func(img image.Image) []byte {
			return mailmaker.Gzip(mailmaker.Tar(mailmaker.File{Name: "a.png", Data: png(img)}))
		}},
		{"gzip", "a.png.gz", "", "image", "a.png", func(img image.Image) []byte { return mailmaker.Gzip(png(img)) }},
		{"7z", "a.7z", "", "image", "d/a.png", func(img image.Image) []byte {
			return mailmaker.SevenZip(mailmaker.File{Name: "a.txt", Data: make([]byte, 5000)}, mailmaker.File{Name: "d/a.png", Data: png(img)}, mailmaker.File{Name: "b.txt", Data: []byte("text")})
		}},
		{"rar", "a.rar", "", "image", "a.png", func(img image.Image) []byte {
			return mailmaker.RAR(mailmaker.File{Name: "a.txt", Data: make([]byte, 5000)}, mailmaker.File{Name: "a.png", Data: png(img)})
		}},
		{"tar.xz", "a.txz", "", "image", "a.tar a.png", func(img image.Image) []byte {
			return mailmaker.XZ(mailmaker.Tar(mailmaker.File{Name: "a.png", Data: png(img)}))
		}},
		{"eml as octet-stream", "a", "application/octet-stream", "image", "2 a.png", eml},
		{"eml in base64", "", "message/rfc822", "image", "2 a.png", eml},
		{"eml in zip", "a.zip", "", "image", "mail.eml 2 a.png", func(img image.Image) []byte {
			return mailmaker.Zip(mailmaker.File{Name: "mail.eml", Data: eml(img)})
		}},
		{"opaque signed", "smime.p7m", "application/pkcs7-mime", "image", "signed content 2 a.png", func(img image.Image) []byte {
			return mailmaker.Signed(2, eml(img))
		}},
		{"signed file", "a.png.p7m", "application/octet-stream", "image", "signed content", func(img image.Image) []byte { return mailmaker.Signed(2, png(img)) }},
		{"vcard 2.1", "a.vcf", "text/x-vcard", "image", "photo 1", func(img image.Image) []byte { return mailmaker.VCard("2.1", png(img)) }},
		{"vcard 3", "a.vcf", "text/vcard", "image", "photo 1", func(img image.Image) []byte { return mailmaker.VCard("3.0", png(img)) }},
		{"vcard 4", "a.vcf", "text/vcard", "image", "photo 1", func(img image.Image) []byte { return mailmaker.VCard("4.0", png(img)) }},
	}
}

func TestContainers(t *testing.T) {
	for _, c := range containers() {
		for trick, img := range tricks() {
			t.Run(c.name+"/"+trick, func(t *testing.T) {
				data := c.make(img)
				if !picture.Wanted(c.mediaType, c.file, data[:min(len(data), 1024)]) {
					t.Error("not wanted")
				}
				r := read(t, picture.Part{Name: c.file, Type: c.mediaType, Data: data}, picture.Limits{})
				if len(r.problems) != 0 {
					t.Errorf("problems %+v", r.problems)
				}
				if len(r.texts) != 1 || r.texts[0] != link || r.carriers[0] != c.carrier || r.at[0] != c.at {
					t.Errorf("read %q, carriers %q at %q", r.texts, r.carriers, r.at)
				}
			})
		}
	}
}

// Word's fields hold the code's content as text, however it is cut up.
func TestBarcodeFields(t *testing.T) {
	quoted := `DISPLAYBARCODE "` + link + `" QR \q 3`
	wide := "\x13" + quoted + "\x14\x15"
	for name, data := range map[string][]byte{
		"field":        mailmaker.DOCX(mailmaker.WordField(" " + quoted)),
		"in runs":      mailmaker.DOCX(mailmaker.WordField("DISPLAY", "BARCODE &quot;https://login", ".example.net/a?u=reader%40example.org&quot;", " QR ")),
		"simple field": mailmaker.DOCX(`<w:fldSimple w:instr=' ` + quoted + `'/>`),
		"nested":       mailmaker.DOCX(strings.Replace(mailmaker.WordField(`DISPLAYBARCODE "`, `" QR`), `"</w:instrText></w:r>`, `"</w:instrText></w:r>`+strings.Replace(mailmaker.WordField(`MERGEFIELD a`), "code", link, 1), 1)),
		"doc":          mailmaker.Compound(mailmaker.Entry{Name: "WordDocument", Data: []byte("\xec\xa5\xc1\x00        " + wide)}),
		"rtf":          []byte(`{\rtf1 {\field{\*\fldinst {DISPLAY}{\b BARCODE "` + link + `" QR \\q 3}}{\fldrslt x}}}`),
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, picture.Part{Name: "a.doc", Data: data}, picture.Limits{})
			if len(r.texts) != 1 || r.texts[0] != link || r.carriers[0] != "office" || len(r.problems) != 0 {
				t.Errorf("read %+v", r)
			}
		})
	}
	r := read(t, picture.Part{Data: mailmaker.DOCX(mailmaker.WordField(`DISPLAYBARCODE "123" CODE128`))}, picture.Limits{})
	if len(r.texts) != 0 || len(r.problems) != 0 {
		t.Errorf("a bar code that is no QR code: %+v", r)
	}
}

// The content of ordinary containers is looked at in full, and nothing is said of it.
func TestOrdinaryContainersAreComplete(t *testing.T) {
	var texts []mailmaker.File
	for i := range 1500 {
		texts = append(texts, mailmaker.File{Name: strings.Repeat("d/", i%5) + string(rune('a'+i%26)) + ".go", Data: []byte("package a")})
	}
	text := []mailmaker.File{{Name: "a.txt", Data: []byte("only text")}, {Name: "__MACOSX/._a.png", Data: []byte("\x00\x05\x16\x07\x00\x02")}, {Name: "empty.png"}, {Name: "dir/"}}
	for name, part := range map[string]picture.Part{
		"zip":             {Name: "a.zip", Data: mailmaker.Zip(text...)},
		"zip of 1500":     {Name: "a.zip", Data: mailmaker.Zip(texts...)},
		"empty zip":       {Name: "a.zip", Data: mailmaker.Zip()},
		"tar":             {Name: "a.tar", Data: mailmaker.Tar(text[:2]...)},
		"7z":              {Name: "a.7z", Data: mailmaker.SevenZip(text[0], mailmaker.File{Name: "b.txt", Data: make([]byte, 5000)})},
		"rar":             {Name: "a.rar", Data: mailmaker.RAR(text[0])},
		"xz":              {Name: "a.log.xz", Data: mailmaker.XZ([]byte("a log"))},
		"gzip":            {Name: "a.log.gz", Data: mailmaker.Gzip([]byte("a log"))},
		"docx":            {Name: "a.docx", Data: mailmaker.DOCX("<w:p><w:r><w:t>Hello</w:t></w:r></w:p>" + mailmaker.WordField("PAGE"))},
		"doc":             {Name: "a.doc", Data: mailmaker.Compound(mailmaker.Entry{Name: "WordDocument", Data: []byte("\xec\xa5\xc1\x00" + strings.Repeat("\x00", 28) + strings.Repeat(" text", 300) + " about %PDF-1.7 and DISPLAYBARCODE")})},
		"xls":             {Name: "a.xls", Data: mailmaker.Compound(mailmaker.Entry{Name: "Workbook", Data: []byte("\x09\x08\x00\x00")})},
		"msg":             {Name: "a.msg", Data: mailmaker.MSG("<p>hello</p>", mailmaker.File{Name: "a.txt", Data: []byte("text")})},
		"tnef":            {Name: "winmail.dat", Data: mailmaker.TNEF(mailmaker.File{Name: "a.txt", Data: []byte("text")})},
		"rtf":             {Name: "a.rtf", Data: []byte(`{\rtf1\ansi{\fonttbl{\f0 Arial;}}Hello \u8364? {\field{\*\fldinst HYPERLINK "x"}{\fldrslt y}}}`)},
		"csv as excel":    {Name: "a.csv", Type: "application/vnd.ms-excel", Data: []byte("a;b\r\n1;2\r\n")},
		"text as doc":     {Name: "a.doc", Data: []byte("only text")},
		"page as doc":     {Name: "a.doc", Data: []byte("<html><p>only text</p></html>")},
		"vcard":           {Name: "a.vcf", Data: []byte("BEGIN:VCARD\r\nFN:Sample\r\nPHOTO;VALUE=uri:https://example.net/a.png\r\nEND:VCARD\r\n")},
		"eml":             {Name: "a.eml", Data: mailmaker.Plain5KB().Bytes()},
		"signed text":     {Name: "smime.p7m", Data: mailmaker.Signed(2, []byte("Content-Type: text/plain\r\n\r\nhello"))},
		"detached":        {Name: "smime.p7s", Type: "application/pkcs7-signature", Data: mailmaker.Signed(2, nil)},
		"detached as p7m": {Name: "smime.p7m", Data: mailmaker.Signed(2, nil)},
	} {
		if r := read(t, part, picture.Limits{}); len(r.problems) != 0 || len(r.texts) != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// Where nothing can be seen, that is said, once, with its kind.
func TestContainersThatCannotBeRead(t *testing.T) {
	encrypted := mailmaker.Zip(mailmaker.File{Name: "a.png", Data: []byte("secret")}, mailmaker.File{Name: "b.png", Data: []byte("secret")})
	for at := 0; ; at++ {
		i := bytes.Index(encrypted[at:], []byte("PK\x03\x04"))
		j := bytes.Index(encrypted[at:], []byte("PK\x01\x02"))
		if i < 0 && j < 0 {
			break
		}
		if i >= 0 && (i < j || j < 0) {
			at += i
			encrypted[at+6] |= 1
		} else {
			at += j
			encrypted[at+8] |= 1
		}
	}
	word := []byte("\xec\xa5\xc1\x00\x00\x00\x00\x00\x00\x00\x00\x01 text")
	for name, c := range map[string]struct {
		part picture.Part
		want mime.Kind
	}{
		"zip with password":        {picture.Part{Data: encrypted}, mime.Encrypted},
		"docx with password":       {picture.Part{Data: mailmaker.Compound(mailmaker.Entry{Name: "EncryptedPackage", Data: []byte("x")})}, mime.Encrypted},
		"doc with password":        {picture.Part{Data: mailmaker.Compound(mailmaker.Entry{Name: "WordDocument", Data: word})}, mime.Encrypted},
		"xls with password":        {picture.Part{Data: mailmaker.Compound(mailmaker.Entry{Name: "Workbook", Data: []byte("\x2f\x00\x02\x00\x00\x00")})}, mime.Encrypted},
		"odt with password":        {picture.Part{Data: mailmaker.ODT("<manifest:encryption-data/>", []byte("secret"))}, mime.Encrypted},
		"enveloped":                {picture.Part{Name: "smime.p7m", Data: mailmaker.Signed(3, []byte("secret"))}, mime.Encrypted},
		"pgp":                      {picture.Part{Name: "a.asc", Data: []byte("-----BEGIN PGP MESSAGE-----\r\n\r\nhQ==\r\n")}, mime.Encrypted},
		"damaged ole":              {picture.Part{Data: mailmaker.DOC([]byte("x"))[:600]}, mime.Broken},
		"docx that is none":        {picture.Part{Name: "a.docx", Data: []byte("\x00\x01\x02\x03 nothing")}, mime.Broken},
		"zip with another method":  {picture.Part{Data: bytes.ReplaceAll(mailmaker.Zip(mailmaker.File{Name: "a.png", Data: []byte("x")}), []byte("\x08\x00\x08\x00"), []byte("\x08\x00\x09\x00"))}, mime.Unsupported},
		"zip of a picture cut off": {picture.Part{Data: cutZip()}, mime.Broken},
		"tnef cut off":             {picture.Part{Data: mailmaker.TNEF(mailmaker.File{Name: "a.txt", Data: []byte("text text text")})[:65]}, mime.Broken},
		"old rtf bitmap":           {picture.Part{Data: mailmaker.RTF("wbitmap0", []byte("0000"))}, mime.Unsupported},
		"7z cut off":               {picture.Part{Data: mailmaker.SevenZip(mailmaker.File{Name: "a.png", Data: []byte("x")})[:60]}, mime.Broken},
		"7z of another method": {picture.Part{Data: bytes.Replace(mailmaker.SevenZip(mailmaker.File{Name: "a.png", Data: []byte("x")}), []byte{1, 0x21, 0x21, 1, 16}, []byte{1, 0x21, 0x22, 1, 16}, 1)},
			mime.Unsupported},
		"7z of a huge window": {picture.Part{Data: bytes.Replace(mailmaker.SevenZip(mailmaker.File{Name: "a.png", Data: []byte("x")}), []byte{1, 0x21, 0x21, 1, 16}, []byte{1, 0x21, 0x21, 1, 39}, 1)},
			mime.OverLimit},
		"rar that is none": {picture.Part{Data: []byte("Rar!\x1a\x07\x01\x00 nothing that is known")}, mime.Broken},
	} {
		r := read(t, c.part, picture.Limits{})
		if len(r.problems) == 0 || len(r.problems) > 2 || r.problems[0].Kind != c.want {
			t.Errorf("%s: %+v, want %s", name, r.problems, c.want)
		}
	}
}

func cutZip() []byte {
	data := mailmaker.Zip(mailmaker.File{Name: "a.png", Data: mailmaker.PNG(mailmaker.Photo(100, 100, 1))})
	return data[:len(data)/2]
}

// The half of a code that stands in a damaged compound file is still looked for.
func TestPicturesInDamagedCompoundFile(t *testing.T) {
	data := mailmaker.DOC(mailmaker.PNG(mailmaker.CodeImage(link, 4)))
	data[48], data[49] = 0xee, 0xee // the directory's sector
	r := read(t, picture.Part{Data: data}, picture.Limits{})
	if len(r.texts) != 1 || len(r.problems) != 1 || r.problems[0].Kind != mime.Broken {
		t.Errorf("%+v", r)
	}
}
