package qr

import "quishmilter/qr/bitmap"

// Paper on a bottle or held by one edge bows: the middle of its rows or columns is pushed aside, while the finders at
// the corners stay. One number for the rows and one for the columns say how far, in modules; the timing patterns show
// which numbers are right. Bowing comes before bending (bend.go), whose knots find no more than what is near.

const (
	bowMost = 4.5 // modules
	bowStep = 0.5
)

// bow searches for the two numbers with the best score and keeps them where they make it better. The finders' borders
// say little about a bowed code as a whole, since each has a slope of its own: the map through their centres alone is
// tried too.
func (f *frame) bow(bits *bitmap.Bitmap) bool {
	if f.net != nil {
		return false
	}
	best := *f
	best.bowOver(bits)
	if w, ok := f.throughCentres(); ok && best.score < bowSure {
		g := *f
		g.warp = w
		if g.score = g.rate(bits); g.bowOver(bits) && g.score > best.score {
			best = g
		}
	}
	if best.net == nil || best.score <= f.score {
		return false
	}
	*f = best
	return true
}

// bowSure is the score of a bowed frame that needs no other try.
const bowSure = 0.9

// throughCentres gives the affine map through the centres of three finders.
func (f *frame) throughCentres() (warp, bool) {
	a, b, c := f.finders[0], f.finders[1], f.finders[2]
	if c == nil {
		return warp{}, false
	}
	k := 1 / float64(f.n-7)
	w := warp{a: (b.x - a.x) * k, b: (c.x - a.x) * k, d: (b.y - a.y) * k, e: (c.y - a.y) * k}
	w.c, w.f = a.x-3.5*(w.a+w.b), a.y-3.5*(w.d+w.e)
	return w, true
}

// bowOver searches over the frame's map.
func (f *frame) bowOver(bits *bitmap.Bitmap) bool {
	rows, columns := 0.0, 0.0
	best := f.score
	g := *f
	try := func(r, c float64) bool {
		g.net = bowed(f.n, r, c)
		g.score = g.rate(bits)
		if g.score <= best {
			return false
		}
		best, rows, columns = g.score, r, c
		return true
	}
	for b := -bowMost; b <= bowMost; b += bowStep {
		try(b, 0)
	}
	for b := -bowMost; b <= bowMost; b += bowStep {
		try(rows, b)
	}
	if rows == 0 && columns == 0 {
		return false
	}
	for _, d := range [...]Point{{bowStep / 2, 0}, {-bowStep / 2, 0}, {0, bowStep / 2}, {0, -bowStep / 2}} {
		try(rows+d.X, columns+d.Y)
	}
	f.net, f.score = bowed(f.n, rows, columns), best
	return true
}

// bowed is a net whose rows are pushed aside by a parabola, and its columns by another.
func bowed(n int, rows, columns float64) *net {
	t := newNet(n)
	last := float64(t.side - 1)
	for k := range t.shift {
		u, v := float64(k%t.side)/last, float64(k/t.side)/last
		t.shift[k] = Point{4 * columns * v * (1 - v), 4 * rows * u * (1 - u)}
	}
	return t
}
