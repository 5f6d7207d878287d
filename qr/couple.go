package qr

import (
	"math"

	"quishmilter/qr/bitmap"
)

// Where a thumb, glare or a tear hides one finder, two are left. Their eight corners give a homography, the distance
// gives the version, and the timing pattern tells which side of them the code is on and which of them is the corner.

const (
	// maxCouples is how many finders are combined two by two.
	maxCouples = 12
	// coupleRings and coupleMatches say how good a finder must be: two have to do the work of three.
	coupleRings   = 13
	coupleMatches = 38
)

// strong is a finder with its own axes and corners.
type strong struct {
	*finder
	local
	corners [4]Point // at −e1−e2, +e1−e2, +e1+e2, −e1+e2
}

// couples tries the finders that are left, two by two.
func (p *pass) couples(finders []finder) {
	var good []strong
	for i := range finders {
		f := &finders[i]
		if f.taken || f.rings < coupleRings || len(good) == maxCouples {
			continue
		}
		own := f.axes(p.bits)
		if own.right < coupleMatches {
			continue
		}
		if c, ok := own.corners(p.bits); ok {
			good = append(good, strong{f, own.local, c})
		}
	}
	for i := range good {
		for j := range good[:i] {
			if !good[i].taken && !good[j].taken && !p.ended() {
				p.couple(&good[i], good[j])
			}
		}
	}
}

// couple tries one pair: as the ends of one side of a code, or of its diagonal, as the direction suggests.
func (p *pass) couple(a *strong, b strong) {
	if a.finder.dark != b.finder.dark || !b.turnTo(a) {
		return
	}
	det := a.e1.X*a.e2.Y - a.e1.Y*a.e2.X
	dx, dy := b.finder.x-a.finder.x, b.finder.y-a.finder.y
	// The way from a to b in modules, of the geometric mean of both ends.
	s := (dx*a.e2.Y - dy*a.e2.X) / det / math.Sqrt(length(b.e1)/length(a.e1))
	t := (dy*a.e1.X - dx*a.e1.Y) / det / math.Sqrt(length(b.e2)/length(a.e2))
	n := max(math.Abs(s), math.Abs(t)) + 7
	if n < 18 || n > 185 {
		return
	}
	best := frame{}
	for _, version := range versionsNear(n) {
		for _, h := range hypotheses(s, t, float64(sideOf(version))) {
			if f, ok := h.frame(a, &b, patternOf(version), p.bits); ok && f.score > best.score {
				best = f
			}
		}
	}
	if best.score >= gate {
		best.finders = [3]*finder{a.finder, b.finder}
		p.attempt(&best)
	}
}

func length(p Point) float64 { return math.Hypot(p.X, p.Y) }

// turnTo renames b's axes and corners so that its e1 points as a's does; false where they differ too much in size.
func (b *strong) turnTo(a *strong) bool {
	for range 4 {
		if b.e1.X*a.e1.X+b.e1.Y*a.e1.Y > 0.6*length(a.e1)*length(b.e1) {
			r := (length(b.e1) + length(b.e2)) / (length(a.e1) + length(a.e2))
			return r < 2 && r > 0.5
		}
		b.e1, b.e2 = b.e2, Point{-b.e1.X, -b.e1.Y}
		c := b.corners
		b.corners = [4]Point{c[1], c[2], c[3], c[0]}
	}
	return false
}

// hypothesis says where two finders are in a code. The plane is that of the modules in a's axes, from a's upper left
// corner: b is shifted by (s, t), and the code is the square of side n from (x, y), to be turned over where flipX or
// flipY says so.
type hypothesis struct {
	s, t, n      float64
	x, y         float64
	flipX, flipY bool
}

// hypotheses lists what a way of s and t modules can be in a code of n modules.
func hypotheses(s, t, n float64) []hypothesis {
	far := n - 7
	as, at := math.Abs(s), math.Abs(t)
	s, t = math.Copysign(far, s), math.Copysign(far, t)
	var all []hypothesis
	switch {
	case at < 0.35*as: // along a row: the code lies below or above, the corner is either
		for _, flip := range [2]bool{false, true} {
			all = append(all, hypothesis{s, 0, n, min(0, s), 0, flip, false}, hypothesis{s, 0, n, min(0, s), -far, flip, true})
		}
	case as < 0.35*at: // along a column
		for _, flip := range [2]bool{false, true} {
			all = append(all, hypothesis{0, t, n, 0, min(0, t), false, flip}, hypothesis{0, t, n, -far, min(0, t), true, flip})
		}
	case at < 1.7*as && as < 1.7*at: // across: a and b must be lower left and upper right
		same := (s < 0) == (t < 0) // a would be upper left or lower right: turn one axis over
		all = append(all, hypothesis{s, t, n, min(0, s), min(0, t), same, false}, hypothesis{s, t, n, min(0, s), min(0, t), !same, true})
	}
	return all
}

// place gives the place in the code of a point in a's plane.
func (h *hypothesis) place(x, y float64) (float64, float64) {
	x, y = x-h.x, y-h.y
	if h.flipX {
		x = h.n - x
	}
	if h.flipY {
		y = h.n - y
	}
	return x, y
}

// frame fits a homography to the eight corners.
func (h *hypothesis) frame(a, b *strong, pat *pattern, bits *bitmap.Bitmap) (frame, bool) {
	var pairs []pair
	for i, k := range [4]Point{{0, 0}, {7, 0}, {7, 7}, {0, 7}} {
		x, y := h.place(k.X, k.Y)
		u, v := h.place(k.X+h.s, k.Y+h.t)
		pairs = append(pairs, pair{x, y, a.corners[i], 1}, pair{u, v, b.corners[i], 1})
	}
	w, ok := fitWarp(pairs)
	if !ok || !w.finite(pat.cols, pat.rows) {
		return frame{}, false
	}
	f := frame{warp: w, pattern: pat, dark: a.finder.dark}
	f.score = f.rate(bits)
	return f, true
}
