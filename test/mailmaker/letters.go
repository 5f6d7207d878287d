package mailmaker

import "strings"

// Characters that draw parts of their cell, by what of it is dark.

// HalfBlocks draws two modules a character, one above the other.
func HalfBlocks(rows [][]bool) string { return cells(rows, 1, 2, []rune(" ▀▄█")) }

// Quadrants draws two by two modules a character.
func Quadrants(rows [][]bool) string {
	return cells(rows, 2, 2, []rune(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"))
}

// Braille draws two by four modules a character.
func Braille(rows [][]bool) string {
	table := make([]rune, 256)
	for pattern := range table {
		dots := 0
		for i, dot := range [8]int{0, 3, 1, 4, 2, 5, 6, 7} { // row by row, left to right
			if pattern&(1<<i) != 0 {
				dots |= 1 << dot
			}
		}
		table[pattern] = rune(0x2800 + dots)
	}
	return cells(rows, 2, 4, table)
}

// Sextants draws two by three modules a character.
func Sextants(rows [][]bool) string {
	table := make([]rune, 64)
	next := rune(0x1fb00)
	for pattern := range table {
		switch pattern {
		case 0:
			table[pattern] = ' '
		case 0b010101:
			table[pattern] = '▌'
		case 0b101010:
			table[pattern] = '▐'
		case 63:
			table[pattern] = '█'
		default:
			table[pattern] = next
			next++
		}
	}
	return cells(rows, 2, 3, table)
}

// cells packs w by h modules into one character; bit 0 is the upper left one.
func cells(rows [][]bool, w, h int, table []rune) string {
	var out strings.Builder
	for y := 0; y < len(rows); y += h {
		for x := 0; x < len(rows); x += w {
			pattern := 0
			for i := range w * h {
				if cy, cx := y+i/w, x+i%w; cy < len(rows) && cx < len(rows) && rows[cy][cx] {
					pattern |= 1 << i
				}
			}
			out.WriteRune(table[pattern])
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// Symbols draws one module with a text of its own: "##" and two blanks, or two emoji.
func Symbols(rows [][]bool, dark, light string) string {
	return each(rows, func(out *strings.Builder, _, _ int, isDark bool) {
		if isDark {
			out.WriteString(dark)
		} else {
			out.WriteString(light)
		}
	}, "", "\n")
}

// Inverted exchanges dark and light.
func Inverted(rows [][]bool) [][]bool {
	other := make([][]bool, len(rows))
	for y, row := range rows {
		other[y] = make([]bool, len(row))
		for x, dark := range row {
			other[y][x] = !dark
		}
	}
	return other
}
