package prevalence

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"quishmilter/state"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newStore(t testing.TB) (*Store, *state.DB) {
	t.Helper()
	db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return New(db, 0), db
}

func add(t testing.TB, s *Store, records ...Record) {
	t.Helper()
	err := s.db.Update(context.Background(), func(tx *state.Tx) error {
		for _, r := range records {
			if err := s.Add(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, s *Store, from string, at time.Time, w Window) Counts {
	t.Helper()
	counts, err := s.Count(from, at, w)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// ago is an accepted inbound message to one recipient.
func ago(d time.Duration) Record {
	return Record{Time: now.Add(-d), From: "x@a.example", Recipients: 1}
}

func TestBothEndsOfTheWindowAreInclusive(t *testing.T) {
	const d = 24 * time.Hour
	cases := []struct {
		age  time.Duration
		want int
	}{
		{0, 0}, {d - time.Second, 0}, {d, 1}, {d + time.Second, 1},
		{14*d - time.Second, 1}, {14 * d, 1}, {14*d + time.Second, 0}, {-d, 0},
	}
	for _, c := range cases {
		s, _ := newStore(t)
		add(t, s, ago(c.age))
		if got := count(t, s, "x@a.example", now, Default()).Messages; got != c.want {
			t.Errorf("age %v: counted %d, want %d", c.age, got, c.want)
		}
	}
}

func TestPrevalentFromTwoOn(t *testing.T) {
	s, _ := newStore(t)
	for i, want := range []bool{false, true, true} {
		add(t, s, ago(72*time.Hour)) // all in the same second: all count
		c := count(t, s, "x@a.example", now, Hunt())
		if c.Messages != i+1 || Hunt().Prevalent(c, now) != want || Default().Prevalent(c, now) {
			t.Errorf("after %d messages: %+v", i+1, c)
		}
	}
}

// Two harmless messages sent ahead buy no trust: the default wants two days, and some age.
func TestPrevalentTakesDaysAndAge(t *testing.T) {
	midnight := now.Add(-36 * time.Hour) // now is noon
	for _, c := range []struct {
		name string
		ages []time.Duration
		want bool
	}{
		{"two on one day", []time.Duration{72 * time.Hour, 73 * time.Hour}, false},
		{"before and after midnight", []time.Duration{now.Sub(midnight.Add(time.Second)), now.Sub(midnight.Add(-time.Second))}, false},
		{"two days, the first 48 hours old", []time.Duration{24 * time.Hour, 48 * time.Hour}, true},
		{"two days, the first a second less", []time.Duration{24 * time.Hour, 48*time.Hour - time.Second}, false},
		{"two days, one of them too recent", []time.Duration{24*time.Hour - time.Second, 72 * time.Hour}, false},
		{"one", []time.Duration{72 * time.Hour}, false},
	} {
		s, _ := newStore(t)
		for _, age := range c.ages {
			add(t, s, ago(age))
		}
		if got := count(t, s, "x@a.example", now, Default()); Default().Prevalent(got, now) != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestAgeInDays(t *testing.T) {
	for _, c := range []struct {
		counts Counts
		want   int
	}{
		{Counts{}, -1}, {Counts{Messages: 1, FirstBy: now}, 0}, {Counts{Messages: 1, FirstBy: now.Add(time.Hour)}, 0},
		{Counts{Messages: 1, FirstBy: now.Add(-48*time.Hour + time.Second)}, 1}, {Counts{Messages: 1, FirstBy: now.Add(-48 * time.Hour)}, 2},
	} {
		if got := c.counts.AgeDays(now); got != c.want {
			t.Errorf("%+v: %d, want %d", c.counts, got, c.want)
		}
	}
}

// A message without proof is judged by history without proof, so that a forger gains nothing from what the one that
// he forges has proven.
func TestProvenAndUnprovenHistoriesAreTold(t *testing.T) {
	s, _ := newStore(t)
	for i, auth := range []Auth{AuthPass, AuthPass, AuthNone, AuthFail} {
		r := ago(time.Duration(48+i) * time.Hour)
		r.Auth = auth
		add(t, s, r)
	}
	all, proven, unproven := Default(), Default(), Default()
	proven.Proven, unproven.Unproven = true, true
	for want, w := range map[int]Window{3: all, 2: proven, 1: unproven} {
		if got := count(t, s, "x@a.example", now, w); got.Messages != want {
			t.Errorf("%+v: %+v", w, got)
		}
	}
}

func TestOnlyWhatMayBuildTrustCounts(t *testing.T) {
	cases := []struct {
		change    func(*Record)
		byDefault bool
	}{
		{func(r *Record) {}, true},
		{func(r *Record) { r.Outcome = Tagged }, true},
		{func(r *Record) { r.Outcome = Released }, true},
		{func(r *Record) { r.Auth = AuthPass }, true},
		{func(r *Record) { r.Auth = AuthFail }, false},
		{func(r *Record) { r.Outcome = Held }, false},
		{func(r *Record) { r.Outcome = Rejected }, false},
		{func(r *Record) { r.Outcome = Deferred }, false},
		{func(r *Record) { r.Outcome = Discarded }, false},
		{func(r *Record) { r.Outcome = Redirected }, false},
		{func(r *Record) { r.Direction = Outbound }, false},
		{func(r *Record) { r.Direction = Internal }, false},
	}
	for i, c := range cases {
		s, _ := newStore(t)
		r := ago(72 * time.Hour)
		r.Recipients = 3
		c.change(&r)
		add(t, s, r)
		if got := count(t, s, r.From, now, Default()).Messages == 1; got != c.byDefault {
			t.Errorf("case %d (%v): the default counts it: %v", i, r, got)
		}
		if got := count(t, s, r.From, now, Rule()); got.Recipients != 3 || !Rule().Prevalent(got, now) {
			t.Errorf("case %d: the rule counts %+v", i, got)
		}
		if got := count(t, s, r.From, now, Hunt()); got.Messages != 1 || Hunt().Prevalent(got, now) {
			t.Errorf("case %d: the hunt counts %+v", i, got)
		}
	}
}

func TestAMessageSeenAgainCountsOnce(t *testing.T) {
	s, _ := newStore(t)
	first := ago(72 * time.Hour)
	first.ID = NewFingerprint("<1@a>", first.From, []string{"B@c", "a@c"})
	if first.ID != NewFingerprint(" <1@a> ", first.From, []string{"a@c", "b@c"}) {
		t.Error("the order or case of recipients changes the fingerprint")
	}
	retry := first
	retry.Time = first.Time.Add(time.Hour)
	add(t, s, first, retry, first)
	if got := count(t, s, first.From, now, Default()); got.Messages != 1 || !got.First.Equal(first.Time) {
		t.Errorf("counted %+v", got)
	}
	retry.Outcome = Held
	add(t, s, retry)
	if got, all := count(t, s, first.From, now, Default()), count(t, s, first.From, now, Hunt()); got.Messages != 0 || all.Messages != 1 {
		t.Errorf("held at the retry: %+v, everything: %+v", got, all)
	}
	retry.Outcome = Released
	retry.Time = first.Time.Add(5 * 24 * time.Hour)
	add(t, s, retry)
	if got := count(t, s, first.From, now, Default()); got.Messages != 1 || !got.First.Equal(first.Time) {
		t.Errorf("released: %+v", got)
	}
	later := retry
	later.Time = first.Time.Add(5*24*time.Hour + time.Second)
	add(t, s, later)
	if got := count(t, s, first.From, later.Time.Add(24*time.Hour), Default()); got.Messages != 2 {
		t.Errorf("more than 5 days later it is another message: %+v", got)
	}
	if !(NewFingerprint("", "a@b", nil) == Fingerprint{}) {
		t.Error("a message without Message-ID has a fingerprint")
	}
}

func TestNobodyHasNoHistory(t *testing.T) {
	s, _ := newStore(t)
	r := ago(72 * time.Hour)
	r.From = ""
	add(t, s, r, r, r)
	if got := count(t, s, "", now, Rule()); got != (Counts{}) {
		t.Errorf("counted %+v", got)
	}
}

func TestOddClocksDoNoHarm(t *testing.T) {
	s, _ := newStore(t)
	odd := []time.Time{time.Unix(0, 0), time.Date(2106, 2, 7, 6, 28, 16, 0, time.UTC), time.Unix(-5, 0), {}, time.Unix(1<<62, 0), time.Unix(-1<<62, 0)}
	for _, at := range odd {
		add(t, s, Record{Time: at, From: "x@a.example", Recipients: 1}, ago(72*time.Hour))
		for _, w := range []Window{Default(), Rule()} {
			if _, err := s.Count("x@a.example", at, w); err != nil {
				t.Error(err)
			}
		}
	}
	if got := count(t, s, "x@a.example", now, Default()).Messages; got != len(odd) {
		t.Errorf("counted %d of %d", got, len(odd))
	}
	for end := false; !end; {
		var err error
		if end, err = s.Expire(context.Background(), now, 10); err != nil {
			t.Fatal(err)
		}
	}
	if got := count(t, s, "x@a.example", now, Window{Before: 1 << 62, Exclude: -1 << 62, Everything: true}).Messages; got != len(odd) {
		t.Errorf("after expiry %d are left, want %d", got, len(odd))
	}
}

func TestADamagedRowIsAnErrorAndHeals(t *testing.T) {
	s, db := newStore(t)
	err := db.Update(context.Background(), func(tx *state.Tx) error {
		return s.rows(tx, Address).Put([]byte("x@a.example"), []byte{0xff, 0xff, 0xff})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Count("x@a.example", now, Default()); err == nil {
		t.Error("a damaged row was counted")
	}
	add(t, s, ago(72*time.Hour))
	if got := count(t, s, "x@a.example", now, Default()).Messages; got != 1 {
		t.Errorf("counted %d", got)
	}
}

func TestExpireInSlices(t *testing.T) {
	s, _ := newStore(t)
	var records []Record
	for i := range 100 {
		old, young := ago(Retention+time.Second), ago(Retention-time.Hour)
		old.From, young.From = fmt.Sprintf("old%d@a", i), fmt.Sprintf("young%d@a", i)
		mixed := old
		mixed.From = young.From
		old.ID = NewFingerprint(fmt.Sprint(i), old.From, nil)
		young.ID = NewFingerprint(fmt.Sprint(i), young.From, nil)
		records = append(records, old, young, mixed)
	}
	add(t, s, records...)
	calls := 0
	for end := false; !end; calls++ {
		var err error
		if end, err = s.Expire(context.Background(), now, 7); err != nil {
			t.Fatal(err)
		}
	}
	if calls < 400/7 {
		t.Errorf("%d calls only: the slices are too large", calls)
	}
	rows, seen := 0, 0
	err := s.db.View(func(tx *state.Tx) error {
		for c, key := s.rows(tx, Address).Cursor(), []byte("-"); key != nil; key, _ = c.Next() {
			if key[0] == '-' {
				key, _ = c.First()
			}
			history, _ := decodeRow(s.rows(tx, Address).Get(key))
			if len(history) != 1 || history[0].at < now.Add(-Retention).Unix() {
				t.Errorf("%s keeps %v", key, history)
			}
			rows++
		}
		c := sightings(tx).Cursor()
		for key, _ := c.First(); key != nil; key, _ = c.Next() {
			seen++
		}
		return nil
	})
	if err != nil || rows != 100 || seen != 100 {
		t.Errorf("%d rows and %d sightings are left (%v), want 100 each", rows, seen, err)
	}
}

// model is the plain slice that the store must agree with.
type model []Record

func (m model) counts(at time.Time, w Window) (c Counts) {
	days := map[int64]bool{}
	for _, r := range m {
		age := at.Unix() - r.Time.Unix()
		if age < int64(w.Exclude/time.Second) || age > int64(w.Before/time.Second) {
			continue
		}
		trusted := r.Direction == Inbound && r.Auth != AuthFail && slices.Contains([]Outcome{Accepted, Tagged, Released}, r.Outcome)
		trusted = trusted && (!w.Proven || r.Auth == AuthPass) && (!w.Unproven || r.Auth != AuthPass)
		own := r.Direction == Outbound && slices.Contains([]Outcome{Accepted, Tagged, Released}, r.Outcome)
		if counts := w.Everything || w.Own && own || w.Others && !own || !w.Own && !w.Others && trusted; !counts {
			continue
		}
		c.Messages++
		c.Recipients += r.Recipients
		days[r.Time.Unix()/86400] = true
		if when := time.Unix(r.Time.Unix(), 0).UTC(); c.First.IsZero() || when.Before(c.First) {
			c.First = when
		}
		if when := time.Unix(r.Time.Unix(), 0).UTC(); when.After(c.Last) {
			c.Last = when
		}
	}
	c.Days, c.FirstBy = len(days), c.First
	return c
}

func randomRecord(rng *rand.Rand) Record {
	return Record{
		Time: now.Add(-time.Duration(rng.Int64N(int64(20 * 24 * time.Hour)))).Add(time.Duration(rng.IntN(3)) * time.Millisecond),
		From: "x@a.example", Recipients: 1 + rng.IntN(4),
		Direction: Direction(rng.IntN(3)), Outcome: Outcome(rng.IntN(8)), Auth: Auth(rng.IntN(3)),
	}
}

func TestABusySenderIsBoundedAndNeverOvercounted(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	s, db := newStore(t)
	var m model
	for range 20_000 {
		r := randomRecord(rng)
		r.Outcome, r.Direction, r.Auth = Accepted, Inbound, AuthNone
		m = append(m, r)
	}
	add(t, s, m...)
	for range 50 {
		at, w := now.Add(-time.Duration(rng.IntN(200))*time.Hour), Default()
		got, most := count(t, s, "x@a.example", at, w), m.counts(at, w)
		w.Before, w.Exclude = w.Before-time.Hour, w.Exclude+time.Hour
		least := m.counts(at, w)
		if got.Messages > most.Messages || got.Messages < least.Messages || got.Recipients > most.Recipients || got.Recipients < least.Recipients {
			t.Errorf("at %v: %+v is not between %+v and %+v", at, got, least, most)
		}
	}
	err := db.View(func(tx *state.Tx) error {
		if size := len(s.rows(tx, Address).Get([]byte("x@a.example"))); size > 20_000 {
			t.Errorf("the row has %d bytes", size)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkCount(b *testing.B) {
	s, _ := newStore(b)
	add(b, s, ago(72*time.Hour), ago(73*time.Hour))
	for b.Loop() {
		if _, err := s.Count("x@a.example", now, Default()); err != nil {
			b.Fatal(err)
		}
	}
}
