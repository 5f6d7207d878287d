package journal

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"quishmilter/state"
)

// Found is a page of what a hunt finds, newest first.
type Found struct {
	Events  []Event `json:"events"`
	Next    string  `json:"next,omitempty"`    // where the next page begins; "" when this is the last
	Damaged int     `json:"damaged,omitempty"` // events that could not be read

	Oldest time.Time `json:"oldest,omitzero"` // of all events that the journal has
	Cut    int       `json:"cut,omitempty"`   // events that a hunt for a recipient passed over, of which not all recipients are kept
}

// Bounds of one page, so that no question holds the daemon long or takes much memory, whoever asks.
const (
	pageEvents  = 1000    // in the answer
	pageBytes   = 8 << 20 // in the answer, as stored
	pageScanned = 200_000 // looked at
	slice       = 4096    // looked at in one transaction
)

// Find returns a page of the events that a filter wants, from a place that an earlier page gave ("" is the newest).
func (j *Journal) Find(ctx context.Context, f Filter, from string) (found Found, err error) {
	found.Events = []Event{}
	scan := scan{filter: f.Folded(), most: pageScanned}
	size := 0
	found.Next, err = j.scan(ctx, &scan, from, func(e Event, stored int) bool {
		found.Events = append(found.Events, e)
		size += stored
		return len(found.Events) < pageEvents && size < pageBytes
	})
	found.Damaged, found.Cut = scan.damaged, scan.cut
	if err == nil {
		found.Oldest, err = j.Oldest()
	}
	return found, err
}

// scan is a walk over events, newest first.
type scan struct {
	filter  Filter
	most    int // events to look at
	damaged int
	cut     int
	room    [maxRcpts][]byte // for recipients
}

// scan calls fn with what matches until fn says that it has enough, and returns where to go on.
func (j *Journal) scan(ctx context.Context, s *scan, from string, fn func(e Event, stored int) bool) (next string, err error) {
	before := firstID(maxTime)
	if !s.filter.Until.IsZero() {
		before = firstID(s.filter.Until.Add(time.Millisecond))
	}
	if from != "" {
		key, err := parseID(from)
		if err != nil {
			return "", fmt.Errorf("journal: %w", err)
		}
		if bytes.Compare(key, before) < 0 {
			before = key
		}
	}
	oldest := firstID(s.filter.Since)
	for looked := 0; looked < s.most; looked += slice {
		if err := ctx.Err(); err != nil {
			return "", fmt.Errorf("journal: %w", err)
		}
		var more bool
		if before, more, err = j.walk(oldest, before, s, fn); err != nil {
			return "", fmt.Errorf("journal: %w", err)
		}
		if before == nil {
			return "", nil
		}
		if !more {
			break
		}
	}
	return idText.EncodeToString(before), nil
}

// maxTime is after every time that an id can hold, but for its last millisecond.
var maxTime = time.Unix(1<<48/1000-1, 0)

// walk looks at one slice, in one transaction: what is found is decoded, the rest is not even copied. It returns the
// last key, nil at the end, and whether fn wants more.
func (j *Journal) walk(oldest, before []byte, s *scan, fn func(Event, int) bool) (last []byte, more bool, err error) {
	more = true
	err = j.db.View(func(tx *state.Tx) error {
		c := events(tx).Cursor()
		key, value := lastBefore(c, before)
		for n := 0; key != nil && bytes.Compare(key, oldest) >= 0; key, value = c.Prev() {
			if n++; n > slice || !more {
				return nil
			}
			last = append(last[:0], key...)
			if !s.mayMatch(value) {
				continue
			}
			e, err := decode(key, value)
			if err != nil {
				s.damaged++
			} else if s.filter.Match(&e) {
				more = fn(e, len(value))
			}
		}
		last = nil
		return nil
	})
	return last, more, err
}

// count calls fn with what is known of each event of a slice before it is decoded, and returns the last key, nil at the
// end. Events that cannot be read are passed over: whoever counts them a second time has said so.
func (j *Journal) count(oldest, before []byte, fn func(summary)) (last []byte, err error) {
	err = j.db.View(func(tx *state.Tx) error {
		c := events(tx).Cursor()
		key, value := lastBefore(c, before)
		for n := 0; key != nil && bytes.Compare(key, oldest) >= 0; key, value = c.Prev() {
			if n++; n > slice {
				return nil
			}
			last = append(last[:0], key...)
			if s, err := summaryIn(key, value); err == nil {
				fn(s)
			}
		}
		last = nil
		return nil
	})
	return last, err
}

// summaryIn is a summary of events of older forms too.
func summaryIn(key, value []byte) (summary, error) {
	s, err := summaryOf(value)
	if err != nil || s.single {
		return s, err
	}
	e, err := decode(key, value)
	return summary{time: e.Time.UnixMilli(), rcpts: e.NRcpt, codes: e.NCodes, from: []byte(e.HeaderFrom), where: []byte(e.Where)}, err
}

func lastBefore(c state.Cursor, before []byte) (key, value []byte) {
	if key, _ = c.Seek(before); key == nil {
		return c.Last()
	}
	return c.Prev()
}

// mayMatch looks at as little of a stored event as it takes to see that it cannot match.
func (s *scan) mayMatch(value []byte) bool {
	f := s.filter
	sum, err := summaryOf(value)
	if err != nil || !sum.single {
		return true
	}
	if f.wantsCode() && sum.codes == 0 || f.wantsTail() && sum.flags&flagTail == 0 || f.wantsEnvelope() && sum.flags&flagEnvelope == 0 {
		return false
	}
	if f.Sender == "" && f.Domain == "" && !f.wantsEnvelope() {
		return true
	}
	var e envelope
	if sum.flags&flagEnvelope != 0 {
		if e, err = sum.envelopeOf(s.room[:]); err != nil {
			return true // whoever reads it whole says so
		}
	}
	if !f.mayBeFrom(sum.from, e.mailFrom) || f.Client.IsValid() && !f.clientIn(string(e.client)) {
		return false
	}
	if f.Recipient == "" || slices.ContainsFunc(e.rcpts, func(r []byte) bool { return mayBe(r, f.Recipient) }) {
		return true
	}
	if sum.rcpts > len(e.rcpts) {
		s.cut++
	}
	return false
}

func (f Filter) mayBeFrom(from, mailFrom []byte) bool {
	if f.Sender != "" && !mayBe(from, f.Sender) && !mayBe(mailFrom, f.Sender) {
		return false
	}
	return f.Domain == "" || endsIn(from, f.Domain) || endsIn(mailFrom, f.Domain)
}

// mayBe tells whether an address is the wanted one, or of a spelling that only a closer look can compare.
func mayBe(address []byte, wanted string) bool {
	return bytes.EqualFold(address, []byte(wanted)) || hasLetterBeyondASCII(address)
}

func hasLetterBeyondASCII(text []byte) bool {
	return slices.ContainsFunc(text, func(b byte) bool { return b >= utf8.RuneSelf })
}

// endsIn is what an address of a domain, or of one below it, has in common with it.
func endsIn(address []byte, domain string) bool {
	domain = strings.Trim(domain, ".")
	address = bytes.TrimSuffix(address, []byte("."))
	return hasLetterBeyondASCII(address) || len(address) >= len(domain) && bytes.EqualFold(address[len(address)-len(domain):], []byte(domain))
}
