package picture

import (
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"
)

// brush applies what an element says about painting.
func (s *scene) brush(n *node, b brush) brush {
	if t := s.property(n, "transform"); t != "" {
		b.ctm = b.ctm.then(readTransform(t))
	}
	if c, ok := parseColor(s.property(n, "color")); ok {
		b.current = c
	}
	b.fill = s.paint(s.property(n, "fill"), b.fill, b.current)
	b.stroke = s.paint(s.property(n, "stroke"), b.stroke, b.current)
	if l, ok := parseLength(s.property(n, "stroke-width"), 16); ok {
		b.width, _ = l.pixels(s.view.w)
	}
	if caps := s.property(n, "stroke-linecap"); caps != "" {
		b.caps = caps
	}
	if dashes := s.property(n, "stroke-dasharray"); dashes != "" {
		b.dashes = readDashes(dashes)
	}
	if rule := s.property(n, "fill-rule"); rule != "" {
		b.evenOdd = rule == "evenodd"
	}
	if o, err := strconv.ParseFloat(s.property(n, "opacity"), 64); err == nil {
		b.opacity *= math.Max(0, math.Min(1, o))
	}
	switch s.property(n, "visibility") {
	case "hidden", "collapse":
		b.hidden = true
	case "visible":
		b.hidden = false
	}
	return s.covered(n, b)
}

func readDashes(s string) []float64 {
	n := &numbers{s: s}
	var list []float64
	for len(list) < 10_000 {
		f, ok := n.next()
		if !ok || f < 0 {
			break
		}
		list = append(list, f)
	}
	if len(list)%2 == 1 {
		list = append(list, list...)
	}
	return list
}

// paint reads a fill or stroke. A gradient is its first colour; a pattern is not drawn, and that is said where
// it matters.
func (s *scene) paint(value string, inherited, current color.NRGBA) color.NRGBA {
	value = strings.TrimSpace(value)
	switch strings.ToLower(value) {
	case "", "inherit":
		return inherited
	case "none", "transparent":
		return color.NRGBA{}
	case "currentcolor":
		return current
	}
	if id, ok := reference(value); ok {
		target := s.ids[id]
		switch {
		case target == nil:
			return inherited
		case target.tag == "pattern":
			if matters(target) {
				s.unsupported = "pattern"
			}
			return color.NRGBA{128, 128, 128, 255}
		}
		return s.gradientColor(target, 0)
	}
	if c, ok := parseColor(value); ok {
		return c
	}
	return inherited
}

// matters tells whether a pattern could hold a code, or only dots and lines.
func matters(n *node) bool {
	elements, longest := 0, 0
	n.walk(func(c *node) bool {
		elements++
		longest = max(longest, len(c.attr("d")))
		if c.tag == "image" || c.tag == "use" {
			longest = 1 << 20
		}
		return true
	})
	return elements > 30 || longest > 500
}

// reference reads url(#id).
func reference(value string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(value, "url(")
	if !ok {
		return "", false
	}
	id, _, ok = strings.Cut(strings.Trim(rest, `"' `), ")")
	return strings.TrimPrefix(strings.Trim(id, `"' `), "#"), ok
}

func (s *scene) gradientColor(n *node, depth int) color.NRGBA {
	for _, c := range n.children {
		if c.tag == "stop" {
			if got, ok := parseColor(s.property(c, "stop-color")); ok {
				return got
			}
		}
	}
	if next := s.ids[strings.TrimPrefix(href(n), "#")]; next != nil && depth < 4 {
		return s.gradientColor(next, depth+1)
	}
	return color.NRGBA{A: 255}
}

// shape measures or paints one basic shape.
func (s *scene) shape(n *node, b brush) {
	fine := 1 / math.Max(0.01, b.ctm.size())
	if s.img == nil {
		fine = math.Max(s.view.w, 1) / 1000
	}
	o, ok := s.shapeOf(n, math.Max(1e-6, fine))
	if !ok {
		return
	}
	if s.points += o.points; s.points > pathPoints {
		s.cut, s.full = true, true
		return
	}
	strokes := b.stroke.A > 0 && b.width > 0
	if s.img == nil {
		s.measure(o, b, strokes)
		return
	}
	if b.hidden {
		return
	}
	if n.tag != "line" && b.fill.A > 0 {
		s.fillRings(b, o.rings, b.evenOdd, s.alpha(n, b, b.fill, "fill-opacity"))
	}
	if strokes {
		for _, ring := range strokeRings(o, b.width, b.caps, b.dashes) {
			s.fillRings(b, [][]point{ring}, false, s.alpha(n, b, b.stroke, "stroke-opacity"))
		}
	}
}

func (s *scene) alpha(n *node, b brush, c color.NRGBA, name string) color.NRGBA {
	a := float64(c.A) * b.opacity
	if o, err := strconv.ParseFloat(s.property(n, name), 64); err == nil {
		a *= math.Max(0, math.Min(1, o))
	}
	c.A = octet(a)
	return c
}

// fillRings paints rings of user units.
func (s *scene) fillRings(b brush, rings [][]point, evenOdd bool, c color.NRGBA) {
	pixels := make([][]point, len(rings))
	for i, ring := range rings {
		pixels[i] = make([]point, len(ring))
		for k, p := range ring {
			pixels[i][k] = b.ctm.apply(p.x, p.y)
		}
	}
	if len(pixels) == 1 && b.cover == nil && c.A == 255 && paintBox(s.img, pixels[0], c) {
		s.work += 64
		return
	}
	work, ok := fill(s.img, b.cover, pixels, evenOdd, c)
	if s.work += work + s.img.Rect.Dy()/8; !ok || s.work > fillWork {
		s.cut = true
		s.full = s.full || s.work > fillWork
	}
}

// paintBox is the short way for upright boxes, of which most codes are made.
func paintBox(img *image.RGBA, ring []point, c color.NRGBA) bool {
	if len(ring) != 4 || ring[0].y != ring[1].y || ring[1].x != ring[2].x || ring[2].y != ring[3].y || ring[3].x != ring[0].x {
		return false
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	x0, x1 := rowOf(math.Min(ring[0].x, ring[1].x), w), rowOf(math.Max(ring[0].x, ring[1].x), w)
	y0, y1 := rowOf(math.Min(ring[0].y, ring[2].y), h), rowOf(math.Max(ring[0].y, ring[2].y), h)
	paintOver(img, image.Rect(x0, y0, x1, y1), c)
	return true
}
