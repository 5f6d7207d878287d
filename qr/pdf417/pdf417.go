// Package pdf417 reads PDF417 symbols (ISO/IEC 15438), compact (truncated) ones too.
//
// In goes a binarised picture and the gray one that it came from; out come all symbols in it, at any rotation, mirrored
// or not. The bars of start and stop patterns are found on every few rows and columns of packed bits (guard.go) and
// joined to edges (edge.go), an edge or a pair of them gives the lines along which the gray picture is read as codewords
// (profile.go, line.go), each codeword says by its cluster in which row it can lie and the indicators say the rest
// (table.go), and what was voted for is corrected (symbol.go) and read (text.go). Inverted pictures are the caller's
// affair: he hands inverted bits, and the gray picture's sense is found out here.
//
// # Limits
//
// At most 64 edges are looked at with a few lines each, and 12 symbols are read with up to 400 lines. Modules must be at
// least 1 pixel wide. Parts of a macro symbol are returned one by one.
package pdf417

import (
	"context"

	"quishmilter/qr/lattice"
)

const (
	maxFrames = 64 // edges or pairs of edges looked at
	maxRead   = 12 // symbols read with all lines
)

// Found is one symbol that was read, its error correction having held.
type Found struct {
	Bytes      []byte        // the payload's bytes as encoded
	Text       string        // the payload as a phone shows it
	Corners    [4][2]float64 // top left, top right, bottom right, bottom left of the symbol as drawn
	Mirrored   bool
	Rows, Cols int // rows, and columns of data codewords
	Level      int // error-correction level, 0 to 8
}

// Read finds all PDF417 symbols. It returns what it has when the context ends.
func Read(ctx context.Context, view lattice.View) []Found {
	r := reader{ctx: ctx, view: view}
	edges := r.edges()
	if len(edges) == 0 {
		return nil
	}
	r.read(edges)
	return r.found
}

// reader is one picture's search.
type reader struct {
	ctx    context.Context
	view   lattice.View
	found  []Found
	frames int
	reads  int
}

// read tries the pairs of start and stop edges, then the edges that are left alone.
func (r *reader) read(edges []edge) {
	for _, f := range frames(edges) {
		if r.frames >= maxFrames || r.reads >= maxRead || r.ctx.Err() != nil {
			return
		}
		if r.known(f.inside()) {
			continue
		}
		r.frames++
		if !r.promising(f) {
			continue
		}
		r.reads++
		if found, ok := r.symbol(f); ok {
			r.found = append(r.found, found)
		}
	}
}

// known tells whether a place lies in a symbol that was read already.
func (r *reader) known(p lattice.Point) bool {
	for _, f := range r.found {
		left, right := false, false
		for i, a := range f.Corners {
			b := f.Corners[(i+1)%4]
			if (b[0]-a[0])*(p[1]-a[1])-(b[1]-a[1])*(p[0]-a[0]) < 0 {
				left = true
			} else {
				right = true
			}
		}
		if left != right {
			return true
		}
	}
	return false
}
