package qr

import (
	"image"

	"quishmilter/qr/bitmap"
	"quishmilter/qr/lattice"
)

// pass is one look at a picture, scale times smaller than the original.
type pass struct {
	*reader
	gray   *image.Gray
	bits   *bitmap.Bitmap
	turned *bitmap.Bitmap // the same with rows and columns exchanged
	scale  float64

	step   int     // rows from one that is scanned to the next
	bows   int     // frames that were bowed to see whether they fit then
	rolls  int     // frames that were laid over a surface
	failed []frame // those that scored well and could not be read
}

// pass binarises one picture.
func (r *reader) pass(gray *image.Gray, scale float64) *pass { return r.halving(gray, nil, scale) }

// halving is pass which also writes the picture at half its size, unless that is nil.
func (r *reader) halving(gray, half *image.Gray, scale float64) *pass {
	p := &pass{reader: r, gray: gray, bits: r.bitmap(gray.Rect.Dx(), gray.Rect.Dy()), turned: &r.turned, scale: scale}
	p.step = scanStep(gray.Rect.Dy(), scale)
	r.binary.binarise(gray, p.bits, half)
	if r.seekCards {
		var cut bool
		if r.cards, cut = r.binary.cards(p.bits); cut {
			r.giveUp("cards")
		}
		r.seekCards = false
	}
	calm(p.bits)
	p.bits.Turn(p.turned)
	r.lines.Take(p.bits)
	return p
}

// view is what the parts of the reader look at.
func (p *pass) view() lattice.View {
	return lattice.View{Bits: p.bits, Turned: p.turned, Gray: p.gray, Lines: &p.lines}
}

// search looks for QR, Micro QR and rMQR codes and counts what still looks like part of one.
func (p *pass) search() (hints int) {
	p.scan.reset(p.view())
	p.scan.scan(p.ctx, p.step)
	if p.scan.cut {
		p.giveUp("candidates")
	}
	finders := p.scan.best()
	p.takeRead(finders)
	p.traceFinders(finders, p.scale)
	read := len(p.codes)
	p.triples(finders)
	for len(p.scan.found) > maxFinders && len(p.codes) > read {
		read = len(p.codes)
		finders = p.further()
		p.triples(finders)
	}
	p.couples(finders)
	p.singles(finders)
	p.remember(finders)
	if p.scale == 1 && len(p.codes) == 0 && p.dot == 0 {
		p.dot = p.dotted()
	}
	return p.hints(finders)
}

// hintMatches is how many of a finder's 49 modules must be right for it to count as part of a code that was not read.
// One picture in thirty without a code has such a place.
const hintMatches = 40

// hints counts the finders that are left and look so right that there must be a code.
func (p *pass) hints(finders []finder) (n int) {
	for i := range finders {
		if f := &finders[i]; !f.taken && f.rings >= ringsLeast {
			if f.axes(p.bits).right >= hintMatches {
				n++
			}
		}
	}
	return n
}

// bitmap gives the reader's bitmap in a new size; every row is written by the binariser.
func (r *reader) bitmap(w, h int) *bitmap.Bitmap {
	stride := (w + 63) / 64
	if cap(r.bits.Words) < stride*h {
		r.bits.Words = make([]uint64, stride*h)
	}
	r.bits = bitmap.Bitmap{W: w, H: h, Stride: stride, Words: r.bits.Words[:stride*h]}
	return &r.bits
}

// scanStep is how many rows lie between two that are scanned: a finder of 1.5 pixels a module has a core of four rows.
// Where a picture was made smaller, so that only the larger modules are left, the steps are wider.
func scanStep(h int, scale float64) int {
	return min(max(int(float64(h)*max(scale+1, 2)/300)+1, 1), 4)
}

// frameCost is how many triples that are refused at the first glance cost as much as one that makes a frame.
const frameCost = 20

// triples tries the triples of finders, the likeliest first, and goes on after a code for the next one. Leaves in a
// photograph make more triples than are tried; that something was left out is said only where three finders look so
// right that a code may be among it.
func (p *pass) triples(finders []finder) {
	limit := maxTriples * frameCost
	for i, t := range triplesOf(finders) {
		three := [3]*finder{&finders[t.a], &finders[t.b], &finders[t.c]}
		if three[0].taken || three[1].taken || three[2].taken {
			continue
		}
		if i&7 == 7 && p.ended() {
			return
		}
		if limit--; limit < 0 {
			if p.hints(finders) >= 3 {
				p.giveUp("candidates")
			}
			return
		}
		for _, part := range three {
			part.aslant = t.cost > costAslant && len(finders) <= fewFinders
		}
		f, ok := frameOf(three, p.bits)
		if !ok {
			f = frame{pattern: patternOf(1), dark: three[0].dark, finders: three, score: -1}
			if !p.roll(&f) {
				continue
			}
		}
		limit -= frameCost - 1
		if f.score < gate && !p.bow(&f) && !p.roll(&f) {
			p.traceFrame(&f, p.scale, false)
		} else if p.attempt(&f) {
			limit += maxTriples * frameCost
		}
	}
}

// bowLeast is the score of the three finders from which a frame whose timing does not fit may be of a code that is not
// flat.
const bowLeast = 0.75

// bow tells whether a frame passes the gate once it is laid over its alignment patterns or bowed.
func (p *pass) bow(f *frame) bool {
	if p.bows >= maxAttempts || f.seesFinders(p.bits) < bowLeast {
		return false
	}
	p.bows++
	return (f.mesh(p.ctx, p.bits) || f.bow(p.bits)) && f.score >= gate
}

// attempt reads a frame and takes its finders out of the search where that succeeds.
func (p *pass) attempt(f *frame) bool {
	if p.triedBefore(f) {
		return false
	}
	d, ok := f.read(p)
	p.traceFrame(f, p.scale, ok)
	if !ok {
		p.failed = append(p.failed, *f)
		return false
	}
	for _, part := range f.finders {
		if part != nil {
			part.taken = true
		}
	}
	p.add(f.code(p, d), d)
	return true
}

// maxAttempts is how many frames may fail in one pass before the rest is cut: a failure is the dearest outcome.
const maxAttempts = 10

// triedBefore tells whether nearly the same frame failed in this pass, or too many others did.
func (p *pass) triedBefore(f *frame) bool {
	if len(p.failed) >= maxAttempts {
		p.giveUp("candidates")
		return true
	}
	corners := f.corners(f.cols, f.rows)
	near := 1.5 * dist(corners[0], corners[1]) / float64(f.cols)
	for i := range p.failed {
		other := p.failed[i].corners(p.failed[i].cols, p.failed[i].rows)
		same := 0
		for _, c := range corners {
			for _, o := range other {
				if dist(c, o) < near {
					same++
				}
			}
		}
		if same == 4 {
			return true
		}
	}
	return false
}
