package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/state"
	"quishmilter/verdict"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newJournal(t testing.TB) (*Journal, *state.DB) {
	t.Helper()
	db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return New(db), db
}

func add(t testing.TB, j *Journal, all ...Event) {
	t.Helper()
	err := j.db.Update(context.Background(), func(tx *state.Tx) error {
		for _, e := range all {
			if err := j.Add(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// soc251 is the founding case.
func soc251() Event {
	at := time.Date(2024, 1, 1, 12, 37, 0, 0, time.UTC)
	const link = "https://ipfs.io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4#"
	return Event{
		Time: at, ID: NewID(at), QueueID: "4Szm0h3FVnz1J", MessageID: "<251@microsecmfa.com>",
		HeaderFrom: "security@microsecmfa.com", MailFrom: "security@microsecmfa.com", Rcpts: []string{"Claire@letsdefend.io"}, NRcpt: 1,
		Direction: "inbound", ClientAddr: "158.69.201.47", ClientName: "mail.microsecmfa.com", HELO: "mail.microsecmfa.com", Auth: "none",
		Subject: "New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)",
		Verdict: "quarantine", Where: Held, Reasons: []string{"qr-link-from-new-sender", "ipfs-gateway"},
		Codes: []CodeEvent{{
			Symbology: "qr", Payload: link, Kind: "url", URL: link, Host: "ipfs.io", Carrier: "image", Part: "2", Name: "mfa.png",
			Signals: []string{"ipfs-gateway"}, Box: &[4]int{1, 2, 3, 4},
		}},
		NCodes: 1, Sender: SenderEvent{Window: "14d-1d"}, Scan: "complete", Size: 12345, MS: 41.2,
	}
}

func plainEvent(at time.Time) Event {
	return Event{
		Time: at, ID: NewID(at), QueueID: "4Szm0h3FVnz1J", MessageID: "<1@a>", HeaderFrom: "x@a", NRcpt: 3,
		Direction: "inbound", Auth: "pass", Verdict: "accept", Where: Delivered, Scan: "complete", Size: 5000, MS: 1.5,
		Sender: SenderEvent{Prevalent: true, Messages: 7, Recipients: 9, Window: "14d-1d"},
	}
}

// wholeEvent has something in every field, so that none can be forgotten where events are kept.
func wholeEvent(t *testing.T) Event {
	t.Helper()
	e := soc251()
	e.ID, e.AuthUser, e.Would, e.RedirectedTo = NewID(noon), "claire", "tag", "quish@letsdefend.io"
	e.Rules, e.Cause = []string{"mine"}, []string{"Claire@letsdefend.io"}
	e.Problems = []Problem{{Part: "2", Kind: "broken", Detail: "cut"}}
	e.Stages = map[string]float64{"codes": 3.5}
	e.Evidence = &verdict.Evidence{ListID: "dev.example.org"}
	for n := range reflect.TypeFor[Event]().NumField() {
		if field := reflect.ValueOf(e).Field(n); field.IsZero() {
			t.Errorf("nothing in %s: the test does not see whether it is kept", reflect.TypeFor[Event]().Field(n).Name)
		}
	}
	return e
}

func TestAnEventComesBackAsItWent(t *testing.T) {
	j, _ := newJournal(t)
	for name, want := range map[string]Event{"with a code": soc251(), "plain": plainEvent(noon.Add(7 * time.Millisecond)), "whole": wholeEvent(t)} {
		add(t, j, want)
		got, err := j.Get(want.ID)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v (%v), want %+v", name, got, err, want)
		}
	}
}

func TestTheFoundingAlertCanBeDerived(t *testing.T) {
	j, _ := newJournal(t)
	add(t, j, soc251())
	found, err := j.ByQueueID("4Szm0h3FVnz1J")
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v", found, err)
	}
	e := found[0]
	for field, got := range map[string]string{
		"Jan 01 2024 12:37":        e.Time.Format("Jan 02 2006 15:04"),
		"158.69.201.47":            e.ClientAddr,
		"security@microsecmfa.com": e.HeaderFrom,
		"Claire@letsdefend.io":     e.Rcpts[0],
		"New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)": e.Subject,
		"https://ipfs.io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4#":                 e.Codes[0].URL,
		"quarantine":              e.Verdict,
		"qr-link-from-new-sender": e.Reasons[0],
	} {
		if got != field {
			t.Errorf("got %q, want %q", got, field)
		}
		if line := e.LogLine(); !strings.Contains(line, field) && !strings.HasPrefix(field, "Jan") {
			t.Errorf("the log line lacks %q: %s", field, line)
		}
	}
}

func TestPlainMailKeepsNoMoreThanHuntsNeed(t *testing.T) {
	j, db := newJournal(t)
	e := plainEvent(noon)
	e.Subject, e.Rcpts, e.ClientAddr = "private", []string{"somebody@c"}, "192.0.2.1"
	add(t, j, e)
	got, err := j.Get(e.ID)
	if err != nil || got.Subject != "" || len(got.Rcpts) != 0 || got.NRcpt != 3 || got.HeaderFrom != "x@a" {
		t.Errorf("got %+v, %v", got, err)
	}
	err = db.View(func(tx *state.Tx) error {
		key, _ := parseID(e.ID)
		if size := len(events(tx).Get(key)); size > 80 {
			t.Errorf("it takes %d bytes", size)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSecretsAreNotStored(t *testing.T) {
	const secret = "hunter2"
	codes := []CodeEvent{
		{Kind: "wifi", Payload: "WIFI:S:guest;P:hunter2;;"},
		{Kind: "otpauth", Payload: "otpauth://totp/x?secret=hunter2", URL: "otpauth://totp/x?secret=hunter2", Host: "totp", Issuer: "Example"},
		{Kind: "payment", PayloadBase64: secret, Target: secret, Links: []string{secret}},
		{Kind: "text", Payload: "LPA:1$smdp.example$hunter2"},
		{Kind: "text", Payload: "wifi:S:x;P:hunter2"},
		{Kind: "text", Payload: "SPC\r\n0200\r\nhunter2"},
		{Kind: "text", Payload: "BCD\n002\nhunter2"},
	}
	j, _ := newJournal(t)
	e := soc251()
	e.Codes = codes
	add(t, j, e)
	got, err := j.Get(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(stored), secret) || strings.Contains(e.LogLine(), secret) {
		t.Errorf("the secret is in %s or %s", stored, e.LogLine())
	}
	if c := got.Codes[1]; c.Issuer != "Example" || c.Kind != "otpauth" || !c.Secret {
		t.Errorf("kind and issuer are lost: %+v", c)
	}
	if e.Codes[0].Payload == "" {
		t.Error("the caller's event was changed")
	}
}

func TestAHugeEventIsCut(t *testing.T) {
	j, _ := newJournal(t)
	e := soc251()
	e.Subject = strings.Repeat("ü", 5000)
	e.QueueID = "Q\x00" + strings.Repeat("x", 5000)
	for range 1000 {
		e.Rcpts = append(e.Rcpts, strings.Repeat("r", 5000))
		e.Codes = append(e.Codes, CodeEvent{Kind: "url", URL: strings.Repeat("u", 50_000)})
		e.Problems = append(e.Problems, Problem{Kind: "broken", Detail: strings.Repeat("d", 5000)})
		e.Reasons = append(e.Reasons, strings.Repeat("\xff", 5000))
	}
	add(t, j, e)
	got, err := j.Get(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Subject) > maxText || len(got.Rcpts) != 1+maxRcptBytes/maxText || got.NRcpt != 1001 || len(got.Codes) != maxCodes || got.NCodes != 1001 || len(got.Problems) != maxProblems || len(got.Reasons) != maxReasons {
		t.Errorf("it was not cut: %d %d %d", len(got.Subject), len(got.Rcpts), len(got.Codes))
	}
	if found, err := j.ByQueueID(got.QueueID); err != nil || len(found) != 1 {
		t.Errorf("it cannot be found by its queue id: %v", err)
	}
	if n, err := j.Expire(context.Background(), Bounds{noon, 1 << 40}, 10); n != 1 || err != nil {
		t.Errorf("it cannot be removed: %d, %v", n, err)
	}
}

func TestIDsAreSortedByTime(t *testing.T) {
	times := []time.Time{time.Unix(-1<<40, 0), time.Unix(0, 0), noon, noon.Add(time.Millisecond), noon.AddDate(80, 0, 0), time.Unix(1<<61, 0)}
	var ids []string
	for _, at := range times {
		ids = append(ids, NewID(at))
	}
	for i, id := range ids[1:] {
		if i > 0 && id <= ids[i] || len(id) != 16 {
			t.Errorf("%v has id %s, after %s", times[i+1], id, ids[i])
		}
	}
	for _, bad := range []string{"", "x", strings.Repeat("0", 15), strings.Repeat("0", 17), strings.Repeat("z", 16), strings.Repeat("A", 10_000)} {
		if _, err := parseID(bad); !errors.Is(err, errID) {
			t.Errorf("%.20q passes: %v", bad, err)
		}
	}
}

func TestEachGoesBackInTime(t *testing.T) {
	j, _ := newJournal(t)
	var want []string
	for i := range 3 * page {
		e := plainEvent(noon.Add(time.Duration(i) * time.Second))
		e.QueueID = fmt.Sprint(i)
		add(t, j, e)
		want = append(want, e.ID)
	}
	slices.Reverse(want)
	all := func(from, to time.Time) (got []string) {
		err := j.Each(from, to, func(e Event) bool { got = append(got, e.ID); return true })
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	end := noon.Add((3*page - 1) * time.Second)
	if got := all(noon, end); !slices.Equal(got, want) {
		t.Errorf("got %d events, want %d, or another order", len(got), len(want))
	}
	if got := all(noon.Add(time.Second), end.Add(-time.Second)); !slices.Equal(got, want[1:len(want)-1]) {
		t.Errorf("an inner range has %d events", len(got))
	}
	if got := all(time.Time{}, time.Unix(1<<60, 0)); len(got) != len(want) {
		t.Errorf("all of time has %d events", len(got))
	}
	if got := all(end.Add(time.Hour), end.Add(2*time.Hour)); got != nil {
		t.Errorf("the future has %d events", len(got))
	}
	calls := 0
	if err := j.Each(noon, end, func(Event) bool { calls++; return calls < 5 }); err != nil || calls != 5 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestExpireInSlices(t *testing.T) {
	j, db := newJournal(t)
	for i := range 50 {
		e := plainEvent(noon.Add(time.Duration(i) * time.Second))
		if i%2 == 0 {
			e.Reasons = []string{"x"}
		}
		add(t, j, e)
	}
	var removed []int
	for n := 7; n == 7; {
		var err error
		if n, err = j.Expire(context.Background(), Bounds{noon.Add(40 * time.Second), 1 << 40}, 7); err != nil {
			t.Fatal(err)
		}
		removed = append(removed, n)
	}
	if !slices.Equal(removed, []int{7, 7, 7, 7, 7, 5}) {
		t.Errorf("the slices removed %v", removed)
	}
	left := 0
	err := db.View(func(tx *state.Tx) error {
		c := queueIDs(tx).Cursor()
		for key, _ := c.First(); key != nil; key, _ = c.Next() {
			left++
		}
		return nil
	})
	if found, err2 := j.ByQueueID("4Szm0h3FVnz1J"); left != 10 || len(found) != 10 || errors.Join(err, err2) != nil || !found[0].Time.After(found[9].Time) {
		t.Errorf("%d index entries and %d events are left, want 10 (%v, %v)", left, len(found), err, err2)
	}
}

// Damaged events go with those of their time.
func TestDamagedEventsExpire(t *testing.T) {
	j, db := newJournal(t)
	for i := range 10 {
		add(t, j, plainEvent(noon.Add(time.Duration(i)*time.Second)))
	}
	err := db.Update(t.Context(), func(tx *state.Tx) error {
		for i, damage := range []string{"", "{", "\x00", "\x01\xff\xff", "\x02\xff\xff", strings.Repeat("\xff", 300)} {
			key, _ := parseID(NewID(noon.Add(time.Duration(i)*time.Second + time.Millisecond)))
			if err := events(tx).Put(key, []byte(damage)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{4, 4, 4, 2} { // of the last two seconds none
		if n, err := j.Expire(t.Context(), Bounds{noon.Add(8 * time.Second), 1 << 40}, 4); n != want || err != nil {
			t.Errorf("removed %d, want %d, %v", n, want, err)
		}
	}
}

func TestErrors(t *testing.T) {
	j, db := newJournal(t)
	if _, err := j.Get(NewID(noon)); !errors.Is(err, ErrNotFound) {
		t.Errorf("a missing event: %v", err)
	}
	e := soc251()
	add(t, j, e)
	err := db.Update(context.Background(), func(tx *state.Tx) error { return j.Add(tx, e) })
	if err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("the same id again: %v", err)
	}
	e.ID = "x"
	if err := db.Update(context.Background(), func(tx *state.Tx) error { return j.Add(tx, e) }); err == nil {
		t.Error("an event without an id was stored")
	}
	damaged := NewID(noon)
	err = db.Update(context.Background(), func(tx *state.Tx) error {
		key, _ := parseID(damaged)
		return events(tx).Put(key, []byte{shortForm, 1})
	})
	if _, err2 := j.Get(damaged); err != nil || !errors.Is(err2, errDamaged) {
		t.Errorf("a damaged event: %v", err2)
	}
	calls := 0
	if err := j.Each(time.Time{}, noon, func(Event) bool { calls++; return true }); !errors.Is(err, errDamaged) || calls != 1 {
		t.Errorf("Each over it: %d calls, %v", calls, err)
	}
	if n, err := j.Expire(context.Background(), Bounds{noon.Add(1), 1 << 40}, 10); n != 1 || err != nil {
		t.Errorf("Expire over it: %d, %v", n, err)
	}
}

func FuzzDecode(f *testing.F) {
	value, err := encode(plainEvent(noon), true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(value)
	if value, err = encode(soc251(), false); err != nil {
		f.Fatal(err)
	}
	f.Add(value)
	f.Add([]byte{shortForm, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decode(make([]byte, idBytes), data)
		if err == nil {
			_ = e.LogLine()
			_ = (&scan{filter: Filter{Sender: "x@a", Host: "b"}}).mayMatch(data)
			_ = (&scan{filter: Filter{Recipient: "x@a"}}).mayMatch(data)
		}
	})
}
