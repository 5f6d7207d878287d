package qr

import "image"

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
		func() bool { return (f.mesh(p.ctx, p.bits) || f.bow(p.bits)) && bits() },
		gray,
		func() bool { return f.net != nil && f.climbed(p.bits) && bits() },
		func() bool { return f.roll(p.bits) && (bits() || gray()) },
		func() bool { return f.rollOn(p.bits) && (bits() || gray()) },
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
	if d, err := decodeQR(g, f.pattern); err == nil {
		return d, true
	}
	return f.readSoft(levels)
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
