package lattice

import "math"

// Line is the set of points with Nx·x + Ny·y = D; (Nx, Ny) has length 1.
type Line struct{ Nx, Ny, D float64 }

// FitLine returns the line with the least sum of squared distances to the points, and the root of their mean.
func FitLine(points []Point) (Line, float64) {
	n := float64(len(points))
	if n < 2 {
		return Line{}, math.Inf(1)
	}
	from := points[0] // near the others, so that one pass over them loses nothing
	var sx, sy, xx, xy, yy float64
	for _, p := range points {
		dx, dy := p[0]-from[0], p[1]-from[1]
		sx, sy = sx+dx, sy+dy
		xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
	}
	mx, my := sx/n, sy/n
	xx, xy, yy = xx-sx*mx, xy-sx*my, yy-sy*my
	sin, cos := halfAngle(xx-yy, 2*xy)
	l := Line{Nx: -sin, Ny: cos, D: -sin*(from[0]+mx) + cos*(from[1]+my)}
	square := (xx*sin*sin - 2*xy*sin*cos + yy*cos*cos) / n
	return l, math.Sqrt(max(square, 0))
}

// halfAngle returns sine and cosine of half the angle of (x, y), by roots: lines are fitted thousands of times.
func halfAngle(x, y float64) (sin, cos float64) {
	r := math.Sqrt(x*x + y*y)
	if r == 0 {
		return 0, 1
	}
	c := x / r
	return math.Copysign(math.Sqrt(max((1-c)/2, 0)), y), math.Sqrt(max((1+c)/2, 0))
}

// FitTrimmed fits a line, leaves out the points further than twice the mean distance, and fits again: one finger of
// noise on an edge does not turn it.
func FitTrimmed(points []Point) (Line, float64) {
	l, rms := FitLine(points)
	if len(points) < 6 || rms < 0.3 {
		return l, rms
	}
	kept := make([]Point, 0, len(points))
	for _, p := range points {
		if math.Abs(l.Distance(p)) <= math.Max(2*rms, 0.5) {
			kept = append(kept, p)
		}
	}
	if len(kept) < 4 {
		return l, rms
	}
	return FitLine(kept)
}

// Distance is how far a point lies from the line, with a sign.
func (l Line) Distance(p Point) float64 { return l.Nx*p[0] + l.Ny*p[1] - l.D }

// Meet returns where two lines cross; false where they are nearly parallel (less than about 6 degrees apart).
func (l Line) Meet(k Line) (Point, bool) {
	det := l.Nx*k.Ny - l.Ny*k.Nx
	if math.Abs(det) < 0.1 {
		return Point{}, false
	}
	return Point{(l.D*k.Ny - k.D*l.Ny) / det, (l.Nx*k.D - k.Nx*l.D) / det}, true
}

// Apart is the distance of two points.
func Apart(p, q Point) float64 { return math.Hypot(p[0]-q[0], p[1]-q[1]) }
