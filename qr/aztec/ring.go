package aztec

import (
	"math"

	"quishmilter/qr/lattice"
)

// core is a bullseye with a lattice: the corners of the square of half its side, in modules from the middle.
type core struct {
	compact bool
	half    float64
	to      [4]lattice.Point
}

// radius is the distance of the ring that carries orientation and mode, in modules from the middle.
func (c core) radius() int {
	if c.compact {
		return 5
	}
	return 7
}

// rays is the number of directions in which the rings' edges are looked for, few that of the gate before them.
const (
	rays = 96
	few  = 16
)

// outer is how many rings a ray is followed through.
const outer = 6

// edges of a bullseye: where ray i leaves ring k, at k+½ modules from the middle, is edges[i].at[k], of n that were seen.
type edges [rays]struct {
	at [outer]lattice.Point
	n  int
}

// cores returns the lattices that the rings around a centre allow: full before compact, because the full bullseye
// begins like the compact one.
func (r *reader) cores(c centre) []core {
	var seen edges
	if r.trace(&seen, c, 0, quarter); seen.agreeing(3, c) < rays/quarter*5/8 {
		return nil
	}
	for i := 1; i < quarter; i++ {
		r.trace(&seen, c, i, quarter)
	}
	for _, kind := range []core{{compact: false, half: 5.5}, {compact: true, half: 3.5}} {
		to, ok := seen.square(int(kind.half), c)
		if !ok {
			continue
		}
		if kind.to = to; kind.fits(r.view) {
			return []core{kind}
		}
	}
	return nil
}

// quarter is how many rays the first look at the rings leaves out of each: most centres that get so far have none.
const quarter = 4

// trace follows every step-th ray outwards.
func (r *reader) trace(out *edges, c centre, first, step int) {
	var space [outer]float64
	for i := first; i < rays; i += step {
		to := manyWays[i]
		dx, dy := to[0]*c.across, to[1]*c.down
		length := math.Sqrt(dx*dx + dy*dy)
		changes := r.ray(space[:0], c, to, furthestModule, 1)
		for k, d := range changes {
			out[i].at[k] = lattice.Point{c.x + dx*d/length, c.y + dy*d/length}
		}
		out[i].n = len(changes)
	}
}

// fewWays and manyWays are the directions of the gate before the rings and of the rings themselves.
var fewWays, manyWays = ways(few, 0.3), ways(rays, 0)

// ways gives n directions all around as unit vectors.
func ways(n int, from float64) []lattice.Point {
	all := make([]lattice.Point, n)
	for i := range all {
		all[i][1], all[i][0] = math.Sincos(2 * math.Pi * (float64(i) + from) / float64(n))
	}
	return all
}

const (
	// glitch is the run, in modules, that is taken for a ragged edge.
	glitch = 0.3
	// coarseModule is from how many pixels a module the gate goes by whole pixels.
	coarseModule = 3
	// furthestModule is how far a ray goes, and nearModule how far to leave the third ring, whose corners are at 5 modules,
	// or more where the code is seen from the side.
	furthestModule = 14
	nearModule     = 8
)

// ray fills changes to its capacity with the distances, in pixels, at which the colour changes from the middle in a
// direction. It goes by so many half pixels in whole numbers with 16 binary places, because most middles fail here.
func (r *reader) ray(changes []float64, c centre, to lattice.Point, modules float64, step int) []float64 {
	const one = 1 << 16
	dx, dy := to[0]*c.across, to[1]*c.down
	length := math.Sqrt(dx*dx + dy*dy)
	stepX, stepY := int(dx/length*one/2)*step, int(dy/length*one/2)*step
	x, y := int(c.x*one), int(c.y*one)
	b, tiny, most := r.view.Bits, int(2*glitch*length), int(2*modules*length)
	dark, last := true, -1-tiny
	for n := step; n < most; n += step {
		x, y = x+stepX, y+stepY
		if b.At(x>>16, y>>16) == dark {
			if len(changes) == cap(changes) && n-last > tiny {
				break
			}
			continue
		}
		dark = !dark
		if k := len(changes); k > 0 && n-last <= tiny { // in and out again along a ragged edge
			changes, last = changes[:k-1], -1-tiny
		} else if k == cap(changes) {
			break
		} else {
			changes, last = append(changes, float64(2*n-step)/4), n
		}
	}
	return changes
}

// acrossFirst lists the few rays with those first that lie farthest from the row and the column, which were looked at.
var acrossFirst = [few]int{2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15, 0, 4, 8, 12}

// star is the gate before the rings: of sixteen rays, fourteen must cross the inner three rings in even steps, and seven
// of the eight pairs of opposite rays must leave the last one about equally far away.
func (r *reader) star(c centre) bool {
	const maxBad, maxUneven = 2, 1
	var space [4]float64
	var reach [few]float64
	bad, step := 0, 1
	if min(c.across, c.down) >= coarseModule {
		step = 2
	}
	for _, i := range acrossFirst {
		if p := r.ray(space[:0], c, fewWays[i], nearModule, step); len(p) == 4 && steady(p) {
			reach[i] = p[3]
		} else if bad++; bad > maxBad {
			return false
		}
	}
	uneven := 0
	for i, a := range reach[:few/2] {
		if b := reach[i+few/2]; a > 0 && b > 0 && (a > 1.5*b || b > 1.5*a) {
			uneven++
		}
	}
	return uneven <= maxUneven
}

// steady tells whether the changes along a ray are about equally far apart.
func steady(p []float64) bool {
	ring := (p[3] - p[0]) / 3
	for i := 1; i < 4; i++ {
		if gap := p[i] - p[i-1]; gap < 0.45*ring-0.5 || gap > 1.6*ring+0.5 {
			return false
		}
	}
	return p[0] < 1.5*ring+0.5
}

// ring collects the places where the rays leave ring k, as far as the distance fits the ring before; false where more
// than a quarter of the rays disagree.
func (e *edges) ring(k int, c centre) ([]lattice.Point, bool) {
	points := make([]lattice.Point, 0, rays)
	for i := range e {
		if e.agrees(i, k, c) {
			points = append(points, e[i].at[k])
		}
	}
	return points, len(points) >= rays*3/4
}

// agreeing counts the rays that leave ring k as far out as fits the ring before.
func (e *edges) agreeing(k int, c centre) (n int) {
	for i := range e {
		if e.agrees(i, k, c) {
			n++
		}
	}
	return n
}

func (e *edges) agrees(i, k int, c centre) bool {
	ray := &e[i]
	if ray.n <= k {
		return false
	}
	middle := lattice.Point{c.x, c.y}
	ratio := lattice.Apart(ray.at[k], middle) / lattice.Apart(ray.at[k-1], middle) * (float64(k) - 0.5) / (float64(k) + 0.5)
	return ratio > 0.8 && ratio < 1.25
}

// square fits four sides to the edge of ring k and returns its corners, clockwise.
func (e *edges) square(k int, c centre) ([4]lattice.Point, bool) {
	points, ok := e.ring(k, c)
	if !ok {
		return [4]lattice.Point{}, false
	}
	at := extremes(points, lattice.Point{c.x, c.y})
	var sides [4]lattice.Line
	for i := range sides {
		side := between(points, at[i], at[(i+1)%4])
		if len(side) < 5 {
			return [4]lattice.Point{}, false
		}
		var rms float64
		if sides[i], rms = lattice.FitTrimmed(side); rms > 0.3*math.Max(c.across, c.down)+0.5 {
			return [4]lattice.Point{}, false
		}
	}
	var corners [4]lattice.Point
	for i := range corners {
		if corners[i], ok = sides[(i+3)%4].Meet(sides[i]); !ok {
			return corners, false
		}
	}
	return corners, true
}

// extremes returns which points are the corners of the quadrilateral that the points surround, in their order: the
// one furthest from the middle, the one furthest from that, and the furthest to both sides of their diagonal.
func extremes(points []lattice.Point, middle lattice.Point) [4]int {
	a := furthest(points, middle)
	c := furthest(points, points[a])
	if c < a {
		a, c = c, a
	}
	diagonal, _ := lattice.FitLine([]lattice.Point{points[a], points[c]})
	b, d := a, c
	for i, p := range points {
		far := math.Abs(diagonal.Distance(p))
		if i > a && i < c {
			if far > math.Abs(diagonal.Distance(points[b])) {
				b = i
			}
		} else if far > math.Abs(diagonal.Distance(points[d])) {
			d = i
		}
	}
	return [4]int{a, b, c, d}
}

func furthest(points []lattice.Point, from lattice.Point) int {
	best := 0
	for i, p := range points {
		if lattice.Apart(p, from) > lattice.Apart(points[best], from) {
			best = i
		}
	}
	return best
}

// between returns the points strictly inside the stretch from one corner to the next, an eighth off at either end.
func between(points []lattice.Point, from, to int) []lattice.Point {
	n := (to - from + len(points)) % len(points)
	off := n/8 + 1
	var side []lattice.Point
	for i := off; i <= n-off; i++ {
		side = append(side, points[(from+i)%len(points)])
	}
	return side
}

// minFit is the share of a bullseye's modules that must have their colour.
const minFit = 0.9

// fits tells whether the modules of the rings are dark and light in turn.
func (c core) fits(v lattice.View) bool {
	at, ok := c.lattice()
	if !ok {
		return false
	}
	reach, right, all := c.radius()-1, 0, 0
	for y := -reach; y <= reach; y++ {
		for x := -reach; x <= reach; x++ {
			px, py := at.At(float64(x), float64(y))
			all++
			if v.Dark(px, py) == (max(x, -x, y, -y)&1 == 0) {
				right++
			}
		}
	}
	return float64(right) >= minFit*float64(all)
}

// lattice maps modules counted from the middle, whole numbers their middles.
func (c core) lattice() (lattice.Map, bool) {
	return lattice.FromQuads(lattice.Box(-c.half, -c.half, c.half, c.half), c.to)
}
