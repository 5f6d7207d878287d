package prevalence

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"quishmilter/state"
)

// Known is one history that an address has a part in.
type Known struct {
	Kind   Kind   `json:"kind"`
	Key    string `json:"key"` // what it is kept under; of a pair, "sender to recipient"; "" where names are hashed
	Counts Counts `json:"counts"`
}

// maxKnown bounds the spellings and pairs that are listed.
const maxKnown = 1000

// Histories lists what is kept about an address, whatever became of the messages, until now: under its own name, its
// domain's, in other spellings, and in pairs with others. more says that there were too many pairs to list. Where
// histories are shared, spellings and pairs are those that this host knows.
func (s *Store) Histories(address string, now time.Time) (list []Known, more bool, err error) {
	key, _ := ReadAddress(address)
	if key == "" {
		return nil, false, nil
	}
	everything := Window{Before: Retention, Threshold: 1, Unit: Messages, Everything: true}
	questions := []Question{{Address, key, everything}, {Envelope, key, everything}, {Domain, DomainOf(key), everything}, {Correspondent, key, everything.Ours()}}
	counts, err := s.Counts(now, questions...)
	for i, q := range questions {
		if counts[i].Messages > 0 {
			list = append(list, Known{q.Kind, q.Key, counts[i]})
		}
	}
	if err != nil {
		return list, false, err
	}
	own, _ := s.nameOf(Address, key)
	err = s.db.View(func(tx *state.Tx) error {
		for _, kind := range []Kind{Exact, Pair} {
			found, rest := s.withOthers(tx, kind, own.key, func(history row) Counts { return history.counts(everything, now, nil) })
			list, more = append(list, found...), more || rest
		}
		return nil
	})
	if err != nil {
		return list, more, fmt.Errorf("prevalence: %w", err)
	}
	return list, more, nil
}

// withOthers goes over all histories of a kind with names of two parts, since the address may be the second.
func (s *Store) withOthers(tx *state.Tx, kind Kind, own string, count func(row) Counts) (list []Known, more bool) {
	f := newForgetting(s, own, own)
	cursor := s.rows(tx, kind).Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		if !bytes.Contains(key, []byte(own)) || !f.of(name{kind, string(key)}) {
			continue
		}
		if len(list) == maxKnown {
			return list, true
		}
		history, _ := decodeRow(value)
		list = append(list, Known{kind, s.shown(kind, string(key)), count(history)})
	}
	return list, false
}

// shown is a name of two parts for people.
func (s *Store) shown(kind Kind, key string) string {
	if s.secret != nil {
		return ""
	}
	first, second, _ := strings.Cut(key, "\x00")
	if kind == Exact {
		return second
	}
	return first + " to " + second
}
