package qr

import (
	"image"
	"math"
	"testing"
)

// aslant draws a grid into a quadrilateral on a light page, each pixel from nine samples.
func aslant(g *grid, w, h int, quad [4]Point) *image.Gray {
	to, _ := quadWarp(quad, float64(g.w), float64(g.h))
	back, _ := to.inverse()
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		sum := 0
		for k := range 9 {
			p := back.point(float64(i%w)+float64(k%3)/3+1./6, float64(i/w)+float64(k/3)/3+1./6)
			x, y := int(math.Floor(p.X)), int(math.Floor(p.Y))
			if x < 0 || y < 0 || x >= g.w || y >= g.h || g.dark[y*g.w+x] == 0 {
				sum += 25
			}
		}
		img.Pix[i] = uint8(sum)
	}
	return img
}

// Seen along its diagonal from near a code is a kite, its near finder twice as large as the far ones.
func TestCodesSeenFromNearAndAside(t *testing.T) {
	for _, quad := range [][4]Point{
		{{130, 105}, {300, 50}, {215, 215}, {53, 297}},
		{{120, 105}, {300, 50}, {215, 215}, {53, 297}},
		{{122, 105.8}, {300, 50}, {215.2, 214}, {53, 297}},
	} {
		wants(t, aslant(encode(t, "seen aslant", "M", 1), 350, 350, quad), "seen aslant")
	}
}

func TestQuadAxesOfARhombus(t *testing.T) {
	quad := [4]Point{{20, 60}, {90, 20}, {120, 60}, {50, 100}}
	bits := binarised(aslant(finderGrid(), 140, 120, quad))
	f := finder{x: 70, y: 60, w: 100, h: 60, dark: true, rings: 16}
	l, ok := f.quadAxes(bits)
	if !ok || !l.turn(Point{1, 0}) {
		t.Fatalf("no axes: %d modules", f.quadMatches)
	}
	if !near(l.e1, Point{70. / 9, -40. / 9}, 0.4) || !near(l.e2, Point{30. / 9, 40. / 9}, 0.4) {
		t.Errorf("axes %v %v", l.e1, l.e2)
	}
}
