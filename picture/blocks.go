package picture

import (
	"image/color"
)

// A code made of characters is a run of lines, each of about the same length, of characters that paint blocks, or of
// two characters only, one for dark and one for light.

// Bounds of codes made of characters.
const (
	fewestColumns = 10  // braille: two modules a character, of 21
	mostColumns   = 420 // two characters a module, of 177, and a margin
	mostLines     = 420
	blockRuns     = 16 // runs of one text that are drawn
)

// lineKind is what a line may be part of.
type lineKind int

const (
	plainLine  lineKind = iota
	emptyLine           // nothing at all
	blockLine           // block characters, or painted backgrounds
	symbolLine          // two or three characters
)

// measured is a line with what it is made of.
type measured struct {
	letters []letter
	kind    lineKind
	high    int // modules from top to bottom, of the finest character
	symbols [3]rune
	count   int
}

// blockPictures draws the codes that stand in lines of text.
func (v *view) blockPictures(lines [][]letter, carrier string) {
	runs := 0
	var run []measured
	flush := func() {
		for _, art := range drawableRuns(run) {
			if runs++; runs > blockRuns || v.ended("") {
				break
			}
			for _, img := range art.draw() {
				v.picture(img, "text", carrier)
			}
		}
		run = run[:0]
	}
	for _, line := range lines {
		m := measure(line)
		if m.kind == plainLine || len(run) > 0 && !fits(run[0], m) || len(run) >= 2*mostLines {
			flush()
		}
		if m.kind != plainLine && (m.kind != emptyLine || len(run) > 0) {
			run = append(run, m)
		}
	}
	flush()
}

// fits tells whether a line may continue a run.
func fits(first, next measured) bool {
	return next.kind == emptyLine || first.kind == emptyLine || first.kind == next.kind
}

// measure tells what a line is made of. Marks of quoting and margins of white space are no part of it.
func measure(line []letter) measured {
	line = withoutQuoting(line)
	m := measured{letters: line, high: 1}
	if len(line) > mostColumns {
		return measured{kind: plainLine}
	}
	seen := 0
	isBlocks := true
	for _, c := range line {
		if c.back.A > 0 && (blank(c.r) || c.front == c.back) { // only the ground is seen
			seen++
			continue
		}
		g, ok := glyphOf(c.r)
		if !blank(c.r) {
			seen++
		}
		isBlocks = isBlocks && ok
		if ok {
			m.high = max(m.high, g.high())
		}
	}
	switch {
	case seen == 0:
		m.kind = emptyLine
	case isBlocks:
		m.kind = blockLine
	case m.countSymbols():
		m.kind = symbolLine
	}
	return m
}

// countSymbols notes the characters of a line; false when these are more than three or the line is too short.
func (m *measured) countSymbols() bool {
	if len(m.letters) < 8 {
		return false
	}
	for _, c := range m.letters {
		r := c.r
		if blank(r) {
			r = ' '
		}
		known := false
		for i := range m.count {
			known = known || m.symbols[i] == r
		}
		if known {
			continue
		}
		if m.count == 3 {
			return false
		}
		m.symbols[m.count] = r
		m.count++
	}
	return true
}

// withoutQuoting takes "> > " off the front.
func withoutQuoting(line []letter) []letter {
	for len(line) > 0 && line[0].r == '>' {
		line = line[1:]
		if len(line) > 0 && line[0].r == ' ' {
			line = line[1:]
		}
	}
	return line
}

// art is a block of characters that may be a code.
type art struct {
	lines  [][]letter
	high   int
	dark   func(rune) bool // of symbols; nil: glyphs are painted
	second bool            // the other symbol may be the dark one just as well
}

// drawableRuns finds what in a run of lines may be a code.
func drawableRuns(run []measured) []art {
	run = trimEmpty(run)
	if len(run) < 6 {
		return nil
	}
	run = withoutSpacing(run)
	a := art{high: 1}
	kind := plainLine
	var symbols []rune
	width := 0
	for _, m := range run {
		a.lines = append(a.lines, m.letters)
		a.high = max(a.high, m.high)
		width = max(width, len(m.letters))
		if m.kind != emptyLine {
			kind = m.kind
		}
		for _, r := range m.symbols[:m.count] {
			symbols = appendNew(symbols, r)
		}
	}
	if len(a.lines)*a.high < 19 || width < fewestColumns || len(a.lines) > mostLines {
		return nil
	}
	if kind == symbolLine && !a.chooseDark(symbols) || !a.busy() {
		return nil
	}
	return []art{a}
}

func appendNew(list []rune, r rune) []rune {
	for _, have := range list {
		if have == r {
			return list
		}
	}
	return append(list, r)
}

func trimEmpty(run []measured) []measured {
	for len(run) > 0 && run[0].kind == emptyLine {
		run = run[1:]
	}
	for len(run) > 0 && run[len(run)-1].kind == emptyLine {
		run = run[:len(run)-1]
	}
	return run
}

// withoutSpacing drops every second line when these are all empty: paragraphs, or lines that end twice.
func withoutSpacing(run []measured) []measured {
	var odd []measured
	for i, m := range run {
		if i%2 == 0 {
			odd = append(odd, m)
		} else if m.kind != emptyLine || len(m.letters) > 0 {
			return run
		}
	}
	return odd
}

// chooseDark decides which of two or three characters stand for dark modules: those with ink.
func (a *art) chooseDark(symbols []rune) bool {
	if len(symbols) == 0 || len(symbols) > 3 {
		return false
	}
	var printed, inked []rune
	for _, r := range symbols {
		if r != ' ' {
			printed = append(printed, r)
			if !thin(r) {
				inked = append(inked, r)
			}
		}
	}
	if len(printed) == 0 || len(printed) == 3 {
		return false
	}
	dark := printed[0]
	if len(inked) > 0 {
		dark = inked[0]
	}
	a.second = len(printed) == 2 && len(inked) != 1
	a.dark = func(r rune) bool { return r == dark }
	if a.second && len(symbols) == 3 { // white space is the margin, and light like one of the two
		return true
	}
	a.second = false
	return true
}

// thin is a character with little ink, as those that draw with letters use for light.
func thin(r rune) bool {
	switch r {
	case '.', ',', '-', '_', '\'', '`', ':', ';', '~', '"', '·', '░':
		return true
	}
	return false
}

// busy tells whether dark and light change as often as in a code: ruled tables and banners do not.
func (a *art) busy() bool {
	changes, busyLines := 0, 0
	for _, line := range a.lines {
		here := 0
		for i := 1; i < len(line); i++ {
			if a.look(line[i]) != a.look(line[i-1]) {
				here++
			}
		}
		changes += here
		if here >= 4 {
			busyLines++
		}
	}
	return busyLines*10 >= len(a.lines)*7 && changes >= 6*len(a.lines)*2/3
}

// look tells characters apart that look different.
func (a *art) look(c letter) any {
	if a.dark != nil && !a.dark(c.r) {
		return c.back
	}
	if _, ok := glyphOf(c.r); a.dark == nil && (!ok || blank(c.r)) {
		return c.back
	}
	return c
}

// paper is the colour behind a text.
var paper = color.NRGBA{255, 255, 255, 255}
