package main

import (
	"cmp"
	"image"
	"math"
	"math/rand/v2"
	"slices"
)

// develop blurs, adds what shines into the lens and noise, and rounds to levels.
func (s *scene) develop(pix []float32) image.Image {
	for range 2 { // two boxes along either axis are nearly a Gaussian's blur
		if r := s.blur * 1.2; r > 0.2 {
			pix = smear(pix, s.w, s.h, r, 0)
			pix = smear(pix, s.w, s.h, 0, r)
		}
	}
	if s.shake != [2]float64{} {
		pix = smear(pix, s.w, s.h, s.shake[0]/2, s.shake[1]/2)
	}
	random := rand.New(rand.NewPCG(s.seed, 2))
	img := image.NewRGBA(image.Rect(0, 0, s.w, s.h))
	for i := range s.w * s.h {
		shine := 0.0
		for k := range s.add {
			shine += s.add[k].at(float64(i%s.w), float64(i/s.w))
		}
		grain := s.noise * random.NormFloat64()
		for k := range 3 {
			v := float64(pix[3*i+k]) + shine + grain
			img.Pix[4*i+k] = uint8(min(max(v, 0), 255))
		}
		img.Pix[4*i+3] = 255
	}
	return img
}

// tap is a neighbour's share in a blurred pixel.
type tap struct {
	dx, dy int
	weight float32
}

// taps are the neighbours on a line of (±dx, ±dy) pixels.
func taps(dx, dy float64) (all []tap) {
	steps := int(2*max(math.Abs(dx), math.Abs(dy))) + 2
	weights := map[[2]int]float32{}
	for k := range steps {
		t := 2*float64(k)/float64(steps-1) - 1
		x, y := t*dx, t*dy
		ix, iy := int(math.Floor(x)), int(math.Floor(y))
		fx, fy := float32(x-float64(ix)), float32(y-float64(iy))
		weights[[2]int{ix, iy}] += (1 - fx) * (1 - fy)
		weights[[2]int{ix + 1, iy}] += fx * (1 - fy)
		weights[[2]int{ix, iy + 1}] += (1 - fx) * fy
		weights[[2]int{ix + 1, iy + 1}] += fx * fy
	}
	for at, weight := range weights {
		if weight > 1e-4 {
			all = append(all, tap{at[0], at[1], weight / float32(steps)})
		}
	}
	slices.SortFunc(all, func(a, b tap) int { return cmp.Or(a.dy-b.dy, a.dx-b.dx) }) // sums in one order: the same pixels every time
	return all
}

// smear takes the mean along a line of (±dx, ±dy) pixels.
func smear(pix []float32, w, h int, dx, dy float64) []float32 {
	out := make([]float32, len(pix))
	for _, t := range taps(dx, dy) {
		for y := range h {
			from, to := pix[3*w*min(max(y+t.dy, 0), h-1):][:3*w], out[3*w*y:][:3*w]
			for x := range w {
				p := 3 * min(max(x+t.dx, 0), w-1)
				to[3*x] += t.weight * from[p]
				to[3*x+1] += t.weight * from[p+1]
				to[3*x+2] += t.weight * from[p+2]
			}
		}
	}
	return out
}

// texture is smooth noise of several sizes, −1 to 1, that repeats itself.
type texture struct {
	values [64 * 64]float64
	cell   float64    // of the coarsest grid
	layers int        // each half the size and half the strength of the one before
	tint   [3]float64 // of colour
	deep   float64    // levels
}

func newTexture(random *rand.Rand, cell float64, layers int) *texture {
	t := &texture{cell: cell, layers: layers, deep: 50}
	for i := range t.values {
		t.values[i] = 2*random.Float64() - 1
	}
	for i := range t.tint {
		t.tint[i] = 60 + 120*random.Float64()
	}
	return t
}

func (t *texture) at(x, y float64) float64 {
	sum, weight, cell := 0.0, 1.0, t.cell
	for range t.layers {
		sum += weight * t.layer(x/cell, y/cell)
		weight, cell = weight/2, cell/2.1
	}
	return sum
}

func (t *texture) layer(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	fx, fy = x-fx, y-fy
	fx, fy = fx*fx*(3-2*fx), fy*fy*(3-2*fy)
	at := func(i, j int) float64 { return t.values[(j&63)*64+i&63] }
	return (at(ix, iy)*(1-fx)+at(ix+1, iy)*fx)*(1-fy) + (at(ix, iy+1)*(1-fx)+at(ix+1, iy+1)*fx)*fy
}

func (t *texture) colour(x, y float64) (rgb [3]float64) {
	v := t.deep * t.at(x, y)
	for i := range rgb {
		rgb[i] = t.tint[i] + v
	}
	return rgb
}
