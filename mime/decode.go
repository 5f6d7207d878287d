package mime

import (
	"bytes"
	"io"
	stdmime "mime"

	"github.com/emersion/go-message/charset"
)

// Reader returns the part's decoded content. It never fails: bytes that the encoding does not allow are skipped, as
// mail clients do, where the libraries stop at the first of them.
func (p *Part) Reader() io.Reader {
	switch p.Encoding {
	case "base64":
		return &decoder{src: p.Raw, step: new(base64State).step}
	case "quoted-printable":
		return &decoder{src: p.Raw, step: quotedLine}
	case "uuencode":
		return &decoder{src: p.Raw, step: uuLine}
	case "yenc":
		return &decoder{src: p.Raw, step: yencLine}
	}
	return bytes.NewReader(p.Raw)
}

// Head returns the first n bytes of the content, or all of it if it is shorter.
func (p *Part) Head(n int) []byte {
	head := make([]byte, n)
	got, _ := io.ReadFull(p.Reader(), head)
	return head[:got]
}

// Text turns bytes of a charset into UTF-8; an unknown charset is an error.
func Text(b []byte, set string) (string, error) {
	if isUTF7(set) {
		return fromUTF7(b), nil
	}
	r, err := charset.Reader(set, bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

// DecodeWords decodes the RFC 2047 words of a header value; what does not decode stays as it is.
func DecodeWords(value string) string {
	words := stdmime.WordDecoder{CharsetReader: charset.Reader}
	if decoded, err := words.DecodeHeader(value); err == nil {
		return decoded
	}
	return value
}

// decoder reads src through a step, which takes some bytes off the front of src and appends what they mean to out.
// It is called once more with nothing left, to flush.
type decoder struct {
	src     []byte
	step    func(src, out []byte) (rest, decoded []byte)
	buffer  []byte
	pending []byte
	done    bool
}

func (d *decoder) Read(p []byte) (int, error) {
	for len(d.pending) == 0 {
		if d.done {
			return 0, io.EOF
		}
		d.done = len(d.src) == 0
		d.src, d.buffer = d.step(d.src, d.buffer[:0])
		d.pending = d.buffer
	}
	n := copy(p, d.pending)
	d.pending = d.pending[n:]
	return n, nil
}

// base64State holds the group of four that is being read (RFC 2045, section 6.8).
type base64State struct {
	bits uint32
	n    int // sextets in bits
}

const base64Chunk = 4 << 10

// step decodes a chunk, skipping everything outside the alphabet. Padding ends a group, not the text: two encoded
// blocks glued together decode to both.
func (s *base64State) step(src, out []byte) (rest, decoded []byte) {
	if len(src) == 0 {
		return nil, s.flush(out)
	}
	chunk := src[:min(len(src), base64Chunk)]
	for i := 0; i < len(chunk); i++ {
		if s.n == 0 {
			var n int
			if n, out = groups(chunk[i:], out); i+n == len(chunk) {
				break
			}
			i += n
		}
		c := chunk[i]
		switch v := sextets[c]; {
		case v < 64:
			s.bits = s.bits<<6 | uint32(v)
			if s.n++; s.n == 4 {
				out = append(out, byte(s.bits>>16), byte(s.bits>>8), byte(s.bits))
				s.n, s.bits = 0, 0
			}
		case c == '=':
			out = s.flush(out)
		}
	}
	return src[len(chunk):], out
}

// groups decodes the groups of four at the beginning that nothing interrupts, and says how many bytes they are.
func groups(src, out []byte) (n int, decoded []byte) {
	for ; n+4 <= len(src); n += 4 {
		four := (*[4]byte)(src[n:])
		a, b, c, d := sextets[four[0]], sextets[four[1]], sextets[four[2]], sextets[four[3]]
		if a|b|c|d > 63 {
			break
		}
		out = append(out, a<<2|b>>4, b<<4|c>>2, c<<6|d)
	}
	return n, out
}

// flush writes the whole bytes of an unfinished group.
func (s *base64State) flush(out []byte) []byte {
	switch s.n {
	case 2:
		out = append(out, byte(s.bits>>4))
	case 3:
		out = append(out, byte(s.bits>>10), byte(s.bits>>2))
	}
	s.n, s.bits = 0, 0
	return out
}

// sextets maps a byte to its value in base64, 255 for bytes outside the alphabet.
var sextets = func() (table [256]byte) {
	for i := range table {
		table[i] = 255
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[c] = byte(i)
	}
	return table
}()

// quotedLine decodes one line of quoted-printable (RFC 2045, section 6.7). A "=" that starts nothing stays as it is.
func quotedLine(src, out []byte) (rest, decoded []byte) {
	line, rest := cutLine(src)
	content := bytes.TrimRight(line, "\r\n")
	ending := line[len(content):]
	content = bytes.TrimRight(content, " \t")
	if bytes.HasSuffix(content, []byte("=")) {
		content, ending = content[:len(content)-1], nil
	}
	for i := 0; i < len(content); i++ {
		if content[i] == '=' && i+2 < len(content) {
			hi, lo := hexDigit(content[i+1]), hexDigit(content[i+2])
			if hi < 16 && lo < 16 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, content[i])
	}
	return rest, append(out, ending...)
}

func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

// uuLine decodes one line of uuencoded text (POSIX uuencode); lines that are none give nothing.
func uuLine(src, out []byte) (rest, decoded []byte) {
	line, rest := cutLine(src)
	line = bytes.TrimRight(line, "\r\n")
	if len(line) < 2 || bytes.HasPrefix(line, []byte("begin ")) || bytes.Equal(line, []byte("end")) || line[0] < ' ' || line[0] > '`' {
		return rest, out
	}
	want := int(line[0]-' ') & 63
	start := len(out)
	for i := 1; i < len(line) && len(out)-start < want; i += 4 {
		var group [4]byte
		for j := range group {
			group[j] = ' '
			if i+j < len(line) {
				group[j] = line[i+j]
			}
			group[j] = (group[j] - ' ') & 63
		}
		out = append(out, group[0]<<2|group[1]>>4, group[1]<<4|group[2]>>2, group[2]<<6|group[3])
	}
	return rest, out[:min(len(out), start+want)]
}
