package identity

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"strings"

	"quishmilter/mime"
)

// canonicalField is one header field as it is signed (RFC 6376, section 3.4), without the line break at its end.
//
// A milter is not told all of what was signed: Postfix takes away the one space after the colon and folds with a bare
// LF. Both are put back. A field that had no space there fails under "simple", where every octet counts; hardly
// anybody writes such fields, and hardly anybody signs with "simple".
func canonicalField(f mime.Field, relaxed bool) string {
	if !relaxed {
		return f.Name + ": " + strings.ReplaceAll(strings.ReplaceAll(f.Value, "\r\n", "\n"), "\n", "\r\n")
	}
	words := strings.FieldsFunc(f.Value, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' })
	return FoldASCII(strings.TrimRight(f.Name, " \t")) + ":" + strings.Join(words, " ")
}

// bodyHash is SHA-256 over the canonical body, and that body's length in octets. It takes one pass whatever the body
// holds, so that 20 MB of empty lines cost no more than 20 MB of text.
func bodyHash(body []byte, relaxed bool) (sum []byte, length int) {
	w := lineHasher{hash: sha256.New()}
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if relaxed {
			line = w.relax(line)
		}
		w.line(line)
		body = rest
	}
	if w.length == 0 && !relaxed {
		w.empty = 1 // section 3.4.3: an empty body is one line break; under relaxed it is nothing
		w.flush()
	}
	return w.hash.Sum(nil), w.length
}

// lineHasher hashes lines, each with CRLF. Empty lines wait until a line with text follows: those at the end of the
// body are not signed.
type lineHasher struct {
	hash   hash.Hash
	empty  int
	length int
	buffer []byte
}

func (w *lineHasher) line(line []byte) {
	if len(line) == 0 {
		w.empty++
		return
	}
	w.flush()
	w.hash.Write(line)
	w.hash.Write([]byte("\r\n"))
	w.length += len(line) + 2
}

func (w *lineHasher) flush() {
	for ; w.empty > 0; w.empty-- {
		w.hash.Write([]byte("\r\n"))
		w.length += 2
	}
}

// relax makes one space of each run of white space and drops it at the end of the line (section 3.4.4).
func (w *lineHasher) relax(line []byte) []byte {
	line = bytes.TrimRight(line, " \t")
	if !bytes.ContainsAny(line, " \t") {
		return line
	}
	w.buffer = w.buffer[:0]
	for i, c := range line {
		space := c == ' ' || c == '\t'
		if space && i > 0 && (line[i-1] == ' ' || line[i-1] == '\t') {
			continue
		}
		if space {
			c = ' '
		}
		w.buffer = append(w.buffer, c)
	}
	return w.buffer
}
