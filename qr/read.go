package qr

import (
	"context"
	"image"
	"slices"
	"sync"

	"quishmilter/qr/bitmap"
)

// reader is one reading: what it found, what it cut, and the buffers that its passes share.
type reader struct {
	ctx    context.Context
	binary binariser
	bits   bitmap.Bitmap
	scaled [3]*image.Gray // at half, a quarter and twice the size
	scan   finderScan
	codes  []found
	cut    []string
	trick  string // what the layer being read stands for
	trace  *Trace // nil unless asked for
}

// found is a code with what is needed to tell it from others.
type found struct {
	Code
	message
}

func read(ctx context.Context, img image.Image) Result {
	r := readers.Get().(*reader)
	defer readers.Put(r)
	r.ctx = ctx
	result := r.read(img)
	r.ctx, r.codes, r.cut, r.trick = nil, nil, nil, ""
	return result
}

// readers keeps readers with their buffers: clearing fresh memory for every picture would cost more than looking at it.
var readers = sync.Pool{New: func() any { return &reader{} }}

func (r *reader) read(img image.Image) Result {
	layers := Prepare(img)
	for _, gray := range layers.Gray {
		r.layer(gray)
	}
	for _, plane := range layers.Planes {
		r.trick = "coloured"
		r.layer(plane)
	}
	return Result{Codes: joined(r.codes), Cut: r.cut}
}

// giveUp notes which cap was reached.
func (r *reader) giveUp(why string) {
	if !slices.Contains(r.cut, why) {
		r.cut = append(r.cut, why)
	}
}

// ended tells whether the context has, and notes it.
func (r *reader) ended() bool {
	if r.ctx.Err() == nil {
		return false
	}
	r.giveUp("time")
	return true
}

const (
	// leastSide is below what the smallest code, M1, has no room.
	leastSide = 11
	// smallPicture is up to how many pixels a picture is read at twice its size too, because its modules may be of one
	// or two pixels.
	smallPicture = 256 * 256
	// largestDoubled is the same where something looked like a finder.
	largestDoubled = 1024 * 1024
)

// layer reads one gray picture: at its own size, and where that gave nothing at half and a quarter of it, where noise,
// halftone and the gaps between dots are gone, and at twice its size, where modules of one pixel are more than noise.
func (r *reader) layer(gray *image.Gray) {
	if gray.Rect.Dx() < leastSide || gray.Rect.Dy() < leastSide {
		return
	}
	hints, done := 0, false
	for scale, smaller := 1, gray; ; scale *= 2 {
		p := r.pass(smaller, float64(scale))
		if !done {
			before := len(r.codes)
			left := p.search()
			hints += left
			done = left == 0 && len(r.codes) > before
		}
		p.others()
		if r.ended() || done && scale == 2 {
			return
		}
		if scale == 4 || min(smaller.Rect.Dx(), smaller.Rect.Dy()) < 120 {
			break
		}
		into := &r.scaled[scale/2]
		*into = resized(*into, smaller.Rect.Dx()/2, smaller.Rect.Dy()/2)
		halve(*into, smaller)
		smaller = *into
	}
	if !done {
		r.again(gray, hints)
	}
}

// again reads a picture that gave nothing, or not all that it seems to hold, at twice its size and smoothed.
func (r *reader) again(gray *image.Gray, hints int) {
	w, h := gray.Rect.Dx(), gray.Rect.Dy()
	if w*h <= smallPicture || hints > 0 && w*h <= largestDoubled {
		r.scaled[2] = resized(r.scaled[2], 2*w, 2*h)
		double(r.scaled[2], gray)
		r.pass(r.scaled[2], 0.5).search()
	}
	if hints > 0 && !r.ended() {
		r.scaled[2] = resized(r.scaled[2], w, h)
		smooth(r.scaled[2], gray)
		r.pass(r.scaled[2], 1).search()
	}
}

// pass is one look at a picture, scale times smaller than the original.
type pass struct {
	*reader
	gray  *image.Gray
	bits  *bitmap.Bitmap
	scale float64

	failed []frame // those that scored well and could not be read
}

// pass binarises one picture.
func (r *reader) pass(gray *image.Gray, scale float64) *pass {
	p := &pass{reader: r, gray: gray, bits: r.bitmap(gray.Rect.Dx(), gray.Rect.Dy()), scale: scale}
	r.binary.binarise(gray, p.bits)
	return p
}

// search looks for QR, Micro QR and rMQR codes and counts what still looks like part of one.
func (p *pass) search() (hints int) {
	p.scan.reset(p.bits)
	p.scan.scan(p.ctx, scanStep(p.bits.H))
	if p.scan.cut {
		p.giveUp("candidates")
	}
	finders := p.scan.best()
	p.traceFinders(finders, p.scale)
	p.triples(finders)
	p.couples(finders)
	p.singles(finders)
	return p.hints(finders)
}

// hintMatches is how many of a finder's 49 modules must be right for it to count as part of a code that was not read.
// One picture in thirty without a code has such a place.
const hintMatches = 40

// hints counts the finders that are left and look so right that there must be a code.
func (p *pass) hints(finders []finder) (n int) {
	for i := range finders {
		if f := &finders[i]; !f.taken && f.rings >= ringsLeast {
			if l, ok := axesOf(p.bits, f); ok && l.matches(p.bits) >= hintMatches {
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
func scanStep(h int) int { return min(max(h/150+1, 1), 4) }

// triples tries the triples of finders, the likeliest first, and goes on after a code for the next one.
func (p *pass) triples(finders []finder) {
	limit := maxTriples
	for i, t := range triplesOf(finders) {
		three := [3]*finder{&finders[t.a], &finders[t.b], &finders[t.c]}
		if three[0].taken || three[1].taken || three[2].taken {
			continue
		}
		if i&7 == 7 && p.ended() {
			return
		}
		if limit--; limit < 0 {
			p.giveUp("candidates")
			return
		}
		f, ok := frameOf(three, p.bits)
		if !ok {
			continue
		}
		if f.score < gate {
			p.traceFrame(&f, p.scale, false)
		} else if p.attempt(&f) {
			limit += maxTriples
		}
	}
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

// read refines the frame step by step, each step dearer than the one before, and stops at the first at which error
// correction holds.
func (f *frame) read(p *pass) (d decoded, ok bool) {
	bits := func() bool {
		var err error
		d, err = decodeQR(f.sampleBits(p.bits), f.pattern)
		return err == nil
	}
	gray := func() bool {
		d, ok = f.readGray(p.gray)
		return ok
	}
	steps := []func() bool{
		func() bool { f.pinAlignment(p.bits, f.anchors()); return bits() },
		func() bool { f.climb(p.bits); return bits() },
		gray,
		func() bool { return f.bend(p.ctx, p.bits) && bits() },
		gray,
		func() bool { return f.bend(p.ctx, p.bits) && bits() },
		gray,
	}
	for _, step := range steps {
		if step() {
			return d, true
		}
		if p.ended() {
			break
		}
	}
	return d, false
}

// readGray reads the gray levels, as they are, with blur taken back more and more, and without what is hidden.
func (f *frame) readGray(gray *image.Gray) (decoded, bool) {
	levels := f.levels(gray)
	for _, strength := range [...]float64{0, 0.25, 0.6} {
		if d, err := decodeQR(f.threshold(f.sharpen(levels, strength)), f.pattern); err == nil {
			return d, true
		}
	}
	g := f.threshold(levels)
	g.hide(levels)
	d, err := decodeQR(g, f.pattern)
	return d, err == nil
}

// anchors are the corners of the finders, as the frame maps them.
func (f *frame) anchors() []pair {
	var pairs []pair
	far := float64(f.n - 7)
	for _, o := range [3]Point{{0, 0}, {far, 0}, {0, far}} {
		for _, k := range [4]Point{{0, 0}, {7, 0}, {7, 7}, {0, 7}} {
			x, y := o.X+k.X, o.Y+k.Y
			pairs = append(pairs, pair{x, y, f.point(x, y), 1})
		}
	}
	return pairs
}

// add keeps a code unless it was read before at the same place.
func (r *reader) add(c Code, d decoded) {
	for _, have := range r.codes {
		if have.Text == c.Text && overlap(have.Corners, c.Corners) {
			return
		}
	}
	if r.trick != "" {
		c.Tricks = append(c.Tricks, r.trick)
	}
	r.codes = append(r.codes, found{c, d.message})
}

// overlap tells whether the middle of one code lies near the middle of the other.
func overlap(a, b [4]Point) bool {
	mid := func(q [4]Point) Point { return Point{(q[0].X + q[2].X) / 2, (q[0].Y + q[2].Y) / 2} }
	return dist(mid(a), mid(b)) < dist(a[0], a[2])/4
}
