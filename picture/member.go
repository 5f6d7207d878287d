package picture

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"quishmilter/mime"
)

// Bounds of archives.
const (
	maxMembers  = 20_000   // whose first bytes are looked at; a large source tree has fewer
	maxMember   = 64 << 20 // bytes of one: what a worker is given of a part, too
	memberSlack = 64       // by which a declared size may fall short before a buffer grows
)

// errEncrypted is what opening a member gives that needs a password.
var errEncrypted = errors.New("needs a password")

// errMethod is what opening a member gives whose compression is not read.
var errMethod = errors.New("compressed by a method that is not read")

// member is a file in an archive.
type member struct {
	name string
	size int64 // as declared; a hint
	open func() (io.Reader, error)
}

// members looks into the files of one archive. Their first bytes decide whether the rest is unpacked: an archive of a
// thousand texts costs little, and a bomb of zeros nothing.
type members struct {
	*view
	carrier   string
	seen      int
	encrypted int // how many need a password
	unread    int // how many are compressed by other methods
	stopped   bool
	book      *workbook // what the sheets of a workbook refer to, once one was looked at
}

// look looks into one file; false means that there is no budget for another one.
func (m *members) look(f member) bool {
	if m.stopped || m.ctx.Err() != nil {
		m.stop(f.name)
		return false
	}
	if m.seen++; m.seen > maxMembers {
		m.stopped = true
		m.problem(mime.OverLimit, "", "more than %d files in one archive", maxMembers)
		return false
	}
	if f.name == "" || strings.HasSuffix(f.name, "/") {
		return true
	}
	m.unpack(f)
	return !m.stopped
}

// stop ends the archive for want of time, and says so once.
func (m *members) stop(name string) {
	if !m.stopped {
		m.stopped = true
		m.problem(mime.Timeout, name, "the time was up before this was looked at")
	}
}

func (m *members) unpack(f member) {
	r, err := f.open()
	switch {
	case errors.Is(err, errEncrypted):
		m.encrypted++
		return
	case errors.Is(err, errMethod):
		m.unread++
		return
	case err != nil:
		m.failed(f.name)
		return
	}
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	if !m.spend(int64(n)) {
		m.over(f.name)
		return
	}
	cut := err != nil && err != io.EOF && err != io.ErrUnexpectedEOF
	part := Part{Name: f.name, Type: typeByName(f.name), Data: head}
	switch {
	case !mayHold(part) || shadow(head):
		if n == 0 && cut && claim("", f.name) != "" {
			m.failed(f.name)
		}
		return
	case n < headSize && !cut:
		m.inside(part, m.carrier)
		return
	}
	m.rest(part, r, f.size)
}

// rest unpacks what follows the head of a file that may hold pictures. What came before a defect is looked at too:
// programs that repair archives show it.
func (m *members) rest(part Part, r io.Reader, declared int64) {
	limit := min(m.room(), maxMember)
	buffer := bytes.NewBuffer(make([]byte, 0, min(max(declared, 0), limit, 8<<20)+headSize+memberSlack))
	buffer.Write(part.Data)
	n, err := io.Copy(buffer, io.LimitReader(r, limit+1))
	m.spend(min(n, limit))
	if n > limit {
		m.over(part.Name)
		return
	}
	if err != nil {
		m.failed(part.Name)
	}
	part.Data = buffer.Bytes()
	m.inside(part, m.carrier)
}

func (m *members) over(name string) {
	m.problem(mime.OverLimit, name, "more than %d MB unpacked", min(m.limits.Unpacked, maxMember)>>20)
	m.stopped = m.stopped || m.room() == 0
}

func (m *members) failed(name string) {
	m.problem(mime.Broken, name, "this file does not unpack")
}

// end says what was left in the archive, once for all of its files.
func (m *members) end() {
	if m.encrypted > 0 {
		m.problem(mime.Encrypted, "", "%d files in the archive need a password", m.encrypted)
	}
	if m.unread > 0 {
		m.problem(mime.Unsupported, "", "%d files in the archive are compressed by methods that are not read", m.unread)
	}
}

// shadow knows files that only look like pictures by their name: macOS puts "._a.png" with the attributes of a.png
// beside it (AppleDouble, RFC 1740, appendix A), and empty files show nothing.
func shadow(head []byte) bool {
	return len(head) == 0 || bytes.HasPrefix(head, []byte("\x00\x05\x16\x07"))
}

// typeByName is the media type that a program takes a file for when it opens it by name: only for formats that have no
// magic of their own.
func typeByName(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".htm", ".html", ".xht", ".xhtml", ".shtml":
		return "text/html"
	case ".txt":
		return "text/plain"
	case ".ics", ".ical", ".ifb":
		return "text/calendar"
	case ".vcf", ".vcard":
		return "text/vcard"
	case ".eml":
		return "message/rfc822"
	}
	return ""
}
