package qr

import (
	"math"

	"quishmilter/qr/bitmap"
)

// alignLeast is how many of an alignment pattern's 25 modules must be right for it to count as found.
const alignLeast = 21

// pinAlignment looks for the alignment patterns near where the frame expects them and fits the homography again with
// those it found, keeping it where the score does not fall.
func (f *frame) pinAlignment(bits *bitmap.Bitmap, anchors []pair) {
	if len(f.centres) == 0 {
		return
	}
	last := f.n - 7
	p, ok := f.seek(bits, last, last, 2+float64(f.n)/16)
	if !ok {
		return
	}
	pairs := append(anchors, pair{float64(last) + 0.5, float64(last) + 0.5, p, 4})
	f.adopt(bits, pairs)
	if f.version < 7 {
		return
	}
	f.eachAlignment(func(cx, cy int) {
		if cx == last && cy == last {
			return
		}
		if p, ok := f.seek(bits, cx, cy, 1.5); ok {
			pairs = append(pairs, pair{float64(cx) + 0.5, float64(cy) + 0.5, p, 2})
		}
	})
	f.adopt(bits, pairs)
}

// adopt takes the homography that fits the pairs where it scores no worse.
func (f *frame) adopt(bits *bitmap.Bitmap, pairs []pair) {
	w, ok := fitWarp(pairs)
	if !ok || !w.finite(f.cols, f.rows) {
		return
	}
	g := *f
	g.warp = w
	if g.score = g.rate(bits); g.score >= f.score {
		*f = g
	}
}

// seek looks for the alignment pattern of centre module (cx, cy) within radius modules of where it should be.
func (f *frame) seek(bits *bitmap.Bitmap, cx, cy int, radius float64) (Point, bool) {
	x0, y0 := float64(cx)+0.5, float64(cy)+0.5
	o := f.point(x0, y0)
	right, down := f.point(x0+1, y0), f.point(x0, y0+1)
	e1, e2 := Point{right.X - o.X, right.Y - o.Y}, Point{down.X - o.X, down.Y - o.Y}
	p, n := f.seekRing(bits, o, e1, e2, radius)
	return p, n >= alignLeast
}

// seekRing looks for an alignment pattern within radius modules of o, e1 and e2 being the modules' sides there, and counts
// its right modules, 0 where it was not found. Among equally good places the middle one is taken.
func (f *frame) seekRing(bits *bitmap.Bitmap, o, e1, e2 Point, radius float64) (Point, int) {
	const step = 0.33
	steps := int(radius / step)
	best, ties := alignLeast-1, 0
	var sum Point
	for j := -steps; j <= steps; j++ {
		for i := -steps; i <= steps; i++ {
			s, t := float64(i)*step, float64(j)*step
			p := Point{o.X + s*e1.X + t*e2.X, o.Y + s*e1.Y + t*e2.Y}
			switch n := f.ring(bits, p, e1, e2, best); {
			case n > best:
				best, ties, sum = n, 1, p
			case n == best && best >= alignLeast && ties > 0 && math.Hypot(p.X-sum.X/float64(ties), p.Y-sum.Y/float64(ties)) < 1.5*math.Hypot(e1.X, e1.Y):
				ties++
				sum.X += p.X
				sum.Y += p.Y
			}
		}
	}
	if ties == 0 {
		return Point{}, 0
	}
	return Point{sum.X / float64(ties), sum.Y / float64(ties)}, best
}

// ring counts the right modules of an alignment pattern at p; it gives up once least cannot be reached any more.
func (f *frame) ring(bits *bitmap.Bitmap, p, e1, e2 Point, least int) int {
	wrong := 0
	for _, c := range ringOrder {
		s, t := float64(c.x)-2, float64(c.y)-2
		x, y := p.X+s*e1.X+t*e2.X, p.Y+s*e1.Y+t*e2.Y
		if (bits.At(int(x), int(y)) == f.dark) != c.dark {
			if wrong++; 25-wrong < least {
				return 25 - wrong
			}
		}
	}
	return 25 - wrong
}

// ringOrder lists an alignment pattern's modules from the centre outwards, so that a wrong place is given up soon.
var ringOrder = func() []cell {
	var order []cell
	for d := 0; d <= 2; d++ {
		for _, c := range ringCells(2, 2) {
			if max(absInt(int(c.x)-2), absInt(int(c.y)-2)) == d {
				order = append(order, c)
			}
		}
	}
	return order
}()
