package picture

import (
	"bytes"
	"testing"

	"quishmilter/test/mailmaker"
)

// What the text of a message shows is seen where the message lies inside another file too.
func TestTextOfMessagesInside(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules("https://example.net/inside"))
	html := "<html><body>" + mailmaker.TableHTML(rows, mailmaker.Black()) + "</body></html>"
	inner := mailmaker.Letter{From: "a@example.net", To: "b@example.org", Subject: "inside", Body: mailmaker.HTML(html)}.Bytes()
	zip := mailmaker.Zip(mailmaker.File{Name: "mail.eml", Data: inner})
	for name, part := range map[string]Part{
		"as octet-stream": {Name: "mail.eml", Type: "application/octet-stream", Data: inner},
		"as message":      {Type: "message/rfc822", Data: inner},
		"in ZIP":          {Name: "mail.zip", Type: "application/zip", Data: zip},
	} {
		if got := open(t, part, Limits{}); len(got.images) == 0 || len(got.kinds) != 0 {
			t.Errorf("%s: %d pictures, problems %v", name, len(got.images), got.kinds)
		}
	}
	plain := bytes.ReplaceAll(mailmaker.Plain5KB().Bytes(), []byte("\r\n"), []byte("\n"))
	if got := open(t, Part{Name: "mail.eml", Type: "message/rfc822", Data: plain}, Limits{}); len(got.images) != 0 || len(got.kinds) != 0 {
		t.Errorf("plain mail: %d pictures, problems %v", len(got.images), got.kinds)
	}
}
