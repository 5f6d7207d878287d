package picture

import (
	"math"
	"sort"
)

// viewport reads what part of the plane is seen.
func (s *scene) viewport(n *node) {
	box := &numbers{s: n.attr("viewbox")}
	var v [4]float64
	given := true
	for i := range v {
		f, ok := box.next()
		v[i], given = f, given && ok
	}
	if given && v[2] > 0 && v[3] > 0 {
		s.view.x, s.view.y, s.view.w, s.view.h = v[0], v[1], v[2], v[3]
		return
	}
	w, okW := parseLength(n.attr("width"), 16)
	h, okH := parseLength(n.attr("height"), 16)
	if okW && okH && !w.percent && !h.percent && w.value > 0 && h.value > 0 {
		s.view.w, s.view.h = w.value, h.value
	}
}

// canvas chooses the scale and makes the picture: four pixels or more for the smallest boxes.
func (s *scene) canvas() (matrix, bool) {
	x, y, w, h := s.view.x, s.view.y, s.view.w, s.view.h
	if w <= 0 {
		x, y, w, h = s.minX, s.minY, s.maxX-s.minX, s.maxY-s.minY
	}
	// What lies outside of the viewport is not seen; a code is often far smaller than it.
	x1, y1 := math.Min(x+w, s.maxX), math.Min(y+h, s.maxY)
	x, y = math.Max(x, s.minX), math.Max(y, s.minY)
	w, h = x1-x, y1-y
	if !(w > 0 && h > 0) || math.IsInf(w, 0) || math.IsInf(h, 0) {
		return matrix{}, false
	}
	unit := math.Max(w, h) / 200
	if len(s.sides) > 0 {
		sort.Float64s(s.sides)
		unit = math.Max(unit/2, math.Min(s.sides[len(s.sides)/20], math.Max(w, h)/20))
	}
	margin := 4 * unit
	scale := 1.0
	for pixels := 8.0; pixels >= 1; pixels-- {
		scale = pixels / unit
		if (w+2*margin)*(h+2*margin)*scale*scale <= canvasPixels {
			break
		}
	}
	wide, high := (w+2*margin)*scale, (h+2*margin)*scale
	if wide*high > canvasPixels {
		scale *= math.Sqrt(canvasPixels / (wide * high))
	}
	s.img = whitePicture(int(math.Ceil((w+2*margin)*scale)), int(math.Ceil((h+2*margin)*scale)))
	return matrix{scale, 0, 0, scale, (margin - x) * scale, (margin - y) * scale}, true
}

// nested is the transformation of a viewport inside: its place, and its viewBox stretched over its size.
func (s *scene) nested(n, sized *node) matrix {
	m := unitMatrix()
	if n == sized {
		m = matrix{1, 0, 0, 1, s.coordinate(n, "x"), s.coordinate(n, "y")}
	}
	box := &numbers{s: n.attr("viewbox")}
	var v [4]float64
	for i := range v {
		f, ok := box.next()
		if !ok {
			return m
		}
		v[i] = f
	}
	w, h := s.coordinate(sized, "width"), s.coordinate(sized, "height")
	if w <= 0 {
		w = s.view.w
	}
	if h <= 0 {
		h = s.view.h
	}
	if v[2] <= 0 || v[3] <= 0 || w <= 0 || h <= 0 {
		return m
	}
	scale := math.Min(w/v[2], h/v[3])
	return m.then(matrix{scale, 0, 0, scale, (w-v[2]*scale)/2 - v[0]*scale, (h-v[3]*scale)/2 - v[1]*scale})
}
