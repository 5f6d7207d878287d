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
	if f.net == nil {
		f.net = newNet(f.n)
	}
	t := f.net
	b := bending{net: t, moved: make([]Point, len(t.shift)), weight: make([]float64, len(t.shift))}
	for i, k := range f.knotOrder(t) {
		if i&63 == 63 && ctx.Err() != nil {
			return false
		}
		x, y := t.module*float64(k%t.side), t.module*float64(k/t.side)
		led := b.lead(k)
		s, sure := f.slide(bits, x, y, led)
		b.moved[k] = Point{led.X + sure*s.X, led.Y + sure*s.Y}
		b.weight[k] = 0.05 + sure
	}
	b.settle()
	return true
}

// knotOrder lists the knots by their distance from what is surely in place: finders and timing patterns.
func (f *frame) knotOrder(t *net) []int {
	order := make([]int, len(t.shift))
	distance := make([]float64, len(t.shift))
	for k := range order {
		x, y := t.module*float64(k%t.side), t.module*float64(k/t.side)
		order[k] = k
		distance[k] = math.Hypot(x-3.5, y-3.5)
		if len(f.pattern.finders) == 3 {
			far := float64(f.n) - 3.5
			distance[k] = min(distance[k], math.Hypot(x-far, y-3.5), math.Hypot(x-3.5, y-far), 5+math.Abs(x-6.5), 5+math.Abs(y-6.5))
		}
	}
	sort.SliceStable(order, func(i, j int) bool { return distance[order[i]] < distance[order[j]] })
	return order
}

// bending is how far the knots have moved, in modules, and how sure that is; a weight of 0: not yet.
type bending struct {
	*net
	moved  []Point
	weight []float64
}

// leadReach is how many knots away others lead a knot.
const leadReach = 3

// lead says how far a knot has moved by those around it: the plane through their moves (weighted least squares), its
// slopes held back where few are known.
func (b *bending) lead(k int) Point {
	var w, wx, wy, wxx, wxy, wyy, u, ux, uy, v, vx, vy float64
	kx, ky := k%b.side, k/b.side
	for j := max(ky-leadReach, 0); j <= min(ky+leadReach, b.side-1); j++ {
		for i := max(kx-leadReach, 0); i <= min(kx+leadReach, b.side-1); i++ {
			at := j*b.side + i
			if b.weight[at] == 0 {
				continue
			}
			x, y := float64(i-kx), float64(j-ky)
			q := b.weight[at] * nearness[absInt(i-kx)] * nearness[absInt(j-ky)]
			m := b.moved[at]
			w, wx, wy, wxx, wxy, wyy = w+q, wx+q*x, wy+q*y, wxx+q*x*x, wxy+q*x*y, wyy+q*y*y
			u, ux, uy, v, vx, vy = u+q*m.X, ux+q*x*m.X, uy+q*y*m.X, v+q*m.Y, vx+q*x*m.Y, vy+q*y*m.Y
		}
	}
	if w == 0 {
		return Point{}
	}
	// About the middle of those that are known, so that the slopes are apart from the mean.
	mx, my := wx/w, wy/w
	xx, xy, yy := wxx-wx*mx+slopeHold, wxy-wx*my, wyy-wy*my+slopeHold
	det := xx*yy - xy*xy
	plane := func(s, sx, sy float64) float64 {
		sx, sy = sx-s*mx, sy-s*my
		return s/w - ((yy*sx-xy*sy)*mx+(xx*sy-xy*sx)*my)/det
	}
	return Point{plane(u, ux, uy), plane(v, vx, vy)}
}

// slopeHold keeps a plane level.
const slopeHold = 1

// nearness is the weight of knots by how far they are.
var nearness = [leadReach + 1]float64{1, 0.8, 0.4, 0.15}

// settle takes each knot to where it and those around it have moved, plane areas being led by the others.
func (b *bending) settle() {
	for k := range b.shift {
		m := b.lead(k)
		b.shift[k].X += m.X
		b.shift[k].Y += m.Y
	}
}

// slide tries shifts around the guess and gives the one with the most modules of one colour, and how sure it is: 0 where
// nothing shows, as in plain areas, 1 where others are much worse.
func (f *frame) slide(bits *bitmap.Bitmap, x, y float64, guess Point) (Point, float64) {
	const step, reach = 0.2, 2
	patch := f.patchAt(x, y, guess)
	best, sum, at := -1.0, 0.0, Point{}
	for j := -reach; j <= reach; j++ {
		for i := -reach; i <= reach; i++ {
			s, t := step*float64(i), step*float64(j)
			v := float64(patch.uniform(bits, s, t, f.dark))
			sum += v
			if v -= float64(i*i + j*j); v > best {
				best, at = v, Point{s, t}
			}
		}
	}
	mean := sum / ((2*reach + 1) * (2*reach + 1))
	most := 5 * float64((patch.x1-patch.x0)*(patch.y1-patch.y0))
	return at, min(max((best-mean)/(0.1*most), 0), 1)
}

// patch is the modules around a knot: over so few the map is taken as affine.
type patch struct {
	o, e1, e2      Point // the place of its first module's corner in the picture, and the steps to the next ones
	x0, y0, x1, y1 int
}

// patchReach is how many modules around a knot are looked at.
const patchReach = 2

// patchAt gives the 5×5 modules around a place, as far as they belong to the code.
func (f *frame) patchAt(x, y float64, shift Point) patch {
	p := patch{x0: max(int(x)-patchReach, 0), y0: max(int(y)-patchReach, 0), x1: min(int(x)+patchReach+1, f.cols), y1: min(int(y)+patchReach+1, f.rows)}
	const d = 2
	at := func(x, y float64) Point { x, y = f.place(x, y); return Point{x, y} }
	m, left, right, up, down := at(x, y), at(x-d, y), at(x+d, y), at(x, y-d), at(x, y+d)
	p.e1, p.e2 = Point{(right.X - left.X) / (2 * d), (right.Y - left.Y) / (2 * d)}, Point{(down.X - up.X) / (2 * d), (down.Y - up.Y) / (2 * d)}
	dx, dy := float64(p.x0)-x+shift.X, float64(p.y0)-y+shift.Y
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

// place maps a place in the modules' plane to the picture, through the net where there is one.
func (f *frame) place(x, y float64) (float64, float64) {
	if f.net != nil {
		s := f.net.at(x, y)
		x, y = x+s.X, y+s.Y
	}
	return f.warp.at(x, y)
}
