package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/state"
	"quishmilter/verdict"
)

var noon = time.Date(2024, 1, 1, 12, 37, 0, 0, time.UTC)

func newStore(t *testing.T) *Store {
	t.Helper()
	db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return New(db)
}

// soc251 is the founding case, some time after it.
func soc251(after time.Duration) journal.Event {
	at := noon.Add(after)
	const link = "https://ipfs.io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4#"
	return journal.Event{Time: at, ID: journal.NewID(at), HeaderFrom: "security@microsecmfa.com", MailFrom: "security@microsecmfa.com", Rcpts: []string{"Claire@letsdefend.io"}, NRcpt: 1,
		Direction: "inbound", ClientAddr: "158.69.201.47", Subject: "New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)",
		Verdict: "quarantine", Where: journal.Held, Rules: []string{"new-sender-strong"}, Reasons: []string{"qr-link-from-new-sender", "ipfs-gateway"}, Scan: "complete",
		Codes: []journal.CodeEvent{{Kind: "url", URL: link, Host: "ipfs.io", Payload: link, Signals: []string{"ipfs-gateway"}, Picture: strings.Repeat("a", 64)}}}
}

func add(t *testing.T, s *Store, e journal.Event) Change {
	t.Helper()
	return addFor(t, s, e, Cause{Rule: "new-sender-strong", Level: Medium})
}

func addFor(t *testing.T, s *Store, e journal.Event, c Cause) (change Change) {
	t.Helper()
	err := s.db.Update(t.Context(), func(tx *state.Tx) (err error) {
		change, err = s.Add(tx, e, c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return change
}

func list(t *testing.T, s *Store, q Query) []Alert {
	t.Helper()
	page, err := s.List(q, "")
	if err != nil || page.Damaged != 0 || page.Next != "" {
		t.Fatalf("%+v, %v", page, err)
	}
	return page.Alerts
}

// What the original alert said, with a device action that is ours.
func TestAlertOfTheFoundingCase(t *testing.T) {
	s := newStore(t)
	e := soc251(0)
	if change := add(t, s, e); !change.New {
		t.Fatalf("%+v", change)
	}
	a, err := s.Get(e.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	a.Events, a.Scope = nil, nil
	text, _ := json.Marshal(a)
	want := `{"id":"` + e.ID + `","time":"2024-01-01T12:37:00Z","last":"2024-01-01T12:37:00Z","rule":"new-sender-strong","level":"medium","smtp_address":"158.69.201.47","source":"security@microsecmfa.com",` +
		`"mail_from":"security@microsecmfa.com","destination":["Claire@letsdefend.io"],"subject":"New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)","device_action":"quarantine",` +
		`"reasons":["qr-link-from-new-sender","ipfs-gateway"],"host":"ipfs.io","url":"https://ipfs.io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4#","picture":"` + strings.Repeat("a", 64) +
		`","messages":1,"recipients":1,"events":null,"state":"open"}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestLevels(t *testing.T) {
	shared := verdict.Code{Kind: "url", Host: "ipfs.io", Signals: []string{"ipfs-gateway"}, HostAgeDays: -1}
	disguised := shared
	disguised.Tricks = []string{"split"}
	for name, c := range map[string]struct {
		verdict, would string
		code           verdict.Code
		from           verdict.Action
		want           Level
	}{
		"held":                           {"quarantine", "", shared, verdict.Quarantine, Medium},
		"held for two strong signals":    {"quarantine", "", disguised, verdict.Quarantine, High},
		"sent elsewhere":                 {"redirect", "", shared, verdict.Quarantine, Medium},
		"refused":                        {"reject", "", shared, verdict.Quarantine, High},
		"dropped":                        {"discard", "", shared, verdict.Quarantine, High},
		"tagged, and asked from hold":    {"tag", "", shared, verdict.Quarantine, ""},
		"tagged, and asked from tag":     {"tag", "", shared, verdict.Tag, Low},
		"only observed":                  {"accept", "quarantine", shared, verdict.Quarantine, Medium},
		"held, and asked from a refusal": {"quarantine", "", shared, verdict.Reject, ""},
		"accepted":                       {"accept", "", shared, verdict.Tag, ""},
	} {
		e := soc251(0)
		e.Verdict, e.Would, e.Evidence = c.verdict, c.would, &verdict.Evidence{Codes: []verdict.Code{c.code}}
		if got, makes := CauseOf(e, c.from); got.Level != c.want || makes != (c.want != "") {
			t.Errorf("%s: %+v, %v, want %q", name, got, makes, c.want)
		}
	}
}

// A campaign is known by its picture, its host, its link where the host is everybody's, or its client and subject, and by
// nothing less.
func TestCampaigns(t *testing.T) {
	hours := func(n int) time.Duration { return time.Duration(n) * time.Hour }
	other := func(change func(*journal.Event)) journal.Event {
		e := soc251(time.Minute)
		e.HeaderFrom, e.MailFrom, e.ClientAddr, e.Subject = "x@other.example", "x@other.example", "192.0.2.1", "Your parcel"
		e.Codes = []journal.CodeEvent{{Kind: "url", URL: "https://elsewhere.example/", Host: "elsewhere.example", Picture: strings.Repeat("b", 64)}}
		change(&e)
		return e
	}
	for name, c := range map[string]struct {
		event journal.Event
		same  bool
	}{
		"the same again":        {soc251(time.Minute), true},
		"a day later":           {soc251(hours(24)), true},
		"more than a day later": {soc251(hours(24) + time.Second), false},
		"nothing in common":     {other(func(*journal.Event) {}), false},
		"the same picture":      {other(func(e *journal.Event) { e.Codes[0].Picture = strings.Repeat("a", 64) }), true},
		"the same link, another query": {other(func(e *journal.Event) {
			e.Codes[0] = soc251(0).Codes[0]
			e.Codes[0].Picture = ""
			e.Codes[0].URL = strings.Replace(e.Codes[0].URL, "#", "?for=bob#x", 1)
		}), true},
		"another page of a host that is everybody's": {other(func(e *journal.Event) {
			e.Codes[0] = journal.CodeEvent{Kind: "url", URL: "https://ipfs.io/ipfs/other", Host: "ipfs.io", Signals: []string{"ipfs-gateway"}}
		}), false},
		"of the same author": {other(func(e *journal.Event) {
			e.HeaderFrom = "security@microsecmfa.com"
			e.Codes[0] = journal.CodeEvent{Kind: "url", URL: "https://ipfs.io/ipfs/other", Host: "ipfs.io", Signals: []string{"ipfs-gateway"}}
		}), true},
		"the same client and subject": {other(func(e *journal.Event) {
			e.ClientAddr, e.Subject = "158.69.201.47", "Re: "+strings.ToUpper(soc251(0).Subject)
		}), true},
		"the same client":     {other(func(e *journal.Event) { e.ClientAddr = "158.69.201.47" }), false},
		"the same subject":    {other(func(e *journal.Event) { e.Subject = soc251(0).Subject }), false},
		"no subject, no code": {other(func(e *journal.Event) { e.ClientAddr, e.Subject, e.Codes = "158.69.201.47", "", nil }), false},
	} {
		s := newStore(t)
		first := add(t, s, soc251(0))
		second := add(t, s, c.event)
		if same := second.Alert.ID == first.Alert.ID; same != c.same || second.New == c.same {
			t.Errorf("%s: joins %v, want %v", name, same, c.same)
		}
	}
}

func TestShapesOfSubjects(t *testing.T) {
	for _, c := range []struct{ subject, rcpt, want string }{
		{"Invoice 4711 for Claire", "claire.smith@b.example", "invoice # for #"},
		{"RE: Fwd: invoice  4712 for BOB", "bob@b.example", "invoice # for #"},
		{"MFA-2024-A1B2 expires", "x@b.example", "# expires"},
		{"4711", "x@b.example", ""},
		{"", "x@b.example", ""},
		{"!!! — ???", "x@b.example", ""},
		{"\x1b[31mPay\r\nBcc: now", "x@b.example", "# bcc now"},
	} {
		if got := shapeOf(c.subject, []string{c.rcpt}); got != c.want {
			t.Errorf("%q: %q, want %q", c.subject, got, c.want)
		}
	}
}

// A thousand messages are one alert, of which a bounded part is kept, and the numbers are right.
func TestCampaignIsBounded(t *testing.T) {
	s := newStore(t)
	s.Use(24*time.Hour, Tells{Webhook: true})
	err := s.db.Update(t.Context(), func(tx *state.Tx) error {
		for n := range 1000 {
			e := soc251(time.Duration(n) * time.Second)
			e.Rcpts = []string{fmt.Sprintf("user%d@b.example", n), fmt.Sprintf("other%d@b.example", n)}
			e.NRcpt = 2
			e.Codes[0].Host, e.Codes[0].Signals = fmt.Sprintf("h%d.example", n), nil
			if _, err := s.Add(tx, e, Cause{Rule: "r", Level: Medium}); err != nil {
				return err
			}
		}
		return nil
	})
	all := list(t, s, Query{})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d alerts, %v", len(all), err)
	}
	a := all[0]
	if a.Messages != 1000 || a.Recipients != 2000 || len(a.Events) != maxEvents || len(a.Scope) != maxScope || a.Level != High || a.Events[0] != a.ID {
		t.Errorf("%d messages, %d recipients, %d events, %d reached, %s", a.Messages, a.Recipients, len(a.Events), len(a.Scope), a.Level)
	}
	if n, _ := s.Waiting(ToWebhook); n != 10 { // 1, 2, 4 … 512
		t.Errorf("others are told %d times", n)
	}
	keys := 0
	_ = s.db.View(func(tx *state.Tx) error {
		c := campaigns(tx).Cursor()
		for key, _ := c.First(); key != nil; key, _ = c.Next() {
			keys++
		}
		return nil
	})
	if keys > claiming*maxKeys {
		t.Errorf("it is found again by %d keys", keys)
	}
}

// Whoever comes second is told who was first. A closed alert takes nothing more, can be noted, and is named by the next.
func TestClosing(t *testing.T) {
	s := newStore(t)
	id := add(t, s, soc251(0)).Alert.ID
	if n := s.Opened(); n[Medium] != 1 || n[High] != 0 {
		t.Errorf("open: %v", n)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for n := range 8 {
		wg.Go(func() {
			_, err := s.Act(context.Background(), id, Act{Time: noon, What: WasClosed, As: TruePositive, By: fmt.Sprint("analyst", n), UID: n})
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	closed := 0
	for err := range errs {
		if err == nil {
			closed++
		} else if !errors.Is(err, ErrClosed) || !strings.Contains(err.Error(), `as true-positive by "analyst`) {
			t.Errorf("the second is told: %v", err)
		}
	}
	if closed != 1 || s.Opened()[Medium] != 0 {
		t.Errorf("%d closed it, open: %v", closed, s.Opened())
	}
	if a, err := s.Act(t.Context(), id, Act{Time: noon, What: Noted, Text: "later", By: "c"}); err != nil || len(a.Acts) != 2 {
		t.Errorf("%+v, %v", a, err)
	}
	next := add(t, s, soc251(time.Hour))
	if !next.New || next.Alert.Previous != id {
		t.Errorf("%+v", next)
	}
	if a, _ := s.Get(id, nil); a.Messages != 1 {
		t.Errorf("a closed alert took more: %+v", a)
	}
	if len(list(t, s, Query{State: Open})) != 1 || len(list(t, s, Query{State: Closed})) != 1 {
		t.Error("not one open and one closed")
	}
}

func TestActsThatAreRefused(t *testing.T) {
	for _, act := range []Act{{}, {What: Noted}, {What: Noted, Text: "x", As: TruePositive}, {What: WasClosed}, {What: WasClosed, As: "maybe"}, {What: "reopened"}, {What: Noted, Text: strings.Repeat("x", maxNote+1)}} {
		if act.Check() == nil {
			t.Errorf("%+v is taken", act)
		}
	}
	s := newStore(t)
	for _, id := range []string{"", "x", journal.NewID(noon)} {
		if _, err := s.Act(t.Context(), id, Act{What: Noted, Text: "x"}); !errors.Is(err, ErrNone) {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := s.Get(id, nil); !errors.Is(err, ErrNone) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestActsAreBounded(t *testing.T) {
	a := Alert{ID: "x", State: Open}
	var err error
	for n := range 3 * maxActs {
		act := Act{Time: noon, What: Noted, Text: fmt.Sprint(n)}
		if n == 1 {
			act = Act{Time: noon, What: WasClosed, As: TruePositive, By: "claire"}
		}
		if a, err = a.after(act); err != nil {
			t.Fatal(err)
		}
	}
	if len(a.Acts) != maxActs || a.closing().By != "claire" || a.Acts[0].Text != "0" || a.Acts[maxActs-1].Text != fmt.Sprint(3*maxActs-1) {
		t.Errorf("%d acts, closed by %q", len(a.Acts), a.closing().By)
	}
}

// What a detection finds again after people have closed its alert is no news; more of it is.
func TestFindingOfAClosedAlert(t *testing.T) {
	s := newStore(t)
	found := Cause{Rule: "detection mine", Level: Medium, Finding: "f1"}
	first, second := soc251(0), soc251(time.Hour)
	id := addFor(t, s, first, found).Alert.ID
	addFor(t, s, second, found)
	if again := addFor(t, s, first, found); again.New || again.Alert.Messages != 2 || len(again.Alert.Findings) != 1 {
		t.Errorf("found twice: %+v", again)
	}
	if _, err := s.Act(t.Context(), id, Act{Time: noon, What: WasClosed, As: FalsePositive, By: "c"}); err != nil {
		t.Fatal(err)
	}
	for _, e := range []journal.Event{first, second} {
		if change := addFor(t, s, e, found); change.New || change.Alert.ID != "" {
			t.Errorf("made an alert again: %+v", change)
		}
	}
	if a, err := s.Get(id, nil); err != nil || a.State != Closed {
		t.Errorf("%+v, %v", a, err)
	}
	if change := addFor(t, s, soc251(2*time.Hour), found); !change.New {
		t.Errorf("more of it: %+v", change)
	}
}

func TestGetByAMessageOfTheCampaign(t *testing.T) {
	s := newStore(t)
	id := add(t, s, soc251(0)).Alert.ID
	e := soc251(time.Hour)
	if a, err := s.Get(e.ID, &e); err != nil || a.ID != id {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := s.Get("4jcKWK2Jpbz1SRlP", &e); err != nil || a.ID != id {
		t.Errorf("by a queue id: %+v, %v", a, err)
	}
	e.Codes, e.Subject = nil, "other"
	if _, err := s.Get(e.ID, &e); !errors.Is(err, ErrNone) {
		t.Errorf("%v", err)
	}
}

func TestExpiry(t *testing.T) {
	s := newStore(t)
	var ids []string
	for n := range 5 {
		e := soc251(time.Duration(n) * 48 * time.Hour)
		ids = append(ids, add(t, s, e).Alert.ID)
	}
	if err := s.Expire(t.Context(), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.expire(t.Context(), time.Time{}, 2); err != nil {
		t.Fatal(err)
	}
	all := list(t, s, Query{})
	if len(all) != 2 || all[0].ID != ids[4] || all[1].ID != ids[3] || s.Opened()[Medium] != 2 {
		t.Errorf("%d left, %v open: %+v", len(all), s.Opened(), all)
	}
}

func TestPagesOfAlerts(t *testing.T) {
	s := newStore(t)
	s.Use(time.Minute, Tells{})
	err := s.db.Update(t.Context(), func(tx *state.Tx) error {
		for n := range pageAlerts + 3 {
			if _, err := s.Add(tx, soc251(time.Duration(n)*time.Hour), Cause{Level: Low}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for from, pages := "", 1; ; pages++ {
		page, err := s.List(Query{}, from)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Alerts {
			seen[a.ID] = true
		}
		if from = page.Next; from == "" {
			if pages != 2 || len(seen) != pageAlerts+3 {
				t.Errorf("%d alerts on %d pages", len(seen), pages)
			}
			return
		}
	}
}

// Whatever a message holds, an alert is made, is small, and is read again.
func FuzzHostileMessages(f *testing.F) {
	f.Add("\x1b]0;x\x07<script>", "a@b\r\nBcc: c", "https://e/\x00", "=?utf-8?q?x?=")
	f.Add(strings.Repeat("S", 10_000), "", "", strings.Repeat("é", 5000))
	s := (*Store)(nil)
	f.Fuzz(func(t *testing.T, subject, from, link, rcpt string) {
		if s == nil {
			db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close(); s = nil })
			s = New(db)
		}
		e := soc251(0)
		e.Subject, e.HeaderFrom, e.Rcpts = subject, from, []string{rcpt}
		e.Codes[0].URL, e.Codes[0].Host, e.Codes[0].Name = link, link, subject
		a := add(t, s, e).Alert
		if _, err := s.Get(a.ID, nil); err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(a); err != nil || len(text) > 64<<10 || len(a.Subject) > maxSubject {
			t.Errorf("%d bytes, %v", len(text), err)
		}
	})
}
