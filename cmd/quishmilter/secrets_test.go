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
		file := filepath.Join(t.TempDir(), "state.db")
		db, err := state.Open(file, state.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := secretReport(text)
		r.Decision = policy.Decide(r.Evidence)
		event := eventOf(r, prevalence.Default(), 1000)
		if r.Decision.Action != verdict.Quarantine || !slices.Contains(r.Decision.Reasons, payload.SignalRecipient) || !slices.Contains(r.Decision.Reasons, payload.SignalHosting) {
			t.Errorf("%s: %+v", kind, r.Decision)
		}
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
			t.Errorf("%s: explained as %s %q, was %s %q", kind, x.Verdict, x.Reasons, r.Decision.Action, r.Decision.Reasons)
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
		for _, canary := range canaries {
			if all := said.String(); strings.Contains(all, canary) {
				at := strings.Index(all, canary)
				t.Errorf("%s: %s is told: …%q", kind, canary, all[max(0, at-200):min(len(all), at+50)])
			}
		}
	}
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
