package qr

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// encode makes the modules of a QR code with gozxing's encoder; version 0 lets it choose.
func encode(t testing.TB, text, level string, version int) *grid {
	t.Helper()
	hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_CHARACTER_SET: "UTF-8"}
	if version > 0 {
		hints[gozxing.EncodeHintType_QR_VERSION] = version
	}
	ec := map[string]decoder.ErrorCorrectionLevel{
		"L": decoder.ErrorCorrectionLevel_L, "M": decoder.ErrorCorrectionLevel_M,
		"Q": decoder.ErrorCorrectionLevel_Q, "H": decoder.ErrorCorrectionLevel_H,
	}[level]
	code, err := encoder.Encoder_encode(text, ec, hints)
	if err != nil {
		t.Fatalf("encoding %q as %s of version %d: %v", text, level, version, err)
	}
	m := code.GetMatrix()
	g := newGrid(m.GetWidth(), m.GetHeight())
	for y := range g.h {
		for x := range g.w {
			g.dark[y*g.w+x] = uint8(m.Get(x, y))
		}
	}
	return g
}

// check appends Reed–Solomon check words to data.
func check(data []byte, words int) []byte {
	ints := make([]int, len(data)+words)
	for i, v := range data {
		ints[i] = int(v)
	}
	if err := reedsolomon.NewReedSolomonEncoder(reedsolomon.GenericGF_QR_CODE_FIELD_256).Encode(ints, words); err != nil {
		panic(err)
	}
	out := make([]byte, len(ints))
	for i, v := range ints {
		out[i] = byte(v)
	}
	return out
}

// bitWriter packs bits, the highest first.
type bitWriter struct {
	data []byte
	n    int
}

func (b *bitWriter) put(v, n int) {
	for i := n - 1; i >= 0; i-- {
		if b.n&7 == 0 {
			b.data = append(b.data, 0)
		}
		b.data[b.n>>3] |= byte(v >> i & 1 << (7 - b.n&7))
		b.n++
	}
}

// fill pads to total bytes as the standard says.
func (b *bitWriter) fill(total int) []byte {
	for pad := byte(0xec); len(b.data) < total; pad ^= 0xec ^ 0x11 {
		b.data = append(b.data, pad)
	}
	return b.data
}

// lay puts the function patterns and the words' bits into a new grid.
func lay(p *pattern, words []byte, mask, short int) *grid {
	g := newGrid(p.cols, p.rows)
	for _, cells := range append(append([][]cell{}, p.finders...), p.timing, p.align) {
		for _, c := range cells {
			if c.dark {
				g.dark[int(c.y)*p.cols+int(c.x)] = 1
			}
		}
	}
	var bits []uint8
	for i, w := range words {
		n := 8
		if i == short {
			n = 4
		}
		for k := range n {
			bits = append(bits, w>>(7-k)&1)
		}
	}
	for i, m := range p.data {
		bit := uint8(0)
		if i < len(bits) {
			bit = bits[i]
		}
		if masked(mask, int(m.x), int(m.y)) {
			bit ^= 1
		}
		g.dark[int(m.y)*p.cols+int(m.x)] = bit
	}
	return g
}

// write puts a value into modules, the highest bit into the first.
func (g *grid) write(places []place, v int) {
	for i, m := range places {
		g.dark[int(m.y)*g.w+int(m.x)] = uint8(v >> (len(places) - 1 - i) & 1)
	}
}

// look says how a code is drawn.
type look struct {
	module  float64 // pixels
	stretch float64 // width of a module per height; 0 is 1
	angle   float64 // degrees
	tilt    float64 // how much smaller the far side is; 0 is none
	bend    float64 // modules that the middle of the code is pushed out
	quiet   int     // modules around
	light   float64
	dark    float64
	noise   float64
	blur    int // radius of a box blur in pixels
	shade   float64
	mirror  bool
	invert  bool
}

func plain(module float64) look { return look{module: module, quiet: 4, light: 255} }

// render draws a grid, each pixel from nine samples.
func render(g *grid, l look) *image.Gray {
	if l.stretch == 0 {
		l.stretch = 1
	}
	if l.invert {
		l.light, l.dark = l.dark, l.light
	}
	w, h := float64(g.w+2*l.quiet)*l.module*l.stretch, float64(g.h+2*l.quiet)*l.module
	s, c := math.Sincos(l.angle * math.Pi / 180)
	outW, outH := int(math.Ceil(math.Abs(w*c)+math.Abs(h*s))), int(math.Ceil(math.Abs(w*s)+math.Abs(h*c)))
	img := image.NewGray(image.Rect(0, 0, outW, outH))
	random := rand.New(rand.NewPCG(1, uint64(g.w)))
	for y := range outH {
		for x := range outW {
			sum := 0.0
			for k := range 9 {
				sum += l.sample(g, float64(x)+float64(k%3)/3+1.0/6-float64(outW)/2, float64(y)+float64(k/3)/3+1.0/6-float64(outH)/2, s, c, w, h)
			}
			v := sum/9*(1-l.shade*float64(x)/float64(outW)) + l.noise*random.NormFloat64()
			img.Pix[y*img.Stride+x] = uint8(min(max(v, 0), 255))
		}
	}
	for range 2 {
		if l.blur > 0 {
			img = boxBlur(img, l.blur)
		}
	}
	return img
}

// sample gives the level at a place from the middle of the picture.
func (l look) sample(g *grid, x, y, s, c, w, h float64) float64 {
	x, y = x*c+y*s, -x*s+y*c
	if l.tilt != 0 { // a homography that shrinks downwards
		k := 1 - l.tilt*(y/h+0.5)
		x, y = x/k, (y+h/2)/k*(1-l.tilt/2)-h/2
	}
	u, v := (x+w/2)/w, (y+h/2)/h
	mx := u*float64(g.w+2*l.quiet) - float64(l.quiet)
	my := v*float64(g.h+2*l.quiet) - float64(l.quiet)
	if l.bend != 0 {
		my += l.bend * math.Sin(min(max(mx/float64(g.w), 0), 1)*math.Pi)
	}
	if l.mirror {
		mx = float64(g.w) - mx
	}
	ix, iy := int(math.Floor(mx)), int(math.Floor(my))
	if ix < 0 || iy < 0 || ix >= g.w || iy >= g.h || g.dark[iy*g.w+ix] == 0 {
		return l.light
	}
	return l.dark
}

func boxBlur(img *image.Gray, r int) *image.Gray {
	out := image.NewGray(img.Rect)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		for x := range w {
			sum, n := 0, 0
			for j := max(y-r, 0); j <= min(y+r, h-1); j++ {
				for i := max(x-r, 0); i <= min(x+r, w-1); i++ {
					sum += int(img.Pix[j*img.Stride+i])
					n++
				}
			}
			out.Pix[y*out.Stride+x] = uint8(sum / n)
		}
	}
	return out
}
