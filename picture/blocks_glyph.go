package picture

import "image/color"

// letter is one character of a text with its colours; a zero back is the page.
type letter struct {
	r           rune
	front, back color.NRGBA
}

// glyph is what a character paints: a grid of at most 8 by 8, row by row from the top, bit 0 on the left.
type glyph struct {
	columns, rows int
	bits          [8]byte
}

// blank is a character that paints nothing.
func blank(r rune) bool {
	switch r {
	case ' ', '\t', 0xa0, 0x3000, 0x202f, 0x2800, 0x3164, 0xffa0, 0x1d159:
		return true
	}
	return r >= 0x2000 && r <= 0x200a
}

// nothing is a character without width.
func nothing(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r == 0xfeff || r == 0xfe0f || r == 0xfe0e || r == 0x2060 || r == 0xad || r == 0x34f
}

// glyphOf knows the characters that paint parts of their cell: block elements (U+2580), braille (U+2800), sextants
// (U+1FB00) and squares in colour. ok is false for all others.
func glyphOf(r rune) (g glyph, ok bool) {
	switch {
	case blank(r):
		return glyph{columns: 1, rows: 1}, true
	case r >= 0x2580 && r <= 0x259f:
		return blockGlyph(r), true
	case r > 0x2800 && r <= 0x28ff:
		return brailleGlyph(byte(r)), true
	case r >= 0x1fb00 && r <= 0x1fb3b:
		return sextantGlyph(int(r - 0x1fb00)), true
	case r == 0x2b1b || r == 0x25a0 || r == 0x25fc || r == 0x25fe || r == 0x2b24 || r == 0x25cf:
		return full(), true
	case r == 0x2b1c || r == 0x25a1 || r == 0x25fb || r == 0x25fd || r == 0x26aa || r == 0x25cb || r == 0x26ab:
		if r == 0x26ab {
			return full(), true
		}
		return glyph{columns: 1, rows: 1}, true
	}
	_, coloured := squareColor(r)
	return full(), coloured
}

func full() glyph { return glyph{1, 1, [8]byte{1}} }

// blockGlyph paints the block elements (Unicode 16, chart U2580).
func blockGlyph(r rune) glyph {
	g := glyph{columns: 1, rows: 8}
	switch {
	case r == 0x2580:
		return glyph{1, 2, [8]byte{1, 0}}
	case r <= 0x2588: // lower eighths
		for row := 8 - int(r-0x2580); row < 8; row++ {
			g.bits[row] = 1
		}
		return g
	case r <= 0x258f: // left seven eighths to one
		return glyph{8, 1, [8]byte{1<<(0x2590-r) - 1}}
	case r == 0x2590:
		return glyph{2, 1, [8]byte{2}}
	case r <= 0x2593: // shades: dark and medium count as painted, light as not
		if r == 0x2591 {
			return glyph{columns: 1, rows: 1}
		}
		return full()
	case r == 0x2594:
		return glyph{1, 8, [8]byte{1}}
	case r == 0x2595:
		return glyph{8, 1, [8]byte{128}}
	}
	// Quadrants: upper left, upper right, lower left, lower right as bits 0 to 3.
	quadrants := [10]byte{4, 8, 1, 13, 9, 7, 11, 2, 6, 14}[r-0x2596]
	return glyph{2, 2, [8]byte{quadrants & 3, quadrants >> 2}}
}

// brailleGlyph paints dots 1, 2, 3, 7 on the left and 4, 5, 6, 8 on the right, bits 0, 1, 2, 6 and 3, 4, 5, 7.
func brailleGlyph(dots byte) glyph {
	g := glyph{columns: 2, rows: 4}
	for i, place := range [8][2]int{{0, 0}, {1, 0}, {2, 0}, {0, 1}, {1, 1}, {2, 1}, {3, 0}, {3, 1}} {
		if dots&(1<<i) != 0 {
			g.bits[place[0]] |= 1 << place[1]
		}
	}
	return g
}

// sextantGlyph paints 2 by 3 cells. The block leaves out those that exist elsewhere: empty, the left half, the right
// half and full.
func sextantGlyph(index int) glyph {
	pattern := index + 1
	if pattern >= 0b010101 {
		pattern++
	}
	if pattern >= 0b101010 {
		pattern++
	}
	return glyph{2, 3, [8]byte{byte(pattern & 3), byte(pattern >> 2 & 3), byte(pattern >> 4)}}
}

// squareColor is the colour of an emoji square or circle.
func squareColor(r rune) (color.NRGBA, bool) {
	switch r {
	case 0x1f7e5, 0x1f534:
		return color.NRGBA{221, 46, 68, 255}, true
	case 0x1f7e6, 0x1f535:
		return color.NRGBA{85, 172, 238, 255}, true
	case 0x1f7e7, 0x1f7e0:
		return color.NRGBA{244, 144, 12, 255}, true
	case 0x1f7e8, 0x1f7e1:
		return color.NRGBA{253, 203, 88, 255}, true
	case 0x1f7e9, 0x1f7e2:
		return color.NRGBA{120, 177, 89, 255}, true
	case 0x1f7ea, 0x1f7e3:
		return color.NRGBA{170, 142, 214, 255}, true
	case 0x1f7eb, 0x1f7e4:
		return color.NRGBA{193, 105, 79, 255}, true
	case 0x1f532, 0x1f533:
		return color.NRGBA{A: 255}, r == 0x1f532
	}
	return color.NRGBA{}, false
}

// high is how many modules a character stands for from top to bottom.
func (g glyph) high() int {
	switch g.rows {
	case 8:
		return 2
	case 1:
		if g.columns == 2 {
			return 2
		}
	}
	return g.rows
}
