package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"golang.org/x/sys/unix"
)

// terminal is where a command shows things to a person. What came in a message is quoted and defanged there: it can
// neither steer the terminal nor be clicked.
type terminal struct {
	out    io.Writer
	colour bool
}

// newTerminal looks whether a person looks. Colour is for terminals whose user has not set NO_COLOR (no-color.org).
func newTerminal(out io.Writer) terminal {
	return terminal{out, isTerminal(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	return err == nil
}

// printable is the output itself, or for a terminal one that shows no control characters: data goes to files and pipes
// as it is.
func printable(out io.Writer) io.Writer {
	if isTerminal(out) {
		return visible{out}
	}
	return out
}

// visible replaces what would steer a terminal.
type visible struct{ out io.Writer }

func (v visible) Write(data []byte) (int, error) {
	text := strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, string(data))
	_, err := io.WriteString(v.out, text)
	return len(data), err
}

// colours of a verdict. All sequences are of one length, since the table counts them as characters.
const (
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	normal = "\x1b[39m"
)

// verdict shows an action, the worse the redder.
func (t terminal) verdict(action string) string {
	colour := normal
	switch action {
	case "quarantine", "reject", "discard", "redirect":
		colour = red
	case "tag", "tempfail":
		colour = yellow
	}
	return t.in(colour, shown(action))
}

func (t terminal) in(colour, text string) string {
	if !t.colour {
		return text
	}
	return colour + text + normal
}

// rows writes a table of which columns line up for some screens; more would have to be kept in memory.
type rows struct {
	table *tabwriter.Writer
	n     int
}

const rowsLinedUp = 1000

func (t terminal) rows(header ...string) *rows {
	r := &rows{table: tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)}
	r.line(header)
	return r
}

func (r *rows) line(cells []string) {
	fmt.Fprintln(r.table, strings.Join(cells, "\t"))
}

// add writes one row of cells that are fit to be shown.
func (r *rows) add(cells ...string) error {
	r.line(cells)
	if r.n++; r.n%rowsLinedUp == 0 {
		return r.table.Flush()
	}
	return nil
}

// localTime shows a time in the reader's zone, with its offset.
func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 -07:00") }

// shown is a text of ours or of a message in one word of a table: "-" for nothing, quoted where it could mislead.
func shown(text string) string {
	switch {
	case text == "":
		return "-"
	case strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || !unicode.IsPrint(r) || r == '"' || r == '\\' }) < 0:
		return text
	}
	return fmt.Sprintf("%q", text)
}

// refanged takes a link or a host as reports write it.
func refanged(text string) string {
	text = strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[:]", ":", "[:", ":", "[dot]", ".").Replace(text)
	if len(text) >= 4 && strings.EqualFold(text[:4], "hxxp") {
		text = "http" + text[4:]
	}
	return text
}
