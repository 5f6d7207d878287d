package inspect

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/qr"
)

// The talk between the daemon and a worker, over one socket pair.
//
//	daemon → worker   setup   frame of JSON, once
//	worker → daemon   {"ready":true}
//	then for each part:
//	daemon → worker   job     frame of JSON, then the part's bytes as frames, then an empty frame
//	worker → daemon   {"found":…} and {"problem":…} as they come, then {"done":…}
//
// A frame is its length as 32 bits, big-endian, and that many bytes. Answers are lines of JSON. A worker may have
// been taken over by what it decodes, so everything it says is checked as if it came in the mail.

// setup is what a worker needs to know before it sees the first part.
type setup struct {
	Memory   uint64 `json:"memory"` // bytes; RLIMIT_DATA
	CacheDir string `json:"cacheDir"`
}

// job is one part to be looked at.
type job struct {
	Path   string         `json:"path"`
	Name   string         `json:"name"`
	Type   string         `json:"type"`
	Size   int64          `json:"size"` // a hint; the frames decide
	Limits picture.Limits `json:"limits"`
	Budget int64          `json:"budgetMs"`       // time for this part, in milliseconds
	Warm   bool           `json:"warm,omitempty"` // no part: fill the compilation cache
}

// answer is one line from a worker: exactly one of its fields is set.
type answer struct {
	Ready   bool          `json:"ready,omitempty"`
	Found   *Found        `json:"found,omitempty"`
	Problem *mime.Problem `json:"problem,omitempty"`
	Done    *done         `json:"done,omitempty"`
}

// done ends the answers to a job.
type done struct {
	Retire bool `json:"retire,omitempty"` // the worker is worn out and ends now
}

// Found is one code that was read in a part, and where.
type Found struct {
	qr.Code
	Part    string // path of the MIME part
	At      string // place inside the part, "page 1"
	Name    string // file name of the part or of the embedded file
	Carrier string // "image", "pdf", …
	Box     [4]int // x0, y0, x1, y1 in pixels of the picture as shown
}

// Bounds of the talk. A QR code holds at most 2,953 bytes (ISO/IEC 18004, table 7), an Aztec code 1,914, a PDF417
// 1,108; escaped and in base64 beside it that stays under 32 KiB.
const (
	frameSize     = 64 << 10 // bytes of a part in one frame
	maxHeader     = 64 << 10 // setup and job
	maxPart       = 64 << 20 // bytes of one part that a worker is given
	maxLine       = 32 << 10 // one answer
	maxFound      = 512      // codes in one part
	maxAnswers    = 1024     // lines about one part
	maxPlace      = 256      // bytes of a place or name
	maxToken      = 32       // bytes of a symbology, carrier, trick
	maxTricks     = 16
	maxPayload    = 8 << 10
	maxCoordinate = 1 << 20
)

var errGarbage = errors.New("the worker's answer makes no sense")

func writeFrame(w io.Writer, data []byte) error {
	frame := make([]byte, 4, 4+len(data))
	binary.BigEndian.PutUint32(frame, uint32(len(data)))
	_, err := w.Write(append(frame, data...))
	return err
}

func writeHeader(w io.Writer, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(data) > maxHeader {
		return fmt.Errorf("a header of %d bytes for a worker", len(data))
	}
	return writeFrame(w, data)
}

// frameLength reads a frame's length and checks it.
func frameLength(r io.Reader, limit uint32) (int, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > limit {
		return 0, fmt.Errorf("a frame of %d bytes, at most %d are allowed", size, limit)
	}
	return int(size), nil
}

func readHeader(r io.Reader, v any) error {
	size, err := frameLength(r, maxHeader)
	if err != nil {
		return err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// writeBody sends a part as frames. It reports whether the part was cut at maxPart, and the reader's own error
// apart from that of the connection: what was read until then is worth looking at.
func writeBody(w io.Writer, r io.Reader) (cut bool, reading, sending error) {
	frame := make([]byte, 4+frameSize)
	for total := 0; ; {
		n, err := io.ReadFull(r, frame[4:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			reading = err
		}
		if total += n; total > maxPart {
			n, cut = n-(total-maxPart), true
		}
		last := err != nil || cut
		binary.BigEndian.PutUint32(frame, uint32(n))
		out := frame[:4+n]
		if last && n > 0 {
			out = append(out[:4+n:4+n], 0, 0, 0, 0)
		}
		if _, sending = w.Write(out); sending != nil || last {
			return cut, reading, sending
		}
	}
}

// readBody reads a part's frames into one slice; size is what was announced.
func readBody(r io.Reader, size int64) ([]byte, error) {
	data := make([]byte, 0, min(max(size, 4<<10), maxPart))
	for {
		n, err := frameLength(r, frameSize)
		if err != nil || n == 0 {
			return data, err
		}
		if len(data)+n > maxPart {
			return nil, fmt.Errorf("a part of more than %d bytes", maxPart)
		}
		start := len(data)
		data = append(data, make([]byte, n)...)
		if _, err := io.ReadFull(r, data[start:]); err != nil {
			return nil, err
		}
	}
}

// readAnswer reads and checks one line. The reader's buffer bounds its length.
func readAnswer(r *bufio.Reader) (answer, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return answer{}, errGarbage
	}
	if err != nil {
		return answer{}, err
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return answer{}, errGarbage
	}
	return a, a.check()
}

func (a answer) check() error {
	said := 0
	for _, is := range []bool{a.Ready, a.Found != nil, a.Problem != nil, a.Done != nil} {
		if is {
			said++
		}
	}
	switch {
	case said != 1:
		return errGarbage
	case a.Found != nil && !a.Found.sane():
		return errGarbage
	case a.Problem != nil && !saneProblem(*a.Problem):
		return errGarbage
	}
	return nil
}

func (f *Found) sane() bool {
	for _, c := range f.Box {
		if c < -maxCoordinate || c > maxCoordinate {
			return false
		}
	}
	for _, trick := range f.Tricks {
		if !token(trick) {
			return false
		}
	}
	return len(f.Tricks) <= maxTricks && token(f.Symbology) && token(f.Carrier) && place(f.At) && place(f.Name) &&
		len(f.Bytes) <= maxPayload && len(f.Text) <= 2*maxPayload && f.Version >= 0 && f.Version <= 64 && len(f.Level) <= 4
}

func saneProblem(p mime.Problem) bool {
	switch p.Kind {
	case mime.Broken, mime.Unsupported, mime.OverLimit, mime.Timeout, mime.Encrypted, mime.Overload:
		return place(p.At) && place(p.Detail)
	}
	return false
}

// token checks a word of ours, "micro-qr".
func token(s string) bool {
	return s != "" && len(s) <= maxToken && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// place checks a short text that ends in logs and headers.
func place(s string) bool {
	return len(s) <= maxPlace && strings.IndexFunc(s, unicode.IsControl) < 0
}

// cutPlace makes a text from a message fit for place.
func cutPlace(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	for len(s) > maxPlace {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
