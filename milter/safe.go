package milter

import (
	"fmt"
	"strings"
)

// Whoever makes a field value folds and escapes it. This is the last line of defence behind them: what would end a
// field, begin another one, or end the header, leaves here as harmless text.

// validName reports whether name can be a field's name (RFC 5322, 2.2: printable ASCII without the colon).
func validName(name string) bool {
	for i := 0; i < len(name); i++ {
		if name[i] <= ' ' || name[i] > '~' || name[i] == ':' {
			return false
		}
	}
	return name != "" && len(name) <= 100
}

// safeValue keeps line breaks that fold (followed by white space and then by text), as a bare LF, which is what
// Postfix wants. Every other octet that is not printable ASCII becomes %XX. No line gets over maxLine octets, the
// name and its colon counted: what is over is cut off, for a fold must not fall where it changes the text.
func safeValue(name, value string) string {
	lines := foldedLines(value)
	room := maxLine - len(name) - len(": ")
	for i, line := range lines {
		lines[i] = escape(line, room)
		room = maxLine
	}
	return strings.Join(lines, "\n")
}

// foldedLines cuts value at the line breaks that fold.
func foldedLines(value string) []string {
	value = strings.ReplaceAll(value, "\r\n", "\n")
	var lines []string
	start := 0
	for i := 0; i < len(value); i++ {
		if value[i] == '\n' && folds(value[i+1:]) && strings.Trim(value[start:i], " \t\n") != "" {
			lines = append(lines, value[start:i])
			start = i + 1
		}
	}
	return append(lines, value[start:])
}

// folds reports whether the text after a line break continues the field: a line of white space alone does not count,
// for some readers take it for the end of the header.
func folds(rest string) bool {
	if rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return false
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Trim(line, " \t") != ""
}

// escape writes every octet of line that is neither printable ASCII nor a tab as %XX, in at most room octets.
func escape(line string, room int) string {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		c, need := line[i], 1
		if plain := c >= ' ' && c <= '~' || c == '\t'; !plain {
			need = 3
		}
		if b.Len()+need > room {
			break
		}
		if need == 3 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// safeReason makes the reason of a hold.
func safeReason(reason string) string {
	if reason = escape(reason, maxReason); reason != "" {
		return reason
	}
	return "held"
}

// safeReply makes the text of a reply: one line, and every % doubled, for the MTA's library takes it for a format.
func safeReply(text string) string {
	return strings.ReplaceAll(escape(strings.TrimSpace(text), 400), "%", "%%")
}
