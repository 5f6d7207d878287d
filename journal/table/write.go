package table

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The formats that rows are written in.
const (
	CSV  = "csv"  // with a header; see Safe
	JSON = "json" // one object a line
)

// Writer writes rows of one kind.
type Writer struct {
	columns []string
	csv     *csv.Writer // nil: JSON
	out     io.Writer
}

// NewWriter writes rows with these columns. CSV begins with their names.
func NewWriter(out io.Writer, format string, columns []string) (*Writer, error) {
	w := &Writer{columns: columns, out: out}
	switch format {
	case JSON:
		return w, nil
	case CSV:
		w.csv = csv.NewWriter(out)
		return w, w.csv.Write(columns)
	}
	return nil, fmt.Errorf("the format %q is not known; write csv or json", format)
}

// Write writes one row, its cells in the order of the columns.
func (w *Writer) Write(cells []string) error {
	if w.csv != nil {
		safe := make([]string, len(cells))
		for i, cell := range cells {
			safe[i] = Safe(cell)
		}
		return w.csv.Write(safe)
	}
	line := []byte{'{'}
	for i, name := range w.columns {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(append(append(line, text(name)...), ':'), text(cells[i])...)
	}
	_, err := w.out.Write(append(line, '}', '\n'))
	return err
}

// Flush writes what is not written yet.
func (w *Writer) Flush() error {
	if w.csv == nil {
		return nil
	}
	w.csv.Flush()
	return w.csv.Error()
}

// text is a JSON string; one of a message may hold "<" and "&", which stay readable.
func text(s string) []byte {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return []byte(`""`)
	}
	return []byte(strings.TrimSuffix(out.String(), "\n"))
}

// A cell is dangerous when it begins with one of these signs, which make a formula (the last four are the full-width
// ones, which some spreadsheets take for the others), after whatever a spreadsheet may drop before it; or when it begins
// with a character that leads to one. Source: OWASP, "CSV Injection".
const (
	signs = "=+-@\uff1d\uff0b\uff0d\uff20"
	leads = "\t\r\n\x00"
)

// splits are the characters at which a spreadsheet that was told of another separator, or that lost count of the
// quotation marks, begins a new cell.
const splits = ";\t\r\n"

// Safe keeps a cell that came in a message from being run by a spreadsheet: what would be taken for a formula gets an
// apostrophe in front, which spreadsheets take for "this is text", within the cell behind a semicolon, tab or line break
// too. So does what looks as if it had got it already, so that Plain gives back every cell as it was.
func Safe(cell string) string {
	cell = eachPiece(cell, func(piece string) string {
		if isFormula(piece) {
			return "'" + piece
		}
		return piece
	})
	return safeStart(cell)
}

// Plain undoes Safe.
func Plain(cell string) string {
	if inner, ok := strings.CutPrefix(cell, "'"); ok && safeStart(inner) == cell {
		cell = inner
	}
	return eachPiece(cell, func(piece string) string {
		if inner, ok := strings.CutPrefix(piece, "'"); ok && isFormula(inner) {
			return inner
		}
		return piece
	})
}

func safeStart(cell string) string {
	rest := strings.TrimLeft(cell, "' ")
	if isFormula(cell) || rest != "" && strings.IndexByte(leads, rest[0]) >= 0 {
		return "'" + cell
	}
	return cell
}

// eachPiece changes what is behind each separator.
func eachPiece(cell string, change func(string) string) string {
	if !strings.ContainsAny(cell, splits) {
		return cell
	}
	var out strings.Builder
	for first := true; ; first = false {
		end := strings.IndexAny(cell, splits)
		piece := cell
		if end >= 0 {
			piece = cell[:end]
		}
		if !first {
			piece = change(piece)
		}
		out.WriteString(piece)
		if end < 0 {
			return out.String()
		}
		out.WriteByte(cell[end])
		cell = cell[end+1:]
	}
}

// isFormula tells whether a sign comes first, but for apostrophes and what is not seen.
func isFormula(text string) bool {
	rest := strings.TrimLeftFunc(text, func(r rune) bool {
		return r == '\'' || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	r, _ := utf8.DecodeRuneInString(rest)
	return strings.ContainsRune(signs, r)
}
