package prevalence

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
)

// Mbox calls yield with the header of every message of a mailbox in the mbox format, and with where the message
// begins; it reads on from an offset at which one does. A header over 1 MiB is cut. It ends with the first error of
// reading or of yield.
//
// A message begins at a line like "From x@a.example Wed Nov 18 12:00:00 2020" behind an empty line (RFC 4155, appendix
// A), and where reading begins. Writers of mboxo and mboxrd quote lines of bodies that begin with "From "; other lines
// of prose have no date there. Writers of mboxcl2 quote none and write a Content-Length: a sender may write one too,
// so it is followed only to where another message begins or the file ends. Of several the longest that does counts,
// so that a sender's own cannot lead into the body.
//
// glued is how many times such a line, with a header field behind it, follows a line that is not empty. It may begin a
// message of a writer that leaves no empty lines, or stand in the text of one who would have us learn a message that never
// was: what follows it counts as text, and the caller says so.
func Mbox(r io.ReaderAt, from int64, yield func(offset int64, header []byte) error) (glued int, err error) {
	m := mbox{file: r, in: bufio.NewReaderSize(io.NewSectionReader(r, from, math.MaxInt64-from), 64<<10), offset: from, first: true, blank: true, yield: yield}
	for {
		line, err := m.in.ReadSlice('\n')
		if bad := m.line(line); bad != nil {
			return m.glued, bad
		}
		m.inLine = errors.Is(err, bufio.ErrBufferFull) // the next piece does not begin a line
		switch {
		case errors.Is(err, io.EOF):
			return m.glued, m.flush()
		case err != nil && !m.inLine:
			return m.glued, err
		}
	}
}

type mbox struct {
	file   io.ReaderAt
	in     *bufio.Reader
	yield  func(int64, []byte) error
	offset int64  // of the line
	begin  int64  // of the message
	header []byte // so far
	inside bool   // a message has begun
	ended  bool   // its header has
	first  bool   // this is the first line
	blank  bool   // the line before was empty
	inLine bool
	unsure bool // the line before would begin a message behind an empty line
	glued  int
}

// field is the beginning of a header field (RFC 5322, section 2.2).
var field = regexp.MustCompile(`^[!-9;-~]+[ \t]*:`)

// separator is the line with a date in asctime's form; some writers leave out the seconds, or add a zone.
var separator = regexp.MustCompile(`^From (.* )?(?i:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +[0-3]?[0-9] +[0-2]?[0-9]:[0-5][0-9](:[0-6][0-9])? .*\b[0-9]{4}\b`)

func begins(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) && separator.Match(line)
}

func (m *mbox) line(line []byte) error {
	begun := m.blank && !m.inLine && (begins(line) || m.first && bytes.HasPrefix(line, []byte("From ")))
	if m.unsure && field.Match(line) {
		m.glued++
	}
	m.unsure = !begun && !m.blank && !m.inLine && begins(line)
	offset := m.offset
	m.offset += int64(len(line))
	m.first = false
	if begun {
		if err := m.flush(); err != nil {
			return err
		}
		m.begin, m.inside, m.ended, m.blank = offset, true, false, false
		return nil
	}
	m.blank = !m.inLine && len(bytes.TrimRight(line, "\r\n")) == 0
	switch {
	case !m.inside || m.ended:
	case m.blank:
		m.ended = true
		return m.skip()
	case len(m.header)+len(line) <= maxHeader:
		m.header = append(m.header, line...)
	}
	return nil
}

// skip passes over the body where its length is known.
func (m *mbox) skip() error {
	for _, length := range lengths(m.header) {
		if !m.leads(m.offset + length) {
			continue
		}
		for length > 0 { // Discard takes an int
			n, err := m.in.Discard(int(min(length, 1<<30)))
			m.offset, length = m.offset+int64(n), length-int64(n)
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if n == 0 {
				break
			}
		}
		break // the empty line before stands for the one that the length may include
	}
	return nil
}

// lengths are the values of Content-Length, the longest first.
func lengths(header []byte) (all []int64) {
	const name = "content-length:"
	for line := range bytes.Lines(header) {
		if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], []byte(name)) || len(all) == maxLengths {
			continue
		}
		if n, err := strconv.ParseInt(string(bytes.TrimSpace(line[len(name):])), 10, 62); err == nil && n > 0 {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all
}

const maxLengths = 5

// leads says whether a body may end at an offset: there the file does, or another message begins, at most behind two
// line ends.
func (m *mbox) leads(offset int64) bool {
	piece := make([]byte, 400)
	n, err := m.file.ReadAt(piece, offset-1) // a body has an octet before its end
	if n == 0 || err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	piece = piece[:n]
	atLine := piece[0] == '\n'
	rest := piece[1:]
	for range 2 {
		if after, found := bytes.CutPrefix(bytes.TrimPrefix(rest, []byte("\r")), []byte("\n")); found {
			rest, atLine = after, true
		}
	}
	if len(rest) == 0 {
		return errors.Is(err, io.EOF)
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return atLine && begins(line)
}

func (m *mbox) flush() error {
	if !m.inside {
		return nil
	}
	err := m.yield(m.begin, m.header)
	m.header = m.header[:0]
	m.inside = false
	return err
}
