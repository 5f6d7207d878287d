package alert

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"quishmilter/journal"
	"quishmilter/state"
)

// What others are told.
const (
	Created       = "alert.created"
	Updated       = "alert.updated" // its messages doubled: 2, 4, 8 …
	WasClosedType = "alert.closed"
)

// The queues of what others are told.
const (
	ToWebhook = "webhook"
	ToMail    = "mail"
)

// maxSpool is how many messages wait in one queue.
const maxSpool = 10_000

// Notice is a message that waits for another system.
type Notice struct {
	ID    string    `json:"id"` // the same however often it is sent
	Type  string    `json:"type"`
	Alert string    `json:"alert"`
	Time  time.Time `json:"time"`           // when it happened
	Body  []byte    `json:"body,omitempty"` // as it was first sent

	number uint64
}

// spool maps growing numbers to notices in JSON. They leave at the front alone, so that the numbers say how many there
// are.
func spool(tx *state.Tx, queue string) *state.Bucket { return tx.Bucket("alert", "spool", queue) }

// counters hold what is counted for good.
func counters(tx *state.Tx) *state.Bucket { return tx.Bucket("alert", "counter") }

// tell queues a notice for whoever is told.
func (s *Store) tell(tx *state.Tx, a Alert, kind string, at time.Time) error {
	tells := s.tells.Load()
	n := Notice{ID: "msg_" + journal.NewID(at), Type: kind, Alert: a.ID, Time: at}
	if tells.Webhook {
		if err := push(tx, ToWebhook, n, s.room); err != nil {
			return err
		}
	}
	if tells.Mail != "" && a.Level.AtLeast(tells.Mail) && kind != WasClosedType {
		return push(tx, ToMail, n, s.room)
	}
	return nil
}

// push puts a notice at the end; when there are too many, the oldest goes.
func push(tx *state.Tx, queue string, n Notice, most int) error {
	b := spool(tx, queue)
	number, err := b.Next()
	if err != nil {
		return err
	}
	value, err := json.Marshal(n)
	if err != nil {
		return err
	}
	if err := b.Put(binary.BigEndian.AppendUint64(nil, number), value); err != nil {
		return err
	}
	for length(tx, queue) > most {
		first, _ := b.Cursor().First()
		if err := errors.Join(b.Delete(bytes.Clone(first)), count(tx, "dropped "+queue, 1)); err != nil {
			return err
		}
	}
	return nil
}

func length(tx *state.Tx, queue string) int {
	c := spool(tx, queue).Cursor()
	first, _ := c.First()
	last, _ := c.Last()
	if first == nil {
		return 0
	}
	return int(binary.BigEndian.Uint64(last)-binary.BigEndian.Uint64(first)) + 1
}

func count(tx *state.Tx, name string, by uint64) error {
	return counters(tx).Put([]byte(name), binary.BigEndian.AppendUint64(nil, counted(tx, name)+by))
}

func counted(tx *state.Tx, name string) uint64 {
	value := counters(tx).Get([]byte(name))
	if len(value) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(value)
}

// Waiting is how many notices wait in a queue, and how many were dropped since the state began.
func (s *Store) Waiting(queue string) (waiting int, dropped uint64) {
	_ = s.db.View(func(tx *state.Tx) error { // a file that cannot be read says so elsewhere
		waiting, dropped = length(tx, queue), counted(tx, "dropped "+queue)
		return nil
	})
	return waiting, dropped
}

// front returns up to limit notices of a queue, the oldest first.
func (s *Store) front(queue string, limit int) (list []Notice, err error) {
	err = s.db.View(func(tx *state.Tx) error {
		c := spool(tx, queue).Cursor()
		for key, value := c.First(); key != nil && len(list) < limit; key, value = c.Next() {
			var n Notice
			_ = json.Unmarshal(value, &n) // a damaged one names no alert, and is passed over by whoever sends
			n.number = binary.BigEndian.Uint64(key)
			list = append(list, n)
		}
		return nil
	})
	return list, err
}

// keep writes a notice back, with the body that it goes out with.
func (s *Store) keep(ctx context.Context, queue string, n Notice) error {
	value, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *state.Tx) error {
		key := binary.BigEndian.AppendUint64(nil, n.number)
		if spool(tx, queue).Get(key) == nil {
			return nil // it was dropped meanwhile
		}
		return spool(tx, queue).Put(key, value)
	})
}

// done takes notices off the front; lost of them never arrived.
func (s *Store) done(ctx context.Context, queue string, lost int, list []Notice) error {
	return s.db.Update(ctx, func(tx *state.Tx) error {
		for _, n := range list {
			if err := spool(tx, queue).Delete(binary.BigEndian.AppendUint64(nil, n.number)); err != nil {
				return err
			}
		}
		if lost == 0 {
			return nil
		}
		return count(tx, "dropped "+queue, uint64(lost))
	})
}
