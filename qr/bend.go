package qr

import (
	"context"
	"math"
	"sort"

	"quishmilter/qr/bitmap"
)

// A code on a bottle, a crumpled shirt or under a wide lens is not flat. Bending lays a net over the frame, a knot every
// few modules, and lets each knot slide to where the modules around it are of one colour each; a knot starts from where its
// neighbours nearer to the finders have slid to, so that a bend of several modules is followed step by step.

// knotStep is the distance of knots in modules.
const knotStep = 4

// net holds the knots' shifts, in modules, over a frame's homography.
type net struct {
	side   int // knots along a side
	shift  []Point
	module float64 // modules from knot to knot
}

func newNet(n int) *net {
	side := (n-1)/knotStep + 2
	return &net{side: side, shift: make([]Point, side*side), module: float64(n) / float64(side-1)}
}

// at interpolates the shift at a place in the modules' plane.
func (t *net) at(x, y float64) Point {
	x, y = x/t.module, y/t.module
	top := float64(t.side-1) - 1e-6
	x, y = min(max(x, 0), top), min(max(y, 0), top)
	ix, iy := int(x), int(y)
	fx, fy := x-float64(ix), y-float64(iy)
	k := iy*t.side + ix
	a, b, c, d := t.shift[k], t.shift[k+1], t.shift[k+t.side], t.shift[k+t.side+1]
	return Point{
		(a.X*(1-fx)+b.X*fx)*(1-fy) + (c.X*(1-fx)+d.X*fx)*fy,
		(a.Y*(1-fx)+b.Y*fx)*(1-fy) + (c.Y*(1-fx)+d.Y*fx)*fy,
	}
}

// bend fits a net to the picture; a second call goes on from the first's. False: the context ended.
func (f *frame) bend(ctx context.Context, bits *bitmap.Bitmap) bool {
	t := newNet(f.n)
	if f.net != nil {
		t = f.net
	}
	order := f.knotOrder(t)
	known := make([]bool, len(t.shift))
	for i, k := range order {
		if i&63 == 63 && ctx.Err() != nil {
			return false
		}
		around := t.guess(k, known)
		if f.net != nil {
			around = Point{(around.X + t.shift[k].X) / 2, (around.Y + t.shift[k].Y) / 2}
		}
		t.shift[k] = f.slide(bits, t.module*float64(k%t.side), t.module*float64(k/t.side), around)
		known[k] = true
	}
	t.smooth()
	f.net = t
	return true
}

// knotOrder lists the knots by their distance from the nearest finder.
func (f *frame) knotOrder(t *net) []int {
	order := make([]int, len(t.shift))
	distance := make([]float64, len(t.shift))
	for k := range order {
		x, y := t.module*float64(k%t.side), t.module*float64(k/t.side)
		order[k] = k
		distance[k] = math.Hypot(x-3.5, y-3.5)
		if len(f.pattern.finders) == 3 {
			far := float64(f.n) - 3.5
			distance[k] = min(distance[k], math.Hypot(x-far, y-3.5), math.Hypot(x-3.5, y-far))
		}
	}
	sort.SliceStable(order, func(i, j int) bool { return distance[order[i]] < distance[order[j]] })
	return order
}

// guess says where a knot is by those around it that are known: each of them, and where there is another behind it,
// the line through both.
func (t *net) guess(k int, known []bool) Point {
	var sum Point
	n := 0.0
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			near, ok := t.knot(k, dx, dy, known)
			if !ok || dx == 0 && dy == 0 {
				continue
			}
			s := t.shift[near]
			if far, ok := t.knot(k, 2*dx, 2*dy, known); ok {
				s = Point{1.7*s.X - 0.7*t.shift[far].X, 1.7*s.Y - 0.7*t.shift[far].Y}
			}
			sum.X += s.X
			sum.Y += s.Y
			n++
		}
	}
	if n == 0 {
		return Point{}
	}
	return Point{sum.X / n, sum.Y / n}
}

// knot gives the known knot that lies (dx, dy) from another.
func (t *net) knot(k, dx, dy int, known []bool) (int, bool) {
	x, y := k%t.side+dx, k/t.side+dy
	if x < 0 || y < 0 || x >= t.side || y >= t.side || !known[y*t.side+x] {
		return 0, false
	}
	return y*t.side + x, true
}

// slide tries shifts around the guess and takes the one with the most modules of one colour; the guess wins ties.
func (f *frame) slide(bits *bitmap.Bitmap, x, y float64, guess Point) Point {
	const step, reach = 0.2, 2
	patch := f.patchAt(x, y, guess)
	best, at := -1.0, guess
	for j := -reach; j <= reach; j++ {
		for i := -reach; i <= reach; i++ {
			s, t := step*float64(i), step*float64(j)
			v := float64(patch.uniform(bits, s, t, f.dark)) - float64(i*i+j*j)
			if v > best {
				best, at = v, Point{guess.X + s, guess.Y + t}
			}
		}
	}
	return at
}

// patch is the modules around a knot: over so few the homography is taken as affine.
type patch struct {
	o, e1, e2      Point // the place of its first module's corner in the picture, and the steps to the next ones
	x0, y0, x1, y1 int
}

// patchAt gives the 5×5 modules around a place, as far as they belong to the code.
func (f *frame) patchAt(x, y float64, shift Point) patch {
	p := patch{x0: max(int(x)-2, 0), y0: max(int(y)-2, 0), x1: min(int(x)+3, f.cols), y1: min(int(y)+3, f.rows)}
	ox, oy := x+shift.X, y+shift.Y
	m, right, down := f.warp.point(ox, oy), f.warp.point(ox+1, oy), f.warp.point(ox, oy+1)
	p.e1, p.e2 = Point{right.X - m.X, right.Y - m.Y}, Point{down.X - m.X, down.Y - m.Y}
	dx, dy := float64(p.x0)-x, float64(p.y0)-y
	p.o = Point{m.X + dx*p.e1.X + dy*p.e2.X, m.Y + dx*p.e1.Y + dy*p.e2.Y}
	return p
}

// uniform sums over the modules how much of one colour each is if the patch slides by (s, t).
func (p *patch) uniform(bits *bitmap.Bitmap, s, t float64, dark bool) int {
	sum := 0
	for my := range p.y1 - p.y0 {
		for mx := range p.x1 - p.x0 {
			u, v := float64(mx)+0.5+s, float64(my)+0.5+t
			x, y := p.o.X+u*p.e1.X+v*p.e2.X, p.o.Y+u*p.e1.Y+v*p.e2.Y
			n := 0
			for _, d := range fivePoints {
				if bits.At(int(x+d.X*p.e1.X+d.Y*p.e2.X), int(y+d.X*p.e1.Y+d.Y*p.e2.Y)) == dark {
					n++
				}
			}
			sum += absInt(2*n - 5)
		}
	}
	return sum
}

// fivePoints are the middle of a module and four places towards its corners.
var fivePoints = [5]Point{{0, 0}, {-0.3, -0.3}, {0.3, -0.3}, {-0.3, 0.3}, {0.3, 0.3}}

// smooth takes each knot half-way to the mean of its neighbours: single knots in plain areas slide anywhere.
func (t *net) smooth() {
	smoothed := make([]Point, len(t.shift))
	for k := range t.shift {
		var mean Point
		n := 0.0
		x, y := k%t.side, k/t.side
		for j := max(y-1, 0); j <= min(y+1, t.side-1); j++ {
			for i := max(x-1, 0); i <= min(x+1, t.side-1); i++ {
				mean.X += t.shift[j*t.side+i].X
				mean.Y += t.shift[j*t.side+i].Y
				n++
			}
		}
		smoothed[k] = Point{(t.shift[k].X + mean.X/n) / 2, (t.shift[k].Y + mean.Y/n) / 2}
	}
	t.shift = smoothed
}

// place maps a place in the modules' plane to the picture, through the net where there is one.
func (f *frame) place(x, y float64) (float64, float64) {
	if f.net != nil {
		s := f.net.at(x, y)
		x, y = x+s.X, y+s.Y
	}
	return f.warp.at(x, y)
}
