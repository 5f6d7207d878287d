package picture

import (
	"bytes"
	"html"
	"unicode/utf8"
)

// counter counts signs from one end of a text to the other.
type counter struct {
	signs
	symbols  [4]rune
	known    int
	length   int
	artLines int
	inTag    int // characters since the last start tag
	open     bool
	lastTag  []byte
	quoted   bool
	blips    int    // pictures, in XML
	shapes   int    // and painted cells, in XML
	xml      bool   // names have a prefix: "w:p" is a "p"
	escaped  []byte // tags with character references, which may hide anything
}

// longTag is shorter than one with a picture in it, and longer than most that are broken into lines.
const longTag = 300

// markup goes from tag to tag.
func (c *counter) markup(text, low []byte) {
	for i := 0; i < len(text); {
		next := bytes.IndexByte(low[i:], '<')
		segment := text[i:]
		if next >= 0 {
			segment = text[i : i+next]
		}
		c.segment(segment)
		if next < 0 {
			break
		}
		i += next
		end := bytes.IndexByte(low[i:], '>')
		if end < 0 {
			break
		}
		tag := low[i+1 : i+end]
		if bytes.Count(tag, []byte("&")) > bytes.Count(tag, []byte("&amp;")) {
			c.escaped = append(append(c.escaped, tag...), ' ')
		}
		if len(tag) > longTag && bytes.ContainsAny(tag, "\t\r\n\\") {
			c.escaped = append(append(c.escaped, unbroken(string(tag))...), ' ')
		}
		c.tag(tag)
		i += end + 1
	}
}

func (c *counter) tag(tag []byte) {
	name := tagName(tag)
	closes := len(tag) > 0 && tag[0] == '/'
	if c.xml {
		name = name[bytes.IndexByte(name, ':')+1:]
		c.shapes += drawsOne(name, tag)
		if n := string(name); n == "blip" || n == "image" && !closes {
			c.blips++
		}
	}
	switch string(name) {
	case "svg":
		if !closes {
			c.svg++
		}
	case "img", "input", "object", "embed":
		if !bytes.Contains(tag, []byte("src=\"http")) && !bytes.Contains(tag, []byte("src='http")) && !bytes.Contains(tag, []byte("src=http")) {
			c.pictures++
		}
		c.inTag += 100 // a picture is content
		return
	case "br", "p", "div", "tr", "li", "pre", "cr", "line-break", "si", "row":
		c.endLine()
	}
	if len(name) > 0 && name[0] == '!' {
		return
	}
	if c.open && c.inTag <= 2 && (closes && bytes.Equal(name, c.lastTag) || !closes && bytes.Equal(name, c.lastTag)) {
		c.empties++
	}
	c.open, c.inTag, c.lastTag = !closes, 0, name
}

// tagName is "td" of "td width=6" and of "/td".
func tagName(tag []byte) []byte {
	if len(tag) > 0 && tag[0] == '/' {
		tag = tag[1:]
	}
	if end := bytes.IndexAny(tag, " \t\r\n/"); end >= 0 {
		return tag[:end]
	}
	return tag
}

// segment counts the text between two tags.
func (c *counter) segment(s []byte) {
	if len(s) == 0 {
		return
	}
	if bytes.IndexByte(s, '&') >= 0 {
		s = []byte(html.UnescapeString(string(s)))
	}
	before := c.inTag
	c.text(s)
	c.inTag = before + len(bytes.TrimSpace(s))/3 + min(1, len(bytes.TrimSpace(s)))
}

// text counts characters and lines.
func (c *counter) text(s []byte) {
	for i := 0; i < len(s); {
		b := s[i]
		if b < utf8.RuneSelf {
			if c.known > 3 { // nothing but the end of the line matters
				start := i
				for i < len(s) && s[i] < utf8.RuneSelf && s[i] != '\n' {
					i++
				}
				if c.length += i - start; i > start {
					continue
				}
			}
			i++
			if b == '\n' {
				c.endLine()
			} else if b != '\r' {
				c.rune(rune(b))
			}
			continue
		}
		r, n := utf8.DecodeRune(s[i:])
		i += n
		if r >= 0x2000 {
			if nothing(r) {
				continue
			}
			if _, ok := glyphOf(r); ok && !blank(r) {
				c.blocks++
			}
		}
		c.rune(r)
	}
}

// rune notes a character of the current line, as long as there are few different ones.
func (c *counter) rune(r rune) {
	if blank(r) {
		r = ' '
	}
	if c.length == 0 && (r == '>' || r == ' ' && c.quoted) { // the mark of a quoted line, not its content
		c.quoted = r == '>'
		return
	}
	c.length++
	if c.known > 3 {
		return
	}
	for _, have := range c.symbols[:c.known] {
		if have == r {
			return
		}
	}
	c.symbols[c.known] = r
	c.known++
}

// endLine counts lines of two or three characters that follow each other. Marks of quoting count as one.
func (c *counter) endLine() {
	switch {
	case c.length == 0:
		return
	case c.known >= 2 && c.known <= 3 && c.length >= 19 && c.length <= mostColumns:
		c.artLines++
		c.art = max(c.art, c.artLines)
	case c.known > 1:
		c.artLines = 0
	}
	c.known, c.length, c.quoted = 0, 0, false
}
