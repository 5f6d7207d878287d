package qr

import (
	"context"
	"math"

	"quishmilter/qr/bitmap"
)

// Paper held in a hand curls, and in a code of version 7 or more the middle of a side is then pushed aside by many
// modules: no homography fits, and the timing pattern says nothing. But the finders tell their own slope, the version
// information beside them (ISO/IEC 18004, 7.10) the size, and from there it is never more than 28 modules to the next
// alignment pattern: a mesh is walked from one to the next, each found where its neighbours lead to.

// meshVersion is the first version with version information and more than one alignment pattern.
const meshVersion = 7

// mesh is the grid of the alignment patterns' centres, those under the finders' corners included.
type mesh struct {
	centres []int // along either axis
	nodes   []node
}

// node is one crossing of the mesh in the picture.
type node struct {
	at     Point
	e1, e2 Point // a module along a row and a column there
	known  bool  // at is set
	seen   bool  // and was seen, not only led to
}

// meshLeast is the share of alignment patterns that must be seen.
const meshLeast = 0.4

// mesh lays the frame anew over the alignment patterns, starting from its finders; false where they are not there.
func (f *frame) mesh(ctx context.Context, bits *bitmap.Bitmap) bool {
	if f.finders[2] == nil || f.net != nil {
		return false
	}
	locals, n, ok := locate(f.finders, bits)
	if !ok || n < 0.85*float64(sideOf(meshVersion)) {
		return false
	}
	for i := range locals {
		locals[i].square(bits)
	}
	version, ok := versionAt(&locals, n, bits)
	if !ok {
		return false
	}
	g := *f
	g.pattern = patternOf(version)
	m := newMesh(g.centres, &locals)
	if !m.walk(ctx, &g, bits) || !m.lay(&g) {
		return false
	}
	if g.score = g.rate(bits); g.score <= f.score {
		return false
	}
	*f = g
	return true
}

// square takes a finder's axes from its own corners rather than from the way to the others.
func (l *local) square(bits *bitmap.Bitmap) {
	c, ok := l.corners(bits)
	if !ok {
		return
	}
	l.span(c)
	l.x, l.y = (c[0].X+c[1].X+c[2].X+c[3].X)/4, (c[0].Y+c[1].Y+c[2].Y+c[3].Y)/4
}

// newMesh starts with the nodes at the finders' inner corners, three modules from their centres.
func newMesh(centres []int, locals *[3]local) *mesh {
	side := len(centres)
	m := &mesh{centres: centres, nodes: make([]node, side*side)}
	for i, start := range [3]struct {
		k      int
		dx, dy float64
	}{{0, 3, 3}, {side - 1, -3, 3}, {(side - 1) * side, 3, -3}} {
		l := &locals[i]
		m.nodes[start.k] = node{
			at: Point{l.x + start.dx*l.e1.X + start.dy*l.e2.X, l.y + start.dx*l.e1.Y + start.dy*l.e2.Y},
			e1: l.e1, e2: l.e2, known: true, seen: true,
		}
	}
	return m
}

// walk goes over the mesh in rings around what is known and looks for the alignment pattern at each node. It gives up
// early where none is seen.
func (m *mesh) walk(ctx context.Context, f *frame, bits *bitmap.Bitmap) bool {
	total := len(m.nodes) - 3
	seen, tried := 0, 0
	for tried < total {
		var ring []int
		var led []node
		for k := range m.nodes {
			if !m.nodes[k].known {
				if next, ok := m.lead(k); ok {
					ring, led = append(ring, k), append(led, next)
				}
			}
		}
		for i, k := range ring {
			if m.meet(f, bits, k, led[i]) {
				seen++
			}
			tried++
		}
		if len(ring) == 0 || ctx.Err() != nil || float64(seen) < meshLeast/2*float64(tried) {
			return false
		}
	}
	return float64(seen) >= meshLeast*float64(total)
}

// lead says where the neighbours that are known lead to, those that were seen before those that were not.
func (m *mesh) lead(k int) (node, bool) {
	var sum node
	weights := 0.0
	side := len(m.centres)
	x, y := k%side, k/side
	for j := max(y-1, 0); j <= min(y+1, side-1); j++ {
		for i := max(x-1, 0); i <= min(x+1, side-1); i++ {
			from := &m.nodes[j*side+i]
			if !from.known || i != x && j != y {
				continue
			}
			weight := 0.2
			if from.seen {
				weight = 1
			}
			p := from.step(float64(m.centres[x]-m.centres[i]), float64(m.centres[y]-m.centres[j]))
			sum.add(&node{at: p, e1: from.e1, e2: from.e2}, weight)
			weights += weight
		}
	}
	if weights == 0 {
		return node{}, false
	}
	var mean node
	mean.add(&sum, 1/weights)
	return mean, true
}

// step goes so many modules along a row and a column.
func (n *node) step(dx, dy float64) Point {
	return Point{n.at.X + dx*n.e1.X + dy*n.e2.X, n.at.Y + dx*n.e1.Y + dy*n.e2.Y}
}

// add adds another node's places and sides.
func (n *node) add(o *node, weight float64) {
	for _, p := range [3][2]*Point{{&n.at, &o.at}, {&n.e1, &o.e1}, {&n.e2, &o.e2}} {
		p[0].X += weight * p[1].X
		p[0].Y += weight * p[1].Y
	}
}

// meshReach is how far from where its neighbours lead to a node is looked for, in modules.
const meshReach = 3.0

// meet looks for a node's alignment pattern, near first, and turns the sides of its modules as the way to it says.
func (m *mesh) meet(f *frame, bits *bitmap.Bitmap, k int, led node) bool {
	led.known = true
	for _, reach := range [2]float64{meshReach / 3, meshReach} {
		if p, n := f.seekRing(bits, led.at, led.e1, led.e2, reach); n > 0 {
			led.at, led.seen = p, true
			break
		}
	}
	m.nodes[k] = led
	if led.seen {
		m.turn(k)
	}
	return led.seen
}

// turn sets a node's sides from the chords to its seen neighbours: along a bow the tangent at one end is as far from the
// chord as that at the other.
func (m *mesh) turn(k int) {
	side := len(m.centres)
	n := &m.nodes[k]
	x, y := k%side, k/side
	set := func(into *Point, other int, modules int, tangent Point) {
		d := float64(modules)
		chord := Point{(n.at.X - m.nodes[other].at.X) / d, (n.at.Y - m.nodes[other].at.Y) / d}
		*into = Point{1.5*chord.X - 0.5*tangent.X, 1.5*chord.Y - 0.5*tangent.Y}
	}
	for _, d := range [2]int{-1, 1} {
		if i := x + d; i >= 0 && i < side && m.nodes[k+d].seen {
			set(&n.e1, k+d, m.centres[x]-m.centres[i], m.nodes[k+d].e1)
		}
		if j := y + d; j >= 0 && j < side && m.nodes[k+d*side].seen {
			set(&n.e2, k+d*side, m.centres[y]-m.centres[j], m.nodes[k+d*side].e2)
		}
	}
}

// lay fits the homography that is nearest to the mesh and makes a net of what is left.
func (m *mesh) lay(f *frame) bool {
	side := len(m.centres)
	var pairs []pair
	for k, n := range m.nodes {
		if n.seen {
			pairs = append(pairs, pair{float64(m.centres[k%side]) + 0.5, float64(m.centres[k/side]) + 0.5, n.at, 1})
		}
	}
	w, ok := fitWarp(pairs)
	if !ok || !w.finite(f.cols, f.rows) {
		return false
	}
	back, ok := w.inverse()
	if !ok {
		return false
	}
	shifts := make([]Point, len(m.nodes))
	for k, n := range m.nodes {
		p := back.point(n.at.X, n.at.Y)
		shifts[k] = Point{p.X - float64(m.centres[k%side]) - 0.5, p.Y - float64(m.centres[k/side]) - 0.5}
		if math.Abs(shifts[k].X)+math.Abs(shifts[k].Y) > float64(f.n)/3 {
			return false
		}
	}
	f.warp, f.net = w, newNet(f.n)
	for k := range f.net.shift {
		x, y := f.net.module*float64(k%f.net.side), f.net.module*float64(k/f.net.side)
		f.net.shift[k] = m.between(shifts, x-0.5, y-0.5)
	}
	return true
}

// between interpolates by the parabolas through the three nearest nodes along either axis.
func (m *mesh) between(shifts []Point, x, y float64) (p Point) {
	side := len(m.centres)
	i, u := parabola(m.centres, x)
	j, v := parabola(m.centres, y)
	for b := range 3 {
		for a := range 3 {
			s := shifts[(j+b)*side+i+a]
			p.X += u[a] * v[b] * s.X
			p.Y += u[a] * v[b] * s.Y
		}
	}
	return p
}

// parabola gives the first of the three places nearest to x, and the three's weights (Lagrange).
func parabola(places []int, x float64) (int, [3]float64) {
	i := 0
	for i+3 < len(places) && math.Abs(float64(places[i+3])-x) < math.Abs(float64(places[i])-x) {
		i++
	}
	a, b, c := float64(places[i]), float64(places[i+1]), float64(places[i+2])
	return i, [3]float64{
		(x - b) * (x - c) / ((a - b) * (a - c)), (x - a) * (x - c) / ((b - a) * (b - c)), (x - a) * (x - b) / ((c - a) * (c - b)),
	}
}
