package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"quishmilter/journal"
	"quishmilter/state"
)

// Store keeps alerts in the state file.
type Store struct {
	db     *state.DB
	window atomic.Int64
	tells  atomic.Pointer[Tells]
	room   int // for notices that wait, in each queue
}

// Tells say who else is told of alerts.
type Tells struct {
	Webhook bool
	Mail    Level // from which on; "": no mail
}

// New keeps alerts in the state file.
func New(db *state.DB) *Store {
	s := &Store{db: db, room: maxSpool}
	s.Use(24*time.Hour, Tells{})
	return s
}

// Use says how long after its newest message an alert takes more of its campaign, and who is told.
func (s *Store) Use(window time.Duration, tells Tells) {
	s.window.Store(int64(window))
	s.tells.Store(&tells)
}

// alerts maps the 10 bytes of an id to the alert in JSON.
func alerts(tx *state.Tx) *state.Bucket { return tx.Bucket("alert", "alert").Growing() }

// campaigns maps what messages have in common to the id of the newest alert about it.
func campaigns(tx *state.Tx) *state.Bucket { return tx.Bucket("alert", "campaign") }

// Change is what a message did to the alerts.
type Change struct {
	Alert Alert
	New   bool // the alert is one
	Grew  bool // its messages doubled, so that others are told again
}

// Add takes a message into the alert of its campaign, or makes a new one; it becomes durable with the transaction. It
// fails only where nothing can be written.
func (s *Store) Add(tx *state.Tx, e journal.Event, c Cause) (Change, error) {
	e = e.Fitted()
	keys := keysOf(e)
	if c.Finding != "" && handled(tx, e, keys) {
		return Change{}, nil
	}
	a, previous := s.find(tx, e, keys)
	change := Change{New: a.ID == ""}
	before := a.Messages
	if change.New {
		a = of(e, c)
		a.Previous = previous
	} else {
		a = a.with(e, c)
	}
	change.Alert = a
	change.Grew = !change.New && a.Messages > before && a.Messages&(a.Messages-1) == 0
	if err := put(tx, a); err != nil {
		return change, err
	}
	if a.Messages <= claiming {
		if err := s.claim(tx, a, e, keys); err != nil {
			return change, err
		}
	}
	switch {
	case change.New:
		return change, s.tell(tx, a, Created, e.Time)
	case change.Grew:
		return change, s.tell(tx, a, Updated, e.Time)
	}
	return change, nil
}

// handled tells a message that a detection finds again after people have closed its alert.
func handled(tx *state.Tx, e journal.Event, keys [][]byte) bool {
	if a, err := get(tx, e.ID); err == nil {
		return a.State == Closed
	}
	for _, key := range keys {
		if a, err := byKey(tx, campaigns(tx).Get(key)); err == nil && a.State == Closed && !e.Time.After(a.Last) {
			return true
		}
	}
	return false
}

// claiming is how many messages of a campaign lead further ones to it: a link of its own in each of a million must not
// fill the file.
const claiming = 50

// find looks for the open alert of a message's campaign; else previous names a closed one, where there is one.
func (s *Store) find(tx *state.Tx, e journal.Event, keys [][]byte) (found Alert, previous string) {
	if a, err := get(tx, e.ID); err == nil && a.State == Open {
		return a, "" // a finding of the very message
	}
	for _, key := range keys {
		a, err := byKey(tx, campaigns(tx).Get(key))
		switch {
		case err != nil, e.Time.Sub(a.Last) > time.Duration(s.window.Load()):
		case a.State == Open:
			return a, ""
		case previous == "":
			previous = a.ID
		}
	}
	return Alert{}, previous
}

// claim has further messages of the campaign find the alert, unless another open one is found by them.
func (s *Store) claim(tx *state.Tx, a Alert, e journal.Event, keys [][]byte) error {
	for _, key := range keys {
		id := campaigns(tx).Get(key)
		if other, err := byKey(tx, id); err == nil && other.State == Open && (other.ID == a.ID || e.Time.Sub(other.Last) <= time.Duration(s.window.Load())) {
			continue
		}
		id, err := journal.ParseID(a.ID)
		if err != nil {
			return err
		}
		if err := campaigns(tx).Put(key, id); err != nil {
			return err
		}
	}
	return nil
}

func put(tx *state.Tx, a Alert) error {
	key, err := journal.ParseID(a.ID)
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	value, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	before, _ := byKey(tx, key) // none, or a damaged one, was not open
	if err := recount(tx, before, a); err != nil {
		return err
	}
	return alerts(tx).Put(key, value)
}

// recount keeps how many alerts of each level are open.
func recount(tx *state.Tx, before, after Alert) error {
	if before.State == after.State && before.Level == after.Level {
		return nil
	}
	for a, by := range map[*Alert]uint64{&before: ^uint64(0), &after: 1} {
		if a.State == Open {
			if err := count(tx, "open "+string(a.Level), by); err != nil {
				return err
			}
		}
	}
	return nil
}

func get(tx *state.Tx, id string) (Alert, error) {
	key, err := journal.ParseID(id)
	if err != nil {
		return Alert{}, ErrNone
	}
	return byKey(tx, key)
}

var errDamaged = errors.New("the alert is damaged")

func byKey(tx *state.Tx, key []byte) (a Alert, err error) {
	value := alerts(tx).Get(key)
	if value == nil {
		return a, ErrNone
	}
	if json.Unmarshal(value, &a) != nil || len(a.Events) == 0 {
		return Alert{}, errDamaged
	}
	return a, nil
}

// Get returns an alert by its id, or the newest one of the campaign that a message belongs to; ErrNone when there is
// none.
func (s *Store) Get(id string, e *journal.Event) (a Alert, err error) {
	err = s.db.View(func(tx *state.Tx) error {
		if key, no := journal.ParseID(id); no == nil {
			if a, err = byKey(tx, key); !errors.Is(err, ErrNone) {
				return err
			}
		}
		if e == nil {
			return ErrNone
		}
		for _, key := range keysOf(*e) {
			if a, err = byKey(tx, campaigns(tx).Get(key)); err == nil {
				return nil
			}
		}
		return ErrNone
	})
	if err != nil {
		return Alert{}, fmt.Errorf("%.40q: %w", id, err)
	}
	return a, nil
}

// Act records what somebody does about an alert. Of two who close it the second gets ErrClosed, and is told by whom it
// was.
func (s *Store) Act(ctx context.Context, id string, act Act) (a Alert, err error) {
	err = s.db.Update(ctx, func(tx *state.Tx) error {
		if a, err = get(tx, id); err != nil {
			return fmt.Errorf("%.40q: %w", id, err)
		}
		if a, err = a.after(act); err != nil {
			return err
		}
		if err := put(tx, a); err != nil {
			return err
		}
		if act.What == WasClosed {
			return s.tell(tx, a, WasClosedType, act.Time)
		}
		return nil
	})
	return a, err
}

// Query says which alerts are wanted; the zero value wants all.
type Query struct {
	State State
	Level Level     // this one or a higher one
	Since time.Time // with a message of this time or later
}

func (q Query) wants(a Alert) bool {
	return (q.State == "" || a.State == q.State) && (q.Level == "" || a.Level.AtLeast(q.Level)) && !a.Last.Before(q.Since)
}

// Check says what is wrong with words that no alert can have.
func (q Query) Check() error {
	if q.State != "" && q.State != Open && q.State != Closed {
		return fmt.Errorf("%.40q is no state of an alert; write %s or %s", q.State, Open, Closed)
	}
	if q.Level != "" && !q.Level.AtLeast(Low) {
		return fmt.Errorf("%.40q is no level; write %s, %s or %s", q.Level, Low, Medium, High)
	}
	return nil
}

// Page is some alerts, newest first.
type Page struct {
	Alerts  []Alert `json:"alerts"`
	Next    string  `json:"next,omitempty"`    // where the next page begins; "" when this is the last
	Damaged int     `json:"damaged,omitempty"` // that could not be read
}

// Bounds of a page.
const (
	pageAlerts = 500
	pageBytes  = 4 << 20
)

// List returns a page of the alerts that are wanted, from a place that an earlier page gave ("" is the newest).
func (s *Store) List(q Query, from string) (page Page, err error) {
	page.Alerts = []Alert{}
	var before []byte
	if from != "" {
		if before, err = journal.ParseID(from); err != nil {
			return page, err
		}
	}
	err = s.db.View(func(tx *state.Tx) error {
		c := alerts(tx).Cursor()
		key, value := c.Last()
		if before != nil {
			if key, value = c.Seek(before); key == nil {
				key, value = c.Last()
			}
			for key != nil && bytes.Compare(key, before) >= 0 {
				key, value = c.Prev()
			}
		}
		for size := 0; key != nil; key, value = c.Prev() {
			var a Alert
			if json.Unmarshal(value, &a) != nil {
				page.Damaged++
				continue
			}
			if !q.wants(a) {
				continue
			}
			page.Alerts = append(page.Alerts, a)
			if size += len(value); size >= pageBytes || len(page.Alerts) == pageAlerts {
				page.Next = a.ID
				return nil
			}
		}
		return nil
	})
	return page, err
}

// Opened is how many alerts of each level are open.
func (s *Store) Opened() map[Level]int {
	n := map[Level]int{}
	_ = s.db.View(func(tx *state.Tx) error { // a file that cannot be read says so elsewhere
		for _, level := range Levels() {
			n[level] = int(int64(counted(tx, "open "+string(level))))
		}
		return nil
	})
	return n
}

// maxAlerts is how many are kept.
const maxAlerts = 10_000

// Expire removes alerts whose newest message came before a time, and the oldest where there are too many.
func (s *Store) Expire(ctx context.Context, before time.Time) error {
	return s.expire(ctx, before, maxAlerts)
}

func (s *Store) expire(ctx context.Context, before time.Time, most int) error {
	old, err := s.old(before, most)
	if err != nil || len(old) == 0 {
		return err
	}
	return s.db.Update(ctx, func(tx *state.Tx) error {
		gone := map[string]bool{}
		for _, key := range old {
			gone[string(key)] = true
			before, _ := byKey(tx, key)
			if err := errors.Join(recount(tx, before, Alert{}), alerts(tx).Delete(key)); err != nil {
				return err
			}
		}
		var stale [][]byte
		c := campaigns(tx).Cursor()
		for key, id := c.First(); key != nil; key, id = c.Next() {
			if gone[string(id)] {
				stale = append(stale, bytes.Clone(key))
			}
		}
		for _, key := range stale {
			if err := campaigns(tx).Delete(key); err != nil {
				return err
			}
		}
		return nil
	})
}

// old finds the keys of what is to go, some at a time.
func (s *Store) old(before time.Time, most int) (old [][]byte, err error) {
	const some = 500
	err = s.db.View(func(tx *state.Tx) error {
		n := 0
		c := alerts(tx).Cursor()
		for key, _ := c.First(); key != nil; key, _ = c.Next() {
			n++
		}
		for key, value := c.First(); key != nil && len(old) < some; key, value = c.Next() {
			var a struct{ Last time.Time }
			if json.Unmarshal(value, &a) != nil || a.Last.Before(before) || n > most {
				old = append(old, bytes.Clone(key))
				n--
			}
		}
		return nil
	})
	return old, err
}
