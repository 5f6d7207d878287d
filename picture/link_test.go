package picture_test

import (
	"strings"
	"testing"

	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// TestLinksOfDocuments has documents that show a picture from elsewhere.
func TestLinksOfDocuments(t *testing.T) {
	const url, ask = "https://files.example.net/q.png?u=1&v=2", "Please scan the QR code below with your phone."
	mail := mailmaker.Letter{From: "a@example.net", To: "b@example.org", Body: mailmaker.HTML(`<p>` + ask + `</p><img src="https://files.example.net/q.png?u=1&amp;v=2">`)}.Bytes()
	for name, c := range map[string]struct {
		file  string
		data  []byte
		words string // that stand beside it
	}{
		"docx":        {"a.docx", mailmaker.LinkingDOCX(ask, url), ask},
		"asks not":    {"a.docx", mailmaker.LinkingDOCX("Minutes", url), "Minutes"},
		"field":       {"a.docx", mailmaker.DOCX(mailmaker.WordField(`INCLUDEPICTURE "https://files.example.net/q.png?u=1&amp;v=2" \d`)), ""},
		"odt":         {"a.odt", mailmaker.OpenDocument("text", mailmaker.Black(), `<draw:frame><draw:image xlink:href="https://files.example.net/q.png?u=1&amp;v=2"/></draw:frame><text:p>`+ask+`</text:p>`), ask},
		"rtf":         {"a.rtf", []byte(`{\rtf1 ` + ask + `{\field{\*\fldinst INCLUDEPICTURE "` + url + `" \\d}}}`), ask},
		"mail in zip": {"a.zip", mailmaker.Zip(mailmaker.File{Name: "a.eml", Data: mail}), ask},
	} {
		t.Run(name, func(t *testing.T) {
			r := readAll(t, picture.Part{Path: "2", Name: c.file, Type: "application/octet-stream", Data: c.data})
			if len(r.links) != 1 || r.links[0].URL != url || !strings.Contains(r.links[0].Words, c.words) || len(r.codes) != 0 || r.problems != nil {
				t.Errorf("links %+v, read %q, problems %v", r.links, r.codes, r.problems)
			}
		})
	}
}
