package picture

import (
	"math"
)

// matrix maps user units to pixels: x' = a·x + c·y + e, y' = b·x + d·y + f.
type matrix struct{ a, b, c, d, e, f float64 }

func unitMatrix() matrix { return matrix{a: 1, d: 1} }

func (m matrix) apply(x, y float64) point {
	return point{m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f}
}

// then returns the matrix that applies n first and m after it.
func (m matrix) then(n matrix) matrix {
	return matrix{
		m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b,
		m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d,
		m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f,
	}
}

// size is how much the matrix enlarges.
func (m matrix) size() float64 { return math.Sqrt(math.Abs(m.a*m.d - m.b*m.c)) }

// readTransform reads a transform attribute or property (SVG 2, section 8.5).
func readTransform(s string) matrix {
	m := unitMatrix()
	n := &numbers{s: s}
	for count := 0; count < 32; count++ {
		n.skip()
		start := n.at
		for n.at < len(s) && s[n.at] != '(' {
			n.at++
		}
		if n.at >= len(s) {
			return m
		}
		name := s[start:n.at]
		n.at++
		var v []float64
		for len(v) < 6 {
			x, ok := n.next()
			if !ok {
				break
			}
			v = append(v, x)
			for n.at < len(s) && (s[n.at] >= 'a' && s[n.at] <= 'z' || s[n.at] == '%') { // px, deg
				n.at++
			}
		}
		for n.at < len(s) && s[n.at] != ')' {
			n.at++
		}
		n.at++
		m = m.then(namedMatrix(name, v))
		if n.at >= len(s) {
			return m
		}
	}
	return m
}

func namedMatrix(name string, v []float64) matrix {
	k := len(v)
	v = append(v, 0, 0, 0, 0, 0, 0)
	sin, cos := math.Sincos(v[0] * math.Pi / 180)
	switch name {
	case "matrix":
		if k == 6 {
			return matrix{v[0], v[1], v[2], v[3], v[4], v[5]}
		}
	case "translate":
		return matrix{1, 0, 0, 1, v[0], v[1]}
	case "translateX", "translatex":
		return matrix{1, 0, 0, 1, v[0], 0}
	case "translateY", "translatey":
		return matrix{1, 0, 0, 1, 0, v[0]}
	case "scale":
		if k == 1 {
			v[1] = v[0]
		}
		return matrix{v[0], 0, 0, v[1], 0, 0}
	case "rotate":
		turn := matrix{cos, sin, -sin, cos, 0, 0}
		return matrix{1, 0, 0, 1, v[1], v[2]}.then(turn).then(matrix{1, 0, 0, 1, -v[1], -v[2]})
	case "skewX", "skewx":
		return matrix{1, 0, math.Tan(v[0] * math.Pi / 180), 1, 0, 0}
	case "skewY", "skewy":
		return matrix{1, math.Tan(v[0] * math.Pi / 180), 0, 1, 0, 0}
	}
	return unitMatrix()
}
