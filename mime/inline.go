package mime

import (
	"bytes"
	"strconv"
	"strings"
)

// maxInline bounds the files that are found in one text.
const maxInline = 64

// inline hands out the files that stand in a text as uuencode (POSIX) or yEnc, as Outlook and news readers show them.
func (w *walker) inline(text *Part) {
	if text.Encoding != "7bit" || !strings.HasPrefix(text.Type, "text/") || !bytes.Contains(text.Raw, []byte("begin ")) {
		return
	}
	found := 0
	for rest := text.Raw; found < maxInline; {
		at, start := inlineStart(rest)
		if start == nil {
			return
		}
		raw := rest[at:]
		end := bytes.Index(raw, start.end)
		if end < 0 {
			end = len(raw)
		}
		found++
		_, name, _ := strings.Cut(string(trimLineBreak(start.line)), start.nameAfter)
		path := text.Path + "." + start.encoding + strconv.Itoa(found)
		w.leaf(Part{Type: "application/octet-stream", Name: strings.TrimSpace(name), Encoding: start.encoding}, path, raw[:end])
		rest = raw[end:]
	}
}

// opening is the line that begins a file in a text.
type opening struct {
	line      []byte
	encoding  string
	nameAfter string
	end       []byte // how the line after the file begins, with the line break before it
}

// inlineStart finds the next file in a text and where its first line begins.
func inlineStart(text []byte) (at int, o *opening) {
	for at < len(text) {
		line, _ := cutLine(text[at:])
		switch {
		case isUUBegin(line):
			return at, &opening{line, "uuencode", string(line[6:9]) + " ", []byte("\nend")}
		case bytes.HasPrefix(line, []byte("=ybegin ")) && bytes.Contains(line, []byte(" name=")):
			return at, &opening{line, "yenc", " name=", []byte("\n=yend")}
		}
		at += len(line)
	}
	return 0, nil
}

// isUUBegin knows "begin 644 name".
func isUUBegin(line []byte) bool {
	if len(line) < 11 || !bytes.HasPrefix(line, []byte("begin ")) || line[9] != ' ' {
		return false
	}
	for _, c := range line[6:9] {
		if c < '0' || c > '7' {
			return false
		}
	}
	return true
}

// yencLine decodes one line of yEnc (version 1.3 draft): each byte less 42, "=" escapes the next one by another 64.
func yencLine(src, out []byte) (rest, decoded []byte) {
	line, rest := cutLine(src)
	line = bytes.TrimRight(line, "\r\n")
	if bytes.HasPrefix(line, []byte("=y")) {
		return rest, out
	}
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c == '=' && i+1 < len(line) {
			i++
			c = line[i] - 64
		}
		out = append(out, c-42)
	}
	return rest, out
}
