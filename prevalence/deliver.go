package prevalence

import (
	"context"

	"quishmilter/state"
)

// placed is a change with its place in the queue.
type placed struct {
	place uint64
	change
}

// deliver sends the next run of changes and returns how many it was.
func (sh *shared) deliver(ctx context.Context) (n int, err error) {
	run, next, err := sh.run()
	if err != nil {
		return 0, err
	}
	if len(run) == 0 {
		sh.skipTo(next)
		return 0, nil
	}
	mark, whole, err := sh.remote.apply(ctx, run, sh.expected(run[0].session))
	if err != nil {
		return 0, err
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !whole { // it lost what it had: go back to what it still has, as far as that is kept here
		sh.next, sh.acked = mark, 0
		return len(run), nil
	}
	sh.next = next
	sh.session, sh.acked = run[0].session, mark
	return len(run), nil
}

// run reads the next changes, all of one session, and the place after them.
func (sh *shared) run() (run []placed, next uint64, err error) {
	err = sh.store.db.View(func(tx *state.Tx) error {
		given := queue(tx).Given()
		next = sh.bounded(given)
		for place, c := range entries(tx, next) {
			if len(run) > 0 && c.session != run[0].session || len(run) == deliverRun {
				return nil
			}
			next = place + 1
			if c.session != 0 { // from before the file was shared
				run = append(run, placed{place, c})
			}
		}
		next = max(next, given+1) // the last may have been forgotten
		return nil
	})
	return run, next, err
}

// expected is the mark that the store must at least have for this session; 0 when this process cannot know.
func (sh *shared) expected(session uint64) uint64 {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if session == sh.session {
		return sh.acked
	}
	return 0
}

// bounded moves past what has waited too long.
func (sh *shared) bounded(given uint64) uint64 {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	first := given + 1 - min(given+1, sh.spool)
	if sh.next < first {
		if sh.tell.Dropped != nil && sh.next > 0 {
			sh.tell.Dropped(first - sh.next)
		}
		sh.next = first
	}
	return sh.next
}

func (sh *shared) skipTo(next uint64) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.next = max(sh.next, next)
}

// delivered is the place below which nothing waits.
func (sh *shared) delivered(given uint64) uint64 {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return max(sh.next, given+1-min(given+1, sh.spool))
}
