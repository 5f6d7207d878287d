package qr

import "math"

// warp maps the modules' plane (x the column, y the row; module c spans c to c+1) to the picture: a homography with
// the last coefficient 1, exact for a flat code seen from anywhere.
type warp struct{ a, b, c, d, e, f, g, h float64 }

// at maps a point.
func (w *warp) at(x, y float64) (float64, float64) {
	k := 1 / (w.g*x + w.h*y + 1)
	return (w.a*x + w.b*y + w.c) * k, (w.d*x + w.e*y + w.f) * k
}

// point maps a point to a Point.
func (w *warp) point(x, y float64) Point {
	px, py := w.at(x, y)
	return Point{px, py}
}

// inverse maps the picture back to the modules' plane.
func (w *warp) inverse() (warp, bool) {
	i := w.a*w.e - w.b*w.d
	if math.Abs(i) < 1e-12 {
		return warp{}, false
	}
	return warp{
		(w.e - w.f*w.h) / i, (w.c*w.h - w.b) / i, (w.b*w.f - w.c*w.e) / i,
		(w.f*w.g - w.d) / i, (w.a - w.c*w.g) / i, (w.c*w.d - w.a*w.f) / i,
		(w.d*w.h - w.e*w.g) / i, (w.b*w.g - w.a*w.h) / i,
	}, true
}

// finite tells whether the rectangle of w×h modules lies wholly in front of the camera and the coefficients are numbers.
func (w *warp) finite(cols, rows int) bool {
	x, y := float64(cols), float64(rows)
	for _, v := range [...]float64{w.a, w.b, w.c, w.d, w.e, w.f, w.g, w.h} {
		if math.IsNaN(v) || math.Abs(v) > 1e7 {
			return false
		}
	}
	const least = 0.05
	return 1+w.g*x > least && 1+w.h*y > least && 1+w.g*x+w.h*y > least
}

// corners maps the four corners of a rectangle of modules: top left, top right, bottom right, bottom left.
func (w *warp) corners(cols, rows int) [4]Point {
	x, y := float64(cols), float64(rows)
	return [4]Point{w.point(0, 0), w.point(x, 0), w.point(x, y), w.point(0, y)}
}

// pair says that a point of the modules' plane was seen at a place in the picture.
type pair struct {
	x, y   float64
	to     Point
	weight float64
}

// fitWarp finds the homography that fits the pairs best, by linear least squares (the direct linear transform with
// the last coefficient fixed at 1; Hartley and Zisserman, Multiple View Geometry, 4.1), both planes being scaled to
// about 1 first. It needs four pairs of which no three lie on a line.
func fitWarp(pairs []pair) (warp, bool) {
	if len(pairs) < 4 {
		return warp{}, false
	}
	from, to := spread(pairs)
	var m [8][9]float64
	for _, p := range pairs {
		x, y := (p.x-from.x)*from.k, (p.y-from.y)*from.k
		u, v := (p.to.X-to.x)*to.k, (p.to.Y-to.y)*to.k
		weight := p.weight
		if weight == 0 {
			weight = 1
		}
		accumulate(&m, [9]float64{x, y, 1, 0, 0, 0, -x * u, -y * u, u}, weight)
		accumulate(&m, [9]float64{0, 0, 0, x, y, 1, -x * v, -y * v, v}, weight)
	}
	s, ok := solve(&m)
	if !ok {
		return warp{}, false
	}
	return rescale(s, from, to)
}

// unit is the shift and scale that bring points to about −1…1.
type unit struct{ x, y, k float64 }

func spread(pairs []pair) (from, to unit) {
	n := float64(len(pairs))
	for _, p := range pairs {
		from.x += p.x / n
		from.y += p.y / n
		to.x += p.to.X / n
		to.y += p.to.Y / n
	}
	d, e := 0.0, 0.0
	for _, p := range pairs {
		d += math.Hypot(p.x-from.x, p.y-from.y) / n
		e += math.Hypot(p.to.X-to.x, p.to.Y-to.y) / n
	}
	from.k, to.k = 1/max(d, 1e-9), 1/max(e, 1e-9)
	return from, to
}

// accumulate adds one equation to the normal equations.
func accumulate(m *[8][9]float64, row [9]float64, weight float64) {
	for i := range 8 {
		if row[i] == 0 {
			continue
		}
		f := row[i] * weight
		for j := i; j < 9; j++ {
			m[i][j] += f * row[j]
		}
	}
}

// solve solves the symmetric system by elimination with a pivot; only the upper half needs to be filled.
func solve(m *[8][9]float64) ([8]float64, bool) {
	for i := range 8 {
		for j := range i {
			m[i][j] = m[j][i]
		}
	}
	var s [8]float64
	for i := range 8 {
		p := i
		for j := i + 1; j < 8; j++ {
			if math.Abs(m[j][i]) > math.Abs(m[p][i]) {
				p = j
			}
		}
		m[i], m[p] = m[p], m[i]
		if math.Abs(m[i][i]) < 1e-12 {
			return s, false
		}
		for j := i + 1; j < 8; j++ {
			f := m[j][i] / m[i][i]
			for k := i; k < 9; k++ {
				m[j][k] -= f * m[i][k]
			}
		}
	}
	for i := 7; i >= 0; i-- {
		v := m[i][8]
		for j := i + 1; j < 8; j++ {
			v -= m[i][j] * s[j]
		}
		s[i] = v / m[i][i]
	}
	return s, true
}

// rescale undoes the shift and scale of both planes.
func rescale(s [8]float64, from, to unit) (warp, bool) {
	k := from.k
	// Columns for x, y and 1 in the unscaled modules' plane.
	unshift := func(a, b, c float64) (float64, float64, float64) {
		return a * k, b * k, c - a*k*from.x - b*k*from.y
	}
	a, b, c := unshift(s[0], s[1], s[2])
	d, e, f := unshift(s[3], s[4], s[5])
	g, h, i := unshift(s[6], s[7], 1)
	a, b, c = a/to.k+to.x*g, b/to.k+to.x*h, c/to.k+to.x*i
	d, e, f = d/to.k+to.y*g, e/to.k+to.y*h, f/to.k+to.y*i
	if math.Abs(i) < 1e-9 {
		return warp{}, false
	}
	return warp{a / i, b / i, c / i, d / i, e / i, f / i, g / i, h / i}, true
}
