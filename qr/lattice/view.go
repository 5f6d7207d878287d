package lattice

import (
	"image"
	"math"

	"quishmilter/qr/bitmap"
	"quishmilter/qr/runs"
)

// View is the picture that a lattice lies on: its binarised form, the same with rows and columns exchanged, and the gray
// one for what they lost.
type View struct {
	Bits   *bitmap.Bitmap
	Turned *bitmap.Bitmap
	Gray   *image.Gray
	Lines  *runs.Lines // of the picture as it was binarised

	Inverted bool // Bits and Turned have dark and light exchanged
}

// NewView makes what belongs to the binarised picture itself.
func NewView(bits *bitmap.Bitmap, gray *image.Gray) View {
	v := View{Bits: bits, Turned: &bitmap.Bitmap{}, Gray: gray, Lines: &runs.Lines{}}
	bits.Turn(v.Turned)
	v.Lines.Take(bits)
	return v
}

// Changes gives the places along the k-th kept line (runs.Lines) where the colour changes: at even indexes to dark, at odd
// ones back to light, the last one being the picture's width; and the line's y.
func (v View) Changes(k int) (y int, places []int32) {
	y, ends := v.Lines.Row(k)
	if v.Inverted {
		return y, ends // what was light, from 0 on, is dark
	}
	return y, ends[1:]
}

// Lengths gives the lengths of the runs between the places of Changes.
func (v View) Lengths(k int) runs.Lengths {
	if v.Inverted {
		return v.Lines.Lengths(k)
	}
	return v.Lines.Lengths(k)[1:]
}

// Dark tells whether the pixel under a place is dark; outside the picture it is light.
func (v View) Dark(x, y float64) bool {
	return x >= 0 && y >= 0 && v.Bits.At(int(x), int(y))
}

// Level is the gray at a place, 0 black to 255, between pixels by bilinear interpolation; places outside take the
// nearest pixel's.
func (v View) Level(x, y float64) float64 {
	b := v.Gray.Bounds()
	x = min(max(x-0.5, 0), float64(b.Dx()-1))
	y = min(max(y-0.5, 0), float64(b.Dy()-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, b.Dx()-1), min(y0+1, b.Dy()-1)
	fx, fy := x-float64(x0), y-float64(y0)
	at := func(x, y int) float64 { return float64(v.Gray.Pix[y*v.Gray.Stride+x]) }
	top := at(x0, y0)*(1-fx) + at(x1, y0)*fx
	bottom := at(x0, y1)*(1-fx) + at(x1, y1)*fx
	return top*(1-fy) + bottom*fy
}

// Matrix is a sampled symbol: true where a module is dark.
type Matrix struct {
	W, H int
	Dark []bool
}

// NewMatrix returns an all-light matrix.
func NewMatrix(w, h int) Matrix { return Matrix{W: w, H: h, Dark: make([]bool, w*h)} }

// At tells whether module (x, y) is dark.
func (m *Matrix) At(x, y int) bool { return m.Dark[y*m.W+x] }

// Transposed swaps the axes, which unmirrors a symbol that was drawn mirrored.
func (m *Matrix) Transposed() Matrix {
	t := NewMatrix(m.H, m.W)
	for y := 0; y < m.H; y++ {
		for x := 0; x < m.W; x++ {
			t.Dark[x*t.W+y] = m.Dark[y*m.W+x]
		}
	}
	return t
}

// Sample reads the middle pixel of each of w×h modules.
func (v View) Sample(m *Map, w, h int) Matrix {
	out := NewMatrix(w, h)
	for y := 0; y < h; y++ {
		for x := 0; x < w; x++ {
			px, py := m.At(float64(x)+0.5, float64(y)+0.5)
			out.Dark[y*w+x] = v.Dark(px, py)
		}
	}
	return out
}

// spread is how far from the middle SampleGray looks, in modules.
const spread = 0.2

// SampleGray averages five places of each module's gray and compares with the middle of the darkest and the lightest
// module within two steps: finer than the binarised picture where modules are smaller than its windows or blurred. In
// which sense dark is dark it learns from the binarised picture, for that may be an inverted one.
func (v View) SampleGray(m *Map, w, h int) Matrix {
	levels := make([]float64, w*h)
	for y := 0; y < h; y++ {
		for x := 0; x < w; x++ {
			cx, cy := float64(x)+0.5, float64(y)+0.5
			for _, o := range [5]Point{{0, 0}, {-spread, 0}, {spread, 0}, {0, -spread}, {0, spread}} {
				px, py := m.At(cx+o[0], cy+o[1])
				levels[y*w+x] += v.Level(px, py) / 5
			}
		}
	}
	out := NewMatrix(w, h)
	for y := 0; y < h; y++ {
		for x := 0; x < w; x++ {
			low, high := reach(levels, w, h, x, y)
			out.Dark[y*w+x] = levels[y*w+x] < (low+high)/2
		}
	}
	return agreeing(out, v.Sample(m, w, h))
}

// agreeing turns a matrix's colours around where more modules differ from another one than are the same.
func agreeing(m, other Matrix) Matrix {
	same := 0
	for i, d := range m.Dark {
		if d == other.Dark[i] {
			same++
		}
	}
	if 2*same < len(m.Dark) {
		for i := range m.Dark {
			m.Dark[i] = !m.Dark[i]
		}
	}
	return m
}

// reach returns the darkest and lightest of the 5×5 modules around (x, y).
func reach(levels []float64, w, h, x, y int) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for j := max(y-2, 0); j <= min(y+2, h-1); j++ {
		for i := max(x-2, 0); i <= min(x+2, w-1); i++ {
			low, high = min(low, levels[j*w+i]), max(high, levels[j*w+i])
		}
	}
	return low, high
}
