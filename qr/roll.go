package qr

import (
	"cmp"
	"math"
	"math/cmplx"
	"slices"

	"quishmilter/qr/bitmap"
)

// On a bottle, a can or a mug the modules are narrow at the sides and wide in the middle, and the rows are arcs. The
// finders tell all of that: the directions and lengths of the modules at both ends of a side give the cubic between
// them (Hermite), four such curves the surface between them (Coons, Surfaces for Computer-Aided Design, 1967, bilinear
// blending). The fourth corner follows from the other three and from the alignment pattern there. The timing patterns
// choose the version and let the modules' sides be corrected.

// rolled is a code on a surface that bends: places and modules' sides at the finders' centres, top left, top right and
// bottom left, and where a fourth finder's would be. The picture's points are complex numbers, so that turning and
// stretching is one multiplication.
type rolled struct {
	at, e1, e2 [4]complex128
	off        complex128 // of the fourth corner, from where the others lead to
	turn1      complex128 // of the modules' sides there, likewise
	turn2      complex128
	free       bool // the fourth corner's sides are changed too
}

// rollLeast is how many of each finder's 49 modules must be right in its own axes.
const rollLeast = 40

// maxRolls is how many triples are laid over a surface in one pass.
const maxRolls = 6

// roll tells whether three finders that make no flat frame pass the gate on a surface.
func (p *pass) roll(f *frame) bool {
	for _, part := range f.finders {
		if part.rings < ringsLeast {
			return false
		}
	}
	if p.rolls >= maxRolls || f.rolled {
		return false
	}
	r, ok := rolledOf(f.finders, p.bits)
	if !ok {
		return false
	}
	p.rolls++
	return f.layOver(&r, p.bits) && f.score >= gate
}

// roll lays the frame over the surface that its finders' own axes give; false where that does not make it better.
func (f *frame) roll(bits *bitmap.Bitmap) bool {
	if f.finders[2] == nil || f.rolled {
		return false
	}
	r, ok := rolledOf(f.finders, bits)
	return ok && f.layOver(&r, bits)
}

// layOver takes the version and the changes of the surface that make the frame best.
func (f *frame) layOver(r *rolled, bits *bitmap.Bitmap) bool {
	f.rolled = true
	best := *f
	for _, version := range r.versions(f, bits) {
		g := *f
		g.pattern = patternOf(version)
		if r := *r; r.climb(&g, bits) && g.score > best.score {
			best = g
			if best.score >= bowSure {
				break
			}
		}
	}
	if best.score <= f.score {
		return false
	}
	*f = best
	return true
}

// rolledOf takes the finders' own axes.
func rolledOf(finders [3]*finder, bits *bitmap.Bitmap) (r rolled, ok bool) {
	a, b := finders[0], finders[1]
	du := Point{b.x - a.x, b.y - a.y}
	for i, f := range finders {
		l, ok := f.ownLocal(du, bits)
		if !ok {
			return r, false
		}
		r.at[i], r.e1[i], r.e2[i] = complex(l.x, l.y), complex(l.e1.X, l.e1.Y), complex(l.e2.X, l.e2.Y)
	}
	return r, true
}

// ownLocal gives a finder's own axes, e1 being the one nearest to the direction du: from its border, or, seen from the
// side, from its corners.
func (f *finder) ownLocal(du Point, bits *bitmap.Bitmap) (l local, ok bool) {
	own := f.axes(bits)
	l, right := own.local, own.right
	if right < finderSure && f.rings >= quadRings {
		if quad, ok := f.quadAxes(bits); ok && f.quadMatches > right {
			l, right = quad, f.quadMatches
		}
	}
	if right < rollLeast || !l.turn(du) {
		return l, false
	}
	square := l
	if square.square(bits); square.matches(bits) >= right {
		l = square
	}
	return l, true
}

// timingLeast is how well a version's timing patterns must be seen before anything is changed.
const timingLeast = 0.4

// versions lists the versions whose timing patterns fit best, the best first.
func (r *rolled) versions(f *frame, bits *bitmap.Bitmap) []int {
	least, most := math.Inf(1), 0.0
	for _, side := range [2][3]complex128{{r.at[1] - r.at[0], r.e1[0], r.e1[1]}, {r.at[2] - r.at[0], r.e2[0], r.e2[2]}} {
		n := cmplx.Abs(side[0])/math.Sqrt(cmplx.Abs(side[1])*cmplx.Abs(side[2])) + 7
		least, most = min(least, n), max(most, n)
	}
	type fit struct {
		version int
		score   float64
	}
	var fits []fit
	from, to := (0.9*least-17)/4, (1.05*most-17)/4
	for v := max(1, int(from)); v <= min(40, int(to)+1, max(int(from), 1)+10); v++ {
		g := *f
		g.pattern = patternOf(v)
		if r.lay(&g) {
			fits = append(fits, fit{v, g.right(bits, g.timing)})
		}
	}
	slices.SortFunc(fits, func(a, b fit) int { return cmp.Compare(b.score, a.score) })
	var versions []int
	for _, f := range fits[:min(len(fits), 2)] {
		if f.score >= timingLeast {
			versions = append(versions, f.version)
		}
	}
	return versions
}

// lay makes the frame's map and net from the surface.
func (r *rolled) lay(f *frame) bool {
	far := float64(f.n - 7)
	r.close()
	var pairs []pair
	for k := range 25 {
		x, y := float64(k%5)/4*float64(f.n), float64(k/5)/4*float64(f.n)
		pairs = append(pairs, pair{x, y, r.place((x-3.5)/far, (y-3.5)/far, far), 1})
	}
	w, ok := fitWarp(pairs)
	if !ok || !w.finite(f.cols, f.rows) {
		return false
	}
	f.warp, f.net = w, newNet(f.n)
	return r.spread(f)
}

// spread sets the shifts of the frame's net, its map being what it is.
func (r *rolled) spread(f *frame) bool {
	back, ok := f.warp.inverse()
	if !ok {
		return false
	}
	r.close()
	t := newNet(f.n)
	far := float64(f.n - 7)
	var curves [4][64]complex128 // top, bottom, left and right at each knot
	k := complex(far, 0)
	for i := range t.side {
		s := (t.module*float64(i) - 3.5) / far
		curves[0][i], curves[1][i] = cubic(r.at[0], r.at[1], k*r.e1[0], k*r.e1[1], s), cubic(r.at[2], r.at[3], k*r.e1[2], k*r.e1[3], s)
		curves[2][i], curves[3][i] = cubic(r.at[0], r.at[2], k*r.e2[0], k*r.e2[2], s), cubic(r.at[1], r.at[3], k*r.e2[1], k*r.e2[3], s)
	}
	for j := range t.side {
		y := t.module * float64(j)
		v := (y - 3.5) / far
		a, b := curves[2][j]-mix(r.at[0], r.at[2], v), curves[3][j]-mix(r.at[1], r.at[3], v)
		for i := range t.side {
			x := t.module * float64(i)
			p := mix(curves[0][i], curves[1][i], v) + mix(a, b, (x-3.5)/far)
			px, py := back.at(real(p), imag(p))
			t.shift[j*t.side+i] = Point{px - x, py - y}
		}
	}
	f.net = t
	return true
}

// close sets the fourth corner: where sides of equal lengths lead to, or, where one side is turned against the
// opposite one, as its modules say.
func (r *rolled) close() {
	r.at[3] = r.at[1] + r.at[2] - r.at[0] + r.off
	r.e1[3], r.e2[3] = (r.e1[1]+r.e1[2]-r.e1[0])*(1+r.turn1), (r.e2[1]+r.e2[2]-r.e2[0])*(1+r.turn2)
}

// aslant gives how far the fourth corner is off if the bottom is to the top as the modules at the left are to each other,
// and the right to the left as those at the top.
func (r *rolled) aslant() complex128 {
	right, down := r.e1[2]/r.e1[0]-1, r.e2[1]/r.e2[0]-1
	return ((r.at[1]-r.at[0])*right + (r.at[2]-r.at[0])*down) / 2
}

// place gives the place of a point, (0, 0) being the first finder's centre and (1, 1) the fourth's, far modules away.
func (r *rolled) place(s, t, far float64) Point {
	k := complex(far, 0)
	top, bottom := cubic(r.at[0], r.at[1], k*r.e1[0], k*r.e1[1], s), cubic(r.at[2], r.at[3], k*r.e1[2], k*r.e1[3], s)
	left, right := cubic(r.at[0], r.at[2], k*r.e2[0], k*r.e2[2], t), cubic(r.at[1], r.at[3], k*r.e2[1], k*r.e2[3], t)
	p := mix(top, bottom, t) + mix(left, right, s) - mix(mix(r.at[0], r.at[1], s), mix(r.at[2], r.at[3], s), t)
	return Point{real(p), imag(p)}
}

func mix(p, q complex128, t float64) complex128 {
	return p*complex(1-t, 0) + q*complex(t, 0)
}

// cubic gives the curve from p to q that starts with the slope u and ends with the slope v.
func cubic(p, q, u, v complex128, t float64) complex128 {
	t2, t3 := t*t, t*t*t
	return p*complex(2*t3-3*t2+1, 0) + q*complex(3*t2-2*t3, 0) + u*complex(t3-2*t2+t, 0) + v*complex(t3-t2, 0)
}
