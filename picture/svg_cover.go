package picture

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
)

// covered applies a clip path or a mask: only where these were painted, the element is seen.
func (s *scene) covered(n *node, b brush) brush {
	for _, name := range []string{"clip-path", "mask"} {
		id, ok := reference(s.property(n, name))
		target := s.ids[id]
		if !ok || target == nil || s.img == nil {
			if target != nil && s.img == nil && s.elements < svgElements/2 { // its edges are the drawing's
				s.children(target, brush{ctm: b.ctm, fill: color.NRGBA{A: 255}, opacity: 1}, svgDepth-2)
			}
			continue
		}
		if s.covers++; s.covers > svgCovers {
			s.cut = true
			return b
		}
		b.cover = s.cover(target, b, name == "mask")
	}
	return b
}

// cover paints a clip path or mask by itself. A mask lets through what is bright (CSS Masking 1, section 7).
func (s *scene) cover(target *node, b brush, bright bool) *image.Alpha {
	saved := s.img
	s.img = image.NewRGBA(saved.Rect)
	draw.Draw(s.img, s.img.Rect, image.Black, image.Point{}, draw.Src)
	inner := brush{ctm: b.ctm, fill: color.NRGBA{255, 255, 255, 255}, current: color.NRGBA{A: 255}, width: 1, opacity: 1}
	if bright {
		inner.fill = color.NRGBA{A: 255}
		s.children(target, inner, svgDepth-4)
	} else {
		for _, c := range target.children {
			if c.tag != "" {
				s.clip(c, inner)
			}
		}
	}
	cover := image.NewAlpha(saved.Rect)
	for i := range cover.Pix {
		p := s.img.Pix[4*i : 4*i+3]
		cover.Pix[i] = byte((299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000)
		if b.cover != nil {
			cover.Pix[i] = byte(int(cover.Pix[i]) * int(b.cover.Pix[i]) / 255)
		}
	}
	s.img = saved
	return cover
}

// clip paints a shape of a clip path white, whatever its colour is.
func (s *scene) clip(c *node, b brush) {
	b.ctm = b.ctm.then(readTransform(s.property(c, "transform")))
	if c.tag == "use" {
		if target := s.ids[strings.TrimPrefix(href(c), "#")]; target != nil {
			b.ctm = b.ctm.then(matrix{1, 0, 0, 1, s.coordinate(c, "x"), s.coordinate(c, "y")})
			b.ctm = b.ctm.then(readTransform(s.property(target, "transform")))
			s.shape(target, b)
		}
		return
	}
	b.evenOdd = s.property(c, "clip-rule") == "evenodd"
	s.shape(c, b)
}
