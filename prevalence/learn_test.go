package prevalence

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

const stored = "Return-Path: <bounce@a.example>\r\nReceived: from mx.a.example (mx.a.example [192.0.2.1])\r\n\tby mx.b.example (Postfix) with ESMTPS id 4Zx\r\n\tfor <r@b.example>; Wed, 18 Nov 2026 12:00:00 +0100\r\nDKIM-Signature: v=1; a=rsa-sha256; d=a.example;\r\n\tbh=abcdefghijklmnopqrstuvwxyz0123456789abcdefghij=; b=abcdefghijklmnopqrstuvwxyz\r\n" +
	"From: \"Some Body\" <Some.Body@Mail.A.example>\r\nTo: R <r@b.example>, s@b.example\r\nSubject: =?utf-8?q?Hello?=\r\nList-Id: News <news.a.example>\r\nDate: Wed, 18 Nov 2026 10:59:58 +0000\r\nMessage-ID: <%s@a.example>\r\nContent-Type: text/plain\r\n\r\nHello\r\n"

func TestWhatAStoredMessageTeaches(t *testing.T) {
	r, err := FromMessage(fmt.Appendf(nil, stored, "1"), now)
	want := Record{Time: time.Date(2026, 11, 18, 11, 0, 0, 0, time.UTC), From: "some.body@mail.a.example", Domain: "a.example", List: "news.a.example", Spelling: "Some.Body@Mail.A.example", Recipients: 2, To: []string{"r@b.example", "s@b.example"},
		ID: NewFingerprint("<1@a.example>", "some.body@mail.a.example", []string{"r@b.example", "s@b.example"})}
	if err != nil || fmt.Sprint(r) != fmt.Sprint(want) {
		t.Errorf("got %+v, %v\nwant %+v", r, err, want)
	}
	none := strings.Replace(stored, "Message-ID: <%s@a.example>\r\n", "", 1)
	first, _ := FromMessage([]byte(none), now)
	again, err := FromMessage([]byte(none), now)
	if err != nil || first.ID != again.ID || first.ID == (Fingerprint{}) {
		t.Errorf("without Message-ID it has the fingerprints %x and %x, %v", first.ID, again.ID, err)
	}
}

func TestMboxAtItsEdges(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	text := "From a Thu\nA: 1\n\nbody\nFrom inside\n\n>From quoted\n\nFrom b Thu\r\nB: 1\r\n 2\r\n\r\n" + long + "\nFrom not\n\nFrom c\nC: 1\n"
	type found struct {
		at     int64
		header string
	}
	var got []found
	if err := Mbox(strings.NewReader(text), func(at int64, header []byte) error {
		got = append(got, found{at, string(header)})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []found{{0, "A: 1\n"}, {int64(strings.Index(text, "From b")), "B: 1\r\n 2\r\n"}, {int64(strings.Index(text, "From c")), "C: 1\n"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, odd := range []string{"", "\n", "From ", "no mailbox", strings.Repeat("From x\n", 3)} {
		n := 0
		if err := Mbox(strings.NewReader(odd), func(int64, []byte) error { n++; return nil }); err != nil || n > 1 {
			t.Errorf("%q: %d messages, %v", odd, n, err)
		}
	}
}

func FuzzMbox(f *testing.F) {
	f.Add([]byte("From a\nA: 1\n\nb\n\nFrom b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		last := int64(-1)
		if err := Mbox(bytes.NewReader(data), func(at int64, header []byte) error {
			if at <= last || at >= int64(len(data)) || !bytes.HasPrefix(data[at:], []byte("From ")) || len(header) > maxHeader {
				t.Errorf("a message of %d octets at %d after %d", len(header), at, last)
			}
			last = at
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatAPostfixLogTeaches(t *testing.T) {
	log, err := os.Open("testdata/postfix.log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	own := netip.MustParsePrefix("10.0.0.0/8")
	var got []string
	if err := PostfixLog(log, now, own.Contains, func(r Record) error {
		if r.From != "" || r.ID == (Fingerprint{}) || r.Check(now) != nil {
			t.Errorf("%+v: %v", r, r.Check(now))
		}
		got = append(got, fmt.Sprintf("%s %s %s %s %d %v", r.Time.Format(time.RFC3339), r.Envelope, r.Direction, r.Outcome, r.Recipients, r.To))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"2026-11-18T12:00:01Z news@a.example inbound accepted 2 []",
		"2026-11-18T12:01:00Z me@b.example outbound accepted 1 [friend@c.example]",
		"2026-11-18T12:02:00Z lan@b.example outbound accepted 1 []",
		"2025-12-24T12:03:00Z bad@a.example inbound held 1 []",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func FuzzPostfixLog(f *testing.F) {
	f.Add("Nov 18 12:00:01 mx postfix/qmgr[3]: 4F1: from=<a@b>, size=1, nrcpt=2 (queue active)\n")
	f.Fuzz(func(t *testing.T, text string) {
		err := PostfixLog(strings.NewReader(text), now, func(netip.Addr) bool { return false }, func(r Record) error { return r.Check(now) })
		if err != nil {
			t.Error(err)
		}
	})
}

// BenchmarkFromMessage: what learning costs per message beside the disk and the store.
func BenchmarkFromMessage(b *testing.B) {
	message := fmt.Appendf(nil, stored, "1")
	for b.Loop() {
		if _, err := FromMessage(message, now); err != nil {
			b.Fatal(err)
		}
	}
}
