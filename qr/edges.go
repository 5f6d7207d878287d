package qr

import (
	"math"

	"quishmilter/qr/bitmap"
)

// A finder's outer border is four straight lines, however the code is turned and tilted. Their crossings give four points
// per finder, twelve per code: enough for a homography where only three centres would give an affine one.

// local is a finder with the directions of the code's axes there: e1 and e2 are one module along a row and a column.
type local struct {
	x, y   float64
	e1, e2 Point
	dark   bool
}

// pixel tells whether the pixel at a place has the finder's dark colour. Outside the picture none has, so that a code
// may touch the border.
func (l *local) pixel(b *bitmap.Bitmap, x, y float64) bool {
	ix, iy := int(x), int(y)
	if uint(ix) >= uint(b.W) || uint(iy) >= uint(b.H) || x < 0 || y < 0 {
		return false
	}
	return (b.Words[iy*b.Stride+ix>>6]>>(ix&63)&1 != 0) == l.dark
}

// matches counts how many of the 49 modules have the colour they should have.
func (l *local) matches(bits *bitmap.Bitmap) int {
	n := 0
	for j := -3; j <= 3; j++ {
		for i := -3; i <= 3; i++ {
			d := max(absInt(i), absInt(j))
			x := l.x + float64(i)*l.e1.X + float64(j)*l.e2.X
			y := l.y + float64(i)*l.e1.Y + float64(j)*l.e2.Y
			if l.pixel(bits, x, y) == (d != 2) {
				n++
			}
		}
	}
	return n
}

// ends walks from the centre along (dx, dy), a unit vector, and gives where dark, light and dark end: 1.5, 2.5 and
// 3.5 modules from the centre. The last is 0 where one of them does not end within most pixels; step is how many
// pixels are walked at a time.
func (l *local) ends(bits *bitmap.Bitmap, dx, dy, most, step float64) (t [3]float64) {
	const one = 1 << 16 // whole numbers with 16 binary places: most finders fail here
	want, changes := l.dark, 0
	x, y := int(l.x*one+0.5), int(l.y*one+0.5)
	stepX, stepY := int(dx*step*one+one+0.5)-one, int(dy*step*one+one+0.5)-one // rounded, of either sign
	for s := 0.0; s < most; s += step {
		px, py := x>>16, y>>16
		if inside := uint(px) < uint(bits.W) && uint(py) < uint(bits.H); inside && (bits.Words[py*bits.Stride+px>>6]>>(px&63)&1 != 0) != want || !inside && want == l.dark {
			want = !want
			t[changes] = s - step/2
			if changes++; changes == 3 {
				return t
			}
		}
		x, y = x+stepX, y+stepY
	}
	t[2] = 0
	return t
}

// reach gives where the finder ends along (dx, dy).
func (l *local) reach(bits *bitmap.Bitmap, dx, dy, most float64) (float64, bool) {
	t := l.ends(bits, dx, dy, most, 0.5)
	if t[2] == 0 {
		return 0, false
	}
	return l.edge(bits, l.x, l.y, dx, dy, t[2]-0.25, t[2]+0.25), true
}

// moduleAlong measures the module size in pixels along a direction, both ways from the centre.
func (l *local) moduleAlong(bits *bitmap.Bitmap, dx, dy, most float64) (float64, bool) {
	p, ok := l.reach(bits, dx, dy, most)
	q, ok2 := l.reach(bits, -dx, -dy, most)
	switch {
	case ok && ok2 && p < 2*q && q < 2*p:
		return (p + q) / 7, true
	case ok && (!ok2 || p < q):
		return p / 3.5, true
	case ok2:
		return q / 3.5, true
	}
	return 0, false
}

// line is a·x + b·y = c with (a, b) of length 1.
type line struct{ a, b, c float64 }

// borders finds the four lines of the outer border: towards −e1, +e1, −e2, +e2.
func (l *local) borders(bits *bitmap.Bitmap) ([4]line, bool) {
	var lines [4]line
	minus := func(p Point) Point { return Point{-p.X, -p.Y} }
	for i, side := range [4][2]Point{{minus(l.e1), l.e2}, {l.e1, l.e2}, {minus(l.e2), l.e1}, {l.e2, l.e1}} {
		var ok bool
		if lines[i], ok = l.border(bits, side[0], side[1]); !ok {
			return lines, false
		}
	}
	return lines, true
}

// border walks outwards from the middle of the ring at seven places along one side and fits a line to where dark ends.
func (l *local) border(bits *bitmap.Bitmap, out, along Point) (line, bool) {
	var seen [7]Point
	n := 0
	for i := range seen {
		t := float64(i-3) * 0.85
		x, y := l.x+3*out.X+t*along.X, l.y+3*out.Y+t*along.Y
		if p, ok := l.leave(bits, x, y, out); ok {
			seen[n] = p
			n++
		}
	}
	if n < 4 {
		return line{}, false
	}
	return fitLine(seen[:n])
}

// leave finds where dark turns light along out, up to 1.4 modules either way from (x, y).
func (l *local) leave(bits *bitmap.Bitmap, x, y float64, out Point) (Point, bool) {
	length := math.Hypot(out.X, out.Y)
	step := 0.5 / length
	if !l.pixel(bits, x, y) {
		return Point{}, false
	}
	for s := step; s < 1.4; s += step {
		if !l.pixel(bits, x+s*out.X, y+s*out.Y) {
			s = l.edge(bits, x, y, out.X, out.Y, s-step, s)
			return Point{x + s*out.X, y + s*out.Y}, true
		}
	}
	return Point{}, false
}

// edge finds where dark turns light between from, where it is dark, and to, where it is not, by halving: sides of
// pixels are then exact, which matters where a module has two of them.
func (l *local) edge(bits *bitmap.Bitmap, x, y, dx, dy, from, to float64) float64 {
	for range 5 {
		mid := (from + to) / 2
		if l.pixel(bits, x+mid*dx, y+mid*dy) {
			from = mid
		} else {
			to = mid
		}
	}
	return (from + to) / 2
}

// fitLine fits a line by total least squares and fits it once more without the point that is farthest off.
func fitLine(p []Point) (line, bool) {
	l, ok := leastSquares(p)
	if !ok || len(p) < 5 {
		return l, ok
	}
	worst, most := 0, 0.0
	for i, q := range p {
		if d := math.Abs(l.a*q.X + l.b*q.Y - l.c); d > most {
			worst, most = i, d
		}
	}
	p[worst] = p[len(p)-1]
	return leastSquares(p[:len(p)-1])
}

func leastSquares(p []Point) (line, bool) {
	var mx, my, xx, xy, yy float64
	n := float64(len(p))
	for _, q := range p {
		mx += q.X / n
		my += q.Y / n
	}
	for _, q := range p {
		dx, dy := q.X-mx, q.Y-my
		xx += dx * dx
		xy += dx * dy
		yy += dy * dy
	}
	if xx+yy < 1e-9 {
		return line{}, false
	}
	angle := 0.5 * math.Atan2(2*xy, xx-yy) // of the line; its normal is a quarter turn on
	a, b := -math.Sin(angle), math.Cos(angle)
	return line{a, b, a*mx + b*my}, true
}

// meet gives the point where two lines cross.
func meet(l, m line) (Point, bool) {
	det := l.a*m.b - l.b*m.a
	if math.Abs(det) < 0.2 {
		return Point{}, false
	}
	return Point{(l.c*m.b - l.b*m.c) / det, (l.a*m.c - l.c*m.a) / det}, true
}
