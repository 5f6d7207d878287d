package prevalence

import (
	"bytes"
	"context"
	"time"

	"quishmilter/state"
)

// borrowed holds the last that the shared store said of a history, under kind and name, where that was more than this
// host knows by itself. It answers when the shared store is away.
func borrowed(tx *state.Tx) *state.Bucket { return tx.Bucket("history", "borrowed") }

func (n name) borrowedKey() []byte { return append([]byte{byte(n.kind)}, n.key...) }

// improve puts the shared store's answer in the place of the file's, where it knows more.
func (sh *shared) improve(counts []Counts, now time.Time, questions []Question) {
	rows := make([]row, len(questions))
	places := make([]name, len(questions))
	for i, q := range questions {
		places[i], _ = sh.store.place(q)
	}
	if sh.away.Load() || !sh.ask(places, rows) {
		sh.recall(places, rows)
	}
	for i, q := range questions {
		theirs := q.counts(rows[i], now)
		if theirs.Messages > counts[i].Messages {
			sh.lend(places[i], rows[i])
		}
		counts[i] = counts[i].or(theirs)
	}
}

// or is the one of two answers that knows more, with the earliest message that either knows: whether ours or another's
// came first is asked in two questions, which may be answered from two stores.
func (c Counts) or(other Counts) Counts {
	more, less := c, other
	if other.Messages > c.Messages {
		more, less = other, c
	}
	if less.Messages > 0 && less.First.Before(more.First) {
		more.First = less.First
	}
	return more
}

// ask returns false when the store did not answer in time.
func (sh *shared) ask(places []name, rows []row) bool {
	ctx, cancel := context.WithTimeout(context.Background(), awayAfter)
	defer cancel()
	if err := sh.fetch(ctx, places, rows); err != nil {
		sh.gone(err)
		return false
	}
	return true
}

// recall answers from what was borrowed, the newest of which may not be in the file yet.
func (sh *shared) recall(places []name, rows []row) {
	defer sh.recallNewest(places, rows)
	_ = sh.store.db.View(func(tx *state.Tx) error { // the file's own answers stand when it cannot be read
		for i, n := range places {
			if n.key != "" {
				rows[i], _ = decodeRow(borrowed(tx).Get(n.borrowedKey()))
			}
		}
		return nil
	})
}

func (sh *shared) recallNewest(places []name, rows []row) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for i, n := range places {
		for _, notes := range []map[name]row{sh.keeping, sh.lent} {
			if noted, known := notes[n]; known {
				rows[i] = noted
			}
		}
	}
}

// lend notes an answer to be kept; the file is written later, away from the message.
func (sh *shared) lend(n name, history row) {
	if sh.away.Load() {
		return
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if len(sh.lent) < maxBorrowed {
		sh.lent[n] = history
	}
}

// keepBorrowed writes the answers that were noted.
func (sh *shared) keepBorrowed(ctx context.Context) error {
	sh.mu.Lock()
	keeping := sh.lent
	sh.lent, sh.keeping = map[name]row{}, keeping
	sh.mu.Unlock()
	if len(keeping) == 0 {
		return nil
	}
	return sh.store.db.Update(ctx, func(tx *state.Tx) error {
		for n, history := range keeping {
			key, value := n.borrowedKey(), history.encode()
			if bytes.Equal(borrowed(tx).Get(key), value) {
				continue
			}
			if err := borrowed(tx).Put(key, value); err != nil {
				return err
			}
		}
		return nil
	})
}
