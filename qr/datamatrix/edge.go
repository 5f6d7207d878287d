package datamatrix

import (
	"math/bits"

	"quishmilter/qr/lattice"
)

// block is how many rows an edge must go on for, each row at most one pixel aside, to be followed: the shortest side that
// we look for, 14 pixels, holds nearly two blocks.
const block = 8

// side is on which side of an edge it is light: to the left of a dark pixel, or to the right of it.
type side int

const (
	leftEdge  side = -1
	rightEdge side = 1
)

// scan filters steep edges out of packed rows, 64 pixels at a time, and follows those that begin in a block of rows.
func (r *reader) scan() {
	b := r.view.Bits
	for _, s := range [2]side{leftEdge, rightEdge} {
		old := make([]uint64, b.Stride) // edges that came through the block before, at this block's first row
		fresh, mask, spare := make([]uint64, b.Stride), make([]uint64, b.Stride), make([]uint64, b.Stride)
		for y := 0; y+block < b.H && !r.spent() && r.ctx.Err() == nil; y += block {
			s.edges(b.Row(y), fresh)
			copy(spare, old)
			for k := 1; k <= block; k++ {
				s.edges(b.Row(y+k), mask)
				through(fresh, mask)
				through(spare, mask)
			}
			for i := range fresh {
				for begun := fresh[i] &^ spare[i]; begun != 0; begun &= begun - 1 {
					r.follow(i<<6+bits.TrailingZeros64(begun), y+block, s)
				}
			}
			old, fresh = fresh, old
		}
	}
}

// edges marks the dark pixels of a row that have a light one on the given side.
func (s side) edges(row, out []uint64) {
	var before uint64
	if s == leftEdge {
		for i, w := range row {
			out[i] = w &^ (w<<1 | before)
			before = w >> 63
		}
		return
	}
	for i := len(row) - 1; i >= 0; i-- {
		w := row[i]
		out[i] = w &^ (w>>1 | before)
		before = w << 63
	}
}

// through keeps, of the edges in a row, those that go on in the next one, whose edges the mask holds.
func through(edges, mask []uint64) {
	var before uint64
	for i, w := range edges {
		var after uint64
		if i+1 < len(edges) {
			after = edges[i+1]
		}
		edges[i] = (w | w<<1 | w>>1 | before>>63 | after<<63) & mask[i]
		before = w
	}
}

// maxLength is the longest side that is followed, in rows.
const maxLength = 4000

// follow collects an edge's pixels up and down from a place on it, and hands on what is long enough.
func (r *reader) follow(x, y int, s side) {
	if r.spent() || r.known(lattice.Point{float64(x), float64(y)}) {
		return
	}
	r.edges++
	up := r.walk(nil, x, y, -1, s)
	down := r.walk(nil, x, y, 1, s)
	if len(up)+len(down) < minSide {
		return
	}
	points := make([]lattice.Point, 0, len(up)+len(down)+1)
	for i := len(up) - 1; i >= 0; i-- {
		points = append(points, up[i])
	}
	points = append(points, s.place(x, y))
	points = append(points, down...)
	r.leg(points, len(up), s)
}

// place is where the edge of pixel (x, y) lies.
func (s side) place(x, y int) lattice.Point {
	if s == rightEdge {
		x++
	}
	return lattice.Point{float64(x), float64(y) + 0.5}
}

// walk follows an edge row by row; a single row may be missing.
func (r *reader) walk(points []lattice.Point, x, y, dy int, s side) []lattice.Point {
	b := r.view.Bits
	missed := false
	for n := 0; n < maxLength; n++ {
		y += dy
		if y < 0 || y >= b.H {
			break
		}
		found := false
		for _, dx := range [5]int{0, 1, -1, 2, -2} {
			if b.At(x+dx, y) && !b.At(x+dx+int(s), y) {
				x, found = x+dx, true
				break
			}
		}
		if found {
			points = append(points, s.place(x, y))
		} else if missed {
			break
		}
		missed = !found
	}
	return points
}
