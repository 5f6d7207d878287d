package qr

import (
	"math"

	"quishmilter/qr/bitmap"
)

// axes are the directions of the modules at a finder, found from the finder alone, and how many of its 49 modules are
// right in them. They are measured once: in a picture full of texture a finder is part of hundreds of triples.
type axes struct {
	local
	right int
	ok    bool
}

// axes measures a finder's own axes the first time that they are asked for.
func (f *finder) axes(bits *bitmap.Bitmap) *axes {
	if f.own == nil {
		f.own = &axes{}
		if f.own.local, f.own.ok = axesOf(bits, f); f.own.ok {
			f.own.right = f.own.matches(bits)
		}
	}
	return f.own
}

// axesOf finds the axes of a finder from itself: its border is farthest from the centre towards the corners, so the fourth
// harmonic of the distance gives the angle.
func axesOf(bits *bitmap.Bitmap, f *finder) (local, bool) {
	l := local{x: f.x, y: f.y, dark: f.dark}
	var sin, cos float64
	most := 0.8 * max(f.w, f.h)
	stretch := f.w / f.h // width per height: undone, so that the harmonic sees a square
	for i := range 32 {
		s, c := math.Sincos(float64(i) * math.Pi / 16)
		t := l.ends(bits, c, s, most, 0.5)
		if t[2] == 0 {
			continue
		}
		x, y := t[2]*c/stretch, t[2]*s
		angle := math.Atan2(y, x)
		d := math.Hypot(x, y)
		s4, c4 := math.Sincos(4 * angle)
		sin += d * s4
		cos += d * c4
	}
	axis := math.Atan2(sin, cos)/4 + math.Pi/4
	s, c := math.Sincos(axis)
	for i, d := range [2]Point{{c * stretch, s}, {-s * stretch, c}} {
		k := math.Hypot(d.X, d.Y)
		m, ok := l.moduleAlong(bits, d.X/k, d.Y/k, most)
		if !ok {
			return l, false
		}
		e := Point{d.X / k * m, d.Y / k * m}
		if i == 0 {
			l.e1 = e
		} else {
			l.e2 = e
		}
	}
	return l, true
}
