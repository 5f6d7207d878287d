package picture

import (
	"bytes"
	"image"
	"image/draw"
	"math"
	"strings"

	xdraw "golang.org/x/image/draw"
)

// measure notes how far a shape reaches and how fine it is.
func (s *scene) measure(o outline, b brush, strokes bool) {
	s.shapes++
	size := b.ctm.size()
	for _, ring := range o.rings {
		s.measureRing(ring, b.ctm)
	}
	if strokes {
		s.sides = append(s.sides, b.width*size)
		s.minY, s.maxY = s.minY-b.width*size/2, s.maxY+b.width*size/2
		s.minX, s.maxX = s.minX-b.width*size/2, s.maxX+b.width*size/2
	}
}

// measureRing notes the upright lines of a ring, or the size of one without any: a dot.
func (s *scene) measureRing(ring []point, m matrix) {
	var last, low, high point
	upright := false
	for i, raw := range ring {
		p := m.apply(raw.x, raw.y)
		if i == 0 {
			low, high = p, p
		}
		low = point{math.Min(low.x, p.x), math.Min(low.y, p.y)}
		high = point{math.Max(high.x, p.x), math.Max(high.y, p.y)}
		if dx, dy := math.Abs(p.x-last.x), math.Abs(p.y-last.y); i > 0 && len(s.sides) < svgElements && (dx < 1e-6) != (dy < 1e-6) {
			s.sides = append(s.sides, dx+dy)
			upright = true
		}
		last = p
	}
	if size := math.Min(high.x-low.x, high.y-low.y); !upright && size > 0 && len(s.sides) < svgElements {
		s.sides = append(s.sides, size)
	}
	s.minX, s.minY = math.Min(s.minX, low.x), math.Min(s.minY, low.y)
	s.maxX, s.maxY = math.Max(s.maxX, high.x), math.Max(s.maxY, high.y)
}

// image paints a picture that stands in the drawing, upright.
func (s *scene) image(n *node, b brush) {
	img := s.page.find(href(n))
	if img == nil {
		return
	}
	x, y, w, h := s.coordinate(n, "x"), s.coordinate(n, "y"), s.coordinate(n, "width"), s.coordinate(n, "height")
	if w <= 0 || h <= 0 {
		w, h = float64(img.Bounds().Dx()), float64(img.Bounds().Dy())
	}
	p, q := b.ctm.apply(x, y), b.ctm.apply(x+w, y+h)
	if s.img == nil {
		s.shapes += 15 // two of them may be the halves of a code
		var o outline
		o.add(point{x, y}, point{x + w, y}, point{x + w, y + h}, point{x, y + h})
		s.measure(o, b, false)
		s.sides = s.sides[:max(0, len(s.sides)-3)]
		if unit := w * b.ctm.size() / float64(img.Bounds().Dx()); unit > 0 {
			s.sides = append(s.sides, 4*unit)
		}
		return
	}
	if c := (s.img.Rect.Dx() + s.img.Rect.Dy()); math.Abs(p.x)+math.Abs(p.y)+math.Abs(q.x)+math.Abs(q.y) > float64(16*c) {
		return
	}
	r := image.Rect(int(math.Round(p.x)), int(math.Round(p.y)), int(math.Round(q.x)), int(math.Round(q.y)))
	s.work += r.Intersect(s.img.Rect).Dx() * r.Intersect(s.img.Rect).Dy()
	xdraw.NearestNeighbor.Scale(s.img, r, img, img.Bounds(), draw.Over, nil)
}

// expandEntities replaces the entities that a document defines for itself, once: browsers do so in SVG. What they
// add is bounded.
func expandEntities(markup []byte) []byte {
	if !bytes.Contains(markup[:min(len(markup), 8<<10)], []byte("<!ENTITY")) {
		return markup
	}
	var pairs []string
	rest := string(markup[:min(len(markup), 1<<20)])
	for len(pairs) < 128 {
		_, after, ok := strings.Cut(rest, "<!ENTITY")
		if !ok {
			break
		}
		definition, more, _ := strings.Cut(after, ">")
		rest = more
		f := strings.Fields(definition)
		_, value, ok := strings.Cut(definition, `"`)
		if len(f) < 2 || !ok {
			continue
		}
		value, _, _ = strings.Cut(value, `"`)
		if bytes.Count(markup, []byte("&"+f[0]+";"))*len(value) < 1<<20 {
			pairs = append(pairs, "&"+f[0]+";", value)
		}
	}
	text := string(markup)
	if _, after, ok := strings.Cut(text, "]>"); ok {
		text = after
	}
	return []byte(strings.NewReplacer(pairs...).Replace(text))
}
