package picture

import (
	"bytes"
	"strconv"

	"quishmilter/mime"
)

// RTF (Word's Rich Text Format 1.9.1) holds pictures and objects as hexadecimal text in groups of their own. Phishers
// break the text up with spaces, groups and control words that Word skips, so it is read as Word reads it.

// Bounds of RTF.
const (
	maxRTFGroups   = 1000      // inside each other whose state is kept; deeper ones have that of the last
	maxRTFPictures = 500       // and objects
	maxRTFWord     = 32        // letters of a control word, as the specification says
	rtfClockMask   = 1<<16 - 1 // how many tokens between two looks at the time
)

// rtfToken is one token: exactly one of its fields says what it is.
type rtfToken struct {
	kind byte   // '{', '}', 'w' a control word, 't' text, 'h' one byte as \'hh, 'b' the bytes of \bin, 0 the end
	word string // of a control word or symbol
	arg  int    // its number
	has  bool   // it has a number
	text []byte
}

// rtfScanner cuts RTF into tokens. It never fails: everything is something.
type rtfScanner struct {
	data []byte
	at   int
}

func (s *rtfScanner) next() rtfToken {
	for s.at < len(s.data) {
		switch c := s.data[s.at]; c {
		case '{', '}':
			s.at++
			return rtfToken{kind: c}
		case '\\':
			return s.control()
		case '\r', '\n':
			s.at++
		default:
			end := bytes.IndexAny(s.data[s.at:min(len(s.data), s.at+4096)], "{}\\\r\n")
			if end < 0 {
				end = min(len(s.data)-s.at, 4096)
			}
			text := s.data[s.at : s.at+end]
			s.at += end
			return rtfToken{kind: 't', text: text}
		}
	}
	return rtfToken{}
}

// control reads what begins with a backslash.
func (s *rtfScanner) control() rtfToken {
	s.at++
	start := s.at
	for s.at < len(s.data) && s.at-start < maxRTFWord && isLetter(s.data[s.at]) {
		s.at++
	}
	if s.at == start {
		return s.symbol()
	}
	t := rtfToken{kind: 'w', word: string(s.data[start:s.at])}
	number := s.at
	if s.at < len(s.data) && s.data[s.at] == '-' {
		s.at++
	}
	for s.at < len(s.data) && s.at-number < 11 && s.data[s.at] >= '0' && s.data[s.at] <= '9' {
		s.at++
	}
	if n, err := strconv.Atoi(string(s.data[number:s.at])); err == nil {
		t.arg, t.has = n, true
	}
	if s.at < len(s.data) && s.data[s.at] == ' ' {
		s.at++
	}
	if t.word == "bin" && t.arg >= 0 {
		end := min(len(s.data), s.at+t.arg)
		t.kind, t.text = 'b', s.data[s.at:end]
		s.at = end
	}
	return t
}

func (s *rtfScanner) symbol() rtfToken {
	if s.at >= len(s.data) {
		return rtfToken{}
	}
	c := s.data[s.at]
	s.at++
	switch c {
	case '\'':
		if s.at+2 <= len(s.data) {
			if n, err := strconv.ParseUint(string(s.data[s.at:s.at+2]), 16, 8); err == nil {
				s.at += 2
				return rtfToken{kind: 'h', text: []byte{byte(n)}}
			}
		}
		return rtfToken{kind: 't'}
	case '\\', '{', '}':
		return rtfToken{kind: 't', text: s.data[s.at-1 : s.at]}
	case '~':
		return rtfToken{kind: 't', text: []byte(" ")}
	}
	return rtfToken{kind: 'w', word: string(c)}
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// rtfGroup is what is known inside a pair of braces.
type rtfGroup struct {
	hex     *rtfHex // a picture or object that is being read, of this very group
	field   bool    // it is a field
	star    bool    // \* came: the next control word's group is for those who know it
	skipped bool    // its text is not shown
	htmlrtf bool    // its text stands for HTML that is there too
	colors  bool    // it is the table of colours
}

// rtfReader looks into one RTF file.
type rtfReader struct {
	*view
	groups   []rtfGroup // the open ones; the first is outside of all
	deep     int        // how many are open beyond the limit
	fields   *fields
	html     *rtfHTML // nil: the file is not HTML in disguise
	page     rtfPage
	skip     int // characters to skip behind a \u
	width    int // how many that are
	pictures int
	codepage int
}

// isRTF takes what Word takes: four letters are enough, and white space may stand before them.
func isRTF(p Part) bool {
	return bytes.HasPrefix(bytes.TrimLeft(p.head(), "\xef\xbb\xbf \t\r\n"), []byte(`{\rt`))
}

func openRTF(v *view) {
	if v.carrier == "" {
		v = v.carriedBy("office")
	}
	r := &rtfReader{view: v, groups: make([]rtfGroup, 1, 32), width: 1}
	r.fields = &fields{barcode: func(text string) { v.payload(text, "field", "office") },
		picture: func(url string) { v.link(url, r.page.lines.Bytes()) }}
	scanner := &rtfScanner{data: v.part.Data[max(0, bytes.IndexByte(v.part.head(), '{')):]}
	for n := 0; ; n++ {
		t := scanner.next()
		if t.kind == 0 {
			break
		}
		if n&rtfClockMask == rtfClockMask && v.ctx.Err() != nil {
			v.problem(mime.Timeout, "", "the time was up before all of the text was looked at")
			return
		}
		r.take(t)
	}
	for len(r.groups) > 1 { // a file that is cut off still shows what is there
		r.close()
	}
	r.showHTML()
	r.showPage()
}

// take takes one token.
func (r *rtfReader) take(t rtfToken) {
	top := &r.groups[len(r.groups)-1]
	switch t.kind {
	case '{':
		r.push()
	case '}':
		r.close()
	case 'w':
		r.word(t, top)
	case 'b':
		if top.hex != nil && r.deep == 0 {
			top.hex.data = append(top.hex.data, t.text...)
		}
	case 't', 'h':
		if top.hex != nil {
			if r.deep == 0 && t.kind == 't' {
				top.hex.text(t.text)
			}
			return
		}
		r.text(t, top)
	}
}

// push opens a group: it is as the one around it, but for what concerns only that one.
func (r *rtfReader) push() {
	if len(r.groups) >= maxRTFGroups {
		r.deep++
		return
	}
	g := r.groups[len(r.groups)-1]
	g.hex, g.field, g.star = nil, false, false
	r.groups = append(r.groups, g)
}

func (r *rtfReader) close() {
	if r.deep > 0 {
		r.deep--
		return
	}
	n := len(r.groups) - 1
	if n == 0 {
		return
	}
	g := r.groups[n]
	r.groups = r.groups[:n]
	if g.field {
		r.fields.end()
	}
	if g.hex != nil {
		r.finish(g.hex)
	}
}

// text takes a text: its own characters, less those that stand for a \u before them.
func (r *rtfReader) text(t rtfToken, top *rtfGroup) {
	skip := min(r.skip, len(t.text))
	r.skip -= skip
	text := t.text[skip:]
	if len(text) == 0 {
		return
	}
	if len(r.fields.open) > 0 {
		if t.kind == 'h' {
			r.fields.text(string(rune(text[0])))
		} else {
			r.fields.text(string(text))
		}
	}
	r.html.text(text, top)
	switch {
	case top.colors:
		for range bytes.Count(text, []byte(";")) {
			r.page.color()
		}
	case top.skipped:
	case t.kind == 'h':
		r.page.text(string(rune(text[0])))
	default:
		r.page.text(string(text))
	}
}
