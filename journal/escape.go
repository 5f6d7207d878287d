package journal

import (
	"bytes"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// escaping writes lines of JSON with every character that is not printable as \u and four digits (RFC 8259, 7). The
// library escapes those below U+0020 alone, and people look at logs on terminals, where U+009B begins a command, and
// U+202E turns the rest of the line around. To a program the line says the same.
type escaping struct{ w io.Writer }

func (e escaping) Write(line []byte) (int, error) {
	if bytes.IndexFunc(line, hidden) < 0 {
		return e.w.Write(line)
	}
	if _, err := e.w.Write(escaped(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

func hidden(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }

// escaped needs no look at where strings begin: outside of them JSON is ASCII, and printable but for its spaces.
func escaped(line []byte) []byte {
	out := make([]byte, 0, len(line)+64)
	for len(line) > 0 {
		r, size := utf8.DecodeRune(line)
		switch high, low := utf16.EncodeRune(r); {
		case !hidden(r):
			out = append(out, line[:size]...)
		case r > 0xffff:
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		line = line[size:]
	}
	return out
}
