package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"quishmilter/state"
)

// Holds keeps the held messages: one record each, from the moment when it is held.
type Holds struct{ db *state.DB }

// NewHolds keeps held messages in the state file.
func NewHolds(db *state.DB) *Holds { return &Holds{db} }

// holds maps the 10 bytes of the event's id to the hold in JSON.
func holds(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "hold").Growing() }

// Add keeps a message that is about to be held; it becomes durable with the transaction. One without a queue id cannot
// be found again and is left out.
func (s *Holds) Add(tx *state.Tx, e Event) error {
	if e.QueueID == "" {
		return nil
	}
	return putHold(tx, holdOf(e))
}

func putHold(tx *state.Tx, h Hold) error {
	key, err := parseID(h.Event)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	value, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return holds(tx).Put(key, value)
}

// Get returns one hold, or ErrNotFound.
func (s *Holds) Get(event string) (h Hold, err error) {
	err = s.db.View(func(tx *state.Tx) error {
		h, err = getHold(tx, event)
		return err
	})
	return h, err
}

func getHold(tx *state.Tx, event string) (Hold, error) {
	key, err := parseID(event)
	if err != nil {
		return Hold{}, fmt.Errorf("journal: %w", err)
	}
	value := holds(tx).Get(key)
	if value == nil {
		return Hold{}, fmt.Errorf("journal: %s: we hold no message of that id: %w", event, ErrNotFound)
	}
	var h Hold
	if err := json.Unmarshal(value, &h); err != nil {
		return Hold{}, fmt.Errorf("journal: %s: %w", event, errDamaged)
	}
	return h, nil
}

// Page returns up to limit holds after an event's id, in the order in which they came; "" begins. With open, of those
// that should be in the hold queue.
func (s *Holds) Page(after string, limit int, open bool) (list []Hold, err error) {
	var from []byte
	if after != "" {
		if from, err = parseID(after); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
	}
	err = s.db.View(func(tx *state.Tx) error {
		c := holds(tx).Cursor()
		for key, value := c.Seek(from); key != nil && len(list) < limit; key, value = c.Next() {
			var h Hold
			if bytes.Equal(key, from) || json.Unmarshal(value, &h) != nil || open && !h.State.sought() {
				continue
			}
			list = append(list, h)
		}
		return nil
	})
	return list, err
}

// Each calls fn with the holds from a time on, in the order in which they came, until it returns false.
func (s *Holds) Each(from time.Time, fn func(Hold) bool) error {
	return s.db.View(func(tx *state.Tx) error {
		c := holds(tx).Cursor()
		for key, value := c.Seek(firstID(from)); key != nil; key, value = c.Next() {
			var h Hold
			if json.Unmarshal(value, &h) == nil && !fn(h) {
				return nil
			}
		}
		return nil
	})
}

// Act records what is done with a held message. Of two who want to work on it one gets ErrBusy, and ErrOver who comes
// too late. then goes into the same commit.
func (s *Holds) Act(ctx context.Context, event string, a Act, then func(*state.Tx) error) (h Hold, err error) {
	if !a.State.known() {
		return h, fmt.Errorf("journal: %.40q is no state of a held message", a.State)
	}
	err = s.db.Update(ctx, func(tx *state.Tx) error {
		if h, err = getHold(tx, event); err != nil {
			return err
		}
		if h, err = h.after(a); err != nil {
			return err
		}
		if err := putHold(tx, h); err != nil {
			return err
		}
		return then(tx)
	})
	return h, err
}

// Expire removes up to limit holds from before a time that are not open any more.
func (s *Holds) Expire(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	end := firstID(before)
	err = s.db.Update(ctx, func(tx *state.Tx) error {
		removed = 0 // the function may run twice
		var old [][]byte
		c := holds(tx).Cursor()
		for key, value := c.First(); key != nil && bytes.Compare(key, end) < 0 && len(old) < limit; key, value = c.Next() {
			var h Hold
			if json.Unmarshal(value, &h) != nil || !h.State.Open() {
				old = append(old, bytes.Clone(key))
			}
		}
		for _, key := range old {
			if err := holds(tx).Delete(key); err != nil {
				return err
			}
			removed++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("journal: expiring held messages: %w", err)
	}
	return removed, nil
}
