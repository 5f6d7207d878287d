package picture

import (
	"math"
)

func (p *pathReader) quadratic(c, to point) {
	from := p.at
	third := func(a, b float64) float64 { return a + (b-a)*2/3 }
	p.curve(point{third(from.x, c.x), third(from.y, c.y)}, point{third(to.x, c.x), third(to.y, c.y)}, to)
	p.control = c
}

// curve flattens a cubic Bézier curve.
func (p *pathReader) curve(c1, c2, to point) {
	from := p.at
	reach := math.Hypot(c1.x-from.x, c1.y-from.y) + math.Hypot(c2.x-c1.x, c2.y-c1.y) + math.Hypot(to.x-c2.x, to.y-c2.y)
	steps := int(math.Max(2, math.Min(32, reach/p.smoothness)))
	for i := 1; i <= steps; i++ {
		t := float64(i) / float64(steps)
		u := 1 - t
		b0, b1, b2, b3 := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		p.lineTo(point{b0*from.x + b1*c1.x + b2*c2.x + b3*to.x, b0*from.y + b1*c1.y + b2*c2.y + b3*to.y})
	}
	p.control = c2
}

// arc draws an elliptical arc, converted as SVG 2, appendix B.2.4, does.
func (p *pathReader) arc(relative bool) bool {
	var v [3]float64
	var ok bool
	for i := range v {
		if v[i], ok = p.next(); !ok {
			return false
		}
	}
	large, ok1 := p.flag()
	sweep, ok2 := p.flag()
	x, ok3 := p.next()
	y, ok4 := p.next()
	if !(ok1 && ok2 && ok3 && ok4) {
		return false
	}
	if relative {
		x, y = x+p.at.x, y+p.at.y
	}
	p.ellipse(math.Abs(v[0]), math.Abs(v[1]), v[2]*math.Pi/180, large, sweep, point{x, y})
	return true
}

func (p *pathReader) ellipse(rx, ry, turn float64, large, sweep bool, to point) {
	from := p.at
	if rx == 0 || ry == 0 || from == to {
		p.lineTo(to)
		return
	}
	sin, cos := math.Sincos(turn)
	dx, dy := (from.x-to.x)/2, (from.y-to.y)/2
	x1, y1 := cos*dx+sin*dy, -sin*dx+cos*dy
	if over := x1*x1/(rx*rx) + y1*y1/(ry*ry); over > 1 {
		rx, ry = rx*math.Sqrt(over), ry*math.Sqrt(over)
	}
	n := rx*rx*ry*ry - rx*rx*y1*y1 - ry*ry*x1*x1
	k := math.Sqrt(math.Max(0, n/(rx*rx*y1*y1+ry*ry*x1*x1)))
	if large == sweep {
		k = -k
	}
	cx1, cy1 := k*rx*y1/ry, -k*ry*x1/rx
	cx, cy := cos*cx1-sin*cy1+(from.x+to.x)/2, sin*cx1+cos*cy1+(from.y+to.y)/2
	begin := math.Atan2((y1-cy1)/ry, (x1-cx1)/rx)
	sweepBy := math.Atan2((-y1-cy1)/ry, (-x1-cx1)/rx) - begin
	if sweep && sweepBy < 0 {
		sweepBy += 2 * math.Pi
	} else if !sweep && sweepBy > 0 {
		sweepBy -= 2 * math.Pi
	}
	steps := int(math.Max(4, math.Min(64, math.Abs(sweepBy)*math.Max(rx, ry)/p.smoothness)))
	for i := 1; i < steps; i++ {
		s, c := math.Sincos(begin + sweepBy*float64(i)/float64(steps))
		p.lineTo(point{cx + cos*rx*c - sin*ry*s, cy + sin*rx*c + cos*ry*s})
	}
	p.lineTo(to)
}
