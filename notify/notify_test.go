package notify

import (
	"context"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"quishmilter/mime"
	queue "quishmilter/postfix"
	"quishmilter/test/postfix"
)

func TestMain(m *testing.M) {
	postfix.AsRoot()
	os.Exit(m.Run())
}

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func letter() Mail {
	return Mail{From: "postmaster@example.org", To: []string{"a@example.org", "b@example.org"}, Subject: "two held", Body: "what =E9 was held:\n.\nÄ\n" + strings.Repeat("x", 2000) + "\n"}
}

func TestMessageIsReadAsItWasWritten(t *testing.T) {
	m := letter()
	got, err := mail.ReadMessage(strings.NewReader(string(m.compose(NewKey(), now))))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(got.Body))
	if want := strings.ReplaceAll(m.Body, "\n", "\r\n"); string(body) != want || err != nil {
		t.Errorf("%q, %v", body, err)
	}
	to, err := got.Header.AddressList("To")
	if err != nil || len(to) != 2 || to[1].Address != "b@example.org" {
		t.Errorf("%v, %v", to, err)
	}
	if at, err := got.Header.Date(); !at.Equal(now) || err != nil {
		t.Errorf("%v, %v", at, err)
	}
}

func TestNothingBreaksOutOfTheHeader(t *testing.T) {
	if n := len(encoded(strings.Repeat("ü", maxBody))); n > maxEncoded {
		t.Errorf("the longest text has %d bytes, more than %d", n, maxEncoded)
	}
	for _, text := range []string{"x\r\nBcc: evil@example.net", "x\nTo: y", "\x00\x1b[31m", "Größe\u202e\u2028", "\xff\xfe", "=?utf-8?q?=0D=0ABcc:_x?=", strings.Repeat("long ", 500), strings.Repeat("ö", 500)} {
		m := letter()
		m.Subject = text
		raw := string(m.compose(NewKey(), now))
		head, _, _ := strings.Cut(raw, "\r\n\r\n")
		for line := range strings.SplitSeq(head, "\r\n") {
			if len(line) > 900 || strings.ContainsAny(line, "\r\n\x00\x1b") || strings.HasPrefix(line, "Bcc") {
				t.Errorf("%q: line %q", text, line)
			}
		}
		if got, err := mail.ReadMessage(strings.NewReader(raw)); err != nil || len(got.Header) != 10 {
			t.Errorf("%q: %v, %d fields", text, err, len(got.Header))
		}
	}
	for _, address := range []string{"", "x", "@", "a@", "-oQ/tmp@x", "a@b\r\nRCPT TO:<x>", "a@b> SIZE=1", `"a b"@c`, "a@b,c@d", "a@b@c", "a b@c", strings.Repeat("a", 300) + "@b"} {
		if CheckAddress(address) == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
	for _, address := range []string{"postmaster@example.org", "jürgen@exämple.org", "a+b_c.d-e@x", "o'brien@example.org", "postmaster"} {
		if err := CheckAddress(address); err != nil {
			t.Error(err)
		}
	}
}

// Only what we wrote, as we wrote it, passes unlooked at.
func TestMarks(t *testing.T) {
	key := NewKey()
	header, body := mime.ParseMessage(letter().compose(key, now))
	if !key.Owns(header, body, now) || !key.Owns(header, []byte(strings.ReplaceAll(string(body), "\r\n", "\n")), now.Add(markTime)) {
		t.Error("our own mail is not known")
	}
	with := func(name, value string) []mime.Field {
		changed := []mime.Field{}
		for _, f := range header {
			if f.Name == name {
				f.Value = value
			}
			changed = append(changed, f)
		}
		return changed
	}
	for name, owned := range map[string]bool{
		"another key":         NewKey().Owns(header, body, now),
		"no key":              Key(nil).Owns(header, body, now),
		"another text":        key.Owns(header, append([]byte("x"), body...), now),
		"a long text":         key.Owns(header, make([]byte, maxEncoded+1), now),
		"too late":            key.Owns(header, body, now.Add(markTime+time.Second)),
		"read as a page":      key.Owns(with("Content-Type", " text/html"), body, now),
		"a second type":       key.Owns(append(with("", ""), mime.Field{Name: "content-type", Value: " text/html"}), body, now),
		"a second mark":       key.Owns(append(with("", ""), mime.Field{Name: MarkName, Value: " x"}), body, now),
		"another id":          key.Owns(with("Message-ID", " <x@y>"), body, now),
		"another time":        key.Owns(with(MarkName, " 1795867200.00"), body, now),
		"nonsense":            key.Owns(with(MarkName, " \xff"), body, now),
		"without an encoding": key.Owns(with("Content-Transfer-Encoding", " 8bit"), body, now),
	} {
		if owned {
			t.Errorf("%s: it passes for ours", name)
		}
	}
}

func TestWaysToPostfix(t *testing.T) {
	for _, via := range []string{"sendmail", "smtp:127.0.0.1:25", "smtp:[::1]:25", "smtp:postfix:25"} {
		if err := CheckVia(via); err != nil {
			t.Error(err)
		}
	}
	for _, via := range []string{"", "smtp", "smtp:", "smtp:25", "smtp::25", "127.0.0.1:25", "/usr/sbin/sendmail", "smtp:a b:25"} {
		if CheckVia(via) == nil {
			t.Errorf("%q is taken", via)
		}
	}
}

func TestSentThroughPostfix(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := postfix.Start(ctx, postfix.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	for n, via := range []string{Sendmail, "smtp:" + p.Addr} {
		key := NewKey()
		s := &Sender{Via: via, Postfix: queue.Queue{Config: p.ConfigDir()}, Key: key}
		if err := s.Send(ctx, letter()); err != nil {
			t.Fatal(err)
		}
		got, err := p.WaitDelivered(ctx, 2*(n+1))
		if err != nil {
			t.Fatal(err)
		}
		d := got[len(got)-1]
		for _, d := range got {
			if from := d.Field("Return-Path"); len(from) != 1 || from[0] != "<>" {
				t.Errorf("%s: Return-Path %q", via, from)
			}
		}
		if auto := d.Field("Auto-Submitted"); len(auto) != 1 || auto[0] != "auto-generated" {
			t.Errorf("%s: %q", via, auto)
		}
	}
}

func TestNothingTakesTheMail(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("421 4.3.2 not now\r\n"))
			conn.Close()
		}
	}()
	for via, want := range map[string]string{"smtp:" + ln.Addr().String(): "not now", "smtp:127.0.0.1:1": "refused"} {
		if err := (&Sender{Via: via}).Send(t.Context(), letter()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", via, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&Sender{Via: "smtp:" + ln.Addr().String()}).Send(ended, letter()); err == nil {
		t.Error("it is sent although the program ends")
	}
}

// FuzzOwns: whoever has no key cannot write a mark, whatever the message is like.
func FuzzOwns(f *testing.F) {
	raw := letter().compose(NewKey(), now)
	f.Add([]byte(raw))
	f.Add([]byte(MarkName + ": 1795867200.00\r\nContent-Type: text/plain\r\n\r\nx"))
	key := NewKey()
	f.Fuzz(func(t *testing.T, raw []byte) {
		if header, body := mime.ParseMessage(raw); key.Owns(header, body, now) {
			t.Errorf("it passes for ours: %q", raw)
		}
	})
}
