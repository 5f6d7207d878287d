package prevalence

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Mbox calls yield with the header of every message of a mailbox in the mbox format, and with where the message
// begins. A message begins at a line that starts with "From " and follows an empty one or nothing; writers quote such
// lines in bodies. A header over 1 MiB is cut. It ends with the first error of reading or of yield.
func Mbox(r io.Reader, yield func(offset int64, header []byte) error) error {
	m := mbox{in: bufio.NewReaderSize(r, 64<<10), blank: true, yield: yield}
	for {
		line, err := m.in.ReadSlice('\n')
		if bad := m.line(line); bad != nil {
			return bad
		}
		m.inLine = errors.Is(err, bufio.ErrBufferFull) // the next piece does not begin a line
		switch {
		case errors.Is(err, io.EOF):
			return m.flush()
		case err != nil && !m.inLine:
			return err
		}
	}
}

type mbox struct {
	in     *bufio.Reader
	yield  func(int64, []byte) error
	offset int64  // of the line
	begin  int64  // of the message
	header []byte // so far
	inside bool   // a message has begun
	ended  bool   // its header has
	blank  bool   // the line before was empty
	inLine bool
}

func (m *mbox) line(line []byte) error {
	begins := m.blank && !m.inLine && bytes.HasPrefix(line, []byte("From "))
	offset := m.offset
	m.offset += int64(len(line))
	if begins {
		if err := m.flush(); err != nil {
			return err
		}
		m.begin, m.inside, m.ended, m.blank = offset, true, false, false
		return nil
	}
	m.blank = !m.inLine && len(bytes.TrimRight(line, "\r\n")) == 0
	if m.blank && m.inside {
		m.ended = true
	}
	if m.inside && !m.ended && len(m.header)+len(line) <= maxHeader {
		m.header = append(m.header, line...)
	}
	return nil
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
