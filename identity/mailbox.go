package identity

import (
	"slices"
	"strings"
)

// Bounds on the address fields of one message. RFC 5321, section 4.5.3.1, allows an address 320 octets and a line
// 1,000; nobody writes longer From fields for the sake of people.
const (
	maxAddressField = 64 << 10
	maxMailboxes    = 1000
)

// mailbox is one author or addressee of a field.
type mailbox struct {
	name    string // the display name, still encoded; comments are no part of it
	address string // as written; it has an "@" but need not be valid
}

// addressList is what a field holds, read as tolerantly as mail clients do.
type addressList struct {
	boxes []mailbox
	group bool   // RFC 5322 group syntax was used
	rest  string // words that belong to no address
}

// readAddresses splits an address field (RFC 5322, section 3.4) and never fails: a quote or bracket that is not
// closed is read as text, ";" separates as in Outlook, and a comma in an unquoted name ("Doe, John <j@example.org>")
// joins the names instead of making an author without an address.
func readAddresses(value string) addressList {
	r := addressReader{src: value[:min(len(value), maxAddressField)]}
	r.semicolon = strings.LastIndexByte(r.src, ';')
	for r.pos < len(r.src) && len(r.list.boxes) < maxMailboxes {
		r.step()
	}
	r.end()
	r.list.rest = join(r.words)
	return r.list
}

type addressReader struct {
	src   string
	pos   int
	word  strings.Builder
	words []word // since the last mailbox
	ended int    // how many of them a separator has ended already
	list  addressList

	semicolon int // the last one
	unclosed  int // quotes and comments that were never closed
}

// maxUnclosed bounds how often the rest of a field is searched for an end that is not there; beyond it quotes and
// parentheses are text. Without it 64 kB of "(" take seconds.
const maxUnclosed = 16

// word is a piece of a display name, or an address without brackets.
type word struct {
	text   string
	quoted bool
}

// isAddress tells an address without brackets; one that stands in quotes is a name.
func (w word) isAddress() bool { return !w.quoted && strings.Contains(w.text, "@") }

func join(words []word) string {
	var b strings.Builder
	for _, w := range words {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}

func (r *addressReader) step() {
	switch c := r.src[r.pos]; c {
	case '"':
		r.quote()
	case '(':
		r.comment()
	case '<':
		r.endWord()
		r.angle()
	case ',', ';':
		r.end()
		r.pos++
	case ':':
		r.colon()
	case ' ', '\t', '\r', '\n':
		r.endWord()
		r.pos++
	default:
		r.word.WriteByte(c)
		r.pos++
	}
}

// quote reads a quoted string. One that is a local part keeps its quotes, since they are part of the address. One
// that is never closed is skipped.
func (r *addressReader) quote() {
	end := -1
	if r.unclosed < maxUnclosed {
		end = closingQuote(r.src, r.pos)
	}
	if end < 0 {
		r.unclosed++
		r.pos++
		return
	}
	raw := r.src[r.pos : end+1]
	r.pos = end + 1
	if r.pos < len(r.src) && r.src[r.pos] == '@' {
		r.word.WriteString(raw)
		return
	}
	r.endWord()
	r.words = append(r.words, word{unescape(raw[1 : len(raw)-1]), true})
}

// comment skips a comment, or the parenthesis alone where it is never closed.
func (r *addressReader) comment() {
	end := 0
	if r.unclosed < maxUnclosed {
		end = skipComment(r.src, r.pos)
	}
	if end == 0 {
		r.unclosed++
		r.pos++
		return
	}
	r.endWord()
	r.pos = end
}

// closingQuote finds the end of the quoted string that opens at start, or -1.
func closingQuote(s string, start int) int {
	for i := start + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// skipComment returns where the comment that opens at start is over, or 0 if it is never closed.
func skipComment(s string, start int) int {
	depth := 0
	for i := start; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// angle reads "<address>". Without the closing bracket the address ends at a separator. An old route
// ("<@relay:user@example.org>", RFC 5322 section 4.4) is dropped.
func (r *addressReader) angle() {
	start := r.pos + 1
	end := angleEnd(r.src, start)
	inner := strings.TrimSpace(r.src[start:end])
	r.pos = end
	if end < len(r.src) && r.src[end] == '>' {
		r.pos++
	}
	if strings.HasPrefix(inner, "@") {
		if _, after, ok := strings.Cut(inner, ":"); ok {
			inner = after
		}
	}
	if strings.Contains(inner, "@") {
		r.list.boxes = append(r.list.boxes, mailbox{join(r.words), inner})
		r.clear()
	} else if inner != "" {
		r.words = append(r.words, word{text: inner})
	}
}

func angleEnd(s string, start int) int {
	if quoted := start; quoted < len(s) && s[quoted] == '"' {
		if end := closingQuote(s, quoted); end > 0 {
			start = end
		}
	}
	if n := strings.IndexByte(s[start:], '>'); n >= 0 {
		return start + n
	}
	if n := strings.IndexAny(s[start:], ",; \t\r\n"); n > 0 {
		return start + n
	}
	return len(s)
}

// colon ends the name of a group. It is text behind an address, and where no semicolon ends the group.
func (r *addressReader) colon() {
	r.pos++
	if strings.Contains(r.word.String(), "@") || r.semicolon < r.pos {
		r.word.WriteByte(':')
		return
	}
	r.endWord()
	r.list.group = r.list.group || len(r.words) > 0
	r.clear()
}

func (r *addressReader) endWord() {
	if r.word.Len() > 0 {
		r.words = append(r.words, word{text: r.word.String()})
		r.word.Reset()
	}
}

// end ends a mailbox. Without angle brackets every word with an "@" is an address of its own; words without one are
// kept as the beginning of the next name.
func (r *addressReader) end() {
	r.endWord()
	if !slices.ContainsFunc(r.words[r.ended:], word.isAddress) {
		r.ended = len(r.words)
		return
	}
	name := join(slices.DeleteFunc(slices.Clone(r.words), word.isAddress))
	for _, w := range r.words {
		if w.isAddress() && len(r.list.boxes) < maxMailboxes {
			r.list.boxes = append(r.list.boxes, mailbox{name, w.text})
		}
	}
	r.clear()
}

func (r *addressReader) clear() { r.words, r.ended = nil, 0 }
