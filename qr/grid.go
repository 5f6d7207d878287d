package qr

import (
	"image"
	"math"
	"slices"

	"quishmilter/qr/bitmap"
)

func dist(a, b Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

// grid is the sampled modules of a code, w×h, row by row; 1 is dark.
type grid struct {
	w, h   int
	dark   []uint8
	unsure []bool // modules that show nothing; nil where that is not known
	doubt  []byte // how near each module is to the threshold (soft.go); nil where that is not asked for
}

func newGrid(w, h int) *grid { return &grid{w: w, h: h, dark: make([]uint8, w*h)} }

// sampleBits takes the pixel in the middle of each module.
func (f *frame) sampleBits(bits *bitmap.Bitmap) *grid {
	g := newGrid(f.cols, f.rows)
	for y := range f.rows {
		row := g.dark[y*f.cols:][:f.cols]
		for x := range row {
			px, py := f.place(float64(x)+0.5, float64(y)+0.5)
			if bits.At(int(px), int(py)) == f.dark {
				row[x] = 1
			}
		}
	}
	return g
}

// levels interpolates the gray level in the middle of each module, so that a threshold that is a little off does less
// harm than in the bits.
func (f *frame) levels(gray *image.Gray) []float64 {
	levels := make([]float64, f.cols*f.rows)
	for y := range f.rows {
		for x := range f.cols {
			px, py := f.place(float64(x)+0.5, float64(y)+0.5)
			levels[y*f.cols+x] = grayAt(gray, px, py)
		}
	}
	return levels
}

// sharpen takes from each module what its four neighbours blurred into it.
func (f *frame) sharpen(levels []float64, strength float64) []float64 {
	if strength == 0 {
		return levels
	}
	sharp := make([]float64, len(levels))
	for y := range f.rows {
		for x := range f.cols {
			at := func(x, y int) float64 {
				return levels[min(max(y, 0), f.rows-1)*f.cols+min(max(x, 0), f.cols-1)]
			}
			v := at(x, y)
			sharp[y*f.cols+x] = v + strength*(4*v-at(x-1, y)-at(x+1, y)-at(x, y-1)-at(x, y+1))
		}
	}
	return sharp
}

// threshold compares each module with the mean level of the modules within four of it.
func (f *frame) threshold(levels []float64) *grid {
	g := newGrid(f.cols, f.rows)
	sums := integral(levels, f.cols, f.rows)
	const reach = 4
	for y := range f.rows {
		for x := range f.cols {
			x0, y0, x1, y1 := max(x-reach, 0), max(y-reach, 0), min(x+reach+1, f.cols), min(y+reach+1, f.rows)
			mean := sums.mean(x0, y0, x1, y1)
			if (levels[y*f.cols+x] < mean) == f.dark {
				g.dark[y*f.cols+x] = 1
			}
		}
	}
	return g
}

// hiddenShare is the share of the code's usual contrast below which 3×3 modules show nothing: data has hardly ever
// nine modules of one colour, glare and stickers have.
const hiddenShare = 0.3

// hide marks the modules under glare, stickers and logos.
func (g *grid) hide(levels []float64) {
	ranges := make([]float64, 0, len(levels))
	flat := func(x, y int) float64 {
		lo, hi := levels[y*g.w+x], levels[y*g.w+x]
		for j := y - 1; j <= y+1; j++ {
			for i := x - 1; i <= x+1; i++ {
				lo, hi = min(lo, levels[j*g.w+i]), max(hi, levels[j*g.w+i])
			}
		}
		return hi - lo
	}
	for y := 1; y < g.h-1; y++ {
		for x := 1; x < g.w-1; x++ {
			ranges = append(ranges, flat(x, y))
		}
	}
	sorted := slices.Clone(ranges)
	slices.Sort(sorted)
	least := hiddenShare * sorted[len(sorted)*3/4]
	g.unsure = make([]bool, len(levels))
	for k, r := range ranges {
		if r < least {
			x, y := k%(g.w-2), k/(g.w-2)
			for i := range 9 {
				g.unsure[(y+i/3)*g.w+x+i%3] = true
			}
		}
	}
}

// grayAt interpolates between the four pixels around a place; outside the picture the border goes on.
func grayAt(gray *image.Gray, x, y float64) float64 {
	w, h := gray.Rect.Dx(), gray.Rect.Dy()
	x, y = min(max(x-0.5, 0), float64(w-1)), min(max(y-0.5, 0), float64(h-1))
	ix, iy := int(x), int(y)
	fx, fy := x-float64(ix), y-float64(iy)
	jx, jy := min(ix+1, w-1), min(iy+1, h-1)
	top, bottom := gray.Pix[iy*gray.Stride:], gray.Pix[jy*gray.Stride:]
	a := float64(top[ix])*(1-fx) + float64(top[jx])*fx
	b := float64(bottom[ix])*(1-fx) + float64(bottom[jx])*fx
	return a*(1-fy) + b*fy
}

// table holds sums over all rectangles from the top left corner.
type table struct {
	n    int
	sums []float64
}

func integral(levels []float64, w, h int) table {
	t := table{w + 1, make([]float64, (w+1)*(h+1))}
	for y := range h {
		row := 0.0
		for x := range w {
			row += levels[y*w+x]
			t.sums[(y+1)*t.n+x+1] = t.sums[y*t.n+x+1] + row
		}
	}
	return t
}

func (t table) mean(x0, y0, x1, y1 int) float64 {
	s := t.sums[y1*t.n+x1] - t.sums[y0*t.n+x1] - t.sums[y1*t.n+x0] + t.sums[y0*t.n+x0]
	return s / float64((x1-x0)*(y1-y0))
}
