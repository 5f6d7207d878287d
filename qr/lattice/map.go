// Package lattice lays the square lattice of a symbol's modules over a picture.
//
// Module coordinates count modules, pixel coordinates count pixels; both name corners of cells by whole numbers, so
// the middle of a module or pixel lies at .5. A Map leads from one to the other, a View samples the picture through
// it, and Climb moves the four corners of a symbol until the lattice fits.
package lattice

import "math"

// Point is a place, x to the right and y down.
type Point = [2]float64

// Map is a plane projective transform: ((ax+by+c)/(gx+hy+1), (dx+ey+f)/(gx+hy+1)).
type Map struct{ a, b, c, d, e, f, g, h float64 }

// At maps a place.
func (m *Map) At(x, y float64) (float64, float64) {
	w := 1 / (m.g*x + m.h*y + 1)
	return (m.a*x + m.b*y + m.c) * w, (m.d*x + m.e*y + m.f) * w
}

// Point maps a point.
func (m *Map) Point(p Point) Point {
	x, y := m.At(p[0], p[1])
	return Point{x, y}
}

// FromQuads returns the transform that takes four points to four others; false where none exists (three on a line).
// It solves the eight linear equations directly (Heckbert, Fundamentals of Texture Mapping, 1989, section 2.2.3).
func FromQuads(from, to [4]Point) (Map, bool) {
	var m [8][9]float64
	for i := range from {
		x, y, u, v := from[i][0], from[i][1], to[i][0], to[i][1]
		m[2*i] = [9]float64{x, y, 1, 0, 0, 0, -x * u, -y * u, u}
		m[2*i+1] = [9]float64{0, 0, 0, x, y, 1, -x * v, -y * v, v}
	}
	if !eliminate(&m) {
		return Map{}, false
	}
	return Map{m[0][8], m[1][8], m[2][8], m[3][8], m[4][8], m[5][8], m[6][8], m[7][8]}, true
}

// eliminate solves eight equations by Gauss and Jordan with pivoting; the answer is left in the last column.
func eliminate(m *[8][9]float64) bool {
	for col := 0; col < 8; col++ {
		pivot := col
		for r := col + 1; r < 8; r++ {
			if math.Abs(m[r][col]) > math.Abs(m[pivot][col]) {
				pivot = r
			}
		}
		if math.Abs(m[pivot][col]) < 1e-9 {
			return false
		}
		m[col], m[pivot] = m[pivot], m[col]
		inverse := 1 / m[col][col]
		for k := col; k < 9; k++ {
			m[col][k] *= inverse
		}
		for r := range m {
			factor := m[r][col]
			if r == col || factor == 0 {
				continue
			}
			for k := col; k < 9; k++ {
				m[r][k] -= factor * m[col][k]
			}
		}
	}
	return true
}

// Box returns the corners of a rectangle, in the order that all quadrilaterals here have: top left, top right, bottom
// right, bottom left.
func Box(left, top, right, bottom float64) [4]Point {
	return [4]Point{{left, top}, {right, top}, {right, bottom}, {left, bottom}}
}
