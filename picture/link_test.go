package picture_test

import (
	"slices"
	"testing"

	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// TestLinksOfDocuments has documents that show a picture from elsewhere.
func TestLinksOfDocuments(t *testing.T) {
	const url, ask = "https://files.example.net/q.png?u=1&v=2", "Please scan the QR code below with your phone."
	mail := mailmaker.Letter{From: "a@example.net", To: "b@example.org", Body: mailmaker.HTML(`<p>` + ask + `</p><img src="https://files.example.net/q.png?u=1&amp;v=2">`)}.Bytes()
	for name, c := range map[string]struct {
		file string
		data []byte
		want picture.Link
	}{
		"docx":        {"a.docx", mailmaker.LinkingDOCX(ask, url), picture.Link{URL: url, AsksToScan: true}},
		"asks not":    {"a.docx", mailmaker.LinkingDOCX("Minutes", url), picture.Link{URL: url}},
		"field":       {"a.docx", mailmaker.DOCX(mailmaker.WordField(`INCLUDEPICTURE "https://files.example.net/q.png?u=1&amp;v=2" \d`)), picture.Link{URL: url}},
		"odt":         {"a.odt", mailmaker.OpenDocument("text", mailmaker.Black(), `<draw:frame><draw:image xlink:href="https://files.example.net/q.png?u=1&amp;v=2"/></draw:frame><text:p>`+ask+`</text:p>`), picture.Link{URL: url, AsksToScan: true}},
		"rtf":         {"a.rtf", []byte(`{\rtf1 ` + ask + `{\field{\*\fldinst INCLUDEPICTURE "` + url + `" \\d}}}`), picture.Link{URL: url, AsksToScan: true}},
		"mail in zip": {"a.zip", mailmaker.Zip(mailmaker.File{Name: "a.eml", Data: mail}), picture.Link{URL: url, AsksToScan: true}},
	} {
		t.Run(name, func(t *testing.T) {
			r := readAll(t, picture.Part{Path: "2", Name: c.file, Type: "application/octet-stream", Data: c.data})
			if !slices.Equal(r.links, []picture.Link{c.want}) || len(r.codes) != 0 || r.problems != nil {
				t.Errorf("links %+v, read %q, problems %v", r.links, r.codes, r.problems)
			}
		})
	}
}
