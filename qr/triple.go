package qr

import (
	"math"
	"sort"
)

// triple is three finders that may belong to one code: a at the corner, b and c at the ends of its sides, so that from
// b to c it turns clockwise in the picture (y down): b is top right and c bottom left unless the code is mirrored.
type triple struct {
	a, b, c *finder
	cost    float64 // how far from an upright square; small is good
}

const (
	// neighbours is how many other finders a finder is combined with: so many of the nearest, for a page full of small codes,
	// and so many of those that look most like finders, for the corners of a large code full of places that look a little like one.
	neighbours = 10
	// maxTriples is how many triples are looked at for the first code; each code found allows as many again.
	maxTriples = 80
)

// triplesOf combines the finders to triples that could be a code, the most likely first.
func triplesOf(found []finder) []triple {
	var all []triple
	var near []*finder
	for i := range found {
		a := &found[i]
		if a.taken {
			continue
		}
		near = nearest(found, a, near[:0])
		for j, b := range near {
			for _, c := range near[j+1:] {
				if t, ok := tripleAt(a, b, c); ok {
					all = append(all, t)
				}
			}
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].cost < all[j].cost })
	return all
}

// nearest lists the finders that could share a code with a: same polarity, like size, not too far.
func nearest(found []finder, a *finder, near []*finder) []*finder {
	type other struct {
		f *finder
		d float64
	}
	var others []other
	for i := range found {
		b := &found[i]
		if b == a || b.taken || b.dark != a.dark {
			continue
		}
		if r := b.module() / a.module(); r > 2.2 || r < 1/2.2 {
			continue
		}
		dx, dy := (b.x-a.x)/(a.w+b.w)*14, (b.y-a.y)/(a.h+b.h)*14
		if d := math.Hypot(dx, dy); d > 8 && d < 300 {
			others = append(others, other{b, d})
		}
	}
	sort.Slice(others, func(i, j int) bool { return others[i].d < others[j].d })
	for i := range others {
		if i < neighbours {
			near = append(near, others[i].f)
		}
	}
	if len(others) <= neighbours {
		return near
	}
	others = others[neighbours:]
	sort.Slice(others, func(i, j int) bool { return others[i].f.fit < others[j].f.fit })
	for _, o := range others[:min(neighbours, len(others))] {
		near = append(near, o.f)
	}
	return near
}

// tripleAt judges one combination by what must hold from any sane point of view.
func tripleAt(a, b, c *finder) (triple, bool) {
	// Width and height apart: a stretched code has modules that are not square.
	sx, sy := (a.w+b.w+c.w)/21, (a.h+b.h+c.h)/21
	ux, uy := (b.x-a.x)/sx, (b.y-a.y)/sy
	vx, vy := (c.x-a.x)/sx, (c.y-a.y)/sy
	lu, lv := math.Hypot(ux, uy), math.Hypot(vx, vy)
	cross, dot := ux*vy-uy*vx, ux*vx+uy*vy
	if math.Abs(cross) < 0.45*lu*lv {
		return triple{}, false
	}
	ratio := math.Abs(math.Log(lu / lv))
	if ratio > 0.8 {
		return triple{}, false
	}
	size := math.Abs(math.Log(a.module()/b.module())) + math.Abs(math.Log(a.module()/c.module()))
	cost := 2*ratio + math.Abs(dot)/(lu*lv) + size + 0.5*(a.fit+b.fit+c.fit)
	if cross < 0 {
		b, c = c, b
	}
	return triple{a, b, c, cost}, true
}
