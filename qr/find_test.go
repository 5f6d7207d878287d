package qr

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"quishmilter/qr/lattice"
	"quishmilter/qr/runs"
)

// finderGrid is a finder alone, with its separator.
func finderGrid() *grid {
	g := newGrid(9, 9)
	for _, c := range finderCells(1, 1, 1, 1) {
		if c.dark {
			g.dark[int(c.y)*9+int(c.x)] = 1
		}
	}
	return g
}

func TestFindersAtEveryAngleAndSize(t *testing.T) {
	for _, module := range []float64{2, 3, 5, 12} {
		for angle := 0.0; angle < 90; angle += 7.5 {
			for _, invert := range []bool{false, true} {
				if module < 3 && math.Mod(angle, 90) != 0 {
					continue // two pixels a module and turned: read at the finders of a whole code, not alone
				}
				l := plain(module)
				l.angle, l.invert = angle, invert
				img := render(finderGrid(), l)
				var s finderScan
				s.reset(lattice.NewView(binarised(img), Prepare(img).Gray[0]))
				s.scan(context.Background(), 1)
				best := s.best()
				if len(best) == 0 {
					t.Errorf("%g pixels at %g°, inverted %t: nothing", module, angle, invert)
					continue
				}
				f, middle := best[0], Point{float64(img.Rect.Dx()) / 2, float64(img.Rect.Dy()) / 2}
				if !near(Point{f.x, f.y}, middle, module/2) || f.dark == invert {
					t.Errorf("%g pixels at %g°, inverted %t: found at %.1f,%.1f, the middle is %v", module, angle, invert, f.x, f.y, middle)
				}
			}
		}
	}
}

func TestRunsFit(t *testing.T) {
	for _, c := range []struct {
		runs [5]int32
		want bool
	}{
		{[5]int32{1, 1, 3, 1, 1}, true}, {[5]int32{10, 10, 30, 10, 10}, true},
		{[5]int32{2, 1, 5, 1, 2}, true},     // ink spread
		{[5]int32{8, 12, 28, 12, 8}, true},  // ink shrunk
		{[5]int32{9, 10, 30, 11, 12}, true}, // seen from the side
		{[5]int32{1, 1, 1, 1, 1}, false}, {[5]int32{10, 10, 10, 10, 10}, false},
		{[5]int32{10, 10, 90, 10, 10}, false}, {[5]int32{30, 10, 30, 10, 10}, false}, {[5]int32{10, 30, 30, 10, 10}, false},
	} {
		if got := runsFit(c.runs[0], c.runs[1], c.runs[2], c.runs[3], c.runs[4], rowSlack); got != c.want {
			t.Errorf("%v: %t", c.runs, got)
		}
	}
}

// TestMaybeFitLeavesNothingOut compares the question of eight places at once with the exact one, on runs around those of
// finders.
func TestMaybeFitLeavesNothingOut(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for range 300_000 {
		module, rough := 1+rnd.IntN(60), 1+rnd.IntN(20)
		ends := []int32{0}
		for i := range 8 + 5 {
			length := module
			if i%4 == 2 {
				length *= 3
			}
			ends = append(ends, ends[i]+int32(max(length+rnd.IntN(2*rough+1)-rough, 1)))
		}
		lanes := maybeFit(runs.LengthsOf(nil, ends).Window(0))
		for i := range 8 {
			e := ends[i:]
			a, b, c, d, last := e[1]-e[0], e[2]-e[1], e[3]-e[2], e[4]-e[3], e[5]-e[4]
			if c > b && c > d && runsFit(a, b, c, d, last, rowSlack) {
				if taken++; lanes>>(8*i+7)&1 == 0 {
					t.Fatalf("%v fit, and are left out", e[:6])
				}
			}
		}
	}
	if taken < 1000 {
		t.Errorf("only %d fit", taken)
	}
}
