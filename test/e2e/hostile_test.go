package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

func hostile() map[string]mailmaker.Part {
	many := make([]mailmaker.Part, 10000)
	for i := range many {
		many[i] = mailmaker.Text("x")
	}
	deep := mailmaker.Text("bottom")
	for range 5000 {
		deep = mailmaker.Mixed(deep)
	}
	return map[string]mailmaker.Part{
		"PNG of 30,000 × 30,000":   mailmaker.Attached("image/png", "bomb.png", mailmaker.PNGBomb(30000)),
		"PDF that nests forms":     mailmaker.Attached("application/pdf", "nested.pdf", mailmaker.PDFNested(20)),
		"picture full of finders":  mailmaker.Attached("image/png", "finders.png", mailmaker.PNG(mailmaker.Finders(500))),
		"10,000 parts":             mailmaker.Mixed(many...),
		"5,000 levels":             deep,
		"PDF that ends early":      mailmaker.Attached("application/pdf", "cut.pdf", mailmaker.PDFDrawn(mailmaker.Modules("https://example.net/"))[:700]),
		"picture that ends early":  mailmaker.Attached("image/jpeg", "cut.jpg", mailmaker.JPEG(mailmaker.Photo(400, 300, 1), 80)[:2000]),
		"drawing of drawings":      mailmaker.Attached("image/svg+xml", "use.svg", []byte(mailmaker.NestedUses(40))),
		"archive of archives":      mailmaker.Attached("application/zip", "nested.zip", mailmaker.NestedZip(5, 5, mailmaker.PNG(mailmaker.Noise(200, 4, 1)))),
		"200 times gzip":           mailmaker.Attached("application/gzip", "deep.gz", mailmaker.DeepGzip(200)),
		"many frames":              mailmaker.Attached("image/gif", "frames.gif", mailmaker.GIFBomb(150, 800)),
		"a document that is noise": mailmaker.Attached("application/pdf", "noise.pdf", []byte("%PDF-1.7\n"+strings.Repeat("\x00\xff<<", 5000))),
	}
}

// Nothing that a message holds loses it, holds up plain mail, or makes it look clean.
func TestHostileMessages(t *testing.T) {
	r := start(t, daemon.Config{TOML: "failure = \"accept\"\n[limits]\ntime = \"4s\"\n"})
	var all sync.WaitGroup
	for name, part := range hostile() {
		all.Go(func() {
			l := mailmaker.Letter{From: "evil@example.net", To: "reader@example.org", Subject: name, ID: fmt.Sprintf("%x@evil.example", name), Body: part}
			reply, err := sendOnce(r, mailOf(l))
			if err != nil || reply.Code != 250 {
				t.Errorf("%s: %+v %v", name, reply, err)
				return
			}
			if line := r.logLine(reply.QueueID); strings.Contains(line, "scan=complete") {
				t.Errorf("%s: %s", name, line)
			}
		})
	}
	for n := range 50 {
		r.accepted(letter(n))
	}
	all.Wait()
	if n := strings.Count(r.filter.Log(), "verdict=accept"); n < 50 {
		t.Errorf("%d messages accepted", n)
	}
	r.accepted(mailOf(mailmaker.PNGCode())) // and it goes on
}

func sendOnce(r *rig, m postfix.Mail) (postfix.Reply, error) {
	c, err := postfix.Dial(r.mta.Addr)
	if err != nil {
		return postfix.Reply{}, err
	}
	defer func() { _ = c.Quit() }()
	return c.Send(m)
}
