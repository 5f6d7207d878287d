package picture

import (
	"bytes"
	"slices"

	"quishmilter/mime"
)

// A tiling pattern may draw a form that is filled with the pattern. The renderer goes round in this until its time
// and its worker are gone; it looks for forms that draw themselves, but not through patterns.

// Bounds of the search for patterns that draw themselves.
const (
	maxPatterns = 200  // of a document
	maxFollowed = 2000 // objects that one pattern leads to
)

// withoutCycles makes patterns that draw themselves unknown to the renderer. Dictionaries of patterns and forms stand
// in the file as plain text, since those of streams cannot be compressed (ISO 32000-1, 7.5.7); resources of theirs that
// lie in an object stream are not followed.
func (v *view) withoutCycles(data []byte) []byte {
	name := []byte("/PatternType")
	if bytes.Count(data, name) == 0 {
		return data
	}
	f := objects{data: data[:len(data):len(data)], at: map[int64]int{}, end: len(data)}
	f.scan(0)
	own, looked := data, 0
	for n, start := range f.at {
		if !bytes.Contains(f.dictionary(n), name) {
			continue
		}
		if looked++; looked > maxPatterns {
			break // the time limit stands behind this
		}
		if !f.leadsTo(n) {
			continue
		}
		if &own[0] == &data[0] {
			own = slices.Clone(data)
		}
		copy(own[start+bytes.Index(own[start:], name):], "/PatternNone")
		v.problem(mime.Broken, "", "a pattern in the PDF that draws itself was left out")
	}
	return own
}

// leadsTo reports whether an object refers to itself, over others. Pages and annotations are not followed: they name
// each other and draw nothing of it.
func (f objects) leadsTo(start int64) bool {
	seen := map[int64]bool{}
	for queue := []int64{start}; len(queue) > 0 && len(seen) < maxFollowed; {
		n := queue[0]
		queue = queue[1:]
		for _, next := range namedIn(f.dictionary(n)) {
			if next == start {
				return true
			}
			if _, known := f.at[next]; !known || seen[next] {
				continue
			}
			seen[next] = true
			if d := f.dictionary(next); !bytes.Contains(d, []byte("/Type/Page")) && !bytes.Contains(d, []byte("/Type/Annot")) {
				queue = append(queue, next)
			}
		}
	}
	return false
}

// namedIn lists the objects that a dictionary refers to: the numbers before "0 R".
func namedIn(dictionary []byte) (numbers []int64) {
	fields := bytes.FieldsFunc(dictionary, func(r rune) bool { return bytes.ContainsRune([]byte("\x00\t\n\f\r []<>/()"), r) })
	for i := 2; i < len(fields); i++ {
		if string(fields[i]) == "R" {
			if n, ok := pdfNumber(fields[i-2]); ok {
				numbers = append(numbers, n)
			}
		}
	}
	return numbers
}
