package picture

import (
	"image"
	"image/color"

	"quishmilter/mime"
)

// isPNM knows the portable anymaps P1 to P6 (netpbm) by their first line and the two numbers of the size behind it.
func isPNM(p Part) bool {
	d := p.Data
	if len(d) < 8 || d[0] != 'P' || d[1] < '1' || d[1] > '6' || !isSpace(d[2]) && d[2] != '#' {
		return false
	}
	r := pnmReader{data: p.head()[2:]}
	_, ok1 := r.number()
	_, ok2 := r.number()
	return ok1 && ok2
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// openPNM shows a portable bitmap, graymap or pixmap: numbers as text (P1 to P3) or as bytes (P4 to P6).
func openPNM(v *view) {
	if v.ended("") {
		return
	}
	r := pnmReader{data: v.part.Data[2:]}
	kind := v.part.Data[1] - '0'
	w, ok1 := r.number()
	h, ok2 := r.number()
	full, ok3 := int64(1), true
	if kind != 1 && kind != 4 {
		full, ok3 = r.number()
	}
	if !ok1 || !ok2 || !ok3 || full < 1 || full > 65535 {
		v.problem(mime.Broken, "", "the picture's header does not parse")
		return
	}
	samples := int64(1)
	model := color.Model(color.GrayModel)
	if kind == 3 || kind == 6 {
		samples, model = 3, color.NRGBAModel
	}
	if w > 1<<24 || h > 1<<24 || !v.fits(image.Config{ColorModel: model, Width: int(w), Height: int(h)}, 1, "") {
		if w > 1<<24 || h > 1<<24 {
			v.problem(mime.OverLimit, "", "a picture of %d×%d pixels", w, h)
		}
		return
	}
	if rows := r.rows(kind, w*samples, full); rows < h { // no memory for what is not there
		v.problem(mime.Broken, "", "the picture ends early")
		if h = rows; h == 0 {
			return
		}
	}
	next := r.sampler(kind, w*samples, full)
	v.picture(filled(int(w), int(h), samples == 3, next), "", "image")
}

// filled makes a picture of samples as they come.
func filled(w, h int, coloured bool, next func() byte) image.Image {
	if !coloured {
		g := image.NewGray(image.Rect(0, 0, w, h))
		for i := range g.Pix {
			g.Pix[i] = next()
		}
		return g
	}
	n := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(n.Pix); i += 4 {
		n.Pix[i], n.Pix[i+1], n.Pix[i+2], n.Pix[i+3] = next(), next(), next(), 0xff
	}
	return n
}

// pnmReader reads numbers between white space and comments.
type pnmReader struct {
	data []byte
	at   int
}

func (r *pnmReader) skip() {
	for r.at < len(r.data) {
		switch c := r.data[r.at]; {
		case c == '#':
			for r.at < len(r.data) && r.data[r.at] != '\n' {
				r.at++
			}
		case isSpace(c):
			r.at++
		default:
			return
		}
	}
}

func (r *pnmReader) number() (n int64, ok bool) {
	r.skip()
	for r.at < len(r.data) && r.data[r.at] >= '0' && r.data[r.at] <= '9' && n < 1<<31 {
		n, ok = n*10+int64(r.data[r.at]-'0'), true
		r.at++
	}
	return n, ok
}

// rows is how many rows of so many samples the rest can hold at most.
func (r *pnmReader) rows(kind byte, samples, full int64) int64 {
	left, row := int64(len(r.data)-r.at), samples
	switch {
	case kind == 4:
		row = (samples + 7) / 8
	case kind > 4 && full > 255:
		row = 2 * samples
	case kind == 2 || kind == 3: // a digit and a space
		row = 2*samples - 1
	}
	return left / row
}

// sampler gives one sample after the other, 0 behind the end: black is 0, except in bitmaps.
func (r *pnmReader) sampler(kind byte, row, full int64) func() byte {
	scale := func(n int64) byte { return byte(min(n, full) * 255 / full) }
	one := func() int64 { // a byte
		r.at++
		if r.at > len(r.data) {
			return 0
		}
		return int64(r.data[r.at-1])
	}
	switch {
	case kind == 1: // digits need no space between them
		return func() byte {
			r.skip()
			return ^-byte(one() & 1)
		}
	case kind == 2 || kind == 3:
		return func() byte {
			n, ok := r.number()
			if !ok {
				r.at = len(r.data)
			}
			return scale(n)
		}
	case kind == 4:
		r.at++
		x, bits := int64(0), int64(0)
		return func() byte {
			if x%row%8 == 0 {
				bits = one()
			}
			bit := byte(bits >> (7 - x%row%8) & 1)
			x++
			return ^-bit
		}
	case full > 255:
		r.at++
		return func() byte {
			high := one()
			return scale(high<<8 | one())
		}
	}
	r.at++
	return func() byte { return scale(one()) }
}
