package qr

import "sync"

// Micro QR (ISO/IEC 18004, 5.3): one finder, timing along the top row and the left column, 11 to 17 modules a side.

// microSymbol is what a symbol number of the format information stands for (ISO/IEC 18004, tables 9 and 13).
type microSymbol struct {
	version     int
	level       string
	data, check int // codewords; the last data codeword of M1 and M3 has four bits only
	repairs     int // codewords that may be repaired: fewer than half of the check words where the standard wants detection
}

var microSymbols = [8]microSymbol{
	{1, "", 3, 2, 0},
	{2, "L", 5, 5, 1}, {2, "M", 4, 6, 2},
	{3, "L", 11, 6, 2}, {3, "M", 9, 8, 4},
	{4, "L", 16, 8, 3}, {4, "M", 14, 10, 5}, {4, "Q", 10, 14, 7},
}

// microMasks are the QR masks that Micro QR uses (ISO/IEC 18004, table 10).
var microMasks = [4]int{1, 4, 6, 7}

// microFormatMask is the mask of the format information.
const microFormatMask = 0x4445

// microFormatPlaces are the modules of the format information, the highest bit first.
var microFormatPlaces = func() []place {
	var places []place
	for x := 1; x <= 8; x++ {
		places = append(places, place{uint8(x), 8})
	}
	for y := 7; y >= 1; y-- {
		places = append(places, place{8, uint8(y)})
	}
	return places
}()

// microPatterns holds the patterns of M1 to M4.
var microPatterns = sync.OnceValue(func() (all [5]*pattern) {
	for version := 1; version <= 4; version++ {
		n := 9 + 2*version
		p := &pattern{symbology: "micro-qr", version: version, cols: n, rows: n, n: n, fixed: make([]bool, n*n)}
		p.finders = [][]cell{finderCells(0, 0, 0, 0)}
		for i := 8; i < n; i++ {
			p.timing = append(p.timing, cell{uint8(i), 0, i&1 == 0}, cell{0, uint8(i), i&1 == 0})
		}
		p.mark(0, 0, n, 1)
		p.mark(0, 0, 1, n)
		p.mark(0, 0, 9, 9)
		p.walk(n-1, -1)
		all[version] = p
	}
	return all
})

// microCoding gives the lengths of mode indicators and character counts (ISO/IEC 18004, tables 2 and 3).
func microCoding(version int) coding {
	c := coding{modeBits: version - 1, zeroEnds: true}
	kinds := []mode{modeNumeric, modeAlphanumeric, modeByte, modeKanji}
	for i := range 1 << (version - 1) {
		if i < len(kinds) && i < version+version/3 {
			c.modes = append(c.modes, kinds[i])
		} else {
			c.modes = append(c.modes, modeBad)
		}
	}
	c.counts = [6]int{modeNumeric: version + 2, modeAlphanumeric: version + 1, modeByte: version + 1, modeKanji: version}
	return c
}
