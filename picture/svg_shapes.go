package picture

import "math"

// shapeOf is the outline of a basic shape or path (SVG 2, chapters 9 and 10), in user units; fine is how far a line
// may be off its curve.
func (s *scene) shapeOf(n *node, fine float64) (o outline, ok bool) {
	number := func(name string, around float64) float64 {
		l, ok := parseLength(s.property(n, name), 16)
		if !ok {
			return 0
		}
		v, _ := l.pixels(around)
		return v
	}
	switch n.tag {
	case "path":
		return readPath(pathData(s.property(n, "d")), fine), true
	case "rect":
		x, y, w, h := number("x", s.view.w), number("y", s.view.h), number("width", s.view.w), number("height", s.view.h)
		if w <= 0 || h <= 0 {
			return o, false
		}
		o.add(point{x, y}, point{x + w, y}, point{x + w, y + h}, point{x, y + h})
	case "circle":
		r := number("r", s.view.w)
		o = ellipseOutline(number("cx", s.view.w), number("cy", s.view.h), r, r, fine)
	case "ellipse":
		o = ellipseOutline(number("cx", s.view.w), number("cy", s.view.h), number("rx", s.view.w), number("ry", s.view.h), fine)
	case "line":
		o.move(point{number("x1", s.view.w), number("y1", s.view.h)})
		o.line(point{number("x2", s.view.w), number("y2", s.view.h)})
	case "polygon", "polyline":
		o = readPoints(n.attr("points"))
		if n.tag == "polygon" && len(o.rings) > 0 {
			o.closed[0] = true
		}
	default:
		return o, false
	}
	return o, len(o.rings) > 0
}

// pathData takes the CSS form path("…") off.
func pathData(d string) string {
	if len(d) > 7 && d[:5] == "path(" {
		return d[6 : len(d)-2]
	}
	return d
}

// add is a closed ring.
func (o *outline) add(points ...point) {
	o.rings, o.closed = append(o.rings, points), append(o.closed, true)
	o.points += len(points)
}

func ellipseOutline(cx, cy, rx, ry, fine float64) (o outline) {
	if rx <= 0 || ry <= 0 {
		return o
	}
	steps := int(math.Max(8, math.Min(96, 2*math.Pi*math.Max(rx, ry)/fine)))
	ring := make([]point, steps)
	for i := range ring {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(steps))
		ring[i] = point{cx + rx*cos, cy + ry*sin}
	}
	o.add(ring...)
	return o
}

func readPoints(s string) (o outline) {
	n := &numbers{s: s}
	for o.points < pathPoints {
		x, ok1 := n.next()
		y, ok2 := n.next()
		if !ok1 || !ok2 {
			break
		}
		o.line(point{x, y})
	}
	return o
}
