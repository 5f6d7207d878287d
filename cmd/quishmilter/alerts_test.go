package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/alert"
	"quishmilter/journal"
	"quishmilter/state"
	"quishmilter/verdict"
)

// alerted keeps an event whose alert is about it, and returns the id.
func alerted(t *testing.T, f *filter, e journal.Event) string {
	t.Helper()
	var change alert.Change
	err := f.db.Update(t.Context(), func(tx *state.Tx) (err error) {
		if err := errors.Join(f.events.Add(tx, e), f.holds.Add(tx, e)); err != nil {
			return err
		}
		change, err = f.alerts.Add(tx, e, alert.Cause{Rule: hostile, Level: alert.High})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return change.Alert.ID
}

func heldLure(from, host string) journal.Event {
	e := lure(1, from, host)
	e.Verdict, e.Where, e.QueueID = "quarantine", journal.Held, "4Sabc"
	return e
}

// Whatever a message holds, a terminal, a mail and a pasted command show it harmless.
func TestHostileAlertIsShownHarmless(t *testing.T) {
	f, _ := newFilter(t)
	e := heldLure("someone@evil.example", "evil.example")
	e.MailFrom, e.Rcpts, e.MessageID, e.ClientAddr, e.Subject = hostile, []string{hostile, hostile}, hostile, hostile, strings.Repeat(hostile, 100)
	e.HeaderFrom = "'; rm -rf / #" + hostile
	e.Codes[0].Name, e.Codes[0].At, e.Codes[0].Carrier, e.Codes[0].Target, e.Codes[0].Signals = hostile, steering, steering, hostile, []string{steering}
	e.Codes[0].URL, e.Codes[0].Payload = "https://evil.example/"+hostile, hostile
	id := alerted(t, f, e)
	src := f.records()
	if _, err := src.ActOnAlert(t.Context(), id, alert.Act{Time: huntNow, What: alert.Noted, Text: hostile, By: hostile}); err != nil {
		t.Fatal(err)
	}
	r, err := src.Alert(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	showReport(t.Context(), terminal{out: &out}, src, r, "quishmilter")
	checkShown(t, "alerts show", out.String())
	for line := range strings.Lines(out.String()) {
		if command, ok := strings.CutPrefix(line, "  quishmilter "); ok {
			checkPasted(t, command)
		}
	}
	out.Reset()
	if err := printAlerts(t.Context(), &out, src, alert.Query{}, false); err != nil {
		t.Fatal(err)
	}
	checkShown(t, "alerts list", out.String())
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines: %s", n, out.String())
	}
	mail := alertMail([]alert.Report{r, {Alert: r.Alert}}, "quishmilter")
	checkShown(t, "the mail", mail.Body)
	checkShown(t, "its subject", mail.Subject)
	out.Reset()
	printArtefacts(&out, "", r.Artefacts)
	checkShown(t, "the artefacts", out.String())
}

// checkPasted has a shell split a command that is to be pasted: nothing of it may be run, and no word may be missing.
func checkPasted(t *testing.T, command string) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "sh", "-c", "printf '%s\\n' "+command).CombinedOutput()
	if err != nil || strings.Contains(string(said), "not found") {
		t.Errorf("%s: %v: %s", command, err, said)
	}
}

// The daemon's messages, and those of a detection, make alerts in the commit of their record.
func TestFindingMakesAnAlert(t *testing.T) {
	f, log := newFilter(t)
	keepEvents(t, f, lure(3, "a@evil.example", "evil.example"), lure(2, "a@evil.example", "evil.example"))
	runDetection(t, f, detectionOf(t, DetectionSettings{Host: "evil.example", Alert: "high"}), huntNow)
	runDetection(t, f, detectionOf(t, DetectionSettings{Host: "evil.example", Alert: "off"}), huntNow)
	page, err := f.alerts.List(alert.Query{}, "")
	if err != nil || len(page.Alerts) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if a := page.Alerts[0]; a.Rule != "detection mine" || a.Level != alert.High || a.Messages != 2 || a.Recipients != 2 || len(a.Findings) != 1 {
		t.Errorf("%+v", a)
	}
	if !strings.Contains(log.String(), `alert: id=`+page.Alerts[0].ID+` level=high rule="detection mine" header_from=<a@evil.example> host=evil.example`) {
		t.Errorf("the log: %s", log)
	}
}

// keeperThat releases without a Postfix.
type keeperThat struct {
	keeper
	released []string
	err      error
}

func (k *keeperThat) Release(_ context.Context, event string, _ time.Duration) (handled, error) {
	k.released = append(k.released, event)
	if k.err != nil {
		return handled{}, k.err
	}
	return handled{Done: "released"}, nil
}

func TestEntriesThatAlertsOffer(t *testing.T) {
	plain := alert.Report{External: true, Auth: "none", Alert: alert.Alert{ID: journal.NewID(huntNow), Source: "a@evil.example", Client: "192.0.2.7", Host: "evil.example", Picture: strings.Repeat("a", 64)}}
	shared := plain
	shared.Alert.Host = "ipfs.io"
	shared.Says = []alert.Code{{Host: "ipfs.io", Signals: []string{"ipfs-gateway"}}}
	several := plain
	several.Hosts = []string{"evil.example", "evil1.example", "evil2.example"}
	proven := plain
	proven.Auth = "pass"
	bare := alert.Report{Alert: alert.Alert{Source: "", Client: "x"}}
	for _, c := range []struct {
		name string
		r    alert.Report
		closing
		want string
	}{
		{"block", plain, closing{block: "best"}, "block picture " + strings.Repeat("a", 64) + ", block host evil.example, block address a@evil.example"},
		{"block a campaign of several hosts", several, closing{block: "host"}, "block host evil.example, block host evil1.example, block host evil2.example"},
		{"block a client", plain, closing{block: "client"}, "block network 192.0.2.7/32"},
		{"block a host that is everybody's", shared, closing{block: "best"}, "block picture " + strings.Repeat("a", 64) + ", block address a@evil.example"},
		{"block it by name", shared, closing{block: "host"}, "error"},
		{"allow", plain, closing{allow: "best"}, "allow host evil.example"},
		{"allow a name that anybody may write", plain, closing{allow: "address"}, "error"},
		{"allow a proven one", proven, closing{allow: "best"}, "allow address a@evil.example"},
		{"allow its domain", proven, closing{allow: "domain"}, "allow domain evil.example"},
		{"allow on a host that is everybody's", shared, closing{allow: "best"}, "allow picture " + strings.Repeat("a", 64)},
		{"allow nothing", bare, closing{allow: "best"}, "error"},
		{"block by a word", plain, closing{block: "everything"}, "error"},
		{"neither", plain, closing{}, ""},
	} {
		c.span = days(30)
		list, err := c.entries(c.r)
		var names []string
		for _, e := range list {
			names = append(names, e.Name())
			if (e.List == journal.Block) != !e.Until.IsZero() || e.Comment != "alert "+c.r.Alert.ID {
				t.Errorf("%s: %+v", c.name, e)
			}
		}
		if err != nil {
			names = []string{"error"}
		}
		if got := strings.Join(names, ", "); got != c.want {
			t.Errorf("%s: %s (%v), want %s", c.name, got, err, c.want)
		}
	}
}

// Closing says what it did and what is left to do; what cannot be done does not open the alert again.
func TestClosingAnAlert(t *testing.T) {
	f, _ := newFilter(t)
	id := alerted(t, f, heldLure("a@evil.example", "evil.example"))
	k := &keeperThat{err: errors.New("there is no Postfix")}
	var out bytes.Buffer
	c := closing{allow: "best", span: days(30)}
	act := alert.Act{What: alert.WasClosed, As: alert.FalsePositive, Text: "a drill"}
	err := c.run(t.Context(), &out, defaultSettings(), f.records(), k, id, act)
	for _, want := range []string{id + ": closed as false-positive", "added: \"allow host evil[.]example\"", id + ": there is no Postfix; try again by: quishmilter quarantine release " + id} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if err == nil || !strings.Contains(err.Error(), "the alert is closed, but 1 thing could") || !slices.Equal(k.released, []string{id}) {
		t.Errorf("%v, released %v", err, k.released)
	}
	if err := c.run(t.Context(), &out, defaultSettings(), f.records(), k, id, act); !errors.Is(err, alert.ErrClosed) || len(k.released) != 1 {
		t.Errorf("again: %v, released %v", err, k.released)
	}

	id = alerted(t, f, heldLure("a@evil.example", "evil.example"))
	out.Reset()
	c = closing{span: days(30)}
	if err := c.run(t.Context(), &out, defaultSettings(), f.records(), k, id, alert.Act{What: alert.WasClosed, As: alert.TruePositive}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"quishmilter block add host --comment 'alert' --for 30d -- 'evil[.]example'", "quishmilter quarantine delete " + id, "quishmilter hunt --host='evil[.]example'", "quishmilter hunt --client='192.0.2.7'"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "allow add") || strings.Contains(out.String(), "release") {
		t.Errorf("a true positive is offered to be let go:\n%s", out.String())
	}
}

// All hosts of a campaign are blocked and hunted for, up to a bound that is said.
func TestClosingACampaignOfManyHosts(t *testing.T) {
	f, _ := newFilter(t)
	id := ""
	for n := range 60 {
		e := heldLure("a@evil.example", fmt.Sprintf("evil%d.example", n))
		e.Subject = "your parcel"
		got := alerted(t, f, e)
		if id == "" {
			id = got
		} else if got != id {
			t.Fatalf("message %d is of another campaign", n)
		}
	}
	var out bytes.Buffer
	c := closing{block: "best", span: days(30)}
	if err := c.run(t.Context(), &out, defaultSettings(), f.records(), &keeperThat{}, id, alert.Act{What: alert.WasClosed, As: alert.TruePositive}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for what, want := range map[string]int{`  added: "block host evil`: 50, "hunt --host='evil": 50, "the campaign has 10 more hosts beyond these": 1} {
		if n := strings.Count(text, what); n != want {
			t.Errorf("%s: %d, want %d\n%s", what, n, want, text)
		}
	}
}

// What is known of a name is said as it is.
func TestSinceWhenANameIsKnown(t *testing.T) {
	at := time.Date(2026, 11, 28, 22, 0, 0, 0, time.UTC)
	for want, s := range map[string]alert.Seen{
		"never before": {What: "sender", New: true},
		"first in the hour of this alert, 2026-11-28 22:00:00 +00:00, 3 messages":                                                                    {What: "sender", New: true, First: at, Messages: 3},
		"2026-11-28 22:00:00 +00:00, 3 messages":                                                                                                     {What: "sender", First: at, Messages: 3},
		"2026-11-28 22:00:00 +00:00, 39 messages in the journal; anybody can have a page there, so no history of it is kept":                         {What: "host", Shared: true, First: at, Messages: 39},
		"first with this campaign, 2026-11-28 22:00:00 +00:00, 1 message in the journal; anybody can have a page there, so no history of it is kept": {What: "host", New: true, Shared: true, First: at, Messages: 1},
	} {
		if got := sinceText(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A webhook carries no secret, and stays small whatever the campaign.
func TestBodyOfAWebhook(t *testing.T) {
	f, _ := newFilter(t)
	e := heldLure("a@evil.example", "evil.example")
	e.Codes = append(e.Codes, journal.CodeEvent{Kind: "wifi", Payload: "WIFI:T:WPA;S:guest;P:hunter22;;"})
	id := alerted(t, f, e)
	for range 60 {
		e := heldLure("a@evil.example", "evil.example")
		for n := range 100 {
			e.Rcpts = append(e.Rcpts, strings.Repeat("ä", 150)+string(rune('a'+n%26)))
		}
		e.Subject, e.Codes[0].URL = strings.Repeat("\x00", 900), "https://evil.example/"+e.ID+strings.Repeat("\x01", 1900)
		alerted(t, f, e)
	}
	body, err := noticeBody(t.Context(), f.records(), alert.Notice{Type: alert.Created, Alert: id, Time: huntNow})
	var n struct {
		Type string
		Data struct{ Alert alert.Alert }
	}
	if err != nil || json.Unmarshal(body, &n) != nil || n.Type != "alert.created" || n.Data.Alert.ID != id || n.Data.Alert.Messages != 61 {
		t.Errorf("%v: %.300s", err, body)
	}
	if len(body) > mostBody || bytes.Contains(body, []byte("hunter22")) {
		t.Errorf("%d bytes: %.300s", len(body), body)
	}
}

// The picture of the code is drawn, without colour where nobody looks.
func TestAlertDrawsTheCode(t *testing.T) {
	f, _ := newFilter(t)
	e := heldLure("a@evil.example", "evil.example")
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for n := range 32 {
		img.Pix[n] = 255
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	e.Codes[0].Shown = file.Bytes()
	id := alerted(t, f, e)
	r, err := f.records().Alert(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	showReport(t.Context(), newTerminal(&out), f.records(), r, "quishmilter")
	if !strings.Contains(out.String(), "████████\n") || strings.Contains(out.String(), "\x1b") {
		t.Error(out.String())
	}
}

func TestActionsThatMakeAlerts(t *testing.T) {
	s := defaultSettings()
	for from, want := range map[string]verdict.Action{"off": "", "tag": verdict.Tag, "quarantine": verdict.Quarantine} {
		s.Alerts.From = from
		if a, err := s.alerting(); err != nil || a.from != want {
			t.Errorf("%s: %+v, %v", from, a, err)
		}
	}
}
