package table

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
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

// formulas are the first characters by which a spreadsheet takes a cell for a formula, or for what leads to one.
const formulas = "=+-@\t\r\n"

// Safe keeps a cell that came in a message from being run by a spreadsheet: one that would be taken for a formula gets
// an apostrophe in front, which spreadsheets take for "this is text". So does one that looks as if it had got it
// already, so that Plain gives back every cell as it was.
func Safe(cell string) string {
	if rest := strings.TrimLeft(cell, "' "); rest != "" && strings.ContainsRune(formulas, rune(rest[0])) {
		return "'" + cell
	}
	return cell
}

// Plain undoes Safe.
func Plain(cell string) string {
	if inner, ok := strings.CutPrefix(cell, "'"); ok && Safe(inner) == cell {
		return inner
	}
	return cell
}
