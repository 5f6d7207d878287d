package prevalence

import (
	"fmt"
	"time"

	"quishmilter/state"
)

// Question asks what the window holds of one history.
type Question struct {
	Kind   Kind   `json:"kind"`
	Key    string `json:"key"`
	Window Window `json:"window"`
}

// Count says what the window holds of a sender, from what is committed.
func (s *Store) Count(from string, now time.Time, w Window) (Counts, error) {
	return s.CountOf(Address, from, now, w)
}

// CountOf says what the window holds of any history. What cannot have one ("" above all) has nothing.
func (s *Store) CountOf(kind Kind, key string, now time.Time, w Window) (Counts, error) {
	counts, err := s.Counts(now, Question{kind, key, w})
	return counts[0], err
}

// Counts answers several questions from one moment, and in one exchange where the store is shared. With an error, the
// answers to the other questions are good.
//
// Correspondents are counted by what our own people sent, whatever the window says. An Exact key that is spelled as
// its Key is answered from the address's history, of which it is a part.
func (s *Store) Counts(now time.Time, questions ...Question) ([]Counts, error) {
	rows := make([]row, len(questions))
	err := s.db.View(func(tx *state.Tx) (err error) {
		for i, q := range questions {
			known, bad := s.localRow(tx, q)
			if bad != nil && err == nil {
				err = bad
			}
			rows[i] = known
		}
		return err
	})
	counts := make([]Counts, len(questions))
	for i, q := range questions {
		counts[i] = q.counts(rows[i], now)
	}
	if s.shared != nil {
		s.shared.improve(counts, now, questions)
	}
	if err != nil {
		return counts, fmt.Errorf("prevalence: %w", err)
	}
	return counts, nil
}

func (q Question) counts(history row, now time.Time) Counts {
	if q.Kind == Correspondent {
		q.Window.Own = true
	}
	if q.Kind == Exact && q.Key == Key(q.Key) {
		return history.counts(q.Window, now, func(c class) bool { return c&respelled == 0 })
	}
	return history.counts(q.Window, now, nil)
}

// place says which history answers the question.
func (s *Store) place(q Question) (name, bool) {
	if q.Kind == Exact && q.Key == Key(q.Key) {
		q.Kind = Address
	}
	return s.nameOf(q.Kind, q.Key)
}

func (s *Store) localRow(tx *state.Tx, q Question) (row, error) {
	n, ok := s.place(q)
	if !ok {
		return nil, nil
	}
	history, ok := decodeRow(s.rows(tx, n.kind).Get([]byte(n.key)))
	if !ok {
		return nil, fmt.Errorf("the history of %s %.80q cannot be read: %w", n.kind, q.Key, state.ErrDamaged)
	}
	return history, nil
}
