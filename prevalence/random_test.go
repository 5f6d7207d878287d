package prevalence

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"quishmilter/state"
)

// randomHistory makes up to limit records of one sender, some in the same second.
func randomHistory(rng *rand.Rand, limit int) (m model) {
	for range rng.IntN(limit + 1) {
		r := randomRecord(rng)
		if len(m) > 0 && rng.IntN(4) == 0 {
			r.Time = m[rng.IntN(len(m))].Time
		}
		m = append(m, r)
	}
	return m
}

// randomQuestion asks at a random time, half the time exactly at an edge of the window, or a second beside it.
func randomQuestion(rng *rand.Rand, m model) (time.Time, Window) {
	proven, unproven := Default(), Default()
	proven.Proven, unproven.Unproven = true, true
	odd := Window{Before: time.Duration(1+rng.IntN(20*86400)) * time.Second, Unit: Messages, Everything: true}
	odd.Exclude = time.Duration(rng.Int64N(int64(odd.Before))).Truncate(time.Second)
	windows := []Window{Default(), Hunt(), Rule(), Default().Kept(), Default().Ours(), Default().Theirs(), proven, unproven, odd}
	w := windows[rng.IntN(len(windows))]
	at := now.Add(time.Duration(rng.IntN(100)) * time.Hour)
	if len(m) > 0 && rng.IntN(2) == 0 {
		at = m[rng.IntN(len(m))].Time.Add([]time.Duration{w.Before, w.Exclude}[rng.IntN(2)]).Add(time.Duration(rng.IntN(3)-1) * time.Second)
	}
	return at, w
}

// TestRandomRowsAgreeWithAPlainSlice looks at rows as they lie in the file: encoded after every change,
// with messages whose outcome changes afterwards.
func TestRandomRowsAgreeWithAPlainSlice(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 10_000 {
		m := randomHistory(rng, 12)
		var encoded []byte
		for i, r := range m {
			history, ok := decodeRow(encoded)
			if !ok {
				t.Fatalf("history %d: its own encoding is damaged", n)
			}
			history = history.add(entry{at: clampTime(r.Time), class: r.class(), messages: 1, recipients: uint32(r.Recipients)})
			if rng.IntN(3) == 0 {
				old := rng.IntN(i + 1)
				history = m.change(history, old, Outcome(rng.IntN(8)))
			}
			encoded = history.compact().encode()
		}
		history, _ := decodeRow(encoded)
		for range 4 {
			at, w := randomQuestion(rng, m)
			if got, want := history.counts(w, at, nil), m.counts(at, w); got != want {
				t.Fatalf("history %d, window %+v at %v: got %+v, want %+v", n, w, at, got, want)
			}
		}
	}
}

// change gives an earlier message another outcome, in the model and in the row.
func (m model) change(history row, i int, to Outcome) row {
	r := &m[i]
	history, _ = history.remove(clampTime(r.Time), r.class(), uint32(r.Recipients))
	r.Outcome = to
	return history.add(entry{at: clampTime(r.Time), class: r.class(), messages: 1, recipients: uint32(r.Recipients)})
}

// TestTenThousandRandomHistoriesThroughTheStore: all classes, every window, and people who release what was held. The
// records of many senders lie in turn in each commit.
func TestTenThousandRandomHistoriesThroughTheStore(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	s, _ := newStore(t)
	for range 20 {
		histories := randomHistories(rng, 500)
		addInTurn(t, s, histories)
		askAll(t, rng, s, histories)
	}
}

// randomHistories makes histories of senders that nobody else has, most of them short.
func randomHistories(rng *rand.Rand, n int) (all []model) {
	for range n {
		limit := 8
		if rng.IntN(50) == 0 {
			limit = maxExact
		}
		m := randomHistory(rng, limit)
		from := fmt.Sprintf("x%x@a.example", rng.Uint64())
		for i := range m {
			m[i].From, m[i].Event = from, fmt.Sprintf("%x", rng.Uint64())
		}
		all = append(all, m)
	}
	return all
}

// addInTurn records the first message of each sender, then the second of each, and so on, and releases a third of
// those that were held.
func addInTurn(t *testing.T, s *Store, histories []model) {
	t.Helper()
	update := func(fn func(tx *state.Tx, m model, i int) error) {
		for i := range maxExact {
			if err := s.db.Update(t.Context(), func(tx *state.Tx) error {
				for _, m := range histories {
					if i < len(m) {
						if err := fn(tx, m, i); err != nil {
							return err
						}
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	update(func(tx *state.Tx, m model, i int) error { return s.Add(tx, m[i]) })
	update(func(tx *state.Tx, m model, i int) error {
		if m[i].Outcome != Held || m[i].Event[0] > '5' {
			return nil
		}
		return s.ReleaseIn(tx, m[i].Event)
	})
	for _, m := range histories {
		for i := range m {
			if m[i].Outcome == Held && m[i].Event[0] <= '5' {
				m[i].Outcome = Released
			}
		}
	}
}

// askAll asks a few questions about each history.
func askAll(t *testing.T, rng *rand.Rand, s *Store, histories []model) {
	t.Helper()
	for _, m := range histories {
		if len(m) == 0 {
			continue
		}
		at, w := randomQuestion(rng, m)
		questions := make([]Question, 3)
		for i := range questions {
			questions[i] = Question{Address, m[0].From, w}
			_, w = randomQuestion(rng, m)
		}
		got, err := s.Counts(at, questions...)
		for s.Away() && t.Context().Err() == nil { // a busy machine may miss the 50 ms
			s.Connect(t.Context())
			got, err = s.Counts(at, questions...)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range questions {
			if want := m.counts(at, q.Window); got[i] != want {
				t.Fatalf("%v, window %+v at %v: got %+v, want %+v", m, q.Window, at, got[i], want)
			}
		}
	}
}
