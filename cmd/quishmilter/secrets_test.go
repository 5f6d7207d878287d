package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/identity"
	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/milter"
	"quishmilter/payload"
	"quishmilter/prevalence"
	"quishmilter/state"
	"quishmilter/verdict"
)

// What is secret stays so where a link inside it is judged: in the header, the log in both forms, the journal, its file and
// what explains the event. The signals of the link are said, and the explanation comes to the verdict of the message.
func TestSecretsWithLinksStayHidden(t *testing.T) {
	const link = "https://far-secret.pages.dev/tokn4711?u=claire@example.org"
	canaries := []string{"JBSWY3DPEHPK3PXP", "hunter22", "DE89370400440532013000", "Example e.V.", "tokn4711", "far-secret"}
	policy, err := verdict.Compile(verdict.Standard, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for kind, text := range map[string]string{
		"otpauth": "otpauth://totp/Corp:claire?secret=JBSWY3DPEHPK3PXP&issuer=Corp&image=" + link,
		"wifi":    "WIFI:T:WPA;S:Guest " + strings.ReplaceAll(link, ":", "\\:") + ";P:hunter22;;",
		"payment": "BCD\n002\n1\nSCT\n\nExample e.V.\nDE89370400440532013000\nEUR12.30\n\n\n" + link,
	} {
		r := secretReport(text)
		r.Decision = policy.Decide(r.Evidence)
		if r.Decision.Action != verdict.Quarantine || !slices.Contains(r.Decision.Reasons, payload.SignalRecipient) || !slices.Contains(r.Decision.Reasons, payload.SignalHosting) {
			t.Errorf("%s: %+v", kind, r.Decision)
		}
		wantUntold(t, kind, toldOf(t, policy, r), canaries)
	}
}

// A secret that stands inside a link or a text is told nowhere either; the link's host is.
func TestSecretsInsideStayHidden(t *testing.T) {
	canaries := []string{"JBSWY3DPEHPK3PXP", "hunter22", "DE89370400440532013000", "Example e.V.", "SECRETESIM43"}
	policy, err := verdict.Compile(verdict.Standard, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"eSIM":             "https://esimsetup.far-host.com/esim_qrcode_provisioning?carddata=LPA:1$smdp.example.com$SECRETESIM43",
		"network":          "https://far-host.com/wifi\nWIFI:T:WPA;S:Guest;P:hunter22;;",
		"key":              "https://far-host.com/\notpauth://totp/A:b?secret=JBSWY3DPEHPK3PXP",
		"redirected key":   "https://far-host.com/url?q=otpauth%3A%2F%2Ftotp%2FA%3Fsecret%3DJBSWY3DPEHPK3PXP",
		"payment":          "https://far-host.com/\nBCD\n002\n1\nSCT\n\nExample e.V.\nDE89370400440532013000\nEUR12.30",
		"key in a contact": "BEGIN:VCARD\nFN:A\nURL:https://far-host.com/\nNOTE:otpauth://totp/A?secret=JBSWY3DPEHPK3PXP\nEND:VCARD",
		"network in words": "https://far-host.com/ has WIFI:T:WPA;S:Guest;P:hunter22;;",
		"cut scheme":       "https://far-host.com/?q=otp\nauth://totp/A?secret=JBSWY3DPEHPK3PXP",
	} {
		r := secretReport(text)
		r.Evidence.Codes[0].Host, r.Evidence.Codes[0].Target = r.Codes[0].Host, r.Codes[0].Target
		r.Decision = policy.Decide(r.Evidence)
		told := toldOf(t, policy, r)
		wantUntold(t, name, told, canaries)
		if !strings.Contains(told, "far-host.com") {
			t.Errorf("%s: the host is not told", name)
		}
	}
}

func wantUntold(t *testing.T, name, told string, canaries []string) {
	t.Helper()
	for _, canary := range canaries {
		if at := strings.Index(told, canary); at >= 0 {
			t.Errorf("%s: %s is told: …%q", name, canary, told[max(0, at-200):min(len(told), at+50)])
		}
	}
}

// toldOf is all that is written of a message: the header, the log in both forms, the journal, its file and what explains
// the event. The explanation must come to the verdict of the message.
func toldOf(t *testing.T, policy *verdict.Policy, r inspect.Report) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "state.db")
	db, err := state.Open(file, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	event := eventOf(r, prevalence.Default(), 1000)
	events := journal.New(db)
	if err := db.Update(t.Context(), func(tx *state.Tx) error { return events.Add(tx, event) }); err != nil {
		t.Fatal(err)
	}
	kept, err := events.Get(event.ID)
	if err != nil {
		t.Fatal(err)
	}
	x := explained{ID: kept.ID}
	x.Evidence, x.Whole = kept.Judged()
	x = explain(policy, x)
	if x.Verdict != r.Decision.Action || !slices.Equal(x.Reasons, r.Decision.Reasons) {
		t.Errorf("explained as %s %q, was %s %q", x.Verdict, x.Reasons, r.Decision.Action, r.Decision.Reasons)
	}
	var said strings.Builder
	for _, form := range []journal.Format{journal.Text, journal.JSON} {
		journal.NewLog(&said, form, "").Message(event)
	}
	x.print(&said)
	for _, one := range []any{kept, x} {
		if err := json.NewEncoder(&said).Encode(one); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(&said, milter.Fields(r, "14d-1d", event.ID))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	stored, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	said.Write(stored)
	return said.String()
}

// secretReport is that of a stranger's message with one code.
func secretReport(text string) inspect.Report {
	c := inspect.Code{Payload: payload.Parse(text, true), Digest: "d"}
	c.Text, c.Carrier = text, "image"
	c.Signals = payload.BuiltinLists().Signals(c.Payload, []string{"claire@example.org"})
	r := inspect.Report{Direction: identity.Inbound, Scan: inspect.Complete, Codes: []inspect.Code{c}}
	r.Envelope = inspect.Envelope{MailFrom: "x@far.example", Rcpts: []string{"claire@example.org"}, Arrived: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), QueueID: "4XYZ"}
	r.Sender.From, r.Sender.Auth = "x@far.example", identity.None
	r.Evidence = verdict.Evidence{Inbound: true, ScanComplete: true, Recipients: r.Envelope.Rcpts,
		Sender: verdict.Sender{Address: "x@far.example", Domain: "far.example", Auth: "none", AgeDays: -1, SinceDays: -1},
		Codes: []verdict.Code{{Kind: c.Kind, Valid: c.Valid, Secret: c.Payload.Secret(), Hosts: c.Hosts(), Domains: []string{"far-secret.pages.dev"},
			Carrier: "image", Signals: c.Signals, Picture: "d", HostAgeDays: -1}}}
	return r
}
