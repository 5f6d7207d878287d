package qr

import (
	"context"
	"image"
	"slices"

	"quishmilter/qr/bitmap"
	"quishmilter/qr/runs"
)

// reader is one reading: what it found, what it cut, and the buffers that its passes share.
type reader struct {
	ctx       context.Context
	binary    binariser
	bits      bitmap.Bitmap
	turned    bitmap.Bitmap  // the same with rows and columns exchanged
	lines     runs.Lines     // every few rows of them
	scaled    [3]*image.Gray // at half, a quarter and twice the size
	scan      finderScan
	codes     []found
	cut       []string
	left      []left // finders that no code took
	origin    Point  // of the window that is being read, in the picture
	base      Point  // of the card that is being read, in the picture
	cards     []card // in the layer being read
	seekCards bool   // whether the next pass is the first of a layer
	dot       int    // by how many pixels the dots that the layer consists of must grow
	trick     string // what the layer being read stands for
	flipped   bool   // whether the rare codes of other symbologies were looked for in the layer at its own size
	trace     *Trace // nil unless asked for
}

// found is a code with what is needed to tell it from others.
type found struct {
	Code
	message
}

func read(ctx context.Context, img image.Image) Result {
	r := idle.take()
	r.ctx = ctx
	result := r.read(img)
	r.ctx, r.codes, r.cut, r.left, r.trick = nil, nil, nil, nil, ""
	idle.keep(r) // not deferred: a reader that panicked is not used again
	return result
}

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
	// leastHalved is the shorter side below which a picture is not looked at in half its size.
	leastHalved = 120
	// smallPicture is up to how many pixels a picture may be read at twice its size too, because its modules may be of one
	// or two pixels.
	smallPicture = 256 * 256
	// largestDoubled is the same where something looked like a finder.
	largestDoubled = 1024 * 1024
)

// layer reads one gray picture, and the cards in it.
func (r *reader) layer(gray *image.Gray) {
	r.cards, r.seekCards = nil, true
	r.sizes(gray)
	r.onCards(gray, r.cards)
}

// sizes reads one gray picture: at its own size, and where that gave nothing at half and a quarter of it, where noise,
// halftone and the gaps between dots are gone, and at twice its size, where modules of one pixel are more than noise.
func (r *reader) sizes(gray *image.Gray) {
	if gray.Rect.Dx() < leastSide || gray.Rect.Dy() < leastSide {
		return
	}
	hints, small, fine, done := 0, 0, false, false
	for scale, smaller := 1, gray; ; scale *= 2 {
		p := r.pass(smaller, float64(scale))
		if scale == 1 {
			fine = p.fine()
		}
		if !done {
			before := len(r.codes)
			left := p.search()
			hints += left
			if scale == 1 {
				small = left
			}
			done = left == 0 && len(r.codes) > before
		}
		p.others()
		if r.ended() || done && scale == 2 {
			return
		}
		if scale == 4 || min(smaller.Rect.Dx(), smaller.Rect.Dy()) < leastHalved {
			break
		}
		into := &r.scaled[scale/2]
		*into = resized(*into, smaller.Rect.Dx()/2, smaller.Rect.Dy()/2)
		halve(*into, smaller)
		smaller = *into
	}
	if !done {
		r.again(gray, hints, small, fine)
	}
	r.closer(gray)
}

// tinyPicture is up to how many pixels every picture is looked at as if it had small modules.
const tinyPicture = 128 * 128

// fine tells whether some rows of a picture change as often as they do in a code of modules of one or two pixels, eight times
// in twenty.
func (p *pass) fine() bool {
	const rowsLeast, changes, within = 4, 8, 20
	n := 0
	if pixels := p.bits.W * p.bits.H; pixels <= tinyPicture || pixels > smallPicture {
		return pixels <= tinyPicture
	}
	for k := range p.lines.Len() {
		_, ends := p.lines.Row(k)
		for i := 1; i+changes+1 < len(ends); i++ {
			if ends[i+changes]-ends[i] <= within {
				n++
				break
			}
		}
	}
	return n >= rowsLeast
}

// again reads a picture that gave nothing, or not all that it seems to hold, at twice its size and smoothed. Of the hints
// those at the picture's own size are small: a finder that showed at less only has modules that are large enough.
func (r *reader) again(gray *image.Gray, hints, small int, fine bool) {
	w, h := gray.Rect.Dx(), gray.Rect.Dy()
	if w*h <= smallPicture && (hints > 0 || fine) || small > 0 && w*h <= largestDoubled {
		r.scaled[2] = resized(r.scaled[2], 2*w, 2*h)
		double(r.scaled[2], gray)
		r.pass(r.scaled[2], 0.5).search()
	}
	if r.dot > 0 && w*h <= largestDoubled && !r.ended() {
		r.dots(gray, r.dot)
	}
	r.dot = 0
	if hints > 0 && w*h > smallPicture && !r.ended() { // in a small one that would blur the modules
		r.scaled[2] = resized(r.scaled[2], w, h)
		smooth(r.scaled[2], gray)
		r.pass(r.scaled[2], 1).search()
	}
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
