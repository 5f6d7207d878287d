package qr

import (
	"math"

	"quishmilter/qr/bitmap"
)

// Seen nearly from the side a finder is a rhombus: its axes are neither those of the code's sides nor at right angles, and
// its border is not farthest towards four even angles. But it has four corners still, and they are the largest
// quadrilateral among the places where rays from its centre leave it.

const (
	quadRays = 24 // rays that are cast
	// quadRings is in how many of 16 directions a finder must look like one for its corners to be looked for: most places
	// in a photograph that look a little like one have 10 or 11.
	quadRings = 12
	// quadLeast is how many modules must be right in such axes: they were fitted to this very finder.
	quadLeast = 40
)

// quadAxes gives the axes that the largest quadrilateral in a finder's border leads to; it is remembered, since a finder
// is part of many triples.
func (f *finder) quadAxes(bits *bitmap.Bitmap) (local, bool) {
	if f.quad == nil {
		f.quad = &local{x: f.x, y: f.y, dark: f.dark}
		var rays [2 * quadRays]Point
		if q, ok := largestQuad(f.quad.outline(bits, 1.5*max(f.w, f.h), rays[:0])); ok {
			f.quad.span(q)
			f.quadMatches = f.quad.matches(bits)
			for i := 0; i < 2 && f.quadMatches >= finderLeast && f.quadMatches < 49; i++ { // rays pass by the corners
				f.quad.square(bits)
				f.quadMatches = f.quad.matches(bits)
			}
		}
	}
	return *f.quad, f.quadMatches >= quadLeast
}

// outline appends the places where rays leave the finder.
func (l *local) outline(bits *bitmap.Bitmap, most float64, out []Point) []Point {
	for i := range quadRays {
		s, c := math.Sincos(float64(i) * 2 * math.Pi / quadRays)
		if t := l.ends(bits, c, s, most, 0.5); t[2] != 0 {
			out = append(out, Point{l.x + t[2]*c, l.y + t[2]*s})
		}
	}
	return out
}

// largestQuad gives the four points, in their order around the middle, that span the largest area: to each diagonal the
// points farthest on either side.
func largestQuad(p []Point) (q [4]Point, ok bool) {
	best, n := 0.0, len(p)
	around := append(p, p...) // so that the points after the last are the first ones
	for i := range n {
		for j := i + 2; j < n; j++ {
			from, to := around[i], around[j]
			left, l := farthest(around[i+1:j], from, to)
			right, r := farthest(around[j+1:i+n], from, to)
			if area := l + r; area > best {
				best, q = area, [4]Point{from, left, to, right}
			}
		}
	}
	return q, best > 0
}

// farthest gives the point that is farthest from a line, and its distance times the length of the line; the line's
// beginning where there is none.
func farthest(p []Point, from, to Point) (at Point, most float64) {
	at = from
	dx, dy := to.X-from.X, to.Y-from.Y
	for _, c := range p {
		if d := math.Abs(dx*(c.Y-from.Y) - dy*(c.X-from.X)); d > most {
			at, most = c, d
		}
	}
	return at, most
}

// span sets the axes from the four outer corners at −e1−e2, +e1−e2, +e1+e2, −e1+e2.
func (l *local) span(c [4]Point) {
	l.e1 = Point{(c[1].X + c[2].X - c[0].X - c[3].X) / 14, (c[1].Y + c[2].Y - c[0].Y - c[3].Y) / 14}
	l.e2 = Point{(c[3].X + c[2].X - c[0].X - c[1].X) / 14, (c[3].Y + c[2].Y - c[0].Y - c[1].Y) / 14}
}

// turn renames the axes so that e1 is the one nearest to the direction du and e2 turns clockwise from it.
func (l *local) turn(du Point) bool {
	if l.e1.X*l.e2.Y < l.e1.Y*l.e2.X {
		l.e1, l.e2 = l.e2, l.e1
	}
	best, turned := -1.0, *l
	for range 4 {
		if cos := (l.e1.X*du.X + l.e1.Y*du.Y) / length(l.e1); cos > best {
			best, turned = cos, *l
		}
		l.e1, l.e2 = Point{-l.e2.X, -l.e2.Y}, l.e1
	}
	*l = turned
	return best > 0.7
}
