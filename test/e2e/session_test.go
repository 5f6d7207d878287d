package e2e

import (
	"strings"
	"sync"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// Several messages on one connection keep apart, whatever becomes of each; so do those before and after an aborted
// one.
func TestMessagesOnOneConnection(t *testing.T) {
	r := start(t, daemon.Config{})
	c := r.dial()
	c.Pipelining = true
	held := soc251()
	plain := held // the same client, since XCLIENT would start a new milter session
	plain.Data = letter(1).Data
	send := func(name string, want string) {
		m := plain
		if name == "held" {
			m = held
		}
		reply, err := c.Send(m)
		if err != nil || reply.Code != 250 {
			t.Fatalf("%s: %+v %v", name, reply, err)
		}
		line := r.logLine(reply.QueueID)
		if !strings.Contains(line, "verdict="+want) || !strings.Contains(line, "[158.69.201.47]") {
			t.Errorf("%s: %s", name, line)
		}
		if want == "accept" && !strings.Contains(line, "codes=0") {
			t.Errorf("codes of another message: %s", line)
		}
	}
	send("held", "quarantine")
	send("plain", "accept")
	if _, err := c.Envelope(held); err != nil {
		t.Fatal(err)
	}
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	send("plain", "accept")
	send("held", "quarantine")
	if err := r.dial().Abort(held, 700); err != nil {
		t.Fatal(err)
	}
	send("plain", "accept")
}

// Many senders at once, while some of them send what takes a worker.
func TestManySessions(t *testing.T) {
	r := start(t, daemon.Config{})
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			c := r.dial()
			for n := range 5 {
				m, want := letter(n), "accept"
				if n%2 == 1 {
					m, want = mailOf(mailmaker.PNGCode()), "tag"
				}
				reply, err := c.Send(m)
				if err != nil || reply.Code != 250 {
					t.Errorf("%+v %v", reply, err)
					return
				}
				if line := r.logLine(reply.QueueID); !strings.Contains(line, "verdict="+want) {
					t.Errorf("want %s: %s", want, line)
				}
			}
		})
	}
	all.Wait()
}

// A daemon that is told to end finishes what it has begun: whatever it answered is in its log, and what came too late
// gets a temporary error.
func TestDrain(t *testing.T) {
	r := start(t, daemon.Config{})
	c := r.dial()
	done := make(chan postfix.Reply, 1)
	go func() {
		reply, err := c.Send(mailOf(mailmaker.PDFImageCode()))
		if err != nil {
			t.Error(err)
		}
		done <- reply
	}()
	if err := r.filter.Drain(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	reply := <-done
	switch {
	case reply.Code == 250:
		if line := r.logLine(reply.QueueID); !strings.Contains(line, "verdict=tag") {
			t.Error(line)
		}
	case reply.Code/100 != 4:
		t.Errorf("%d %s", reply.Code, reply.Text)
	}
}
