package qr

import (
	"cmp"
	"math"
	"slices"
)

// triple is three finders that may belong to one code: a at the corner, b and c at the ends of its sides, so that from
// b to c it turns clockwise in the picture (y down): b is top right and c bottom left unless the code is mirrored.
type triple struct {
	a, b, c uint16  // indexes of finders: thousands of triples are sorted, and pointers would be the garbage collector's work
	cost    float32 // how far from an upright square; small is good
}

const (
	// neighbours is how many other finders a finder is combined with: so many of the nearest, for a page full of small
	// codes, and so many of those that look most like finders, for the corners of a large code full of places that
	// look a little like one.
	neighbours = 9
	// costMost is the cost above which a combination is not looked at; codes on bottles and seen from the side stay
	// below 2.
	costMost = 2.5
	// costFew is the same where there are at most fewFinders, so that all can be looked at: seen from very near and aside
	// the near finder is more than twice as large as the far ones.
	costFew    = 4.5
	fewFinders = 12
	// costAslant is from where, among few, the finders' axes are sought by their corners.
	costAslant = 1.8
	// maxTriples is how many triples are looked at for the first code; each code found allows as many again.
	maxTriples = 80
)

// triplesOf combines the finders to triples that could be a code, the most likely first.
func triplesOf(found []finder) []triple {
	var all []triple
	var near []neighbour
	most := float32(costMost)
	if len(found) <= fewFinders {
		most = costFew
	}
	for i := range found {
		near = nearest(found, i, near[:0])
		for j, b := range near {
			for _, c := range near[j+1:] {
				t := triple{a: uint16(i), b: b.at, c: c.at}
				if t.judge(found, most) {
					all = append(all, t)
				}
			}
		}
	}
	slices.SortFunc(all, func(s, t triple) int { return cmp.Compare(s.cost, t.cost) })
	return all
}

// neighbour is another finder, how far it is (the square, in modules) and how well it fits.
type neighbour struct {
	at     uint16
	d, fit float32
}

// nearest lists the finders that could share a code with the i-th: same polarity, like size, not too far.
func nearest(found []finder, i int, near []neighbour) []neighbour {
	a := &found[i]
	for j := range found {
		b := &found[j]
		if j == i || b.dark != a.dark || b.w+b.h > 2.2*(a.w+a.h) || a.w+a.h > 2.2*(b.w+b.h) {
			continue
		}
		dx, dy := (b.x-a.x)/(a.w+b.w)*14, (b.y-a.y)/(a.h+b.h)*14
		if d := dx*dx + dy*dy; d > 8*8 && d < 300*300 {
			near = append(near, neighbour{uint16(j), float32(d), float32(b.fit)})
		}
	}
	if len(near) <= 2*neighbours {
		return near
	}
	toFront(near, func(m, n *neighbour) bool { return m.d < n.d })
	toFront(near[neighbours:], func(m, n *neighbour) bool { return m.fit < n.fit })
	return near[:2*neighbours]
}

// toFront moves the first few by an order to the front, sorted: sorting all of them would be most of the work in texture.
func toFront(all []neighbour, less func(m, n *neighbour) bool) {
	k := min(neighbours, len(all))
	slices.SortFunc(all[:k], func(m, n neighbour) int {
		switch {
		case less(&m, &n):
			return -1
		case less(&n, &m):
			return 1
		}
		return 0
	})
	for i := k; i < len(all); i++ {
		if !less(&all[i], &all[k-1]) {
			continue
		}
		n := all[i]
		all[i] = all[k-1]
		j := k - 1
		for ; j > 0 && less(&n, &all[j-1]); j-- {
			all[j] = all[j-1]
		}
		all[j] = n
	}
}

// judge computes the cost of one combination and puts b and c in order; false where it is above most or no sane
// point of view gives such a code.
func (t *triple) judge(found []finder, most float32) bool {
	a, b, c := &found[t.a], &found[t.b], &found[t.c]
	// Width and height apart: a stretched code has modules that are not square.
	sx, sy := (a.w+b.w+c.w)/21, (a.h+b.h+c.h)/21
	ux, uy := (b.x-a.x)/sx, (b.y-a.y)/sy
	vx, vy := (c.x-a.x)/sx, (c.y-a.y)/sy
	// Squares first: most combinations are no right angle, or sides too unlike.
	uu, vv := ux*ux+uy*uy, vx*vx+vy*vy
	cross, dot := ux*vy-uy*vx, ux*vx+uy*vy
	if cross*cross < 0.2*uu*vv || uu > 5*vv || vv > 5*uu {
		return false
	}
	ratio := max(uu, vv)/min(uu, vv) - 1
	ma, mb, mc := a.w+a.h, b.w+b.h, c.w+c.h
	size := max(ma, mb)/min(ma, mb) + max(ma, mc)/min(ma, mc) - 2
	t.cost = float32(ratio + math.Abs(dot)/math.Sqrt(uu*vv) + size + 0.5*(a.fit+b.fit+c.fit))
	if t.cost > most {
		return false
	}
	if cross < 0 {
		t.b, t.c = t.c, t.b
	}
	return true
}
