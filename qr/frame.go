package qr

import (
	"math"
	"sort"

	"quishmilter/qr/bitmap"
)

// frame is a guess where a code lies: its size and how its modules map to the picture.
type frame struct {
	warp
	*pattern
	dark    bool // false: inverted
	score   float64
	finders [3]*finder
	net     *net    // nil while the code is taken to be flat
	rolled  bool    // it was tried on a surface (roll.go)
	surface *rolled // what it was laid over then
}

const (
	// gate is the score from which a frame is worth anything dearer. Chance gives about 0.2.
	gate = 0.60
	// finderLeast is how many of a finder's 49 modules must be right for a triple to go on.
	finderLeast = 34
	// finderSure is how many show that the axes need no second measurement.
	finderSure = 44
	// roundLeast is the same for a finder drawn as circles.
	roundLeast = 29
)

// frameOf turns three finders (at the corner, top right, bottom left) into the frame with the best score; ok is false
// where it cannot be a code.
func frameOf(t [3]*finder, bits *bitmap.Bitmap) (frame, bool) {
	locals, n, ok := locate(t, bits)
	if !ok {
		return frame{}, false
	}
	best := frame{score: -1}
	for _, version := range versionsNear(n) {
		p := patternOf(version)
		for _, w := range warpsOf(locals, p.n, bits) {
			f := frame{warp: w, pattern: p, dark: t[0].dark, finders: t}
			if !w.finite(p.cols, p.rows) {
				continue
			}
			if f.score = f.rate(bits); f.score > best.score {
				best = f
			}
		}
	}
	return best, best.score > 0
}

// locate measures the axes at the three finders and estimates the modules along a side.
func locate(t [3]*finder, bits *bitmap.Bitmap) ([3]local, float64, bool) {
	u := Point{t[1].x - t[0].x, t[1].y - t[0].y}
	v := Point{t[2].x - t[0].x, t[2].y - t[0].y}
	lu, lv := math.Hypot(u.X, u.Y), math.Hypot(v.X, v.Y)
	du, dv := Point{u.X / lu, u.Y / lu}, Point{v.X / lv, v.Y / lv}
	var locals [3]local
	var mu, mv [3]float64
	for i, f := range t {
		l, ok := axesAt(f, du, dv, bits)
		if !ok {
			return locals, 0, false
		}
		locals[i] = l
		mu[i], mv[i] = math.Hypot(l.e1.X, l.e1.Y), math.Hypot(l.e2.X, l.e2.Y)
	}
	// Seen from the side modules shrink along the way; the geometric mean of both ends is nearest to the truth.
	nu, nv := lu/math.Sqrt(mu[0]*mu[1])+7, lv/math.Sqrt(mv[0]*mv[2])+7
	if nu > 1.7*nv || nv > 1.7*nu {
		return locals, 0, false
	}
	n := (nu + nv) / 2
	return locals, n, n > 17 && n < 200
}

// axesAt measures the modules at one finder along the directions to the others. Where the finder does not look right
// in these axes, its own are taken: seen from the side, the far finders are turned against the near one. A finder
// that is round looks right in fewer modules, and in all directions.
func axesAt(f *finder, du, dv Point, bits *bitmap.Bitmap) (local, bool) {
	l := local{x: f.x, y: f.y, dark: f.dark}
	most := 2 * max(f.w, f.h)
	mu, ok := l.moduleAlong(bits, du.X, du.Y, most)
	mv, ok2 := l.moduleAlong(bits, dv.X, dv.Y, most)
	if !ok || !ok2 {
		return l, false
	}
	l.e1, l.e2 = Point{du.X * mu, du.Y * mu}, Point{dv.X * mv, dv.Y * mv}
	n := l.matches(bits)
	if n >= finderSure {
		return l, true
	}
	if f.aslant && f.rings >= quadRings {
		if quad, ok := f.quadAxes(bits); ok && f.quadMatches > n && quad.turn(du) {
			return quad, true
		}
	}
	if f.rings < 14 {
		return l, n >= finderLeast
	}
	if own, m := ownAxes(f, du, bits); m > n && m >= finderLeast {
		return own, true
	}
	return l, n >= roundLeast
}

// ownAxes takes a finder's axes from its border, e1 being the one nearest to the direction du, and counts its right
// modules.
func ownAxes(f *finder, du Point, bits *bitmap.Bitmap) (local, int) {
	own := f.axes(bits)
	l := own.local
	for range 3 {
		if l.e1.X*du.X+l.e1.Y*du.Y >= 0.7*math.Hypot(l.e1.X, l.e1.Y) {
			break
		}
		l.e1, l.e2 = Point{-l.e2.X, -l.e2.Y}, l.e1
	}
	return l, own.right
}

// versionsNear lists the versions whose side is near n, the nearest first; the larger the code, the less sure is n.
func versionsNear(n float64) []int {
	guess := (n - 17) / 4
	reach := 0.9 + n/70
	var versions []int
	for v := max(1, int(math.Ceil(guess-reach))); v <= min(40, int(guess+reach)); v++ {
		versions = append(versions, v)
	}
	sort.Slice(versions, func(i, j int) bool {
		return math.Abs(float64(versions[i])-guess) < math.Abs(float64(versions[j])-guess)
	})
	return versions
}

// warpsOf gives the homographies to try for a side of n modules: from the borders of the finders where they are straight,
// and from the three centres alone.
func warpsOf(locals [3]local, n int, bits *bitmap.Bitmap) []warp {
	far := float64(n - 7)
	at := [3]Point{{0, 0}, {far, 0}, {0, far}}
	var warps []warp
	var pairs []pair
	for i := range locals {
		lines, ok := locals[i].borders(bits)
		if !ok {
			continue
		}
		for _, k := range [4][4]int{{0, 2, 0, 0}, {1, 2, 7, 0}, {1, 3, 7, 7}, {0, 3, 0, 7}} {
			if p, ok := meet(lines[k[0]], lines[k[1]]); ok {
				pairs = append(pairs, pair{x: at[i].X + float64(k[2]), y: at[i].Y + float64(k[3]), to: p, weight: 1})
			}
		}
	}
	a, b, c := locals[0], locals[1], locals[2]
	flat := []pair{
		{3.5, 3.5, Point{a.x, a.y}, 1}, {far + 3.5, 3.5, Point{b.x, b.y}, 1}, {3.5, far + 3.5, Point{c.x, c.y}, 1},
	}
	if len(pairs) >= 10 {
		if w, ok := fitWarp(append(pairs, flat...)); ok {
			warps = append(warps, w)
		}
	}
	fourth := pair{far + 3.5, far + 3.5, Point{b.x + c.x - a.x, b.y + c.y - a.y}, 1}
	if w, ok := fitWarp(append(flat, fourth)); ok {
		warps = append(warps, w)
	}
	return warps
}

// rate scores how well the function patterns are seen, 1 being perfect and 0 chance: the mean of finders, timing and
// alignment patterns, each as twice the share of right modules less one.
func (f *frame) rate(bits *bitmap.Bitmap) float64 {
	score := f.seesFinders(bits) + f.right(bits, f.timing)
	if len(f.align) == 0 {
		return score / 2
	}
	return (score + 0.5*f.right(bits, f.align)) / 2.5
}

// seesFinders scores the finders alone.
func (f *frame) seesFinders(bits *bitmap.Bitmap) float64 {
	score := 0.0
	for _, cells := range f.pattern.finders {
		score += f.right(bits, cells)
	}
	return score / float64(len(f.pattern.finders))
}

// right gives twice the share of modules that have the colour they should have, less one.
func (f *frame) right(bits *bitmap.Bitmap, cells []cell) float64 {
	n := 0
	for _, c := range cells {
		x, y := f.place(float64(c.x)+0.5, float64(c.y)+0.5)
		if (bits.At(int(x), int(y)) == f.dark) == c.dark {
			n++
		}
	}
	return 2*float64(n)/float64(len(cells)) - 1
}
