package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"quishmilter/verdict"
)

// maxEntryLine bounds a line of a file of entries, in bytes.
const maxEntryLine = 2000

// ReadEntries reads a file of entries, one a line:
//
//	LIST KIND VALUE [until=2027-01-31] [action=reject] [# comment]
//
// Empty lines and lines that begin with "#" count for nothing. The first line that cannot be read is the error, with
// its number: a list that is read in part would let through what somebody meant to stop.
func ReadEntries(in io.Reader, name string) ([]Entry, error) {
	var all []Entry
	at := map[string]int{}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, maxEntryLine), maxEntryLine)
	n := 1
	for ; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		e, err := parseEntry(text)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if first, twice := at[e.Name()]; twice {
			return nil, fmt.Errorf("%s:%d: the entry stands in line %d already", name, n, first)
		}
		if len(all) == MaxEntries {
			return nil, fmt.Errorf("%s:%d: more than %d entries", name, n, MaxEntries)
		}
		at[e.Name()] = n
		e.Source = fmt.Sprintf("%s:%d", name, n)
		all = append(all, e)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("%s:%d: the line is longer than %d bytes", name, n, maxEntryLine)
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

func parseEntry(line string) (Entry, error) {
	line, comment, _ := strings.Cut(line, "#")
	words := strings.Fields(line)
	if len(words) < 3 {
		return Entry{}, errors.New("write: allow|block KIND VALUE [until=DATE] [action=ACTION] [# comment]")
	}
	e := Entry{List: EntryList(words[0]), Kind: EntryKind(words[1]), Value: words[2], Comment: strings.TrimSpace(comment)}
	var said []string
	for _, word := range words[3:] {
		key, value, _ := strings.Cut(word, "=")
		if slices.Contains(said, key) {
			return e, fmt.Errorf("%s stands there twice", key)
		}
		said = append(said, key)
		switch key {
		case "until":
			var err error
			if e.Until, err = ParseUntil(value); err != nil {
				return e, err
			}
		case "action":
			e.Action = verdict.Action(value)
		default:
			return e, fmt.Errorf("%.60q is not known; write until=DATE or action=ACTION, and a comment behind #", word)
		}
	}
	return e.Check()
}

// ParseUntil reads the end of an entry: a day, which begins it (UTC), or a time of RFC 3339.
func ParseUntil(text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is no date; write for example 2027-01-31 or 2027-01-31T12:00:00Z", text)
}
