package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/inspect"
	"quishmilter/prevalence"
)

// sender and scan --state say the same of an author, since both judge as the daemon does.
func TestSenderAndScanJudgeAlike(t *testing.T) {
	s := learnSettings(t)
	src, done, err := openSource(s, true)
	if err != nil {
		t.Fatal(err)
	}
	day := func(n float64) time.Time { return learnNow.Add(-time.Duration(n * 24 * float64(time.Hour))) }
	var records []prevalence.Record
	for n, r := range []prevalence.Record{
		{Time: day(3), From: "case@a.example", Spelling: "Case@a.example"}, {Time: day(5), From: "case@a.example"}, {Time: day(6), From: "case@a.example"},
		{Time: day(3), From: "proven@a.example", Auth: prevalence.AuthPass}, {Time: day(5), From: "proven@a.example", Auth: prevalence.AuthPass},
		{Time: day(3), From: "one@a.example", Recipients: 2}, {Time: day(1), From: "edge@a.example"}, {Time: day(7), From: "edge@a.example"},
		{Time: day(3), From: "x@own.example"}, {Time: day(5), From: "x@own.example"},
		{Time: day(3), From: "held@a.example", Outcome: prevalence.Held}, {Time: day(5), From: "held@a.example", Outcome: prevalence.Held},
	} {
		r.Recipients = max(r.Recipients, 1)
		r.ID = prevalence.NewFingerprint(fmt.Sprint(n), r.From, nil)
		records = append(records, r)
	}
	_, err = src.Learn(t.Context(), records)
	done()
	if err != nil {
		t.Fatal(err)
	}
	prevalent := 0
	for _, preset := range []string{"", "hunt", "rule"} {
		for _, require := range []bool{false, true} {
			s.Prevalence.Preset, s.Auth.Require, s.Auth.OwnDomains = preset, require, []string{"own.example"}
			for _, from := range []string{"case@a.example", "Case@a.example", "CASE@a.example", "Case@A.Example", "proven@a.example", "one@a.example", "edge@a.example", "x@own.example", "held@a.example", "nobody@a.example"} {
				known := senderAt(t, s, from)
				for auth, want := range map[string]struct {
					prevalent bool
					counts    prevalence.Counts
				}{"pass": {known.Prevalent, known.Counted}, "none": {known.PrevalentUnproven, known.Unproven}} {
					got := scannedAt(t, s, from, auth).Sender
					if got.Prevalent != want.prevalent || got.Counts != want.counts {
						t.Errorf("preset %q, proof needed %v, %s with auth=%s: scan says %v, %+v; sender says %v, %+v", preset, require, from, auth, got.Prevalent, got.Counts, want.prevalent, want.counts)
					}
					if got.Prevalent {
						prevalent++
					}
				}
			}
		}
	}
	if prevalent < 10 {
		t.Errorf("only %d answers say prevalent", prevalent)
	}
}

func senderAt(t *testing.T, s Settings, from string) control.Sender {
	t.Helper()
	src, done, err := openSource(s, false)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	known, err := src.Sender(t.Context(), "Somebody <"+from+">", learnNow)
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// scannedAt judges a message as scan --state does, without the pool that scan has for pictures.
func scannedAt(t *testing.T, s Settings, from, auth string) inspect.Report {
	t.Helper()
	history, _, done, err := openHistory(s, s.State)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	scan := scanner{flags: scanFlags{auth: auth, rcpts: []string{"r@b.example"}}, now: learnNow}
	if scan.inspector, err = newInspector(s, nil, inspect.NewKnown(), history); err != nil {
		t.Fatal(err)
	}
	return scan.inspector.Inspect(t.Context(), scan.message("mail.eml", input{data: []byte("From: Somebody <" + from + ">\r\n\r\n")}))
}

// A message from outside that bears a domain of ours without proof is said to be forged by scan as by the daemon, which
// share the inspector; mail of our own networks is not.
func TestScanSeesAForgedDomainOfOurs(t *testing.T) {
	s := defaultSettings()
	s.Auth.OwnDomains, s.OwnNetworks, s.TrustedRelays = []string{"Own.example"}, []string{"192.0.2.0/24"}, []string{"198.51.100.1"}
	inspector, err := newInspector(s, nil, inspect.NewKnown(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, auth, client string
		want               bool
	}{
		{"x@own.example", "none", "203.0.113.1", true}, {"x@own.example", "fail", "", true}, {"x@hr.own.example", "none", "", true},
		{"x@own.example", "pass", "203.0.113.1", false}, {"x@a.example", "none", "203.0.113.1", false}, {"x@own.example", "none", "192.0.2.7", false},
		{"x@a.example, x@own.example", "none", "203.0.113.1", true}, {"x@a.example>, Us: <x@hr.own.example", "none", "203.0.113.1", true}, // a client may show either
		{"x@a.example, y@a.example", "none", "203.0.113.1", false}, {"x@a.example, x@own.example", "none", "192.0.2.7", false},
		{"x@own.example", "none", "198.51.100.1", false}, // a relay of ours, which took it from our network
	} {
		scan := scanner{flags: scanFlags{auth: c.auth}, now: learnNow}
		if c.client != "" {
			scan.client = netip.MustParseAddr(c.client)
		}
		m := scan.message("mail.eml", input{data: []byte("Received: from pc (pc [192.0.2.9]) by relay\r\nFrom: " + c.from + "\r\n\r\n")})
		if got := inspector.Inspect(t.Context(), m).Sender.OwnDomainForged; got != c.want {
			t.Errorf("%+v: forged %v", c, got)
		}
	}
}

// forgot runs sender --forget.
func forgot(t *testing.T, s Settings, text string) (string, error) {
	t.Helper()
	src, done, err := openSource(s, false)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var out bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetOut(&out)
	cmd.SetContext(t.Context())
	err = forgetSender(cmd, src, text)
	return out.String(), err
}

// An address is forgotten in every form in which history reads it; what is no address is refused, not forgotten 0 times.
func TestForgetReadsAddressesAsHistoryDoes(t *testing.T) {
	folder := t.TempDir()
	put(t, storedMessage(1, "Dir@a.example"), folder, "one.eml")
	var s Settings
	for _, text := range []string{"dir@a.example", "Name <DIR@a.example>", "<dir@a.example>", `"A, B" <Dir@A.example>`} {
		s = learnSettings(t)
		learned(t, s, lesson{paths: []string{filepath.Join(folder, "one.eml")}})
		if out, err := forgot(t, s, text); err != nil || !strings.HasPrefix(out, `3 histories of "dir@a[.]example" removed`) { // address, spelling, pair
			t.Errorf("%s: %q, %v", text, out, err)
		}
		if n := knownMessages(t, s, "dir@a.example"); n != 0 {
			t.Errorf("%s: %d messages are left", text, n)
		}
	}
	for _, text := range []string{"", "dir", "Name", "Name <dir>", "a@a.example, b@a.example"} {
		out, err := forgot(t, s, text)
		var e exit
		if out != "" || !errors.As(err, &e) || e.status != exitUsage {
			t.Errorf("%q: %q, %v", text, out, err)
		}
	}
}

// A history that is empty is learnt from now on.
func TestAnEmptyHistorySaysUntilWhen(t *testing.T) {
	s := learnSettings(t)
	for range 2 { // without a state, and with one that holds nothing
		var out bytes.Buffer
		if err := checkSetup(t.Context(), s, &out); err != nil || !strings.Contains(out.String(), "there is no history yet: it is learnt from now on, until 20") {
			t.Errorf("check says %q, %v", out.String(), err)
		}
		_, done, err := openSource(s, true)
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	known := senderAt(t, s, "x@a.example")
	if want := learnNow.Add(s.window().Before); !known.History.LearningUntil.Equal(want) || !known.History.Since.IsZero() {
		t.Errorf("%+v, want until %v", known.History, want)
	}
}
