package qr

import "sync"

// rMQR (ISO/IEC 23941): oblong codes of 7 to 17 rows and 27 to 139 columns, with a finder at the upper left, a small
// one of 5×5 modules at the lower right, timing along all edges and in columns between, and the format information
// beside both finders.

// rmqrBlocks is how a version and level divides its codewords: check words per block, blocks with data words, and
// blocks with one more.
type rmqrBlocks struct{ check, blocks, data, longer int }

// rmqrSymbol is one version (ISO/IEC 23941, tables 1, 3 and 8): blocks for level M and for level H, and the bits of the
// character count in numeric, alphanumeric, byte and kanji mode.
type rmqrSymbol struct {
	rows, cols int
	m, h       rmqrBlocks
	counts     [4]int
}

var rmqrSymbols = [32]rmqrSymbol{
	{7, 43, rmqrBlocks{7, 1, 6, 0}, rmqrBlocks{10, 1, 3, 0}, [4]int{4, 3, 3, 2}},
	{7, 59, rmqrBlocks{9, 1, 12, 0}, rmqrBlocks{14, 1, 7, 0}, [4]int{5, 5, 4, 3}},
	{7, 77, rmqrBlocks{12, 1, 20, 0}, rmqrBlocks{22, 1, 10, 0}, [4]int{6, 5, 5, 4}},
	{7, 99, rmqrBlocks{16, 1, 28, 0}, rmqrBlocks{30, 1, 14, 0}, [4]int{7, 6, 5, 5}},
	{7, 139, rmqrBlocks{24, 1, 44, 0}, rmqrBlocks{22, 2, 12, 0}, [4]int{7, 6, 6, 5}},
	{9, 43, rmqrBlocks{9, 1, 12, 0}, rmqrBlocks{14, 1, 7, 0}, [4]int{5, 5, 4, 3}},
	{9, 59, rmqrBlocks{12, 1, 21, 0}, rmqrBlocks{22, 1, 11, 0}, [4]int{6, 5, 5, 4}},
	{9, 77, rmqrBlocks{18, 1, 31, 0}, rmqrBlocks{16, 1, 8, 1}, [4]int{7, 6, 5, 5}},
	{9, 99, rmqrBlocks{24, 1, 42, 0}, rmqrBlocks{22, 2, 11, 0}, [4]int{7, 6, 6, 5}},
	{9, 139, rmqrBlocks{18, 1, 31, 1}, rmqrBlocks{22, 3, 11, 0}, [4]int{8, 7, 6, 6}},
	{11, 27, rmqrBlocks{8, 1, 7, 0}, rmqrBlocks{10, 1, 5, 0}, [4]int{4, 4, 3, 2}},
	{11, 43, rmqrBlocks{12, 1, 19, 0}, rmqrBlocks{20, 1, 11, 0}, [4]int{6, 5, 5, 4}},
	{11, 59, rmqrBlocks{16, 1, 31, 0}, rmqrBlocks{16, 1, 7, 1}, [4]int{7, 6, 5, 5}},
	{11, 77, rmqrBlocks{24, 1, 43, 0}, rmqrBlocks{22, 1, 11, 1}, [4]int{7, 6, 6, 5}},
	{11, 99, rmqrBlocks{16, 1, 28, 1}, rmqrBlocks{30, 1, 14, 1}, [4]int{8, 7, 6, 6}},
	{11, 139, rmqrBlocks{24, 2, 42, 0}, rmqrBlocks{30, 3, 14, 0}, [4]int{8, 7, 7, 6}},
	{13, 27, rmqrBlocks{9, 1, 12, 0}, rmqrBlocks{14, 1, 7, 0}, [4]int{5, 5, 4, 3}},
	{13, 43, rmqrBlocks{14, 1, 27, 0}, rmqrBlocks{28, 1, 13, 0}, [4]int{6, 6, 5, 5}},
	{13, 59, rmqrBlocks{22, 1, 38, 0}, rmqrBlocks{20, 2, 10, 0}, [4]int{7, 6, 6, 5}},
	{13, 77, rmqrBlocks{16, 1, 26, 1}, rmqrBlocks{28, 1, 14, 1}, [4]int{7, 7, 6, 6}},
	{13, 99, rmqrBlocks{20, 1, 36, 1}, rmqrBlocks{26, 1, 11, 2}, [4]int{8, 7, 7, 6}},
	{13, 139, rmqrBlocks{20, 2, 35, 1}, rmqrBlocks{28, 2, 13, 2}, [4]int{8, 8, 7, 7}},
	{15, 43, rmqrBlocks{18, 1, 33, 0}, rmqrBlocks{18, 1, 7, 1}, [4]int{7, 6, 6, 5}},
	{15, 59, rmqrBlocks{26, 1, 48, 0}, rmqrBlocks{24, 2, 13, 0}, [4]int{7, 7, 6, 5}},
	{15, 77, rmqrBlocks{18, 1, 33, 1}, rmqrBlocks{24, 2, 10, 1}, [4]int{8, 7, 7, 6}},
	{15, 99, rmqrBlocks{24, 2, 44, 0}, rmqrBlocks{22, 4, 12, 0}, [4]int{8, 7, 7, 6}},
	{15, 139, rmqrBlocks{24, 2, 42, 1}, rmqrBlocks{26, 1, 13, 4}, [4]int{9, 8, 7, 7}},
	{17, 43, rmqrBlocks{22, 1, 39, 0}, rmqrBlocks{20, 1, 10, 1}, [4]int{7, 6, 6, 5}},
	{17, 59, rmqrBlocks{16, 2, 28, 0}, rmqrBlocks{30, 2, 14, 0}, [4]int{8, 7, 6, 6}},
	{17, 77, rmqrBlocks{22, 2, 39, 0}, rmqrBlocks{28, 1, 12, 2}, [4]int{8, 7, 7, 6}},
	{17, 99, rmqrBlocks{20, 2, 33, 1}, rmqrBlocks{26, 4, 14, 0}, [4]int{8, 8, 7, 6}},
	{17, 139, rmqrBlocks{20, 4, 38, 0}, rmqrBlocks{26, 2, 12, 4}, [4]int{9, 8, 8, 7}},
}

// rmqrColumns are the columns with a vertical timing pattern, by the columns of the symbol (ISO/IEC 23941, table D.1).
var rmqrColumns = map[int][]int{27: nil, 43: {21}, 59: {19, 39}, 77: {25, 51}, 99: {23, 49, 75}, 139: {27, 55, 83, 111}}

// rmqrModes is by the three bits of the mode indicator (ISO/IEC 23941, table 2).
var rmqrModes = []mode{modeEnd, modeNumeric, modeAlphanumeric, modeByte, modeKanji, modeFNC1First, modeFNC1Second, modeECI}

// rmqrPatterns holds the patterns of the 32 versions.
var rmqrPatterns = sync.OnceValue(func() (all [32]*pattern) {
	for i, s := range rmqrSymbols {
		all[i] = buildRMQR(i, s.cols, s.rows)
	}
	return all
})

func buildRMQR(version, cols, rows int) *pattern {
	p := &pattern{symbology: "rmqr", version: version, cols: cols, rows: rows, n: cols, fixed: make([]bool, cols*rows)}
	for _, c := range finderCells(0, 0, 0, 0) {
		if int(c.y) < rows {
			p.addFinder(0, c)
		}
	}
	for _, c := range ringCells(cols-3, rows-3) {
		p.addFinder(1, c)
	}
	p.rmqrTiming()
	p.rmqrFixed()
	p.walk(cols-2, -1)
	return p
}

func (p *pattern) addFinder(i int, c cell) {
	for len(p.finders) <= i {
		p.finders = append(p.finders, nil)
	}
	p.finders[i] = append(p.finders[i], c)
}

// rmqrTiming lists the alternating modules along the edges and in the columns between, and the 3×3 rings where those
// meet the edges.
func (p *pattern) rmqrTiming() {
	last := p.rows - 1
	ring := func(x int) bool { // near a column's ring, where the edge does not alternate
		for _, c := range rmqrColumns[p.cols] {
			if absInt(x-c) <= 1 {
				return true
			}
		}
		return false
	}
	for x := 8; x < p.cols-2; x++ {
		if ring(x) {
			continue
		}
		p.timing = append(p.timing, cell{uint8(x), 0, x&1 == 0})
		if x < p.cols-5 {
			p.timing = append(p.timing, cell{uint8(x), uint8(last), x&1 == 0})
		}
	}
	for _, cx := range rmqrColumns[p.cols] {
		for y := 0; y < p.rows; y++ {
			if y <= 2 || y >= last-2 {
				hole := y == 1 || y == last-1
				p.timing = append(p.timing, cell{uint8(cx - 1), uint8(y), true}, cell{uint8(cx), uint8(y), !hole}, cell{uint8(cx + 1), uint8(y), true})
			} else {
				p.timing = append(p.timing, cell{uint8(cx), uint8(y), y&1 == 0})
			}
		}
	}
}

// rmqrFixed marks the modules that carry no data.
func (p *pattern) rmqrFixed() {
	p.mark(0, 0, p.cols, 1)
	p.mark(0, p.rows-1, p.cols, 1)
	p.mark(0, 0, 1, p.rows)
	p.mark(p.cols-1, 0, 1, p.rows)
	for _, cx := range rmqrColumns[p.cols] {
		p.mark(cx-1, 0, 3, 3)
		p.mark(cx-1, p.rows-3, 3, 3)
		p.mark(cx, 0, 1, p.rows)
	}
	p.mark(0, 0, 8, min(8, p.rows))
	p.mark(8, 1, 3, 5)
	p.mark(11, 1, 1, 3)
	p.mark(p.cols-5, p.rows-5, 5, 5)
	p.mark(p.cols-8, p.rows-6, 3, 5)
	p.mark(p.cols-5, p.rows-6, 3, 1)
	p.mark(p.cols-2, 1, 1, 1)
	if p.rows > 9 {
		p.mark(1, p.rows-2, 1, 1)
	}
}
