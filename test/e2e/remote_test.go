package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
)

func linking(url string) mailmaker.Letter {
	return mailmaker.Letter{From: "hr@example.net", To: "reader@example.org", Subject: "Payroll",
		Body: mailmaker.HTML(fmt.Sprintf(`<html><body><p>Please scan the QR code below with your phone.</p><img src="%s/code.png" width="200" height="200"></body></html>`, url))}
}

// A message that asks to scan a code which it only links is tagged, and where an admin allows it the picture is
// fetched and read.
func TestLinkedPicture(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Content-Type", "image/png")
		w.Write(mailmaker.PNG(mailmaker.CodeImage("https://evil.example/?u=reader@example.org", 5)))
	}))
	defer server.Close()

	t.Run("not fetched", func(t *testing.T) {
		r := start(t, daemon.Config{})
		fields(t, r.delivered(mailOf(linking(server.URL))), "X-Quish-Verdict: tagged", "X-Quish-Reason: asks-to-scan, remote-picture-unseen", "X-Quish-Scan: complete")
		if asked != 0 {
			t.Error("the picture was fetched")
		}
	})
	t.Run("fetched", func(t *testing.T) {
		r := start(t, daemon.Config{TOML: "[remote]\npictures = \"lure\"\nallow = [\"127.0.0.1\"]\n"})
		id := r.accepted(mailOf(linking(server.URL)))
		if held, err := r.mta.Held(); err != nil || len(held) != 1 || held[0].QueueID != id || asked != 1 {
			t.Errorf("%+v, %v, asked %d times", held, err, asked)
		}
	})
	t.Run("by a document", func(t *testing.T) {
		asked = 0
		r := start(t, daemon.Config{TOML: "[remote]\npictures = \"lure\"\nallow = [\"127.0.0.1\"]\n"})
		id := r.accepted(mailOf(mailmaker.Letter{From: "hr@example.net", To: "reader@example.org", Subject: "Payroll", Body: mailmaker.Mixed(mailmaker.Text("See the document."),
			mailmaker.Attached("application/octet-stream", "payroll.docx", mailmaker.LinkingDOCX("Please scan the QR code below with your phone.", server.URL+"/code.png")))}))
		if held, err := r.mta.Held(); err != nil || len(held) != 1 || held[0].QueueID != id || asked != 1 {
			t.Errorf("%+v, %v, asked %d times", held, err, asked)
		}
	})
	t.Run("inner addresses are not asked", func(t *testing.T) {
		asked = 0
		r := start(t, daemon.Config{TOML: "[remote]\npictures = \"always\"\n"})
		fields(t, r.delivered(mailOf(linking(server.URL))), "X-Quish-Verdict: tagged", "X-Quish-Reason: asks-to-scan, remote-picture-unseen")
		if asked != 0 {
			t.Error("an inner address was asked")
		}
	})
}
