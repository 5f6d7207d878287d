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

const day18 = " Wed Nov 18 12:00:00 2020"

// mailbox reads a mailbox: where each message begins, and its header.
func mailbox(t *testing.T, text string) (found []string) {
	t.Helper()
	if _, err := Mbox(strings.NewReader(text), 0, func(at int64, header []byte) error {
		found = append(found, fmt.Sprintf("%d %s", at, header))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestMboxAtItsEdges(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	text := "From a Thu\nA: 1\n\nbody\nFrom inside" + day18 + "\n\n>From quoted" + day18 + "\n\nFrom now on: text\n\nFrom b" + day18 + "\r\nB: 1\r\n 2\r\n\r\n" +
		long + "\nFrom not" + day18 + "\n\nFrom c@d Wed Nov  8 12:00 2020 +0100\nC: 1\n"
	want := []string{"0 A: 1\n", fmt.Sprint(strings.Index(text, "From b"), " B: 1\r\n 2\r\n"), fmt.Sprint(strings.Index(text, "From c"), " C: 1\n")}
	if got := mailbox(t, text); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, odd := range []string{"", "\n", "From ", "no mailbox", strings.Repeat("From x\n", 3)} {
		if found := mailbox(t, odd); len(found) > 1 {
			t.Errorf("%q: %q", odd, found)
		}
	}
	for line, want := range map[string]bool{
		"From x@a.example" + day18: true, "From - Thu Nov 18 12:00:00 2020": true, "From x Fri Nov 18 12:00:00 CET 2020": true, "From \"a b\"@c  wed nov  1 1:00:00 2020 remote from d": true,
		"From x": false, "From the board, Nov 18 2020": false, "From Nov 18 on, at 12:00, 2020 people": false, ">From x" + day18: false, "From: x" + day18: false,
	} {
		if begins([]byte(line)) != want {
			t.Errorf("%q begins a message: %v", line, !want)
		}
	}
}

// A mailbox of the kind mboxcl2 has lines in bodies that look like the beginning of a message. The length is believed
// only where it leads to one, or to the end.
func TestMboxWithContentLength(t *testing.T) {
	fake := "Hello\n\nFrom evil" + day18 + "\nFrom: <ceo@corp.example>\n\nfake\n"
	next := "From b" + day18 + "\nB: 1\n\nend\n"
	size := len(fake)
	for name, c := range map[string]struct {
		lengths []int
		between string // the body and the next message
		want    int    // messages
	}{
		"right":                                {[]int{size}, "\n", 2},
		"without an empty line":                {[]int{size}, "", 2},
		"with the empty line":                  {[]int{size + 1}, "\n", 2},
		"in lines that end in CRLF":            {[]int{size}, "\r\n", 2},
		"none":                                 {nil, "\n", 3},
		"one too few leads to the line's end":  {[]int{size - 1}, "\n", 2},
		"a letter too few":                     {[]int{size - 2}, "\n", 3},
		"a letter too many":                    {[]int{size + 2}, "\n", 3},
		"beyond the end":                       {[]int{size + 1000}, "\n", 3},
		"to the end":                           {[]int{size + 1 + len(next)}, "\n", 1},
		"the sender's leads to the fake":       {[]int{len("Hello\n"), size}, "\n", 2},
		"the sender's alone leads to the fake": {[]int{len("Hello\n")}, "\n", 3},
	} {
		text := "From a" + day18 + "\nA: 1\n"
		for _, n := range c.lengths {
			text += fmt.Sprintf("Content-Length: %d\n", n)
		}
		text += "\n" + fake + c.between + next
		got := mailbox(t, text)
		if len(got) != c.want || c.want > 1 && !strings.HasSuffix(got[len(got)-1], "B: 1\n") {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, n := range []string{"-1", "0", "9223372036854775807", "4611686018427387903", "x", ""} {
		if got := mailbox(t, "From a"+day18+"\nContent-Length: "+n+"\n\nbody\n\n"+next); len(got) != 2 {
			t.Errorf("%s: %q", n, got)
		}
	}
}

func FuzzMbox(f *testing.F) {
	f.Add([]byte("From a\nA: 1\n\nb\n\nFrom b" + day18 + "\n"))
	f.Add([]byte("From a\nContent-Length: 3\n\nb\n\nFrom b" + day18 + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		last := int64(-1)
		if _, err := Mbox(bytes.NewReader(data), 0, func(at int64, header []byte) error {
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
	if _, err := PostfixLog(log, now, own.Contains, func(r Record) error {
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

// What became of a message in the end decides whether its log teaches anything, and a message counts once however many
// queue ids it had.
func TestAPostfixLogToTheEnd(t *testing.T) {
	const came = "smtpd[1]: A1: client=mail.a.example[192.0.2.1]\ncleanup[2]: A1: message-id=<1@a.example>\n"
	const active = "qmgr[3]: A1: from=<x@a.example>, size=1, nrcpt=1 (queue active)\n"
	const sent = "lmtp[4]: A1: to=<r@b.example>, relay=mx[private/lmtp], dsn=2.0.0, status=sent (250 ok)\n"
	const removed = "qmgr[3]: A1: removed\n"
	const hold = "cleanup[2]: A1: milter-hold: END-OF-MESSAGE from mail.a.example[192.0.2.1]: milter triggers HOLD action; from=<x@a.example> to=<r@b.example> proto=ESMTP helo=<a>\n"
	const back = "cleanup[2]: B1: message-id=<1@a.example>\nqmgr[3]: B1: from=<x@a.example>, size=1, nrcpt=1 (queue active)\n"
	const filtered = "smtp[5]: A1: to=<r@b.example>, relay=127.0.0.1[127.0.0.1]:10024, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as B1)\n"
	const delivered = "lmtp[4]: B1: to=<r@b.example>, relay=mx[private/lmtp], dsn=2.0.0, status=sent (250 ok)\nqmgr[3]: B1: removed\n"
	const bounced = "lmtp[4]: B1: to=<r@b.example>, relay=mx[private/lmtp], dsn=5.1.1, status=bounced (550 no such user)\nqmgr[3]: B1: removed\n"
	const loopback = "smtpd[6]: B1: client=localhost[127.0.0.1]\n"
	for name, c := range map[string]struct {
		log, want string
	}{
		"delivered":                        {came + active + sent + removed, "inbound accepted []"},
		"held":                             {came + hold, ""},
		"held, and known by its sender":    {came + hold + active, "inbound held []"},
		"held and deleted":                 {came + hold + "postsuper[7]: A1: removed\n", ""},
		"put on hold by hand, and deleted": {came + active + "postsuper[7]: A1: placed on hold\npostsuper[7]: A1: removed\n", loggedDeleted},
		"held and released":                {came + hold + "postsuper[7]: A1: released from hold\n" + active + sent + removed, "inbound accepted []"},
		"held and requeued":                {came + hold + "postsuper[7]: A1: requeued\npickup[8]: B1: uid=89 from=<x@a.example> orig_id=A1\n" + back + delivered, "inbound accepted []"},
		"held, requeued and bounced":       {came + hold + "postsuper[7]: A1: requeued\npickup[8]: B1: uid=89 from=<x@a.example> orig_id=A1\n" + back + bounced, loggedRefused},
		"bounced":                          {came + active + strings.ReplaceAll(bounced, "B1", "A1"), loggedRefused},
		"expired":                          {came + active + "qmgr[3]: A1: from=<x@a.example>, status=expired, returned to sender\nsmtp[1]: A1: to=<r@b.example>, status=expired (x)\n" + removed, loggedRefused},
		"refused":                          {came + "cleanup[2]: A1: milter-reject: END-OF-MESSAGE from mail.a.example[192.0.2.1]: 5.7.1 no; from=<x@a.example>\n" + active + removed, loggedRefused},
		"one recipient of two":             {came + active + sent + strings.ReplaceAll(bounced, "B1", "A1"), "inbound accepted []"},
		"through a filter":                 {came + active + loopback + back + filtered + removed + delivered, "inbound accepted []"},
		"through a filter, the other way":  {came + active + loopback + back + delivered + filtered + removed, "inbound accepted []"},
		"through a filter that says where": {came + active + "smtpd[6]: B1: client=localhost[127.0.0.1], orig_queue_id=A1, orig_client=mail.a.example[192.0.2.1]\n" + strings.Replace(back, "<1@", "<2@", 1) + filtered + removed + delivered, "inbound accepted []"},
		"through a script":                 {came + active + sent + removed + "pickup[8]: B1: uid=89 from=<x@a.example>\n" + back + delivered, "inbound accepted []"},
		"a filter before the queue":        {"smtpd[6]: B1: client=localhost[127.0.0.1], orig_client=mail.a.example[192.0.2.1]\n" + back + delivered, "inbound accepted []"},
		"bounced behind a filter":          {came + active + loopback + back + filtered + removed + bounced, loggedRefused},
		"held behind a filter":             {came + active + loopback + back + strings.Replace(hold, "A1", "B1", 1) + filtered + removed + "postsuper[7]: B1: removed\n", loggedDeleted},
		"our own through a filter":         {strings.Replace(came, "]\n", "], sasl_method=PLAIN, sasl_username=x\n", 1) + active + loopback + back + filtered + removed + delivered, "outbound accepted [r@b.example]"},
		"a stranger's of the same name":    {came + active + sent + removed + "smtpd[6]: B1: client=evil.example[203.0.113.1]\n" + strings.Replace(back, "x@a", "x@evil", 1) + bounced, "inbound accepted [], " + loggedRefused},
		"from a program of this host":      {"smtpd[6]: B1: client=localhost[127.0.0.1]\n" + back + delivered, "outbound accepted [r@b.example]"},
	} {
		var log strings.Builder
		for line := range strings.Lines(c.log) {
			log.WriteString("2026-11-18T12:00:00+00:00 mx postfix/" + line)
		}
		var got []string
		left, err := PostfixLog(strings.NewReader(log.String()), now, func(netip.Addr) bool { return false }, func(r Record) error {
			got = append(got, fmt.Sprintf("%s %s %v", r.Direction, r.Outcome, slices.Compact(r.To)))
			return nil
		})
		for why, n := range left {
			got = append(got, strings.Repeat(why, n))
		}
		if strings.Join(got, ", ") != c.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func FuzzPostfixLog(f *testing.F) {
	f.Add("Nov 18 12:00:01 mx postfix/qmgr[3]: 4F1: from=<a@b>, size=1, nrcpt=2 (queue active)\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := PostfixLog(strings.NewReader(text), now, func(netip.Addr) bool { return false }, func(r Record) error { return r.Check(now) })
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
