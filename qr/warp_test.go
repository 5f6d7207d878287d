package qr

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(a, b Point, d float64) bool { return dist(a, b) <= d }

func TestFitWarpFindsTheHomography(t *testing.T) {
	want := warp{a: 4, b: 0.7, c: 100, d: -0.4, e: 3.5, f: 80, g: 0.002, h: -0.001}
	random := rand.New(rand.NewPCG(1, 2))
	var pairs []pair
	for range 12 {
		x, y := random.Float64()*50, random.Float64()*50
		pairs = append(pairs, pair{x, y, want.point(x, y), 1})
	}
	got, ok := fitWarp(pairs)
	if !ok {
		t.Fatal("no homography")
	}
	for _, p := range [][2]float64{{0, 0}, {50, 0}, {50, 50}, {0, 50}, {20, 33}} {
		if a, b := got.point(p[0], p[1]), want.point(p[0], p[1]); !near(a, b, 1e-6) {
			t.Errorf("%v maps to %v, want %v", p, a, b)
		}
	}
}

func TestQuadWarpMapsTheCorners(t *testing.T) {
	quad := [4]Point{{10, 20}, {200, 35}, {180, 240}, {5, 170}}
	w, ok := quadWarp(quad, 33, 21)
	if !ok {
		t.Fatal("no homography")
	}
	for i, c := range w.corners(33, 21) {
		if !near(c, quad[i], 1e-9) {
			t.Errorf("corner %d is %v, want %v", i, c, quad[i])
		}
	}
}

func TestInverseWarp(t *testing.T) {
	w := warp{a: 4, b: 0.7, c: 100, d: -0.4, e: 3.5, f: 80, g: 0.002, h: -0.001}
	back, ok := w.inverse()
	if !ok {
		t.Fatal("no inverse")
	}
	for _, p := range []Point{{0, 0}, {50, 0}, {50, 50}, {20, 33}} {
		q := w.point(p.X, p.Y)
		if got := back.point(q.X, q.Y); !near(got, p, 1e-9) {
			t.Errorf("%v comes back as %v", p, got)
		}
	}
	if _, ok := (&warp{a: 1, b: 1, d: 1, e: 1}).inverse(); ok {
		t.Error("a flat map has an inverse")
	}
}

func TestDegenerateWarpsAreRefused(t *testing.T) {
	line := []pair{{0, 0, Point{0, 0}, 1}, {1, 1, Point{1, 1}, 1}, {2, 2, Point{2, 2}, 1}, {3, 3, Point{3, 3}, 1}}
	if _, ok := fitWarp(line); ok {
		t.Error("points on a line gave a homography")
	}
	if _, ok := fitWarp(line[:3]); ok {
		t.Error("three points gave a homography")
	}
	if _, ok := quadWarp([4]Point{{0, 0}, {1, 0}, {2, 0}, {3, 0}}, 21, 21); ok {
		t.Error("a flat quadrilateral gave a homography")
	}
	for _, w := range []warp{{a: math.NaN()}, {a: 1, e: 1, g: -0.1}, {a: 1e9}} {
		if w.finite(21, 21) {
			t.Errorf("%+v counts as finite", w)
		}
	}
}
