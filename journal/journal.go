// Package journal keeps what happened: one event per answered message, and every sentence that the operator reads.
//
// In goes an Event, in the same commit as the sender's history, so that an answer, its trace and its effect on
// later answers are durable together or not at all. Out come events by id, by queue id and by time, newest first;
// hunts over them (Find, Preset); findings of hunts that the daemon repeats; and the log.
//
// Messages with a code, with a reason or with a problem are kept whole, with a small picture of each code. Of all other
// mail only what hunts need is kept: time, ids, From, direction and counts; no recipient, no subject; unless KeepAll
// asks for more.
//
// # Limits
//
// An event is cut to fit before it is stored: texts of a message to 1,000 bytes, payloads and links to 8,192,
// 1,000 recipients of 128 kB together, 64 codes, 64 problems, 32 reasons, 16 kB of picture a code and 128 kB a message. The true numbers of
// recipients and codes are kept beside. Of codes that carry a secret (Wi-Fi, one-time passwords, eSIM, payments) kind
// and issuer only are kept, and no picture.
//
// Nothing expires by itself: the caller runs Expire, in slices.
package journal

import (
	"bytes"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"quishmilter/state"
)

// ErrNotFound: no such event; it may have expired.
var ErrNotFound = errors.New("no such event in the journal")

// Journal reads and writes events in the state file.
type Journal struct {
	db      *state.DB
	keepAll atomic.Bool
}

// New makes a journal in the state file.
func New(db *state.DB) *Journal { return &Journal{db: db} }

// KeepAll says whether plain mail is kept whole as well.
func (j *Journal) KeepAll(all bool) { j.keepAll.Store(all) }

// events maps the 10 bytes of an id to the event, so its order is that of time.
func events(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "event").Growing() }

// queueIDs holds keys of queue id, a zero byte and the id. Short queue ids are used
// again by Postfix; long ones begin with the time.
func queueIDs(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "queue").Growing() }

// Add stores an event; it becomes durable with the transaction. The event needs an id of NewID.
func (j *Journal) Add(tx *state.Tx, e Event) error {
	key, err := parseID(e.ID)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if events(tx).Get(key) != nil {
		return fmt.Errorf("journal: there is an event %s already", e.ID)
	}
	e = e.fit()
	value, err := encode(e, j.keepAll.Load())
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := put(tx, entriesOf(key, value, e)); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Get returns one event, or ErrNotFound.
func (j *Journal) Get(id string) (Event, error) {
	key, err := parseID(id)
	if err != nil {
		return Event{}, fmt.Errorf("journal: %w", err)
	}
	var e Event
	err = j.db.View(func(tx *state.Tx) error {
		value := events(tx).Get(key)
		if value == nil {
			return ErrNotFound
		}
		e, err = decode(key, value)
		return err
	})
	if err != nil {
		return Event{}, fmt.Errorf("journal: %s: %w", id, err)
	}
	return e, nil
}

// maxSameQueueID bounds the answer of ByQueueID.
const maxSameQueueID = 100

// ByQueueID returns the events of a queue id, newest first; none is no error.
func (j *Journal) ByQueueID(queueID string) ([]Event, error) {
	prefix := queueKey(fitText(queueID, maxText), nil)
	if prefix == nil {
		return nil, nil
	}
	var found []Event
	err := j.db.View(func(tx *state.Tx) error {
		c := queueIDs(tx).Cursor()
		key, _ := c.Seek(append(bytes.Clone(prefix[:len(prefix)-1]), 1)) // what comes after all of them
		if key == nil {
			key, _ = c.Last()
		} else {
			key, _ = c.Prev()
		}
		for ; bytes.HasPrefix(key, prefix) && len(found) < maxSameQueueID; key, _ = c.Prev() {
			id := key[len(prefix):]
			value := events(tx).Get(id)
			if value == nil {
				continue
			}
			e, err := decode(id, value)
			if err != nil {
				return err
			}
			found = append(found, e)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("journal: queue id %.40q: %w", queueID, err)
	}
	return found, nil
}

// page is how many events Each reads in one transaction. A long transaction would keep the pages of what is
// deleted meanwhile from being used again.
const page = 256

// Each calls fn with the events from one time to another, both included, newest first, until fn returns false.
// fn may take its time, and may write. An event that cannot be read is passed over, and is an error in the end.
func (j *Journal) Each(from, to time.Time, fn func(Event) bool) error {
	var bad []error
	oldest, next := firstID(from), firstID(to.Add(time.Millisecond))
	for next != nil {
		batch, err := j.read(oldest, next)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		next = nil
		for _, one := range batch {
			next = one.key
			e, err := decode(one.key, one.value)
			if err != nil && len(bad) < 10 {
				bad = append(bad, err)
			}
			if err == nil && !fn(e) {
				return errors.Join(bad...)
			}
		}
	}
	return errors.Join(bad...)
}

type stored struct{ key, value []byte }

// read returns up to a page of events before a key and not before the oldest, newest first.
func (j *Journal) read(oldest, before []byte) (batch []stored, err error) {
	err = j.db.View(func(tx *state.Tx) error {
		c := events(tx).Cursor()
		key, value := c.Seek(before)
		if key == nil {
			key, value = c.Last()
		}
		for key != nil && bytes.Compare(key, before) >= 0 {
			key, value = c.Prev()
		}
		for ; key != nil && bytes.Compare(key, oldest) >= 0 && len(batch) < page; key, value = c.Prev() {
			batch = append(batch, stored{bytes.Clone(key), bytes.Clone(value)})
		}
		return nil
	})
	return batch, err
}
