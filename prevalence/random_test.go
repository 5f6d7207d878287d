package prevalence

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
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

// randomQuestion asks at a random time, half the time exactly at an edge of the window.
func randomQuestion(rng *rand.Rand, m model) (time.Time, Window) {
	windows := []Window{Default(), Hunt(), Rule(), {Before: 3 * time.Hour, Unit: Messages, Everything: true}, Default().Ours(), Default().Theirs()}
	w := windows[rng.IntN(len(windows))]
	at := now.Add(time.Duration(rng.IntN(100)) * time.Hour)
	if len(m) > 0 && rng.IntN(2) == 0 {
		at = m[rng.IntN(len(m))].Time.Add([]time.Duration{w.Before, w.Exclude}[rng.IntN(2)])
	}
	return at, w
}

// TestTenThousandRandomHistoriesAgreeWithAPlainSlice looks at rows as they lie in the file: encoded after every change,
// with messages whose outcome changes afterwards.
func TestTenThousandRandomHistoriesAgreeWithAPlainSlice(t *testing.T) {
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

func TestRandomHistoriesThroughTheStore(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	s, _ := newStore(t)
	for n := range 300 {
		m := randomHistory(rng, maxExact)
		from := fmt.Sprintf("x%d@a.example", n)
		for i := range m {
			m[i].From = from
		}
		add(t, s, m...)
		at, w := randomQuestion(rng, m)
		if got, want := count(t, s, from, at, w), m.counts(at, w); got != want {
			t.Fatalf("history %d, window %+v at %v: got %+v, want %+v", n, w, at, got, want)
		}
	}
}
