package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"quishmilter/inspect"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/prevalence"
	"quishmilter/state"
	"quishmilter/verdict"
)

// newFilter is a daemon's filter without its mail: a state, a log, and what is in force.
func newFilter(t *testing.T) (*filter, *bytes.Buffer) {
	t.Helper()
	db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	var log bytes.Buffer
	f := &filter{db: db, events: journal.New(db), holds: journal.NewHolds(db), entries: &entryLists{store: journal.NewEntries(db)}, history: prevalence.New(db, 0), log: journal.NewLog(&log, journal.Text, ""), lines: &eventLines{}, clock: newClock()}
	f.rules.Store(&rules{keep: defaultSettings().Journal})
	return f, &log
}

// lure is a message with a link in a code, hours before the hunt.
func lure(hours int, from, host string) journal.Event {
	at := huntNow.Add(-time.Duration(hours) * time.Hour)
	return journal.Event{Time: at, ID: journal.NewID(at), HeaderFrom: from, Rcpts: []string{"r1@b", "r2@b"}, NRcpt: 2, Direction: "inbound", ClientAddr: "192.0.2.7",
		Verdict: "tag", Where: journal.Delivered, Reasons: []string{"asks-to-scan"}, Scan: "complete", NCodes: 2, Codes: []journal.CodeEvent{
			{Kind: "url", URL: "https://" + host + "/" + fmt.Sprint(hours), Host: host, Picture: "aa"}, {Kind: "text", Payload: "x"}}}
}

func keepEvents(t *testing.T, f *filter, all ...journal.Event) {
	t.Helper()
	err := f.db.Update(context.Background(), func(tx *state.Tx) error {
		for _, e := range all {
			if err := f.events.Add(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func detectionOf(t *testing.T, d DetectionSettings) detection {
	t.Helper()
	d.Name = "mine"
	one, err := d.checked()
	if err != nil {
		t.Fatal(err)
	}
	return one
}

func runDetection(t *testing.T, f *filter, d detection, now time.Time) []journal.Finding {
	t.Helper()
	if err := f.detectOnce(context.Background(), d, now); err != nil {
		t.Fatal(err)
	}
	all, err := f.events.Findings()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A campaign is found once, grows without noise, and is found again when it comes back after its window.
func TestDetectionFindsACampaignOnce(t *testing.T) {
	f, log := newFilter(t)
	d := detectionOf(t, DetectionSettings{Host: "evil.example", Window: days(1)})
	if all := runDetection(t, f, d, huntNow); len(all) != 0 {
		t.Fatalf("nothing came, and %v is found", all)
	}
	keepEvents(t, f, lure(3, "x@a", "evil.example"), lure(2, "x@a", "www.evil.example"), lure(2, "y@a", "evil.example"), lure(1, "x@a", "evil.example"), lure(1, "x@a", "good.example"), lure(30, "z@a", "evil.example"))
	for range 2 {
		all := runDetection(t, f, d, huntNow)
		var got []string
		for _, one := range all {
			got = append(got, fmt.Sprintf("%s %s %d %d", one.Sender, one.Host, one.Messages, one.Recipients))
		}
		slices.Sort(got)
		if want := []string{"x@a evil.example 2 4", "x@a www.evil.example 1 2", "y@a evil.example 1 2"}; !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
	if n := strings.Count(log.String(), "finding: detection=mine"); n != 3 {
		t.Errorf("%d lines:\n%s", n, log)
	}
	keepEvents(t, f, lure(0, "x@a", "evil.example"))
	grown := func() (one journal.Finding) {
		for _, one = range runDetection(t, f, d, huntNow.Add(time.Hour)) {
			if one.Sender == "x@a" && one.Host == "evil.example" {
				break
			}
		}
		return one
	}
	if one := grown(); one.Messages != 3 || !one.First.Equal(huntNow) || !one.Last.Equal(huntNow.Add(time.Hour)) || one.URL != "https://evil.example/0" {
		t.Errorf("it grew to %+v", one)
	}
	if n := strings.Count(log.String(), "finding: "); n != 3 {
		t.Errorf("it is said again:\n%s", log)
	}
	keepEvents(t, f, lure(-72, "x@a", "evil.example"))
	if all := runDetection(t, f, d, huntNow.Add(73*time.Hour)); len(all) != 4 || strings.Count(log.String(), "finding: ") != 4 {
		t.Errorf("%d findings after three days:\n%s", len(all), log)
	}
	if byName, blocked := f.found.Counted(); byName["mine"] != 4 || blocked != 0 {
		t.Errorf("counted %v and %d", byName, blocked)
	}
}

// The presets run as detections, and a detection may want more than one message.
func TestDetectionByPreset(t *testing.T) {
	f, _ := newFilter(t)
	keepEvents(t, f, lure(1, "stranger@a", "evil.example"), lure(2, "stranger@a", "evil.example"), lure(1, "known@a", "good.example"), lure(48, "known@a", "good.example"), lure(49, "known@a", "good.example"))
	for least, want := range map[int]int{1: 1, 2: 1, 3: 0} {
		d := detectionOf(t, DetectionSettings{Preset: "hunt", Least: least})
		d.name = fmt.Sprint(least)
		n := 0
		for _, one := range runDetection(t, f, d, huntNow) {
			if one.Detection == d.name {
				n++
				if one.Sender != "stranger@a" || one.Messages != 2 || one.Recipients != 4 || len(one.Events) != 2 {
					t.Errorf("%+v", one)
				}
			}
		}
		if n != want {
			t.Errorf("at least %d: %d findings, want %d", least, n, want)
		}
	}
}

// A finding makes block entries that end by themselves; more of the same prolongs them; what cannot be made is said.
func TestDetectionBlocks(t *testing.T) {
	f, log := newFilter(t)
	d := detectionOf(t, DetectionSettings{Reason: "asks-to-scan", Block: []string{"host", "client", "picture"}, BlockFor: days(7)})
	keepEvents(t, f, lure(1, "x@a", "evil.example"))
	if all := runDetection(t, f, d, huntNow); len(all) != 1 || len(all[0].Blocked) != 0 || strings.Count(log.String(), "cannot block") != 3 {
		t.Errorf("%v\n%s", all, log)
	}
	made := map[string]time.Time{}
	f.found.block = func(_ context.Context, kind, value string, until time.Time, comment string) error {
		if kind == "picture" {
			return errors.New("no")
		}
		if !strings.Contains(comment, "mine") {
			t.Errorf("the comment is %q", comment)
		}
		made[kind+" "+value] = until
		return nil
	}
	runDetection(t, f, d, huntNow.Add(time.Minute))
	if len(made) != 0 {
		t.Errorf("nothing new came, and %v is blocked", made)
	}
	keepEvents(t, f, lure(0, "x@a", "evil.example"))
	all := runDetection(t, f, d, huntNow.Add(time.Hour))
	end := huntNow.Add(time.Hour + 7*24*time.Hour)
	if len(made) != 2 || !made["host evil.example"].Equal(end) || !made["client 192.0.2.7"].Equal(end) || !slices.Equal(all[0].Blocked, []string{"client 192.0.2.7", "host evil.example"}) {
		t.Errorf("blocked %v, noted %v", made, all[0].Blocked)
	}
}

// A detection that finds the whole world is cut and says so.
func TestDetectionThatFindsTooMuch(t *testing.T) {
	f, log := newFilter(t)
	var all []journal.Event
	for i := range maxGroups + 5 {
		all = append(all, lure(1, fmt.Sprintf("s%d@a", i), "evil.example"))
	}
	keepEvents(t, f, all...)
	found := runDetection(t, f, detectionOf(t, DetectionSettings{Kind: "url"}), huntNow)
	if len(found) != maxGroups || !strings.Contains(log.String(), fmt.Sprintf("found %d senders and hosts, of which %d are kept", maxGroups+5, maxGroups)) {
		t.Errorf("%d findings\n%.300s", len(found), log)
	}
	if err := f.events.ExpireFindings(context.Background(), huntNow.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left, err := f.events.Findings(); len(left) != 0 || err != nil {
		t.Errorf("%d are left, %v", len(left), err)
	}
}

// What goes before its time, for want of room, is counted and said once a day.
func TestFullJournalIsTold(t *testing.T) {
	f, log := newFilter(t)
	now := huntNow
	fill := func() {
		for n := range 10 {
			keepEvents(t, f, lure(n, "x@a", "h.example"))
		}
	}
	keep := defaultSettings().Journal
	said := func() int { return strings.Count(log.String(), "the journal is full") }
	fill()
	f.expireOnce(t.Context(), now, true, 3)
	if said() != 0 || f.early.all.Load() != 0 {
		t.Fatalf("%d, %s", f.early.all.Load(), log)
	}
	keep.Size = 2000
	f.rules.Store(&rules{keep: keep})
	f.expireOnce(t.Context(), now, true, 3)
	lost := f.early.all.Load()
	if said() != 1 || lost == 0 || lost > 9 || !strings.Contains(log.String(), fmt.Sprintf("%d events were removed before", lost)) {
		t.Fatalf("%d, %s", lost, log)
	}
	fill()
	f.expireOnce(t.Context(), now.Add(23*time.Hour), true, 3)
	if said() != 1 || f.early.all.Load() <= lost {
		t.Errorf("said again within a day: %d, %s", f.early.all.Load(), log)
	}
	f.expireOnce(t.Context(), now.Add(25*time.Hour), true, 3)
	if said() != 2 {
		t.Errorf("not said on the next day: %s", log)
	}
	f.rules.Store(&rules{keep: defaultSettings().Journal})
	all := f.early.all.Load()
	f.expireOnce(t.Context(), now.AddDate(1, 0, 0), true, 3)
	if f.early.all.Load() != all {
		t.Error("what had its time counts as lost")
	}
}

// A clock that jumps empties nothing for a day.
func TestClockThatJumps(t *testing.T) {
	f, log := newFilter(t)
	c := &clock{}
	for _, step := range []struct {
		wall, steady time.Duration
		trusted      bool
	}{
		{time.Minute, time.Minute, true},
		{2*time.Minute + 10*time.Minute, 2 * time.Minute, true},  // ntp
		{365 * 24 * time.Hour, 3 * time.Minute, false},           // a year ahead
		{365*24*time.Hour + time.Minute, 4 * time.Minute, false}, // and on from there
		{5 * time.Minute, 5 * time.Minute, false},                // and back
		{23 * time.Hour, 23 * time.Hour, false},                  //
		{24*time.Hour + 6*time.Minute, 24*time.Hour + 6*time.Minute, true},
		{20 * time.Hour, 25 * time.Hour, false}, // backwards
		{45 * time.Hour, 50 * time.Hour, true},
	} {
		if got := c.check(step.wall, step.steady, f.log); got != step.trusted {
			t.Errorf("%v by the wall, %v steadily: trusted %v", step.wall, step.steady, got)
		}
	}
	if n := strings.Count(log.String(), "the clock jumped"); n != 3 {
		t.Errorf("%d lines:\n%s", n, log)
	}
	keepEvents(t, f, lure(1, "x@a", "evil.example"))
	f.expireOnce(context.Background(), huntNow.AddDate(5, 0, 0), false, 10)
	if at := f.newest(); !at.Equal(huntNow.Add(-time.Hour)) {
		t.Errorf("the newest event is of %v", at)
	}
	late := &clock{start: huntNow.AddDate(5, 0, 0)}
	late.meets(f.newest(), 30*24*time.Hour, f.log)
	if late.check(time.Hour, time.Hour, f.log) || !late.check(25*time.Hour, 25*time.Hour, f.log) || !strings.Contains(log.String(), "the newest event is 43") {
		t.Errorf("a clock that is five years ahead at the start:\n%s", log)
	}
}

// What is older than the settings say goes, and what is too much.
func TestExpiry(t *testing.T) {
	f, _ := newFilter(t)
	for hours := range 50 {
		keepEvents(t, f, lure(24*hours, "x@a", "evil.example"))
	}
	left := func() int {
		found, err := f.events.Find(context.Background(), journal.Filter{}, "")
		if err != nil {
			t.Fatal(err)
		}
		return len(found.Events)
	}
	f.expireOnce(context.Background(), huntNow, true, 7)
	if n := left(); n != 31 {
		t.Errorf("%d events within 30 days", n)
	}
	f.rules.Store(&rules{keep: JournalSettings{Keep: days(30), Size: 3000}})
	f.expireOnce(context.Background(), huntNow, true, 7)
	if size, err := f.events.Size(); size > 3000 || size < 2000 || err != nil || left() == 0 {
		t.Errorf("%d bytes, %d events, %v", size, left(), err)
	}
}

// What a finding blocks is in force for the next message, ends by itself, and never shortens what a person wrote.
func TestBlockedByAFinding(t *testing.T) {
	f, log := newFilter(t)
	ctx := context.Background()
	f.found.block = f.block
	f.rules.Store(&rules{inspector: &inspect.Inspector{TrustedRelays: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}})
	if err := f.entries.use(ctx, nil); err != nil {
		t.Fatal(err)
	}
	for _, ours := range []string{"127.0.0.1", "::1", "198.51.100.77"} { // what hands on everybody's mail
		if err := f.block(ctx, "client", ours, time.Now().Add(time.Hour), "x"); !errors.Is(err, errOurClient) {
			t.Errorf("%s: %v", ours, err)
		}
	}
	person, err := journal.Entry{List: journal.Block, Kind: journal.ByHost, Value: "evil.example", Comment: "for good"}.Check()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.entries.PutEntry(ctx, person); err != nil {
		t.Fatal(err)
	}
	d := detectionOf(t, DetectionSettings{Reason: "asks-to-scan", Block: []string{"host", "client", "picture"}})
	now := time.Now()
	e := lure(0, "x@a", "evil.example")
	e.Time = now.Add(-time.Minute)
	e.ID = journal.NewID(e.Time)
	e.Codes[0].Picture = strings.Repeat("ab", 32)
	keepEvents(t, f, e)
	if all := runDetection(t, f, d, now); len(all) != 1 || len(all[0].Blocked) != 3 {
		t.Fatalf("%+v\n%s", all, log)
	}
	all, err := f.entries.Entries(ctx)
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, entry := range all {
		if forGood := entry.Until.IsZero(); forGood != (entry.Kind == journal.ByHost) || entry.Expired(now.Add(23*time.Hour)) || !forGood && !entry.Expired(now.Add(25*time.Hour)) {
			t.Errorf("%+v", entry)
		}
	}
	evidence := verdict.Evidence{Inbound: true, Client: "192.0.2.7"}
	if f.entries.Apply(&evidence, now); len(evidence.Entries) != 1 {
		t.Errorf("the next message of that client: %+v", evidence)
	}
}
