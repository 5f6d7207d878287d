package qr

import (
	"sync"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// cell is a module whose colour the standard fixes.
type cell struct {
	x, y uint8
	dark bool
}

// place is a module.
type place struct{ x, y uint8 }

// pattern holds the function patterns of one version (ISO/IEC 18004, 6.3): what must be seen whatever the payload is.
type pattern struct {
	symbology  string
	version    int
	cols, rows int // modules along a row and a column; both are n for a square symbol
	n          int
	finders    [][]cell // top left, top right, bottom left: 8×8 with the separator
	timing     []cell
	align      []cell
	centres    []int   // of the alignment patterns, along either axis
	fixed      []bool  // cols×rows: the modules that carry no data
	data       []place // those that do, in the order of their bits
}

var (
	patterns     [41]*pattern
	patternsOnce [41]sync.Once
)

// sideOf gives the modules along a side of a version.
func sideOf(version int) int { return 17 + 4*version }

// patternOf gives the function patterns of a version from 1 to 40.
func patternOf(version int) *pattern {
	patternsOnce[version].Do(func() { patterns[version] = buildPattern(version) })
	return patterns[version]
}

func buildPattern(version int) *pattern {
	n := sideOf(version)
	p := &pattern{symbology: "qr", version: version, cols: n, rows: n, n: n}
	p.fixed = make([]bool, p.n*p.n)
	p.finders = [][]cell{finderCells(0, 0, 0, 0), finderCells(n-7, 0, n-8, 0), finderCells(0, n-7, 0, n-8)}
	for i := 8; i < p.n-8; i++ {
		p.timing = append(p.timing, cell{uint8(i), 6, i&1 == 0}, cell{6, uint8(i), i&1 == 0})
	}
	if v, err := decoder.Version_GetVersionForNumber(version); err == nil {
		p.centres = v.GetAlignmentPatternCenters()
	}
	p.eachAlignment(func(cx, cy int) {
		p.align = append(p.align, ringCells(cx, cy)...)
	})
	p.fix()
	p.walk(n-1, 6)
	return p
}

// walk lists the data modules in columns of two from the column right leftwards, up and down in turn, passing over
// the column skip (ISO/IEC 18004, 7.7.3).
func (p *pattern) walk(right, skip int) {
	up := true
	for ; right > 0; right -= 2 {
		if right == skip {
			right--
		}
		for i := range p.rows {
			y := i
			if up {
				y = p.rows - 1 - i
			}
			for x := right; x > right-2 && x >= 0; x-- {
				if !p.fixed[y*p.cols+x] {
					p.data = append(p.data, place{uint8(x), uint8(y)})
				}
			}
		}
		up = !up
	}
}

// eachAlignment calls f for the centre of each alignment pattern: all crossings of the centres but the three under
// the finders.
func (p *pattern) eachAlignment(f func(cx, cy int)) {
	last := p.n - 7
	for _, cy := range p.centres {
		for _, cx := range p.centres {
			if cx == 6 && cy == 6 || cx == 6 && cy == last || cx == last && cy == 6 {
				continue
			}
			f(cx, cy)
		}
	}
}

// finderCells lists the 7×7 modules at (x, y) and the separator around them, within the 8×8 modules at (sx, sy).
func finderCells(x, y, sx, sy int) []cell {
	var cells []cell
	for j := sy; j < sy+8; j++ {
		for i := sx; i < sx+8; i++ {
			dx, dy := absInt(i-x-3), absInt(j-y-3)
			d := max(dx, dy)
			cells = append(cells, cell{uint8(i), uint8(j), d <= 1 || d == 3})
		}
	}
	return cells
}

// ringCells lists the 5×5 modules of an alignment pattern.
func ringCells(cx, cy int) []cell {
	var cells []cell
	for j := cy - 2; j <= cy+2; j++ {
		for i := cx - 2; i <= cx+2; i++ {
			d := max(absInt(i-cx), absInt(j-cy))
			cells = append(cells, cell{uint8(i), uint8(j), d != 1})
		}
	}
	return cells
}

// fix marks the modules that carry no data: function patterns, format information and, from version 7 on, version
// information.
func (p *pattern) fix() {
	p.mark(0, 0, 9, 9)
	p.mark(p.n-8, 0, 8, 9)
	p.mark(0, p.n-8, 9, 8)
	p.mark(6, 0, 1, p.n)
	p.mark(0, 6, p.n, 1)
	p.eachAlignment(func(cx, cy int) { p.mark(cx-2, cy-2, 5, 5) })
	if p.version >= 7 {
		p.mark(p.n-11, 0, 3, 6)
		p.mark(0, p.n-11, 6, 3)
	}
}

// mark says that a rectangle of modules carries no data.
func (p *pattern) mark(x, y, w, h int) {
	for j := y; j < y+h; j++ {
		for i := x; i < x+w; i++ {
			p.fixed[j*p.cols+i] = true
		}
	}
}

func absInt(v int) int {
	if v < 0 {
		return -v
	}
	return v
}
