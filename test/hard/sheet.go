package main

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// sheet is paper (or a screen) with codes on it, in its own pixels.
type sheet struct {
	*image.RGBA
	codes []printed
	spots []spot // light on it
}

// printed is where a code stands on a sheet.
type printed struct {
	*code
	x, y, module float64
	inverted     bool
}

func newSheet(w, h int, paper color.Color) *sheet {
	s := &sheet{RGBA: image.NewRGBA(image.Rect(0, 0, w, h))}
	s.fill(0, 0, float64(w), float64(h), paper)
	return s
}

// fill paints a rectangle.
func (s *sheet) fill(x, y, w, h float64, c color.Color) {
	for j := int(y); j < int(y+h); j++ {
		for i := int(x); i < int(x+w); i++ {
			s.Set(i, j, c)
		}
	}
}

// style is how modules are drawn.
type style struct {
	ink, paper color.Color
	dot        float64 // radius of round modules, in modules; 0 draws squares
	finders    float64 // how much the finders' corners are rounded: 0 none, 1 circles; −1: dots as the other modules are
	quiet      float64 // modules of clear paper around
}

func plain() style { return style{ink: color.Black, paper: color.White, quiet: 4} }

// print draws a code with its upper left corner at (x, y).
func (s *sheet) print(c *code, x, y, module float64, look style) {
	side := float64(c.n) * module
	s.fill(x-look.quiet*module, y-look.quiet*module, side+2*look.quiet*module, side+2*look.quiet*module, look.paper)
	for j := range int(side + 1) {
		for i := range int(side + 1) {
			u, v := (float64(i)+0.5)/module, (float64(j)+0.5)/module
			if c.inked(u, v, look) {
				s.Set(int(x)+i, int(y)+j, look.ink)
			}
		}
	}
	s.codes = append(s.codes, printed{c, x, y, module, brighter(look.ink, look.paper)})
}

func brighter(a, b color.Color) bool {
	return color.GrayModel.Convert(a).(color.Gray).Y > color.GrayModel.Convert(b).(color.Gray).Y
}

// inked tells whether there is ink at a place in the modules' plane.
func (c *code) inked(u, v float64, look style) bool {
	x, y := int(u), int(v)
	if x >= c.n || y >= c.n {
		return false
	}
	far := float64(c.n) - 3.5
	for _, f := range [3][2]float64{{3.5, 3.5}, {far, 3.5}, {3.5, far}} {
		if dx, dy := math.Abs(u-f[0]), math.Abs(v-f[1]); max(dx, dy) < 3.5 && look.finders > 0 {
			d := rounded(dx, dy, look.finders)
			return d < 1.5 || d > 2.5 && d < 3.5
		}
	}
	if !c.at(x, y) {
		return false
	}
	if look.dot == 0 || look.finders >= 0 && (x < 7 || x >= c.n-7) && y < 7 || look.finders >= 0 && x < 7 && y >= c.n-7 {
		return true
	}
	return math.Hypot(u-float64(x)-0.5, v-float64(y)-0.5) < look.dot
}

// rounded is the distance from a finder's centre, between that of squares and that of circles.
func rounded(dx, dy, round float64) float64 {
	return (1-round)*max(dx, dy) + round*math.Hypot(dx, dy)
}

// words writes lines of text into a rectangle.
func (s *sheet) words(m *maker, x, y, w, h int, ink color.Color) {
	d := font.Drawer{Dst: s, Src: image.NewUniform(ink), Face: basicfont.Face7x13}
	for line := y + 13; line < y+h; line += 15 {
		d.Dot = fixed.P(x, line)
		d.DrawString(m.text(w / 7 * 9 / 10))
	}
}

// spot is an ellipse of light or shadow with a soft border.
type spot struct {
	x, y, a, b, angle float64
	soft              float64 // of the radius
	add               float64 // levels
}

func (p *spot) at(x, y float64) float64 {
	s, c := math.Sincos(p.angle)
	dx, dy := x-p.x, y-p.y
	d := math.Hypot((dx*c+dy*s)/p.a, (dy*c-dx*s)/p.b)
	return p.add * min(max((1-d)/p.soft, 0), 1)
}

// level is the colour at a place, between pixels, with the light on it.
func (s *sheet) level(x, y float64) (rgb [3]float64) {
	b := s.Rect
	x, y = min(max(x-0.5, 0), float64(b.Dx()-2)), min(max(y-0.5, 0), float64(b.Dy()-2))
	ix, iy := int(x), int(y)
	fx, fy := x-float64(ix), y-float64(iy)
	p := s.Pix[iy*s.Stride+4*ix:]
	q := s.Pix[(iy+1)*s.Stride+4*ix:]
	light := 0.0
	for i := range s.spots {
		light += s.spots[i].at(x, y)
	}
	for i := range 3 {
		rgb[i] = light + (float64(p[i])*(1-fx)+float64(p[i+4])*fx)*(1-fy) + (float64(q[i])*(1-fx)+float64(q[i+4])*fx)*fy
	}
	return rgb
}

// readable tells whether all codes on the sheet can still be read by their modules.
func (s *sheet) readable() bool {
	for _, c := range s.codes {
		ok := c.readable(func(x, y int) bool {
			l := s.level(c.x+(float64(x)+0.5)*c.module, c.y+(float64(y)+0.5)*c.module)
			return (0.3*min(l[0], 255)+0.6*min(l[1], 255)+0.1*min(l[2], 255) < 128) != c.inverted
		})
		if !ok {
			return false
		}
	}
	return true
}

func (s *sheet) texts() (texts []string) {
	for _, c := range s.codes {
		texts = append(texts, c.text)
	}
	return texts
}
