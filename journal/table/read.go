package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// ErrEmpty: nothing is in the file. Of JSON lines that may be an export without rows; CSV has a header at least.
var ErrEmpty = errors.New("the file is empty; an export without rows has a header at least (of JSON lines name the file .json)")

// maxFile is how much of a file is read; one that is longer is an error.
const maxFile = 4 << 30

// ReadEvents calls fn with each row of a file of EmailEvents: CSV (comma, semicolon or tab, with a header), JSON
// lines, a JSON array, or what the hunting interfaces answer ({"Results": […]}). Columns that are not known are passed
// over; need names those that must be there. An error names the row.
func ReadEvents(in io.Reader, need []string, fn func(Event)) error {
	return read(in, need, func(r record) error {
		var e Event
		at, err := r.into(e.columns)
		if err != nil {
			return err
		}
		e.Timestamp = at
		if !r.has("RecipientObjectId") {
			e.RecipientObjectID = e.RecipientEmailAddress
		}
		fn(e)
		return nil
	})
}

// ReadURLs does the same with a file of EmailUrlInfo.
func ReadURLs(in io.Reader, need []string, fn func(URL)) error {
	return read(in, need, func(r record) error {
		var u URL
		at, err := r.into(u.columns)
		if err != nil {
			return err
		}
		u.Timestamp = at
		fn(u)
		return nil
	})
}

// record is a row as it stands in a file: its cells, and the place of each column by its lower-case name.
type record struct {
	places map[string]int
	cells  []string
	safe   bool // the cells were written by Safe, or by something like it
}

func (r record) has(name string) bool { _, ok := r.places[strings.ToLower(name)]; return ok }

// cell is "" where the row has none.
func (r record) cell(lower string) string {
	if place, ok := r.places[lower]; ok && place < len(r.cells) {
		if r.safe {
			return Plain(r.cells[place])
		}
		return r.cells[place]
	}
	return ""
}

// lowerNames are the columns' names as records have them, since a million rows ask for each.
var lowerNames = func() map[string]string {
	lower := map[string]string{}
	for _, table := range []string{EmailEvents, EmailUrlInfo} {
		for _, name := range Columns(table) {
			lower[name] = strings.ToLower(name)
		}
	}
	return lower
}()

// into fills a row's cells and returns its time.
func (r record) into(columns func(*string) []column) (time.Time, error) {
	var timestamp string
	for _, c := range columns(&timestamp) {
		*c.cell = r.cell(lowerNames[c.name])
	}
	if timestamp == "" {
		timestamp = r.cell("timegenerated") // what Log Analytics calls it
	}
	if timestamp == "" {
		return time.Time{}, nil
	}
	return parseTime(timestamp)
}

// layouts are how exports write times, all in UTC: the interfaces, the portal, Log Analytics.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
	"1/2/2006, 3:04:05.999999999 PM", "1/2/2006 3:04:05 PM", "1/2/2006 15:04:05", "Jan 2, 2006 3:04:05 PM", "Jan 2, 2006, 3:04:05 PM",
}

func parseTime(text string) (time.Time, error) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("the time %.40q cannot be read; export it as 2006-01-02T15:04:05Z", text)
}

// read takes a file of either form, by its first character: a byte-order mark is heeded, UTF-16 included.
func read(in io.Reader, need []string, fn func(record) error) error {
	limited := &io.LimitedReader{R: in, N: maxFile}
	decoded, err := utf8Reader(limited)
	if err != nil {
		return err
	}
	head, err := decoded.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	rows, missing := 0, slices.Clone(need)
	counted := func(r record) error {
		if rows++; len(missing) == 0 {
			return fn(r)
		}
		missing = slices.DeleteFunc(missing, func(name string) bool { // JSON may leave out what is empty in a row
			return r.has(name) || name == "Timestamp" && r.has("TimeGenerated")
		})
		return fn(r)
	}
	switch start := bytes.TrimLeft(head, " \t\r\n"); {
	case len(start) == 0:
		return ErrEmpty
	case start[0] == '{' || start[0] == '[':
		err = readJSON(decoded, counted)
	default:
		err = readCSV(decoded, head, counted)
	}
	if err == nil && limited.N <= 0 {
		err = fmt.Errorf("the file is longer than %d GiB; export a shorter time", maxFile>>30)
	}
	if err != nil {
		return fmt.Errorf("row %d: %w", max(rows, 1), err)
	}
	if rows > 0 && len(missing) > 0 {
		return fmt.Errorf("the column %s is missing, which this question needs", strings.Join(missing, ", "))
	}
	return nil
}

// headSize is how much of a file says what it is.
const headSize = 64 << 10

// utf8Reader takes the byte-order mark off a file, and decodes UTF-16, which always has one.
func utf8Reader(in io.Reader) (*bufio.Reader, error) {
	raw := bufio.NewReaderSize(in, headSize)
	mark, err := raw.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.Equal(mark, []byte("\xef\xbb\xbf")):
		_, err := raw.Discard(3)
		return raw, err
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return bufio.NewReaderSize(transform.NewReader(raw, unicode.BOMOverride(transform.Nop)), headSize), nil
	}
	return raw, nil
}

func readCSV(in io.Reader, head []byte, fn func(record) error) error {
	lines := csv.NewReader(in)
	lines.Comma, lines.LazyQuotes, lines.FieldsPerRecord, lines.ReuseRecord = comma(head), true, -1, true
	first, err := lines.Read()
	if err != nil {
		return err
	}
	places := make(map[string]int, len(first))
	for i, name := range first {
		places[columnName(name)] = i
	}
	for empty := true; ; empty = false {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			if empty { // no rows: the header alone still says whether it is the right file
				return errIfNone(places)
			}
			return nil
		}
		if err != nil {
			return err
		}
		if err := fn(record{places, cells, true}); err != nil {
			return err
		}
	}
}

// errIfNone refuses a file that has none of the tables' columns.
func errIfNone(header map[string]int) error {
	if _, ok := header["networkmessageid"]; ok {
		return nil
	}
	return errors.New("the column NetworkMessageId is missing; is this an export of EmailEvents or EmailUrlInfo?")
}

// columnName takes off what exports put around a name: blanks, quotes, the time zone.
func columnName(name string) string {
	name, _, _ = strings.Cut(strings.Trim(name, " \t\"\uFEFF"), " [")
	return strings.ToLower(name)
}

// comma is the character between cells: the one of which the header has most.
func comma(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if bytes.Count(line, []byte{c}) > bytes.Count(line, []byte{best}) {
			best = c
		}
	}
	return rune(best)
}
