package prevalence

import (
	"context"
	"errors"
	"fmt"

	"quishmilter/state"
)

// ErrNotHeld: no message is known to be held under that name.
var ErrNotHeld = errors.New("no held message of that id; it was released before, or its time is over")

// held maps the events of held messages to what they did to histories, until a person decides or they are too old.
func held(tx *state.Tx) *state.Bucket { return tx.Bucket("history", "held") }

func (s *Store) keepHeld(tx *state.Tx, event string, c change) error {
	if err := held(tx).Put([]byte(event), c.encode()); err != nil {
		return fmt.Errorf("prevalence: %w", err)
	}
	return nil
}

// Release makes a held message, named by Record.Event, count as let through, at the time when it came, in all its
// histories. The second release of a message is ErrNotHeld.
func (s *Store) Release(ctx context.Context, event string) error {
	err := s.db.Update(ctx, func(tx *state.Tx) error { return s.ReleaseIn(tx, event) })
	if err != nil {
		return fmt.Errorf("prevalence: releasing: %w", err)
	}
	return nil
}

// ReleaseIn is Release as a part of the caller's transaction.
func (s *Store) ReleaseIn(tx *state.Tx, event string) error {
	if event == "" {
		return ErrNotHeld
	}
	c, ok := decodeChange(held(tx).Get([]byte(event)))
	if !ok {
		return ErrNotHeld
	}
	if err := held(tx).Delete([]byte(event)); err != nil {
		return err
	}
	c.undo, c.was, c.first = true, c.class, c.at
	c.class = c.class&^7 | class(Released)
	return s.take(tx, c)
}

// keepHeldSince is what Expire does with held messages.
func (s *Store) keepHeldSince(now int64) func([]byte) []byte {
	return func(value []byte) []byte {
		if c, ok := decodeChange(value); ok && now-s.retention <= c.at && c.at <= now+s.retention {
			return value
		}
		return nil
	}
}
