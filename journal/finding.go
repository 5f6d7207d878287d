package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"quishmilter/state"
)

// Finding is what a detection found: mail of one sender with links to one host, however many messages it came in. Its
// JSON form is stable: fields are added, never renamed.
type Finding struct {
	ID         string    `json:"id"`        // of NewID, at the time of First
	Detection  string    `json:"detection"` // its name in the configuration
	First      time.Time `json:"first"`     // when it was found
	Last       time.Time `json:"last"`      // when more of it was found
	Sender     string    `json:"sender"`    // the header From
	Host       string    `json:"host,omitempty"`
	URL        string    `json:"url,omitempty"` // one of them
	Clients    []string  `json:"clients,omitempty"`
	Pictures   []string  `json:"pictures,omitempty"`
	Events     []string  `json:"events"` // the messages, the newest first, at most 20
	Messages   int       `json:"messages"`
	Recipients int       `json:"recipients"`
	Blocked    []string  `json:"blocked,omitempty"` // entries that were made of it: "host evil.example"
}

// Bounds of a finding, and of how many there are.
const (
	maxFindingEvents = 20
	maxFindingTexts  = 8 // clients, pictures, entries
	maxFindings      = 10_000
)

// findings maps an id to a finding in JSON.
func findings(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "finding") }

// foundBefore maps what makes a finding to its id.
func foundBefore(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "foundbefore") }

// same identifies what a finding is about: mail of one sender with links to one host is found once.
func (f Finding) same() []byte {
	sum := sha256.Sum256([]byte(f.Detection + "\x00" + f.Sender + "\x00" + f.Host))
	return sum[:16]
}

// Add takes an event into a finding, each once, the newest first.
func (f *Finding) Add(e *Event, host, link string) {
	f.Sender, f.Host = e.HeaderFrom, host
	if f.URL == "" {
		f.URL = link
	}
	f.Messages++
	f.Recipients += e.NRcpt
	f.Events = addText(f.Events, e.ID, maxFindingEvents)
	f.Clients = addText(f.Clients, e.ClientAddr, maxFindingTexts)
	for _, c := range e.Codes {
		f.Pictures = addText(f.Pictures, c.Picture, maxFindingTexts)
	}
}

func addText(all []string, text string, limit int) []string {
	if text == "" || len(all) >= limit || slices.Contains(all, text) {
		return all
	}
	return append(all, text)
}

// KeepFinding stores a finding as of a moment. known is true when the same was found before, and more of it not longer
// than quiet ago: then the older one is brought up to date and returned; news says whether there is more than then.
func (j *Journal) KeepFinding(ctx context.Context, f Finding, now time.Time, quiet time.Duration) (kept Finding, known, news bool, err error) {
	err = j.db.Update(ctx, func(tx *state.Tx) error {
		kept, known, news = f, false, true
		before, err := findingOf(tx, foundBefore(tx).Get(f.same()))
		if err == nil && now.Sub(before.Last) <= quiet {
			known, news = true, f.Events[0] != before.Events[0] || f.Messages > before.Messages
			if !news {
				kept = before
				return nil
			}
			kept.ID, kept.First, kept.Blocked = before.ID, before.First, before.Blocked
		} else {
			kept.ID, kept.First = NewID(now), now
		}
		if kept.Last = now; !known && full(tx) {
			return fmt.Errorf("there are %d findings, which is the limit; make the detection narrower", maxFindings)
		}
		return putFinding(tx, kept)
	})
	if err != nil {
		return Finding{}, false, false, fmt.Errorf("journal: keeping a finding: %w", err)
	}
	return kept, known, news, nil
}

// NoteBlocked remembers which entries were made of a finding.
func (j *Journal) NoteBlocked(ctx context.Context, f Finding, entries []string) error {
	err := j.db.Update(ctx, func(tx *state.Tx) error {
		for _, entry := range entries {
			f.Blocked = addText(f.Blocked, entry, 3*maxFindingTexts)
		}
		return putFinding(tx, f)
	})
	if err != nil {
		return fmt.Errorf("journal: keeping a finding: %w", err)
	}
	return nil
}

func putFinding(tx *state.Tx, f Finding) error {
	key, err := parseID(f.ID)
	if err != nil {
		return err
	}
	value, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return errors.Join(findings(tx).Put(key, value), foundBefore(tx).Put(f.same(), key))
}

var errNoFinding = errors.New("no such finding")

func findingOf(tx *state.Tx, key []byte) (f Finding, err error) {
	value := findings(tx).Get(key)
	if value == nil {
		return f, errNoFinding
	}
	if err = json.Unmarshal(value, &f); err == nil && len(f.Events) == 0 {
		err = errDamaged
	}
	return f, err
}

func full(tx *state.Tx) bool {
	n := 0
	c := findings(tx).Cursor()
	for key, _ := c.First(); key != nil && n < maxFindings; key, _ = c.Next() {
		n++
	}
	return n >= maxFindings
}

// Findings returns all findings, newest first. One that cannot be read is passed over, and is an error in the end.
func (j *Journal) Findings() (all []Finding, err error) {
	var bad []error
	err = j.db.View(func(tx *state.Tx) error {
		c := findings(tx).Cursor()
		for key, _ := c.Last(); key != nil; key, _ = c.Prev() {
			f, err := findingOf(tx, key)
			if err != nil {
				bad = append(bad, fmt.Errorf("journal: finding %s: %w", idText.EncodeToString(key), err))
				continue
			}
			all = append(all, f)
		}
		return nil
	})
	return all, errors.Join(append(bad, err)...)
}

// ExpireFindings removes findings of which nothing came since a time.
func (j *Journal) ExpireFindings(ctx context.Context, before time.Time) error {
	end := firstID(before)
	err := j.db.Update(ctx, func(tx *state.Tx) error {
		var old []Finding
		c := findings(tx).Cursor()
		for key, _ := c.First(); key != nil && bytes.Compare(key, end) < 0; key, _ = c.Next() {
			if f, err := findingOf(tx, key); err != nil || f.Last.Before(before) {
				f.ID = idText.EncodeToString(key)
				old = append(old, f)
			}
		}
		for _, f := range old {
			key, _ := parseID(f.ID)
			if bytes.Equal(foundBefore(tx).Get(f.same()), key) {
				if err := foundBefore(tx).Delete(f.same()); err != nil {
					return err
				}
			}
			if err := findings(tx).Delete(key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("journal: expiring findings: %w", err)
	}
	return nil
}
