package prevalence

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"quishmilter/state"
)

// Retention is how long history is kept unless told otherwise: the longest window in use, two weeks, twice over,
// and a few days for a host that was off.
const Retention = 32 * 24 * time.Hour

// sameMessage is how long after a sighting another one is of the same message; Postfix gives up after 5 days. One from before
// it always is: a folder that is learnt once more.
const sameMessage = 5 * 24 * 60 * 60

// maxTime bounds every time that is stored: the year 10889. It keeps sums of times far from overflow.
const maxTime = 1 << 48 / 1000

// maxRecipients bounds the recipients of one message that count.
const maxRecipients = 100_000

// Store keeps the histories in the state file, and shares them with other hosts where that was asked for. Its methods
// may be called from any goroutine.
type Store struct {
	db        *state.DB
	retention int64 // seconds
	secret    []byte
	shared    *shared // nil: this host has its own histories
	failed    func(error)

	wake  chan struct{} // holds one token when there may be something to derive
	since atomic.Int64  // what is in the file is at least this old; 0 when that was not looked up yet

	sweeping sync.Mutex // one expiry at a time
	swept    []byte     // where the next slice of an expiry begins
	stage    int        // which bucket it is in
}

// New makes a store that keeps history for the given time, Retention when it is zero: of this host alone, under plain
// names.
func New(db *state.DB, retention time.Duration) *Store {
	if retention <= 0 {
		retention = Retention
	}
	return &Store{db: db, retention: int64(retention / time.Second), wake: make(chan struct{}, 1), failed: func(error) {}}
}

// rows are the histories of one kind. Hashed names have buckets of their own, so that the two never mix.
func (s *Store) rows(tx *state.Tx, kind Kind) *state.Bucket {
	return tx.Bucket(rootOf(s.secret), kind.String())
}

func rootOf(secret []byte) string {
	if secret != nil {
		return "hashed"
	}
	return "history"
}

func sightings(tx *state.Tx) *state.Bucket { return tx.Bucket("history", "seen") }
func meta(tx *state.Tx) *state.Bucket      { return tx.Bucket("history", "meta") }

// Add records an answered message; it becomes durable with the transaction. A message of nobody has no history and is
// no error.
func (s *Store) Add(tx *state.Tx, r Record) error {
	c := s.changeOf(r)
	if len(c.names) == 0 {
		return nil
	}
	if r.Outcome == Held && r.Event != "" {
		if err := s.keepHeld(tx, r.Event, c); err != nil {
			return err
		}
	}
	return s.take(tx, c)
}

// Repeats says whether a record would change nothing, since its message was recorded before; so far as this host's file
// has it, where records still wait to be derived.
func (s *Store) Repeats(tx *state.Tx, r Record) bool {
	before, known := s.seen(tx, r.ID, clampTime(r.Time))
	if !known {
		return false
	}
	_, news := s.changeOf(r).again(before)
	return !news
}

// take makes a change durable: the address's history at once, where it is this host's own, and the rest in the queue.
func (s *Store) take(tx *state.Tx, c change) error {
	if s.shared != nil {
		return s.enqueue(tx, c)
	}
	c, news, err := s.settle(tx, c)
	if err != nil || !news {
		return err
	}
	if c.names[0].kind == Address {
		if err := s.revise(tx, c.names[0], []change{c}); err != nil {
			return err
		}
		c.names = c.names[1:]
	}
	c.id = Fingerprint{}
	return s.enqueue(tx, c)
}

// settle finds out whether the message was seen before, and what that makes of it. news is false when nothing changes.
func (s *Store) settle(tx *state.Tx, c change) (settled change, news bool, err error) {
	if before, known := s.seen(tx, c.id, c.at); known {
		if c, news = c.again(before); !news {
			return c, false, nil
		}
	}
	if err := s.see(tx, c); err != nil {
		return c, false, err
	}
	return c, true, s.remember(tx, c.at)
}

// revise applies changes to one history. Of a damaged one, what can be read is kept.
func (s *Store) revise(tx *state.Tx, n name, changes []change) error {
	bucket := s.rows(tx, n.kind)
	history, _ := decodeRow(bucket.Get([]byte(n.key)))
	for _, c := range changes {
		e := c.entry()
		if c.undo {
			var there bool
			if history, there = history.remove(c.first, c.was, c.recipients); there {
				e.at = c.first
			}
		}
		history = s.trim(history, c.at).add(e).compact()
	}
	if err := bucket.Put([]byte(n.key), history.encode()); err != nil {
		return fmt.Errorf("prevalence: %w", err)
	}
	return nil
}

// trim drops what is older than the retention, seen from a new message. When that would be everything, the clock
// may have jumped, and the decision is left to the expiry.
func (s *Store) trim(history row, now int64) row {
	cut := now - s.retention
	if len(history) == 0 || history[0].end() >= cut || history[len(history)-1].end() < cut {
		return history
	}
	return history.since(cut)
}

// seen looks up an earlier sighting of the same message.
func (s *Store) seen(tx *state.Tx, id Fingerprint, at int64) (before entry, known bool) {
	if id == (Fingerprint{}) {
		return entry{}, false
	}
	before, ok := decodeSighting(sightings(tx).Get(id[:]))
	return before, ok && at-before.at <= sameMessage
}

func (s *Store) see(tx *state.Tx, c change) error {
	if c.id == (Fingerprint{}) {
		return nil
	}
	at := c.at
	if c.undo {
		at = c.first
	}
	value := append(binary.AppendUvarint(nil, uint64(at)), byte(c.class))
	if err := sightings(tx).Put(c.id[:], value); err != nil {
		return fmt.Errorf("prevalence: %w", err)
	}
	return nil
}

func decodeSighting(value []byte) (e entry, ok bool) {
	in := reader{data: value, ok: len(value) > 0}
	e.at = int64(in.uvarint(maxTime))
	e.class = class(in.byte())
	return e, in.ok
}

func clampTime(t time.Time) int64 { return min(max(t.Unix(), 0), maxTime) }
