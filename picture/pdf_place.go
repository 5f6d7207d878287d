package picture

import (
	"math"

	"github.com/klippa-app/go-pdfium/requests"
)

// box is an upright rectangle: in points on a page, or as fractions of it.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) width() float64  { return b.x1 - b.x0 }
func (b box) height() float64 { return b.y1 - b.y0 }

func (b box) union(c box) box {
	return box{math.Min(b.x0, c.x0), math.Min(b.y0, c.y0), math.Max(b.x1, c.x1), math.Max(b.y1, c.y1)}
}

func (b box) clip(c box) box {
	return box{math.Max(b.x0, c.x0), math.Max(b.y0, c.y0), math.Min(b.x1, c.x1), math.Min(b.y1, c.y1)}
}

func (b box) empty() bool { return !(b.x1 > b.x0 && b.y1 > b.y0) }

// grown is the box with so much more on each side.
func (b box) grown(by float64) box { return box{b.x0 - by, b.y0 - by, b.x1 + by, b.y1 + by} }

// affine is a matrix as PDF writes it (ISO 32000-1, 8.3.3).
type affine struct{ a, b, c, d, e, f float64 }

var identity = affine{1, 0, 0, 1, 0, 0}

// then is first m and then n.
func (m affine) then(n affine) affine {
	return affine{
		m.a*n.a + m.b*n.c, m.a*n.b + m.b*n.d,
		m.c*n.a + m.d*n.c, m.c*n.b + m.d*n.d,
		m.e*n.a + m.f*n.c + n.e, m.e*n.b + m.f*n.d + n.f,
	}
}

func (m affine) at(x, y float64) (float64, float64) { return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f }

// box is the upright rectangle around what m makes of b.
func (m affine) box(b box) box {
	x, y := m.at(b.x0, b.y0)
	r := box{x, y, x, y}
	for _, p := range [3][2]float64{{b.x1, b.y0}, {b.x0, b.y1}, {b.x1, b.y1}} {
		x, y := m.at(p[0], p[1])
		r = r.union(box{x, y, x, y})
	}
	return r
}

// sheet is the visible part of a page: what its crop box leaves, as its rotation shows it.
type sheet struct {
	page          requests.Page
	width, height float64 // points
	toSheet       affine  // from the page's user space to fractions of the sheet, y downwards
}

// sheet asks the renderer where three points of the page come to lie on a very large drawing of it.
func (d *document) sheet(page requests.Page, width, height float64) (sheet, bool) {
	const size = 1 << 24
	span := math.Max(width, height)
	var got [3][2]float64
	for i, p := range [3][2]float64{{0, 0}, {span, 0}, {0, span}} {
		to, err := d.pdf.FPDF_PageToDevice(&requests.FPDF_PageToDevice{Page: page, SizeX: size, SizeY: size, PageX: p[0], PageY: p[1]})
		if err != nil {
			return sheet{}, false
		}
		got[i] = [2]float64{float64(to.DeviceX) / size, float64(to.DeviceY) / size}
	}
	o, x, y := got[0], got[1], got[2]
	m := affine{(x[0] - o[0]) / span, (x[1] - o[1]) / span, (y[0] - o[0]) / span, (y[1] - o[1]) / span, o[0], o[1]}
	return sheet{page, width, height, m}, true
}

// pixels is where something on the page lies on a drawing of the sheet of that size, and whether any of it is on it.
func (s sheet) pixels(b box, width, height int) (box, bool) {
	f := s.toSheet.box(b)
	p := box{f.x0 * float64(width), f.y0 * float64(height), f.x1 * float64(width), f.y1 * float64(height)}
	whole := box{0, 0, float64(width), float64(height)}
	return p, !p.grown(0.5).clip(whole).empty()
}
