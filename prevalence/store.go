package prevalence

import (
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"quishmilter/state"
)

// Retention is how long history is kept unless told otherwise: the longest window in use, two weeks, twice over,
// and a few days for a host that was off.
const Retention = 32 * 24 * time.Hour

// sameMessage is how far apart in time two sightings of one message may be; Postfix gives up after 5 days.
const sameMessage = 5 * 24 * 60 * 60

// maxTime bounds every time that is stored: the year 10889. It keeps sums of times far from overflow.
const maxTime = 1 << 48 / 1000

// maxRecipients bounds the recipients of one message that count.
const maxRecipients = 100_000

// Store keeps the histories in the state file. Its methods may be called from any goroutine.
type Store struct {
	db        *state.DB
	retention int64 // seconds

	sweeping sync.Mutex // one expiry at a time
	swept    []byte     // where the next slice of an expiry begins
	stage    int        // which bucket it is in
}

// New makes a store that keeps history for the given time, Retention when it is zero.
func New(db *state.DB, retention time.Duration) *Store {
	if retention <= 0 {
		retention = Retention
	}
	return &Store{db: db, retention: int64(retention / time.Second)}
}

func addresses(tx *state.Tx) *state.Bucket { return tx.Bucket("history", "address") }
func sightings(tx *state.Tx) *state.Bucket { return tx.Bucket("history", "seen") }

// Add records an answered message; it becomes durable with the transaction. A message without a sender has no
// history and is no error.
func (s *Store) Add(tx *state.Tx, r Record) error {
	if r.From == "" {
		return nil
	}
	e := entry{at: clampTime(r.Time), class: r.class(), messages: 1, recipients: uint32(min(max(r.Recipients, 1), maxRecipients))}
	before, known := s.seen(tx, r.ID, e.at)
	if known && before.class == e.class {
		return nil
	}
	history, _ := decodeRow(addresses(tx).Get([]byte(r.From))) // of a damaged row, what can be read is kept
	if known {
		e.at = before.at
		history, _ = history.remove(before.at, before.class, e.recipients)
	}
	history = s.trim(history, e.at).add(e).compact()
	if err := addresses(tx).Put([]byte(r.From), history.encode()); err != nil {
		return fmt.Errorf("prevalence: %w", err)
	}
	return s.see(tx, r.ID, e)
}

// trim drops what is older than the retention, seen from a new message. When that would be everything, the clock
// may have jumped, and the decision is left to the expiry.
func (s *Store) trim(history row, now int64) row {
	cut := now - s.retention
	if len(history) == 0 || history[len(history)-1].end() < cut {
		return history
	}
	return history.since(cut)
}

// Count says what the window holds of a sender, from what is committed.
func (s *Store) Count(from string, now time.Time, w Window) (Counts, error) {
	if from == "" {
		return Counts{}, nil
	}
	var counts Counts
	err := s.db.View(func(tx *state.Tx) error {
		history, ok := decodeRow(addresses(tx).Get([]byte(from)))
		if !ok {
			return fmt.Errorf("the history of %.80q is damaged", from)
		}
		counts = history.counts(w, now)
		return nil
	})
	if err != nil {
		return Counts{}, fmt.Errorf("prevalence: %w", err)
	}
	return counts, nil
}

// seen looks up an earlier sighting of the same message.
func (s *Store) seen(tx *state.Tx, id Fingerprint, at int64) (before entry, known bool) {
	if id == (Fingerprint{}) {
		return entry{}, false
	}
	before, ok := decodeSighting(sightings(tx).Get(id[:]))
	return before, ok && max(before.at, at)-min(before.at, at) <= sameMessage
}

func (s *Store) see(tx *state.Tx, id Fingerprint, e entry) error {
	if id == (Fingerprint{}) {
		return nil
	}
	value := append(binary.AppendUvarint(nil, uint64(e.at)), byte(e.class))
	if err := sightings(tx).Put(id[:], value); err != nil {
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
