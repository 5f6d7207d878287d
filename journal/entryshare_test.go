package journal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func records(t *testing.T, s *Entries) []EntryRecord {
	t.Helper()
	all, err := s.Records(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// meet does what hosts do at a shared store: give and take.
func meet(t *testing.T, s *Entries, store map[string]string, now time.Time) {
	t.Helper()
	var theirs []EntryRecord
	for name, value := range store {
		theirs = append(theirs, EntryRecord{name, value})
	}
	give, take, drop := Exchange(records(t, s), theirs, now)
	if _, err := s.Merge(t.Context(), take, now); err != nil {
		t.Fatal(err)
	}
	for _, r := range give {
		store[r.Name] = r.Value
	}
	for _, r := range drop {
		delete(store, r.Name)
	}
}

// Three hosts change the same few entries and meet now and then; the store loses all at times. In the end each has the
// last change of every entry.
func TestHostsAgreeOnEntries(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	var hosts [3]*Entries
	for n := range hosts {
		hosts[n] = newEntries(t)
	}
	store, last := map[string]string{}, map[string]string{}
	now := time.Now()
	for step := range 300 {
		s := hosts[random.IntN(3)]
		e := Entry{List: Block, Kind: ByHost, Value: fmt.Sprintf("h%d.example", random.IntN(5)), Comment: fmt.Sprint(step), Added: now}
		switch random.IntN(5) {
		case 0, 1:
			if _, err := s.Put(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			last[e.Value] = e.Comment
		case 2:
			if err := s.Remove(t.Context(), e); err == nil {
				delete(last, e.Value)
			} else if !errors.Is(err, ErrNoEntry) {
				t.Fatal(err)
			}
		case 3:
			meet(t, s, store, now)
		case 4:
			if random.IntN(10) == 0 {
				clear(store)
			}
		}
	}
	for range 2 {
		for _, s := range hosts {
			meet(t, s, store, now)
		}
	}
	for n, s := range hosts {
		got := map[string]string{}
		all, err := s.All(t.Context(), now)
		for _, e := range all {
			got[e.Value] = e.Comment
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(last) || len(last) == 0 {
			t.Errorf("host %d: %v, want %v, %v", n, got, last, err)
		}
	}
}

// A host whose clock is behind changes what another one added, since it knows of that.
func TestEntryIsChangedByAHostThatIsBehind(t *testing.T) {
	s := newEntries(t)
	ahead := time.Now().Add(time.Hour)
	name := "block\x00host\x00evil.example"
	value := stampOf(ahead.UnixMicro(), []byte{1, 2, 3, 4}) + `{"list":"block","kind":"host","value":"evil.example","comment":"ahead","by":"claire"}`
	m, err := s.Merge(t.Context(), []EntryRecord{{name, value}}, time.Now())
	if err != nil || len(m.Added) != 1 || m.Added[0].By != "claire" {
		t.Fatalf("%+v, %v", m, err)
	}
	if err := s.Remove(t.Context(), Entry{List: Block, Kind: ByHost, Value: "evil.example"}); err != nil {
		t.Fatal(err)
	}
	if got := records(t, s); len(got) != 1 || len(got[0].Value) != stampLength || got[0].Value <= value {
		t.Errorf("%q", got)
	}
	if m, err := s.Merge(t.Context(), []EntryRecord{{name, value}}, time.Now()); err != nil || len(m.Added) != 0 {
		t.Errorf("it came back: %+v, %v", m, err)
	}
}

// What other hosts wrote is checked like what a person writes.
func TestMergeRefusesWhatIsNoEntry(t *testing.T) {
	s := newEntries(t)
	stamp := stampOf(time.Now().UnixMicro(), []byte{1, 2, 3, 4})
	name := "allow\x00host\x00good.example"
	bad := []EntryRecord{
		{"", ""}, {name, "x"}, {name, strings.ToUpper(stamp) + "{}"}, {name, "f" + stamp[1:]}, {name, stamp + "{"},
		{"allow\x00host", stamp}, {"allow\x00host\x00GOOD.example", stamp + "{}"}, {"allow\x00domain\x00*.com", stamp + `{}`},
		{name, stamp + `{"list":"allow","kind":"host","value":"other.example"}`}, {name, stamp + `{"comment":"two\nlines"}`},
		{name, stamp + `{"action":"reject"}`},
	}
	good := EntryRecord{name, stamp + `{"list":"allow","kind":"host","value":"good.example","source":"f:1"}`}
	m, err := s.Merge(t.Context(), append(slices.Clone(bad), good), time.Now())
	if err != nil || m.Bad != len(bad) || m.Why == nil || len(m.Added) != 1 || m.Added[0].Source != "" {
		t.Errorf("%+v, %v", m, err)
	}
	if all, err := s.All(context.Background(), time.Now()); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

// What has ended is neither given nor taken, and the store lets go of it a day later; a removal after 90 days.
func TestEntriesEndAtTheStore(t *testing.T) {
	now := time.Now()
	entry := func(name string, until time.Time) EntryRecord {
		return EntryRecord{"block\x00host\x00" + name, stampOf(now.Add(-time.Hour).UnixMicro(), []byte{0, 0, 0, 0}) +
			fmt.Sprintf(`{"list":"block","kind":"host","value":%q,"until":%q}`, name, until.Format(time.RFC3339Nano))}
	}
	removal := func(name string, at time.Time) EntryRecord {
		return EntryRecord{"block\x00host\x00" + name, stampOf(at.UnixMicro(), []byte{0, 0, 0, 0})}
	}
	lives, ended, old := entry("a.example", now.Add(time.Second)), entry("b.example", now), entry("c.example", now.Add(-entryGrace))
	young, forgotten := removal("d.example", now.Add(-KeepRemoved-entryGrace+time.Second)), removal("e.example", now.Add(-KeepRemoved-entryGrace))
	all := []EntryRecord{lives, ended, old, young, forgotten}
	if give, _, _ := Exchange(all, nil, now); !slices.Equal(give, []EntryRecord{lives}) {
		t.Errorf("given: %q", give)
	}
	_, take, drop := Exchange(nil, all, now)
	if !slices.Equal(drop, []EntryRecord{old, forgotten}) {
		t.Errorf("dropped: %q", drop)
	}
	s := newEntries(t)
	if m, err := s.Merge(t.Context(), take, now); err != nil || len(m.Added) != 1 || len(m.Removed) != 0 || m.Bad != 0 {
		t.Errorf("taken: %+v, %v", m, err)
	}
	if got := records(t, s); len(got) != 1 {
		t.Errorf("kept: %q", got)
	}
}

// A removal is forgotten after 90 days.
func TestRemovalIsForgotten(t *testing.T) {
	s := newEntries(t)
	e := Entry{List: Block, Kind: ByHost, Value: "evil.example"}
	if _, err := s.Put(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct {
		after time.Duration
		left  int
	}{{KeepRemoved - time.Minute, 1}, {KeepRemoved + time.Minute, 0}} {
		if _, err := s.Expire(t.Context(), time.Now().Add(at.after)); err != nil {
			t.Fatal(err)
		}
		if got := records(t, s); len(got) != at.left {
			t.Errorf("after %v: %q", at.after, got)
		}
	}
}

func newEntries(t *testing.T) *Entries {
	t.Helper()
	_, db := newJournal(t)
	return NewEntries(db)
}

// FuzzEntryRecord reads what the shared store has of an entry: another machine wrote it.
func FuzzEntryRecord(f *testing.F) {
	stamp := stampOf(1e15, []byte{1, 2, 3, 4})
	f.Add("allow\x00host\x00good.example", stamp+`{"list":"allow","kind":"host","value":"good.example"}`)
	f.Add("block\x00sender\x00a@b.example", stamp)
	f.Add("", "\x00")
	f.Fuzz(func(t *testing.T, name, value string) {
		r := EntryRecord{name, value}
		Exchange([]EntryRecord{r}, []EntryRecord{r}, time.Unix(2e9, 0))
		e, _, err := r.read()
		if err == nil && string(entryID(e.List, e.Kind, e.Value)) != name {
			t.Errorf("%q is read as %+v", name, e)
		}
		if e, err := decodeEntry([]byte(name), []byte(value)); err == nil && string(entryID(e.List, e.Kind, e.Value)) != name {
			t.Errorf("%q is kept as %+v", name, e)
		}
	})
}
