package mime

import (
	"bytes"
	"strings"
)

const (
	maxHeaderBytes = 256 << 10 // of one part; a longer header is body from there on
	maxFields      = 1000      // of one part
	maxBoundary    = 998       // RFC 2046 allows 70; a line of a mail has 998
)

// Value returns the first field of that name, unfolded, or "".
func Value(header []Field, name string) string {
	for _, f := range header {
		if strings.EqualFold(f.Name, name) {
			return unfold(f.Value)
		}
	}
	return ""
}

// Values returns all fields of that name, unfolded.
func Values(header []Field, name string) []string {
	var all []string
	for _, f := range header {
		if strings.EqualFold(f.Name, name) {
			all = append(all, unfold(f.Value))
		}
	}
	return all
}

// ParseMessage splits a whole message, as it lies in an .eml file, into header and body. A leading mbox line
// ("From …") and a byte order mark are skipped, as mail clients do.
func ParseMessage(raw []byte) (header []Field, body []byte) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(raw, []byte("From ")) {
		_, raw = cutLine(raw)
	}
	return splitHeader(raw, func([]byte) bool { return false }, len(raw))
}

// parseHeader reads the header of a part up to its empty line, or up to a delimiter if that comes first.
func parseHeader(raw []byte, isDelimiter func([]byte) bool) (header []Field, body []byte) {
	return splitHeader(raw, isDelimiter, maxHeaderBytes)
}

// splitHeader is lenient as mail clients are: a line without a colon is skipped inside a header, and at its very
// start it means that there is no header at all (RFC 2046, section 5.1, allows a part without one), unless a
// Content- field follows before the empty line.
func splitHeader(raw []byte, isDelimiter func([]byte) bool, limit int) (header []Field, body []byte) {
	rest := raw
	for len(rest) > 0 && len(raw)-len(rest) < limit && len(header) < maxFields {
		line, after := cutLine(rest)
		if isDelimiter(line) {
			return header, rest
		}
		content := trimLineBreak(line)
		switch {
		case len(content) == 0:
			return header, after
		case content[0] == ' ' || content[0] == '\t':
			if len(bytes.TrimSpace(content)) == 0 && len(header) == 0 {
				return header, after
			}
			if n := len(header); n > 0 {
				header[n-1].Value += "\n" + string(content)
			}
		default:
			name, value, ok := bytes.Cut(content, []byte(":"))
			if !ok && len(header) == 0 && !fieldFollows(after) {
				return nil, rest
			}
			if ok {
				header = append(header, Field{Name: strings.TrimSpace(string(name)), Value: strings.TrimLeft(string(value), " \t")})
			}
		}
		rest = after
	}
	return header, rest
}

// fieldFollows looks for a Content- field in the few lines before the next empty one.
func fieldFollows(rest []byte) bool {
	for range 20 {
		line, after := cutLine(rest)
		if len(trimLineBreak(line)) == 0 {
			return false
		}
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && len(name) > 8 && strings.EqualFold(string(name[:8]), "content-") {
			return true
		}
		rest = after
	}
	return false
}

// unfold joins the lines of a folded field (RFC 5322, section 2.2.3).
func unfold(value string) string {
	if !strings.ContainsAny(value, "\r\n") {
		return strings.TrimSpace(value)
	}
	var b strings.Builder
	for _, line := range strings.FieldsFunc(value, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if b.Len() > 0 && line[0] != ' ' && line[0] != '\t' {
			b.WriteByte(' ')
		}
		b.WriteString(line)
	}
	return strings.TrimSpace(b.String())
}
