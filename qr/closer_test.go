package qr

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"quishmilter/test/mailmaker"
)

// scenery is a photograph without a code, gray.
func scenery(w, h int) *image.Gray {
	photo := mailmaker.Photo(w, h, 11)
	img := image.NewGray(photo.Rect)
	for y := range h {
		copy(img.Pix[y*img.Stride:][:w], photo.Y[y*photo.YStride:])
	}
	return img
}

// TestSmallCodesFarAway: codes of 2.3 pixels a module somewhere in a photograph, turned, noisy.
func TestSmallCodesFarAway(t *testing.T) {
	for i, angle := range []float64{0, 21, 40} {
		page := scenery(1200, 900)
		l := look{module: 2.3, quiet: 4, light: 235, dark: 30, noise: 10, angle: angle}
		paste(page, render(encode(t, "far away", "M", 3), l), 311+200*i, 603-130*i)
		codes := wants(t, page, "far away")
		if len(codes) == 1 && !inside(codes[0].Corners, Point{311 + 200*float64(i) + 50, 603 - 130*float64(i) + 50}) {
			t.Errorf("at %v", codes[0].Corners)
		}
	}
}

// TestBlurThatClosesGaps: two thirds of a module of blur close the light ring around a finder.
func TestBlurThatClosesGaps(t *testing.T) {
	for _, version := range []int{2, 5, 8} {
		l := look{module: 9, quiet: 4, light: 230, dark: 30, noise: 3, angle: 5, blur: 4}
		wants(t, render(encode(t, "blurred", "Q", version), l), "blurred")
	}
}

func TestWindowHoldsTheOtherFinder(t *testing.T) {
	l := left{Point{300, 300}, 20}
	if w := l.window(nil); w != image.Rect(130, 130, 470, 470) {
		t.Errorf("alone: %v", w)
	}
	if w := l.window([]left{{Point{700, 300}, 22}}); !(image.Pt(700, 300).In(w)) {
		t.Errorf("%v leaves out the other finder", w)
	}
	if w := l.window([]left{{Point{700, 300}, 60}}); image.Pt(700, 300).In(w) {
		t.Errorf("%v for a finder of another size", w)
	}
}

// TestUnsharpKeepsPlain: what is even stays as it is, and an edge becomes steeper.
func TestUnsharpKeepsPlain(t *testing.T) {
	img := newGray(40, 30)
	for i := range img.Pix {
		img.Pix[i] = 100
		if i%img.Stride >= 20 {
			img.Pix[i] = 140
		}
	}
	out := unsharp(img, 3)
	if out.Pix[15*out.Stride+5] != 100 || out.Pix[15*out.Stride+35] != 140 {
		t.Errorf("even parts became %d and %d", out.Pix[15*out.Stride+5], out.Pix[15*out.Stride+35])
	}
	if a, b := out.Pix[15*out.Stride+19], out.Pix[15*out.Stride+20]; a >= 100 || b <= 140 {
		t.Errorf("the edge became %d, %d", a, b)
	}
}

func TestInside(t *testing.T) {
	q := [4]Point{{0, 0}, {10, 0}, {10, 10}, {0, 10}}
	turned := [4]Point{q[0], q[3], q[2], q[1]}
	for _, c := range []struct {
		p    Point
		want bool
	}{{Point{5, 5}, true}, {Point{1, 9}, true}, {Point{11, 5}, false}, {Point{5, -1}, false}} {
		if inside(q, c.p) != c.want || inside(turned, c.p) != c.want {
			t.Errorf("%v: want %t", c.p, c.want)
		}
	}
}

// TestFindersOfReadCodesAreTaken: at half the size nothing is left to read; a code inside another is.
func TestFindersOfReadCodesAreTaken(t *testing.T) {
	c := Code{Symbology: "qr", Version: 2, Corners: [4]Point{{0, 0}, {100, 0}, {100, 100}, {0, 100}}}
	r := &reader{codes: []found{{Code: c}}}
	p := pass{reader: r, scale: 2}
	finders := []finder{{x: 7, y: 7, w: 14, h: 14}, {x: 43, y: 7, w: 14, h: 14}, {x: 25, y: 25, w: 6, h: 6}}
	p.takeRead(finders)
	for i, want := range []bool{true, true, false} {
		if finders[i].taken != want {
			t.Errorf("finder %d: taken %t", i, finders[i].taken)
		}
	}
}

// dotty draws every module as a dot, the finders' too.
func dotty(g *grid, module int, radius float64) *image.Gray {
	side := (g.w + 8) * module
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = 255
		x, y := i%side, i/side
		mx, my := x/module-4, y/module-4
		if mx < 0 || my < 0 || mx >= g.w || my >= g.h || g.dark[my*g.w+mx] == 0 {
			continue
		}
		dx, dy := (float64(x%module)+0.5)/float64(module)-0.5, (float64(y%module)+0.5)/float64(module)-0.5
		if dx*dx+dy*dy < radius*radius {
			img.SetGray(x, y, color.Gray{20})
		}
	}
	return img
}

func TestFindersOfDots(t *testing.T) {
	for _, module := range []int{8, 11} {
		for _, radius := range []float64{0.32, 0.37, 0.42} {
			t.Run(fmt.Sprintf("%d pixels, radius %g", module, radius), func(t *testing.T) {
				wants(t, dotty(encode(t, "https://dots.example/", "M", 3), module, radius), "https://dots.example/")
			})
		}
	}
}

func TestNoDotsElsewhere(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 3))
	for name, img := range map[string]*image.Gray{
		"code": render(encode(t, "squares", "M", 5), plain(6)), "photograph": scenery(600, 400), "noise": render(noiseGrid(random, 90), plain(5)),
	} {
		r := &reader{ctx: t.Context()}
		gray := copyPlane(img.Pix, img.Stride, img.Rect.Dx(), img.Rect.Dy())
		if d := r.pass(gray, 1).dotted(); d != 0 {
			t.Errorf("%s: dots to be grown by %d pixels", name, d)
		}
	}
}

// The finders of one code share their window; one that reaches elsewhere is looked at.
func TestCoveredWindows(t *testing.T) {
	seen := []image.Rectangle{image.Rect(0, 0, 200, 200)}
	for window, want := range map[image.Rectangle]bool{
		image.Rect(5, 5, 205, 205):     true,
		image.Rect(50, 50, 100, 100):   true,
		image.Rect(40, 0, 240, 200):    false,
		image.Rect(0, 0, 400, 400):     false,
		image.Rect(300, 300, 500, 500): false,
	} {
		if got := covered(window, seen); got != want {
			t.Errorf("%v: %t", window, got)
		}
	}
}

// A raster of dots without gaps is no code, whose dots are missing at every other place.
func TestRasterIsNoCodeOfDots(t *testing.T) {
	for _, gaps := range []bool{false, true} {
		g := newGray(400, 400)
		for i := range g.Pix {
			g.Pix[i] = 255
		}
		for y := 8; y < 392; y += 10 {
			for x := 8; x < 392; x += 10 {
				if gaps && (x*x/100+y*y*7/100+x*y/100)%3 == 0 {
					continue
				}
				for dy := -3; dy <= 3; dy++ {
					for dx := -3; dx <= 3; dx++ {
						if dx*dx+dy*dy <= 10 {
							g.Pix[(y+dy)*g.Stride+x+dx] = 0
						}
					}
				}
			}
		}
		r := &reader{ctx: t.Context()}
		if got := r.pass(g, 1).dotted(); (got > 0) != gaps {
			t.Errorf("gaps %t: dots grow by %d", gaps, got)
		}
	}
}
