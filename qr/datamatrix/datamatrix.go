// Package datamatrix reads Data Matrix ECC 200 symbols (ISO/IEC 16022), square and rectangular, and the longer
// rectangles of the extension (ISO/IEC 21471).
//
// In goes a binarised picture and the gray one that it came from; out come all symbols in it, at any rotation, mirrored
// or not. A symbol is found by its two solid sides: long straight steep edges are filtered out of packed rows (edge.go),
// one that looks like a solid side leads to the corner and the other one (legs.go), and the alternating modules of the
// two other sides give size and perspective (border.go). The modules are then put in order (placement.go), corrected
// (codewords.go) and read (text.go). Inverted pictures are the caller's affair.
//
// # Limits
//
// At most 20,000 edges are followed, 600 pairs of sides compared with a border, 120 borders refined, and 24 symbols
// sampled. A side must be at least 14 pixels long, in pictures of more than 32,768 pixels 24. Symbols of the older kinds
// ECC 000 to 140 have odd sizes and are not read.
package datamatrix

import (
	"context"

	"quishmilter/qr/lattice"
)

const (
	maxEdges   = 20000
	maxBorders = 600
	maxRefined = 120
	maxSampled = 24
)

// Found is one symbol that was read, its error correction having held.
type Found struct {
	Bytes      []byte        // the payload's bytes as encoded
	Text       string        // the payload as a phone shows it
	Corners    [4][2]float64 // top left, top right, bottom right, bottom left of the symbol as drawn
	Mirrored   bool
	Rows, Cols int // modules
}

// Read finds all Data Matrix symbols. It returns what it has when the context ends.
func Read(ctx context.Context, view lattice.View) []Found {
	r := reader{ctx: ctx, view: view}
	r.scan()
	return r.found
}

// reader is one picture's search.
type reader struct {
	ctx     context.Context
	view    lattice.View
	found   []Found
	up      []lattice.Point // space for the edges being followed
	down    []lattice.Point
	points  []lattice.Point
	inward  []lattice.Point // and for the second side
	edges   int
	borders int
	refined int
	sampled int
}

// spent tells whether a cap or the context ends the search.
func (r *reader) spent() bool {
	return r.edges >= maxEdges || r.borders >= maxBorders || r.sampled >= maxSampled
}

// known tells whether a place lies in a symbol that was read already.
func (r *reader) known(p lattice.Point) bool {
	for _, f := range r.found {
		if inside(p, f.Corners) {
			return true
		}
	}
	return false
}

// inside tells whether a place lies within a convex quadrilateral or within two pixels of it.
func inside(p lattice.Point, q [4]lattice.Point) bool {
	left, right := 0, 0
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		cross := (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0])
		slack := 2 * lattice.Apart(a, b)
		if cross < -slack {
			left++
		} else if cross > slack {
			right++
		}
	}
	return left == 0 || right == 0
}

// read samples a symbol whose corners and size are known and decodes it: by the binarised picture, then by the gray
// levels, each as it stands and, where the sides allow it, mirrored.
func (r *reader) read(b border) bool {
	at, ok := b.lattice()
	if !ok || r.spent() || r.ctx.Err() != nil {
		return false
	}
	r.sampled++
	for _, sample := range []func(*lattice.Map, int, int) lattice.Matrix{r.view.Sample, r.view.SampleGray} {
		symbol := sample(&at, b.cols, b.rows)
		if r.keep(b, symbol, b.mirrored) {
			return true
		}
		if b.rows == b.cols {
			// The border is its own mirror image along the diagonal from the corner of the solid sides.
			if r.keep(b, mirror(symbol), !b.mirrored) {
				return true
			}
		}
	}
	return false
}

// mirror reflects a symbol so that its left and bottom side change places.
func mirror(m lattice.Matrix) lattice.Matrix {
	out := lattice.NewMatrix(m.H, m.W)
	for y := 0; y < m.H; y++ {
		for x := 0; x < m.W; x++ {
			out.Dark[(m.W-1-x)*out.W+(m.H-1-y)] = m.At(x, y)
		}
	}
	return out
}

func (r *reader) keep(b border, symbol lattice.Matrix, mirrored bool) bool {
	payload, ok := decode(b.size, symbol)
	if !ok {
		return false
	}
	f := Found{Bytes: payload.Bytes(), Text: payload.Text(), Corners: b.to, Mirrored: mirrored, Rows: b.rows, Cols: b.cols}
	if b.mirrored {
		f.Corners[1], f.Corners[3] = f.Corners[3], f.Corners[1]
	}
	r.found = append(r.found, f)
	return true
}
