package qr

import "quishmilter/qr/bitmap"

// Paper on a bottle or held by one edge bows: the middle of its rows or columns is pushed aside, while the finders at
// the corners stay. One number for the rows and one for the columns say how far, in modules; the timing patterns show
// which numbers are right. Bowing comes before bending (bend.go), whose knots find no more than what is near.

const (
	bowMost = 4.5 // modules
	bowStep = 0.5
)

// bow searches for the two numbers with the best score and keeps them where they make it better.
func (f *frame) bow(bits *bitmap.Bitmap) bool {
	if f.net != nil {
		return false
	}
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
