package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"quishmilter/control"
	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/journal/table"
	"quishmilter/mime"
	"quishmilter/notify"
	"quishmilter/payload"
	"quishmilter/qr"
	"quishmilter/verdict"
)

// steering would change a terminal: its title, its colour, the direction of writing, lines, C1 controls.
const steering = "\x1b]0;pwned\x07\x1b[31m\u202egnp.exe\u2066\u200b\u200e\r\n\u2028X: \u009b2J\u0085\x00\x7f\xff\t\ufeff "

// hostile is what a message may hold where people look: what steers, and what terminals make links of.
const hostile = steering +
	"https://evil.example/x HTTP://www.evil.example ftp://evil.example evil\u3002example evil\uff0eexample someone@evil.example"

var clickable = regexp.MustCompile(`(?i)(https?|ftp)://|evil\pP+example`)

// checkShown says what is wrong with a text on a person's terminal.
func checkShown(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%s shows %U: %.600q", what, r, text)
			break
		}
	}
	for _, found := range clickable.FindAllString(text, -1) {
		if found != "evil[.]example" {
			t.Errorf("%s shows %q: %.600s", what, found, text)
		}
	}
	if text == "" {
		t.Errorf("%s shows nothing", what)
	}
}

func hostileReport() inspect.Report {
	link := "https://evil.example/" + hostile
	code := func(text string) inspect.Code {
		return inspect.Code{Found: inspect.Found{Code: qr.Code{Symbology: steering, Text: text, Tricks: []string{steering}}, Carrier: steering, Part: steering, Name: hostile, At: hostile},
			Payload: payload.Payload{Kind: payload.Kind("url"), URL: link, Host: "evil.example"}, Signals: []string{steering}}
	}
	r := inspect.Report{Subject: hostile, MessageID: hostile, Codes: []inspect.Code{code(hostile), code(link)}, Scan: inspect.Partial,
		Problems: []mime.Problem{{Part: hostile, At: hostile, Kind: mime.Broken, Detail: hostile}}}
	r.Sender.From = hostile
	r.Decision = verdict.Decision{Action: verdict.Tag, Would: verdict.Quarantine, Reasons: []string{steering}}
	return r
}

// humanOutputs are what commands show people, each with all that a message can say.
func humanOutputs(t *testing.T) map[string]func(io.Writer) error {
	events := journal.Event{HeaderFrom: hostile, MailFrom: hostile, Subject: hostile, QueueID: steering, ClientAddr: steering, Verdict: steering, ID: steering,
		NCodes: 1, Codes: []journal.CodeEvent{{Host: hostile, URL: hostile}}}
	entry := journal.Entry{List: journal.Block, Kind: journal.EntryKind(steering), Value: hostile, Action: verdict.Action(steering), By: hostile, Comment: hostile, Source: hostile}
	finding := journal.Finding{ID: steering, Detection: steering, Sender: hostile, Host: hostile, URL: hostile, Clients: []string{steering}, Blocked: []string{hostile}}
	row := table.Row{URL: hostile, NetworkMessageID: hostile, InternetMessageID: hostile, RecipientObjectID: hostile, ReportID: hostile, SenderFromAddress: hostile, RecipientEmailAddress: hostile}
	printed := func(show func(*printer) error) func(io.Writer) error {
		return func(out io.Writer) error {
			p, err := newPrinter(out, "table")
			if err != nil {
				return err
			}
			return errors.Join(show(p), p.flush())
		}
	}
	explained := explained{Path: steering, Verdict: verdict.Tag, Would: verdict.Quarantine, Reasons: []string{steering},
		Was:      &judgement{Verdict: steering, Would: steering, Reasons: []string{steering}, Rules: []string{"mine"}},
		Evidence: verdict.Evidence{Codes: []verdict.Code{{Kind: payload.Kind(steering), Host: hostile, Carrier: steering}}},
		Codes: []verdict.Explanation{{Code: 0, Rules: []verdict.RuleAnswer{
			{Name: "mine", Matches: true, Facts: []verdict.Fact{{Name: "message.subject", Value: hostile}, {Name: "code.signals", Value: []string{hostile}}}},
			{Name: "mine", Problem: hostile}}}}}
	preset, _ := table.PresetNamed("rule")
	return map[string]func(io.Writer) error{
		"scan":    func(out io.Writer) error { printScan(out, steering, hostileReport()); return nil },
		"explain": func(out io.Writer) error { explained.print(out); return nil },
		"sender": func(out io.Writer) error {
			printSender(out, control.Sender{Key: hostile, Address: hostile, Unit: "messages"})
			return nil
		},
		"sender, none":  func(out io.Writer) error { printSender(out, control.Sender{Address: hostile}); return nil },
		"allow list":    func(out io.Writer) error { return printEntries(out, []journal.Entry{entry}, false) },
		"hunt":          printed(func(p *printer) error { return p.event(events) }),
		"hunt findings": printed(func(p *printer) error { return p.finding(finding) }),
		"hunt preset":   printed(func(p *printer) error { return p.presetRows(preset, []table.Row{row}) }),
		"replay": func(out io.Writer) error {
			return (&replay{changed: []replayed{{Path: steering, From: hostile, Now: judgement{Verdict: "tag"}, Then: judgement{Verdict: "accept"}}}}).table(out)
		},
	}
}

// Nothing of a message steers a terminal or can be clicked there, whatever command shows it.
func TestHostileTextIsShownSafely(t *testing.T) {
	for name, show := range humanOutputs(t) {
		var out bytes.Buffer
		if err := show(&out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkShown(t, name, out.String())
	}
}

// Nor does it in the mails to postmaster and recipients.
func TestHostileTextIsMailedSafely(t *testing.T) {
	tellers := newTeller(t, func(*Settings) {}).teller
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	h := journal.Hold{Event: "06h27m1mhl5us6e5", QueueID: "4jcMLG0BWwz1Z4qL", Time: now.Add(-time.Hour), HeaderFrom: hostile, MailFrom: hostile, Rcpts: []string{hostile, "a@example.org"}, NRcpt: 2,
		Subject: hostile, Hosts: []string{hostile}}
	digest, _ := tellers.digestMail(digestFacts{since: now.Add(-24 * time.Hour), until: now, now: now, keep: time.Hour, fresh: []journal.Hold{h}, going: []journal.Hold{h}, unseen: "", event: tellers.eventOf})
	for name, mail := range map[string]notify.Mail{
		"first":     tellers.firstMail(h, now),
		"digest":    digest,
		"recipient": tellers.recipientMail(recipientFacts{address: "a@example.org", held: []journal.Hold{h}}, now),
	} {
		checkShown(t, name, mail.Body)
		for _, found := range clickable.FindAllString(mail.Subject, -1) { // notify makes it one printable line
			if found != "evil[.]example" {
				t.Errorf("%s: subject %q", name, mail.Subject)
			}
		}
	}
}

// Errors are shown too, and may name a file that came by mail.
func TestHostileErrorsAreOneLine(t *testing.T) {
	stderr := os.Stderr
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = w
	report(errors.New("open " + hostile))
	os.Stderr = stderr
	w.Close()
	said, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(said), "\n") != 1 {
		t.Errorf("%q", said)
	}
	for _, r := range string(said) {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U in %q", r, said)
		}
	}
}

// JSON has what was there: it is for programs.
func TestJSONIsNotDefanged(t *testing.T) {
	text, err := json.Marshal(scanResult("x", func() inspect.Report {
		r := hostileReport()
		r.Evidence.Codes = make([]verdict.Code, len(r.Codes))
		return r
	}()))
	if err != nil || !strings.Contains(string(text), `"url":"https://evil.example/`) {
		t.Errorf("%v: %s", err, text)
	}
}

func TestDefangedText(t *testing.T) {
	for text, want := range map[string]string{
		"look at https://evil.example/a.b now": "look at hxxps://evil[.]example/a[.]b now",
		"a.b.c.d@e.f":                          "a[.]b[.]c[.]d@e[.]f",
		"FTP://x.y":                            "fxp://x[.]y",
		"The end. Then 3.5 more...":            "The end. Then 3[.]5 more...",
		"evil\u3002example":                    "evil[.]example",
		strings.Repeat("x", maxShown+1):        strings.Repeat("x", maxShown) + "…",
	} {
		if got := defangedText(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// What is shown is understood when somebody pastes it.
func TestShownAddressesAreTaken(t *testing.T) {
	for _, text := range []string{"security@microsecmfa.com", "https://ipfs.io/ipfs/Qm", "a.b.c.example", "*.evil.example"} {
		if got := refanged(defangedText(text)); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
}
