package picture

import (
	"image/color"
	"strings"
)

// maxLetters bounds the characters of one text that are kept with their colours.
const maxLetters = 1_500_000

// plainLines cuts a plain text into lines. ANSI colours, as terminals know them, are obeyed, since some programs
// draw codes with them and some pipe that into mail.
func plainLines(text string) [][]letter {
	var lines [][]letter
	front, back := color.NRGBA{A: 255}, color.NRGBA{}
	room := maxLetters
	for len(text) > 0 && room > 0 {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSuffix(line, "\r")
		var letters []letter
		for len(line) > 0 && room > 0 {
			if rest, ok := ansi(line, &front, &back); ok {
				line = rest
				continue
			}
			var n int
			for i, r := range line {
				if i > 0 && r == '\x1b' {
					break
				}
				n = i + len(string(r))
				letters, room = appendLetter(letters, letter{r, front, back}), room-1
			}
			line = line[min(max(n, 1), len(line)):]
		}
		lines = append(lines, letters)
	}
	return lines
}

func appendLetter(line []letter, c letter) []letter {
	if nothing(c.r) || c.r == '\r' {
		return line
	}
	if c.r == '\t' {
		c.r = ' '
		for len(line)%8 != 7 {
			line = append(line, c)
		}
	}
	return append(line, c)
}

// ansi takes one "select graphic rendition" sequence off the front of a line (ECMA-48, section 8.3.117).
func ansi(line string, front, back *color.NRGBA) (rest string, ok bool) {
	body, found := strings.CutPrefix(line, "\x1b[")
	end := strings.IndexByte(body, 'm')
	if !found || end < 0 || end > 32 {
		return line, false
	}
	for _, code := range strings.Split(body[:end], ";") {
		switch n := number(code); {
		case n == 0:
			*front, *back = color.NRGBA{A: 255}, color.NRGBA{}
		case n == 7:
			*front, *back = color.NRGBA{255, 255, 255, 255}, color.NRGBA{A: 255}
		case n == 39:
			*front = color.NRGBA{A: 255}
		case n == 49:
			*back = color.NRGBA{}
		case n >= 30 && n <= 37:
			*front = ansiColor(n - 30)
		case n >= 90 && n <= 97:
			*front = ansiColor(n - 90)
		case n >= 40 && n <= 47:
			*back = ansiColor(n - 40)
		case n >= 100 && n <= 107:
			*back = ansiColor(n - 100)
		}
	}
	return body[end+1:], true
}

func ansiColor(n int) color.NRGBA {
	channel := func(bit int) byte {
		if n&bit != 0 {
			return 255
		}
		return 0
	}
	return color.NRGBA{channel(1), channel(2), channel(4), 255}
}

// liner collects the lines of a document as a reader sees them.
type liner struct {
	styles *styler
	lines  [][]letter
	line   []letter
	room   int
	open   bool // something stands on the current line
}

// htmlLines returns the text of a document in lines with the colours of each character.
func htmlLines(root *node, styles *styler) [][]letter {
	l := &liner{styles: styles, room: maxLetters}
	base := rootStyle()
	base.background = color.NRGBA{}
	l.visit(root, base, color.NRGBA{})
	l.end()
	return l.lines
}

func (l *liner) end() {
	l.lines = append(l.lines, l.line)
	l.line, l.open = nil, false
}

// breakLine ends a line, if something stands on it.
func (l *liner) breakLine() {
	if l.open {
		l.end()
	}
}

func (l *liner) visit(n *node, st *style, back color.NRGBA) {
	for _, c := range n.children {
		if c.tag == "" {
			l.text(c.text, st, back)
			continue
		}
		if c.tag == "br" {
			l.end()
			continue
		}
		look := l.styles.of(c, st)
		if look.display == "none" || look.unseen {
			continue
		}
		inner := back
		if look.background.A > 0 {
			inner = look.background
		}
		breaks := look.display != "inline" && look.display != "inline-block" && look.display != "cell" && !look.float
		if breaks {
			l.breakLine()
		}
		l.visit(c, look, inner)
		if breaks {
			l.breakLine()
		}
	}
}

// text adds characters; white space collapses to one blank unless it is preformatted (CSS Text 3, section 4).
func (l *liner) text(text string, st *style, back color.NRGBA) {
	for i, r := range text {
		if l.room <= 0 {
			return
		}
		collapsible := r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f'
		switch {
		case st.pre && r == '\n':
			if i > 0 || l.open {
				l.end()
			}
			continue
		case !st.pre && collapsible:
			if len(l.line) == 0 || l.line[len(l.line)-1].r == ' ' {
				continue
			}
			r = ' '
		}
		l.room--
		l.line = appendLetter(l.line, letter{r, st.color, back})
		l.open = true
	}
}
