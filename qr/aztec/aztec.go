// Package aztec reads Aztec codes (ISO/IEC 24778), compact and full.
//
// In goes a binarised picture and the gray one that it came from; out come all codes in it, at any rotation, mirrored
// or not. A code is found by the concentric squares in its middle (bullseye.go), whose edges give a first lattice
// (ring.go); the ring around them tells size and orientation (mode.go); from there the lattice grows outwards
// (grow.go), is sampled, corrected (codewords.go) and read (text.go). Inverted pictures are the caller's affair.
//
// # Limits
//
// At most 3,000 suspected centres are looked at closely, 24 of them as far as their rings in vain, and 16 have their symbol
// sampled in vain; 100 symbols are read. Runes (a compact core without data) carry a number below 256 and are not reported.
package aztec

import (
	"context"

	"quishmilter/qr/eci"
	"quishmilter/qr/lattice"
)

const (
	maxCentres = 3000 // centres whose column is looked at
	maxRings   = 24   // centres whose rings are traced in vain; a photograph has three
	maxSampled = 16   // symbols that are sampled and corrected in vain
	maxFound   = 100  // symbols that are read
)

// Found is one code that was read, its error correction having held.
type Found struct {
	Bytes    []byte        // the payload's bytes as encoded
	Text     string        // the payload as a phone shows it
	Corners  [4][2]float64 // top left, top right, bottom right, bottom left of the symbol as drawn
	Mirrored bool
	Compact  bool
	Layers   int // rings of data around the core, 1 to 32
}

// Read finds all Aztec codes. It returns what it has when the context ends.
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
	centres int
	rings   int
	sampled int
	tried   []centre // traced, with whatever outcome
	read    []centre // the middles of what was found
}

// spent tells whether a cap or the context ends the search.
func (r *reader) spent() bool {
	return r.centres >= maxCentres || r.rings >= maxRings || r.sampled >= maxSampled || len(r.found) >= maxFound || r.ctx.Err() != nil
}

// try follows one centre as far as it holds.
func (r *reader) try(c centre) {
	r.tried = append(r.tried, c)
	for _, core := range r.cores(c) {
		for _, mode := range core.modes(r.view) {
			if r.spent() {
				return
			}
			if found, ok := r.sample(mode); ok {
				r.found = append(r.found, found)
				r.read = append(r.read, c)
				return
			}
			r.sampled++
		}
	}
	r.rings++
}

// sample reads the modules of and decodes a symbol whose size and orientation are known. Where its modules are small, the
// lattice is grown a second time by the gray levels if the binarised picture was not enough.
func (r *reader) sample(m mode) (Found, bool) {
	if f, ok := r.sampleGrown(m, false); ok {
		return f, true
	}
	if lattice.Apart(m.to[0], m.to[1]) > 2*m.half*smallModule {
		return Found{}, false
	}
	return r.sampleGrown(m, true)
}

// sampleGrown grows the lattice and samples it: first the binarised picture, then the gray levels.
func (r *reader) sampleGrown(m mode, byGray bool) (Found, bool) {
	to, ok := r.grow(m, byGray)
	if !ok {
		return Found{}, false
	}
	size := float64(m.size())
	at, ok := lattice.FromQuads(lattice.Box(0, 0, size, size), to)
	if !ok {
		return Found{}, false
	}
	for _, sample := range []func(*lattice.Map, int, int) lattice.Matrix{r.view.Sample, r.view.SampleGray} {
		if payload, ok := decode(m, sample(&at, m.size(), m.size())); ok {
			return m.result(payload, to), true
		}
	}
	return Found{}, false
}

func (m mode) result(payload eci.Payload, corners [4]lattice.Point) Found {
	f := Found{Bytes: payload.Bytes(), Text: payload.Text(), Corners: corners, Mirrored: m.mirrored, Compact: m.compact, Layers: m.layers}
	if m.mirrored { // the lattice was laid transposed: back to the order as drawn
		f.Corners[1], f.Corners[3] = f.Corners[3], f.Corners[1]
	}
	return f
}
