package datamatrix

import (
	"math/bits"

	"quishmilter/qr/bitmap"
	"quishmilter/qr/lattice"
)

// block is how many rows an edge must go on for, each row at most one pixel aside, to be followed in a small picture.
// In one of more than manyPixels it must come through two blocks, of which the shortest side of 24 pixels holds a whole
// pair wherever it lies: 12 modules of 2 pixels, or 8 of 3.
const (
	block      = 8
	manyPixels = 32_768
)

// side is on which side of an edge it is light: to the left of a dark pixel, or to the right of it.
type side int

const (
	leftEdge  side = -1
	rightEdge side = 1
)

// chains are the edges of one row that came through blocks of rows above it, as masks.
type chains struct {
	old   []uint64 // through two blocks or more
	young []uint64 // through one, having begun in it
	mask  []uint64 // the edges of the row being looked at
	fresh []uint64 // all edges of the block's first row
}

// scan filters steep edges out of packed rows, 64 pixels at a time, and follows those that begin.
func (r *reader) scan() {
	b := r.view.Bits
	patient := b.W*b.H > manyPixels
	for _, s := range [2]side{leftEdge, rightEdge} {
		space := make([]uint64, 4*b.Stride)
		c := chains{space[:b.Stride], space[b.Stride : 2*b.Stride], space[2*b.Stride : 3*b.Stride], space[3*b.Stride:]}
		for y := 0; y+block < b.H && !r.spent() && r.ctx.Err() == nil; y += block {
			c.block(b, s, y)
			for i, w := range c.young {
				if !patient {
					w = c.fresh[i] &^ w
				}
				for w &^= c.old[i]; w != 0; w &= w - 1 {
					r.follow(i<<6+bits.TrailingZeros64(w), y+block, s)
				}
			}
			c.age()
		}
	}
}

// block takes the chains through the rows after y.
func (c *chains) block(b *bitmap.Bitmap, s side, y int) {
	s.edges(b.Row(y), c.fresh)
	for k := 1; k <= block; k++ {
		s.edges(b.Row(y+k), c.mask)
		c.through()
	}
}

// age makes the chains of this block those of the block before.
func (c *chains) age() {
	for i := range c.old {
		c.old[i] |= c.young[i]
		c.young[i] = c.fresh[i] &^ c.old[i]
	}
}

// edges marks the dark pixels of a row that have three light ones on the given side: the quiet zone is a module wide at
// least, hair lines and noise have less, and with two the texture of cloth and paper has twice as many edges.
func (s side) edges(row, out []uint64) {
	var before uint64
	if s == leftEdge {
		for i, w := range row {
			out[i] = w &^ (w<<1 | before>>63 | w<<2 | before>>62 | w<<3 | before>>61)
			before = w
		}
		return
	}
	for i := len(row) - 1; i >= 0; i-- {
		w := row[i]
		out[i] = w &^ (w>>1 | before<<63 | w>>2 | before<<62 | w>>3 | before<<61)
		before = w
	}
}

// through keeps, of the edges in a row, those that go on in the next one, whose edges the mask holds.
func (c *chains) through() {
	n := len(c.mask)
	old, young, fresh := c.old[:n], c.young[:n], c.fresh[:n]
	var o, y, f uint64 // the words before, as they were
	a, b, d := old[0], young[0], fresh[0]
	for i, m := range c.mask {
		var p, q, r uint64 // the words after
		if i+1 < n {
			p, q, r = old[i+1], young[i+1], fresh[i+1]
		}
		old[i] = (a | a<<1 | a>>1 | o>>63 | p<<63) & m
		young[i] = (b | b<<1 | b>>1 | y>>63 | q<<63) & m
		fresh[i] = (d | d<<1 | d>>1 | f>>63 | r<<63) & m
		o, y, f = a, b, d
		a, b, d = p, q, r
	}
}

// How far an edge is followed up and down, in rows: as far as it takes to see that it is a bar, and the whole.
const (
	firstRows = 32
	maxLength = 4000
)

// follow collects an edge's pixels up and down from a place on it, and hands on what is long enough.
func (r *reader) follow(x, y int, s side) {
	if r.spent() || r.known(lattice.Point{float64(x), float64(y)}) {
		return
	}
	r.edges++
	r.up = r.walk(r.up[:0], x, y, -1, firstRows, s)
	r.down = r.walk(r.down[:0], x, y, 1, firstRows, s)
	if bent(x, r.up, s) && bent(x, r.down, s) {
		return
	}
	if len(r.up)+len(r.down) < minSide || r.hopeless(r.gather(x, y, s), s) {
		return
	}
	if len(r.up) == firstRows {
		r.up = r.walk(r.up[:0], x, y, -1, maxLength, s)
	}
	if len(r.down) == firstRows {
		r.down = r.walk(r.down[:0], x, y, 1, maxLength, s)
	}
	r.leg(r.gather(x, y, s), len(r.up), s)
}

// bent tells whether an edge's next two blocks of rows, up or down, differ in direction by more than two pixels, or
// whether it ends before. It may do so on one side, where it goes around a corner.
func bent(x int, points []lattice.Point, s side) bool {
	if len(points) < 2*block {
		return len(points) < block
	}
	turn := s.place(x, 0)[0] - 2*points[block-1][0] + points[2*block-1][0]
	return turn > 2 || turn < -2
}

// gather joins what was followed up and down from (x, y), from the top down.
func (r *reader) gather(x, y int, s side) []lattice.Point {
	points := r.points[:0]
	for i := len(r.up) - 1; i >= 0; i-- {
		points = append(points, r.up[i])
	}
	r.points = append(append(points, s.place(x, y)), r.down...)
	return r.points
}

// place is where the edge of pixel (x, y) lies.
func (s side) place(x, y int) lattice.Point {
	if s == rightEdge {
		x++
	}
	return lattice.Point{float64(x), float64(y) + 0.5}
}

// walk follows an edge row by row; a single row may be missing.
func (r *reader) walk(points []lattice.Point, x, y, dy, rows int, s side) []lattice.Point {
	b := r.view.Bits
	if dy > 0 {
		rows = min(rows, b.H-1-y)
	} else {
		rows = min(rows, y)
	}
	missed := false
	for range rows {
		y += dy
		dx := s.nearest(b.Row(y), x)
		if dx == nowhere {
			if missed {
				break
			}
			missed = true
			continue
		}
		x += dx
		points = append(points, s.place(x, y))
		missed = false
	}
	return points
}

// nowhere is what nearest gives where there is no edge.
const nowhere = -128

// nearer is how far aside the nearest of five places is that are marked in bits, the middle one in bit 2, the right one of
// two; nowhere where none is.
var nearer = func() (dx [32]int8) {
	for marks := range dx {
		dx[marks] = nowhere
		for _, d := range [5]int8{-2, 2, -1, 1, 0} {
			if marks>>(d+2)&1 != 0 {
				dx[marks] = d
			}
		}
	}
	return dx
}()

// nearest looks for an edge at x or up to two pixels beside it.
func (s side) nearest(row []uint64, x int) int {
	const reach = 3 // pixels on either side that decide
	w := window(row, x-reach)
	if s == leftEdge {
		w &^= w << 1
	} else {
		w &^= w >> 1
	}
	return int(nearer[w>>(reach-2)&0x1f])
}

// window returns the pixels from x on in its lowest bits, at least eight of them; pixels outside the row are light.
func window(row []uint64, x int) uint64 {
	i, off := x>>6, x&63
	if uint(i) >= uint(len(row)) {
		if i < 0 {
			return row[0] << -x
		}
		return 0
	}
	w := row[i] >> off
	if off > 56 && i+1 < len(row) {
		w |= row[i+1] << (64 - off)
	}
	return w
}
