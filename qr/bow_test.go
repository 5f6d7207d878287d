package qr

import (
	"math"
	"testing"
)

// TestBowFindsTheBulge: the middle of a bulge of two modules is found to a quarter of a module.
func TestBowFindsTheBulge(t *testing.T) {
	const module, quiet = 8, 4
	l := plain(module)
	l.bend = 2
	g := encode(t, "bowed like the label of a bottle", "M", 7)
	bits := binarised(render(g, l))
	w := warp{a: module, c: quiet * module, e: module, f: quiet * module}
	f := frame{warp: w, pattern: patternOf(7), dark: true}
	before := f.rate(bits)
	f.score = before
	if !f.bow(bits) {
		t.Fatal("not bowed")
	}
	middle := float64(f.n) / 2
	if s := f.net.at(middle, middle); math.Abs(s.X) > 0.3 || math.Abs(s.Y+2) > 0.5 {
		t.Errorf("the middle is shifted by %v, want 0, −2", s)
	}
	if f.score < 0.85 || f.score <= before {
		t.Errorf("score %.2f, %.2f before", f.score, before)
	}
}

func TestFlatCodesAreNotBowed(t *testing.T) {
	const module, quiet = 5, 4
	bits := binarised(render(encode(t, "flat", "M", 2), plain(module)))
	f := frame{warp: warp{a: module, c: quiet * module, e: module, f: quiet * module}, pattern: patternOf(2), dark: true}
	f.score = f.rate(bits)
	if f.bow(bits) {
		t.Errorf("bowed to %.2f", f.score)
	}
}
