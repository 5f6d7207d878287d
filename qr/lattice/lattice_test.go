package lattice

import (
	"math"
	"math/rand/v2"
	"testing"
)

func close(a, b Point) bool { return Apart(a, b) < 1e-6 }

func TestFromQuadsLeadsCornersToCorners(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		from := Box(0, 0, 1+random.Float64()*40, 1+random.Float64()*40)
		to := Box(10, 20, 200, 300)
		for i := range to {
			to[i][0] += random.Float64()*60 - 30
			to[i][1] += random.Float64()*60 - 30
		}
		m, ok := FromQuads(from, to)
		back, ok2 := FromQuads(to, from)
		if !ok || !ok2 {
			t.Fatalf("no transform from %v to %v", from, to)
		}
		for i := range from {
			if !close(m.Point(from[i]), to[i]) || !close(back.Point(to[i]), from[i]) {
				t.Fatalf("%v goes to %v, want %v", from[i], m.Point(from[i]), to[i])
			}
		}
		p := Point{from[2][0] / 3, from[2][1] / 2}
		if !close(back.Point(m.Point(p)), p) {
			t.Fatalf("%v comes back as %v", p, back.Point(m.Point(p)))
		}
	}
}

func TestFromQuadsRefusesAFlatQuadrilateral(t *testing.T) {
	if _, ok := FromQuads([4]Point{{0, 0}, {1, 1}, {2, 2}, {3, 3}}, Box(0, 0, 1, 1)); ok {
		t.Error("four points on a line gave a transform")
	}
}

func TestLinesFitAndMeet(t *testing.T) {
	var across, down []Point
	for i := 0; i < 30; i++ {
		across = append(across, Point{float64(i), 7 + float64(i)/10})
		down = append(down, Point{12 - float64(i)/20, float64(i)})
	}
	a, rms := FitLine(across)
	if rms > 1e-6 || math.Abs(a.Distance(Point{0, 7})) > 1e-6 {
		t.Errorf("line %v, off by %g", a, rms)
	}
	across[4][1] += 9
	a, _ = FitTrimmed(across)
	b, _ := FitLine(down)
	if p, ok := a.Meet(b); !ok || math.Abs(a.Distance(p)) > 1e-6 || math.Abs(b.Distance(p)) > 1e-6 || math.Abs(p[1]-8.1) > 0.2 {
		t.Errorf("they meet at %v (%v)", p, ok)
	}
	if _, ok := a.Meet(a); ok {
		t.Error("a line meets itself in a point")
	}
}

func TestClimbFindsTheTop(t *testing.T) {
	want := Box(3, 4, 50, 60)
	corners := Box(5, 2, 47, 61)
	score := func(c *[4]Point) float64 {
		sum := 0.0
		for i := range c {
			sum -= Apart(c[i], want[i])
		}
		return sum
	}
	for range 4 {
		Climb(&corners, 2, 4, score)
	}
	for i := range corners {
		if Apart(corners[i], want[i]) > 1 {
			t.Errorf("corner %d at %v, want %v", i, corners[i], want[i])
		}
	}
}
