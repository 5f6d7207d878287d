package main

import (
	"image"
	"math"
	"math/rand/v2"
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

// smear takes the mean along a line of (±dx, ±dy) pixels.
func smear(pix []float32, w, h int, dx, dy float64) []float32 {
	out := make([]float32, len(pix))
	steps := int(2*max(math.Abs(dx), math.Abs(dy))) + 2
	var offsets [][2]float64
	for k := range steps {
		t := 2*float64(k)/float64(steps-1) - 1
		offsets = append(offsets, [2]float64{t * dx, t * dy})
	}
	for y := range h {
		for x := range w {
			var sum [3]float32
			for _, o := range offsets {
				fx, fy := min(max(float64(x)+o[0], 0), float64(w-1)), min(max(float64(y)+o[1], 0), float64(h-1))
				c := between(pix, w, h, fx, fy)
				for k := range sum {
					sum[k] += c[k]
				}
			}
			for k := range sum {
				out[3*(y*w+x)+k] = sum[k] / float32(steps)
			}
		}
	}
	return out
}

// between interpolates between pixels.
func between(pix []float32, w, h int, x, y float64) (c [3]float32) {
	ix, iy := int(x), int(y)
	fx, fy := float32(x-float64(ix)), float32(y-float64(iy))
	p := 3 * (iy*w + ix)
	right, down := 3, 3*w
	if ix == w-1 {
		right = 0
	}
	if iy == h-1 {
		down = 0
	}
	for k := range c {
		c[k] = (pix[p+k]*(1-fx)+pix[p+right+k]*fx)*(1-fy) + (pix[p+down+k]*(1-fx)+pix[p+down+right+k]*fx)*fy
	}
	return c
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
