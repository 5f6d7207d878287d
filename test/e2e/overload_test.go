package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// slowPicture keeps a worker busy for a while: it is full of what may be codes.
func slowPicture(n int) postfix.Mail {
	return mailOf(mailmaker.Letter{From: "stranger@example.net", To: "reader@example.org", Subject: "picture", ID: fmt.Sprintf("slow.%d@example.net", n),
		Body: mailmaker.Attached("image/png", "a.png", mailmaker.PNG(mailmaker.Noise(1200+n, 3, uint64(n))))})
}

// More scans than the queue takes are answered as the failure setting says, with few lines in the log; plain mail passes
// all the while, and when the flood is over a message is read whole again.
func TestOverload(t *testing.T) {
	for failure, code := range map[string]int{"tempfail": 451, "accept": 250, "quarantine": 250} {
		t.Run(failure, func(t *testing.T) {
			r := start(t, daemon.Config{TOML: fmt.Sprintf("failure = %q\n[limits]\ntime = \"3s\"\n[workers]\ncount = 1\nqueue = 1\n", failure)})
			mails := make([]postfix.Mail, 12)
			for n := range mails {
				mails[n] = slowPicture(n)
			}
			replies := make([]postfix.Reply, len(mails))
			var all sync.WaitGroup
			for n := range mails {
				c := r.dial()
				all.Go(func() {
					var err error
					if replies[n], err = c.Send(mails[n]); err != nil {
						t.Error(err)
					}
				})
			}
			if id := r.accepted(letter(0)); r.event(id)["verdict"] != "accept" {
				t.Errorf("plain mail: %v", r.event(id))
			}
			all.Wait()
			log := r.filter.Log()
			if n := strings.Count(log, "more to scan than the workers can do"); n == 0 || n > 3 {
				t.Errorf("%d lines about it in the log", n)
			}
			want := map[string]string{"tempfail": "verdict=tempfail", "accept": "verdict=accept", "quarantine": "verdict=quarantine"}[failure]
			over := 0
			for line := range strings.Lines(log) {
				if strings.Contains(line, "overload") && strings.Contains(line, "verdict=") {
					over++
					if !strings.Contains(line, want) {
						t.Errorf("want %s: %s", want, line)
					}
				}
			}
			refused := 0
			for _, reply := range replies {
				if reply.Code == code {
					refused++
				} else if reply.Code != 250 {
					t.Errorf("%d %s", reply.Code, reply.Text)
				}
			}
			if over == 0 || refused < over {
				t.Errorf("%d overload in the log, %d answers of %d", over, refused, code)
			}
			for n := 100; ; n++ { // until a message is read whole, and once until the log says so too; the test's own time bounds it
				l := mailmaker.PNGCode()
				l.ID = fmt.Sprintf("%d@example.net", n)
				c := r.dial()
				reply, err := c.Send(mailOf(l))
				if err != nil {
					t.Fatal(err)
				}
				_ = c.Quit()
				time.Sleep(50 * time.Millisecond)
				if reply.Code == 250 && r.event(reply.QueueID)["scan"] == "complete" && (failure != "accept" || strings.Contains(r.filter.Log(), "the workers keep up again")) {
					break
				}
			}
		})
	}
}
