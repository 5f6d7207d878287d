package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"quishmilter/state"
)

// Told is how far people were told about held mail, so that a restart tells nothing twice and leaves nothing out.
type Told struct {
	First   string    `json:"first,omitempty"`  // the last day whose first hold was mailed, as 2006-01-02 in the zone of the host
	Digest  time.Time `json:"digest,omitzero"`  // up to when the last digest told
	Pending *Pending  `json:"pending,omitzero"` // the digest that is being sent
}

// Pending is how far a digest got.
type Pending struct {
	Until      time.Time `json:"until"`                // up to when it tells
	Postmaster bool      `json:"postmaster,omitempty"` // has it
	After      string    `json:"after,omitempty"`      // the last recipient, in the order of addresses, who has theirs
}

func told(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "told") }

var toldKey = []byte("quarantine")

// Told returns how far people were told; the zero Told when they never were.
func (s *Holds) Told() (t Told, err error) {
	err = s.db.View(func(tx *state.Tx) error {
		if value := told(tx).Get(toldKey); value != nil {
			return json.Unmarshal(value, &t)
		}
		return nil
	})
	if err != nil {
		return Told{}, fmt.Errorf("journal: how far people were told: %w", errors.Join(errDamaged, err))
	}
	return t, nil
}

// SetTold records how far people were told, and in the same commit of which held messages it was said at that time that
// they will be deleted.
func (s *Holds) SetTold(ctx context.Context, t Told, announced []string, at time.Time) error {
	value, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	err = s.db.Update(ctx, func(tx *state.Tx) error {
		for _, event := range announced {
			h, err := getHold(tx, event)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if h.Announced = at; !h.State.Open() {
				continue
			}
			if err := putHold(tx, h); err != nil {
				return err
			}
		}
		return told(tx).Put(toldKey, value)
	})
	if err != nil {
		return fmt.Errorf("journal: how far people were told: %w", err)
	}
	return nil
}
