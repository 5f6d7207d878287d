package qr

import (
	"fmt"
	"image"
	"math"
	"math/cmplx"
	"testing"
)

// drawn samples a code through a map from pixels to modules, four samples a pixel; light and ink as on paper.
func drawn(g *grid, w, h int, at func(x, y float64) (mx, my float64)) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		sum := 0
		for k := range 4 {
			x, y := at(float64(i%w)+(float64(k%2)+0.5)/2, float64(i/w)+(float64(k/2)+0.5)/2)
			ix, iy := int(math.Floor(x)), int(math.Floor(y))
			if ix >= 0 && iy >= 0 && ix < g.w && iy < g.h && g.dark[iy*g.w+ix] == 1 {
				sum += 40
			} else {
				sum += 220
			}
		}
		img.Pix[i] = uint8(sum / 4)
	}
	return img
}

// onCan draws a code on an upright cylinder of a radius in sides of the code, seen from so far above (radians).
func onCan(g *grid, radius, above, module float64) *image.Gray {
	n := float64(g.w)
	r := radius * n
	side := int((n + 10) * module)
	arch := r * (1 - math.Cos(n/2/r)) * math.Sin(above) // how much lower or higher the middle is than the sides, in modules
	top := 5 + max(-arch, 0)
	return drawn(g, side, side+int(math.Abs(arch)*module), func(x, y float64) (float64, float64) {
		u := (x - float64(side)/2) / module
		if math.Abs(u) > 0.99*r {
			return -1, -1
		}
		angle := math.Asin(u / r)
		return r*angle + n/2, (y/module - top - r*(math.Cos(angle)-math.Cos(n/2/r))*math.Sin(above)) / math.Cos(above)
	})
}

func TestCodesOnCans(t *testing.T) {
	for i, version := range []int{2, 5, 8} {
		for k, radius := range []float64{0.6, 1.1} {
			for _, above := range []float64{0.3, -0.3} {
				t.Run(fmt.Sprintf("version %d, radius %g, above %g", version, radius, above), func(t *testing.T) {
					text := fmt.Sprintf("https://can.example/%d", version)
					g := encode(t, text, "M", version)
					if (i+k)%2 == 1 {
						g = g.transposed()
					}
					wants(t, onCan(g, radius, above, 5), text)
				})
			}
		}
	}
}

// TestBowedByMoreThanATenth: the middle of the rows is pushed aside by up to a sixth of the side.
func TestBowedByMoreThanATenth(t *testing.T) {
	for _, share := range []float64{0.11, 0.165} {
		for _, version := range []int{3, 6} {
			g := encode(t, "bowed by more than a tenth", "Q", version)
			n := float64(g.w)
			const module = 6
			side := int((n*1.3 + 10) * module)
			img := drawn(g, side, side, func(x, y float64) (float64, float64) {
				u := x/module - 5
				s := u / n
				return u, y/module - 5 - share*n*4*s*(1-s)
			})
			t.Run(fmt.Sprintf("%g of version %d", share, version), func(t *testing.T) { wants(t, img, "bowed by more than a tenth") })
		}
	}
}

func TestCubicMeetsItsEnds(t *testing.T) {
	p, q, u, v := 1+2i, 7-1i, 3+0.5i, 2-4i
	const h = 1e-6
	for _, c := range []struct {
		t         float64
		at, slope complex128
	}{{0, p, u}, {1, q, v}} {
		if got := cubic(p, q, u, v, c.t); cmplx.Abs(got-c.at) > 1e-9 {
			t.Errorf("at %g it is at %v, want %v", c.t, got, c.at)
		}
		slope := (cubic(p, q, u, v, c.t+h) - cubic(p, q, u, v, c.t-h)) / (2 * h)
		if cmplx.Abs(slope-c.slope) > 1e-6 {
			t.Errorf("at %g it goes %v, want %v", c.t, slope, c.slope)
		}
	}
}

// TestFlatSurface: from a flat code's finders the surface is the plane.
func TestFlatSurface(t *testing.T) {
	r := rolled{
		at: [4]complex128{10 + 20i, 110 + 40i, -10 + 130i}, e1: [4]complex128{5 + 1i, 5 + 1i, 5 + 1i}, e2: [4]complex128{-1 + 5.5i, -1 + 5.5i, -1 + 5.5i},
	}
	r.close()
	for _, p := range [][2]float64{{0, 0}, {1, 0}, {0.3, 0.7}, {1.1, 1.1}} {
		want := 10 + 20i + complex(p[0], 0)*(100+20i) + complex(p[1], 0)*(-20+110i)
		if got := r.place(p[0], p[1], 20); cmplx.Abs(complex(got.X, got.Y)-want) > 1e-9 {
			t.Errorf("%v is at %v, want %v", p, got, want)
		}
	}
}
