package prevalence

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"quishmilter/test/redis"
)

const (
	firstAge = 96 * time.Hour
	copyAge  = 48 * time.Hour
)

// again are two sightings of one message, and what the address's history then says: how many messages count for trust
// (and how many of them with proof), the age of the first of them, and how many there are in all.
var again = []struct {
	name                   string
	first, copy            Outcome
	auth, copyAuth         Auth
	trusted, proven, all   int
	age                    time.Duration
	newHost, oldHost       int // messages that count for trust in a host that only the copy, or both, have
	newHostAge, oldHostAge time.Duration
}{
	{name: "a harmless copy of a held one", first: Held, copy: Accepted, all: 1},
	{name: "a tagged copy of a held one", first: Held, copy: Tagged, all: 1},
	{name: "a rejected copy of a held one", first: Held, copy: Rejected, all: 1},
	{name: "a retry", first: Deferred, copy: Accepted, trusted: 1, all: 1, age: firstAge, newHost: 1, newHostAge: copyAge, oldHost: 1, oldHostAge: firstAge},
	{name: "a retry with proof", first: Deferred, copy: Accepted, copyAuth: AuthPass, trusted: 1, proven: 1, all: 1, age: firstAge,
		newHost: 1, newHostAge: copyAge, oldHost: 1, oldHostAge: firstAge},
	{name: "rejected, then accepted", first: Rejected, copy: Accepted, trusted: 1, all: 2, age: copyAge, newHost: 1, newHostAge: copyAge, oldHost: 1, oldHostAge: copyAge},
	{name: "discarded, then tagged", first: Discarded, copy: Tagged, trusted: 1, all: 2, age: copyAge, newHost: 1, newHostAge: copyAge, oldHost: 1, oldHostAge: copyAge},
	{name: "redirected, then accepted", first: Redirected, copy: Accepted, trusted: 1, all: 2, age: copyAge, newHost: 1, newHostAge: copyAge, oldHost: 1, oldHostAge: copyAge},
	{name: "rejected, then held", first: Rejected, copy: Held, all: 2},
	{name: "accepted, then held", first: Accepted, copy: Held, all: 1},
	{name: "accepted, then rejected", first: Accepted, copy: Rejected, auth: AuthPass, copyAuth: AuthPass, all: 1},
	{name: "accepted, then tagged", first: Accepted, copy: Tagged, trusted: 1, all: 1, age: firstAge, newHost: 1, newHostAge: copyAge, oldHost: 1, oldHostAge: firstAge},
	{name: "tagged, then accepted", first: Tagged, copy: Accepted, trusted: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "a copy without proof", first: Accepted, copy: Accepted, auth: AuthPass, trusted: 1, proven: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "a held copy without proof", first: Accepted, copy: Held, auth: AuthPass, trusted: 1, proven: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "a forged copy", first: Accepted, copy: Rejected, auth: AuthPass, copyAuth: AuthFail, trusted: 1, proven: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "a forged copy that was let through", first: Accepted, copy: Accepted, auth: AuthPass, copyAuth: AuthFail, trusted: 1, proven: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "a copy with proof of one without", first: Accepted, copy: Accepted, copyAuth: AuthPass, trusted: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "released, then accepted", first: Released, copy: Accepted, trusted: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "released, then held", first: Released, copy: Held, trusted: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "released, then deferred", first: Released, copy: Deferred, trusted: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "released, then rejected", first: Released, copy: Rejected, trusted: 1, all: 1, age: firstAge, oldHost: 1, oldHostAge: firstAge},
	{name: "held, then released", first: Held, copy: Released, trusted: 1, all: 1, age: firstAge, newHost: 1, newHostAge: copyAge, oldHost: 1, oldHostAge: firstAge},
}

// whileThere asks until the shared store answered: a busy machine may miss the 50 ms.
func (h *host) whileThere(t *testing.T, ask func()) {
	t.Helper()
	for range 100 {
		h.connect(t)
		if ask(); !h.shared.away.Load() {
			return
		}
	}
	t.Fatal("the shared store is away")
}

func TestACopyBuysNoTrust(t *testing.T) {
	s, _ := newStore(t)
	server := redis.Start(t)
	writer := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	reader := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	writer.connect(t)
	reader.connect(t)
	for i, c := range again {
		first := ago(firstAge)
		first.From, first.Outcome, first.Auth, first.Hosts = fmt.Sprintf("x%d@a.example", i), c.first, c.auth, []string{fmt.Sprintf("old%d.example", i)}
		first.ID = NewFingerprint("<1@a.example>", first.From, nil)
		second := first
		second.Time, second.Outcome, second.Auth = now.Add(-copyAge), c.copy, c.copyAuth
		second.Hosts = append(second.Hosts, fmt.Sprintf("new%d.example", i))
		for _, store := range []*Store{s, writer.Store} {
			add(t, store, first)
			deriveAll(t, store)
			add(t, store, second, second)
		}
	}
	deriveAll(t, s)
	writer.untilDelivered(t)
	everything, proven := Default(), Default()
	everything.Everything, proven.Proven = true, true
	for where, store := range map[string]*Store{"in the file": s, "in the shared store": reader.Store, "in the file of a host that shares": writer.Store} {
		for i, c := range again {
			from, newHost, oldHost := fmt.Sprintf("x%d@a.example", i), fmt.Sprintf("new%d.example", i), fmt.Sprintf("old%d.example", i)
			var got []Counts
			var err error
			ask := func() {
				got, err = store.Counts(now, Question{Address, from, Default()}, Question{Address, from, proven}, Question{Address, from, everything},
					Question{Host, newHost, Default()}, Question{Host, oldHost, Default()})
			}
			if ask(); store == reader.Store {
				reader.whileThere(t, ask)
			}
			if err != nil {
				t.Fatal(err)
			}
			want := []int{c.trusted, c.proven, c.all, c.newHost, c.oldHost}
			for n := range want {
				if got[n].Messages != want[n] {
					t.Errorf("%s, %s: answer %d is %+v, want %d", c.name, where, n, got[n], want[n])
				}
			}
			for n, age := range map[int]time.Duration{0: c.age, 3: c.newHostAge, 4: c.oldHostAge} {
				if want[n] > 0 && !got[n].First.Equal(now.Add(-age)) {
					t.Errorf("%s, %s: answer %d is dated %v, want %v ago", c.name, where, n, got[n].First, age)
				}
			}
		}
	}
}

// TestTheSharedRulesAreThoseOfTheFile, for messages that come again and again in every way.
func TestTheSharedRulesAreThoseOfTheFile(t *testing.T) {
	server := redis.Start(t)
	rng := rand.New(rand.NewPCG(7, 8))
	s, _ := newStore(t)
	writer := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	reader := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	writer.connect(t)
	reader.connect(t)
	const senders = 300
	for n := range senders {
		for range 2 + rng.IntN(4) {
			r := randomRecord(rng)
			r.Time, r.From = now.Add(-time.Duration(24+rng.IntN(110))*time.Hour), fmt.Sprintf("x%d@a.example", n)
			r.Domain, r.Recipients, r.ID = fmt.Sprintf("d%d.example", n), 1, NewFingerprint("<1>", r.From, nil)
			add(t, s, r)
			add(t, writer.Store, r)
		}
	}
	deriveAll(t, s)
	writer.untilDelivered(t)
	for n := range senders {
		for _, w := range []Window{Default(), Default().Ours(), Rule()} {
			for kind, key := range map[Kind]string{Address: fmt.Sprintf("x%d@a.example", n), Domain: fmt.Sprintf("d%d.example", n)} {
				here, err1 := s.CountOf(kind, key, now, w)
				var there Counts
				var err2 error
				reader.whileThere(t, func() { there, err2 = reader.CountOf(kind, key, now, w) })
				if err1 != nil || err2 != nil || here != there {
					t.Errorf("%s, %+v: %+v in the file, %+v in the shared store, %v, %v", key, w, here, there, err1, err2)
				}
			}
		}
	}
}

func TestARejectedCopyOfAHeldMessageDoesNotKeepItFromBeingReleased(t *testing.T) {
	s, _ := newStore(t)
	r := ago(firstAge)
	r.Outcome, r.Event, r.ID = Held, "EVENT", NewFingerprint("<1>", r.From, nil)
	rejected := r
	rejected.Time, rejected.Outcome, rejected.Event, rejected.Auth = now.Add(-copyAge), Rejected, "", AuthFail
	add(t, s, r, rejected)
	if err := s.Release(t.Context(), "EVENT"); err != nil {
		t.Fatal(err)
	}
	if got := count(t, s, r.From, now, Default()); got.Messages != 1 || !got.First.Equal(r.Time) {
		t.Errorf("%+v", got)
	}
}

func TestAChangeOfTwoTimesIsReadAsItWasWritten(t *testing.T) {
	c := change{at: 2000, class: 1, recipients: 3, undo: true, was: 4, first: 1000, session: 7, names: []name{{Host, "h.example"}}}
	if got, ok := decodeChange(c.encode()); !ok || fmt.Sprint(got) != fmt.Sprint(c) {
		t.Errorf("%+v, want %+v", got, c)
	}
}

// FuzzDecodeChange reads what a file or a shared store has of a message: another machine wrote it.
func FuzzDecodeChange(f *testing.F) {
	f.Add(change{at: 5, recipients: 2, undo: true, first: 4, id: Fingerprint{1}, session: 7, names: []name{{0, "a@b.example"}}}.encode())
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		decodeSighting(data)
		c, ok := decodeChange(data)
		if again, good := decodeChange(c.encode()); ok && (!good || fmt.Sprint(again) != fmt.Sprint(c)) {
			t.Errorf("%+v became %+v", c, again)
		}
	})
}
