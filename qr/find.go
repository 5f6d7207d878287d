package qr

import (
	"cmp"
	"context"
	"image"
	"math"
	"math/bits"
	"slices"

	"quishmilter/qr/bitmap"
	"quishmilter/qr/lattice"
	"quishmilter/qr/runs"
)

// finder is a place where a finder pattern (ISO/IEC 18004, 6.3.3) may be: a dark square of 3×3 modules in a light
// ring in a dark ring. Every line through its centre crosses dark and light as 1:1:3:1:1, at any angle, and for round
// drawings too.
type finder struct {
	x, y  float64 // centre
	w, h  float64 // the width and height of the seven modules along the row and the column through the centre
	dark  bool    // false for an inverted code's
	hits  int     // rows that crossed it
	fit   float64 // how far the runs are from 1:1:3:1:1; small is good
	rings int     // in how many of 16 directions it looks like one
	taken bool    // part of a code that was read
	own   *axes   // nil until they are asked for

	aslant      bool   // it is being looked at as part of a code seen nearly from the side
	quad        *local // its axes by its corners, once asked for
	quadMatches int    // and how many modules are right in them
}

const (
	// rowSlack and crossSlack say how far runs may be off in a scanned row, where nearly all that passes is chance, and on
	// the lines that confirm it.
	rowSlack, crossSlack = 4, 6
	// evenness is how many times the contrast between two neighbouring runs of a finder another two may have.
	evenness = 4
	// maxFinders is how many finders are kept: forty codes have 120, and a hostile picture has thousands.
	maxFinders = 160
	// ringsFew is in how many of 16 directions a finder must look like one at least; a logo or a thumb may cover the
	// rest. Of 550 codes in photographs and drawings one had a finder with 10, all others had more.
	ringsFew = 10
	// maxCrossings is how many rows' crossings are looked at closely per megapixel before the rest is cut.
	maxCrossings = 60000
)

// finderScan looks for finders in one bitmap.
type finderScan struct {
	bits    *bitmap.Bitmap
	turned  *bitmap.Bitmap // with rows and columns exchanged
	gray    *image.Gray
	lines   *runs.Lines
	edges   []int32
	lengths runs.Lengths // of the runs between the edges
	found   []finder
	most    int     // how many are kept while scanning
	tallest float64 // the greatest height among them
	crossed int     // crossings that were looked at
	cut     bool
}

// reset starts a new search.
func (s *finderScan) reset(view lattice.View) {
	s.bits, s.turned, s.gray, s.lines = view.Bits, view.Turned, view.Gray, view.Lines
	s.found, s.crossed, s.cut, s.tallest = s.found[:0], 0, false, 0
	s.most = 4*maxFinders + s.bits.W*s.bits.H/1000
}

// scan crosses every step-th row and keeps the places that are 1:1:3:1:1 in all directions, both polarities at once.
func (s *finderScan) scan(ctx context.Context, step int) {
	limit := maxCrossings + s.bits.W*s.bits.H/16
	for y := step / 2; y < s.bits.H; y += step {
		if step == runs.Step {
			_, ends := s.lines.Row(y / step)
			s.row(y, ends, s.lines.Lengths(y/step))
		} else {
			s.edges = runs.Append(s.edges[:0], s.bits.Row(y), s.bits.W)
			s.lengths = runs.LengthsOf(s.lengths, s.edges)
			s.row(y, s.edges, s.lengths)
		}
		if s.crossed > limit || y&63 < step && ctx.Err() != nil {
			s.cut = true
			return
		}
	}
}

// row looks for five fitting runs, given the ends and the lengths of a row's runs. The middle one is the longest.
func (s *finderScan) row(y int, ends []int32, lengths runs.Lengths) {
	for from := 0; from+6 <= len(ends); from += runs.Lanes {
		for lanes := maybeFit(lengths.Window(from)); lanes != 0; lanes &= lanes - 1 {
			i := from + bits.TrailingZeros64(lanes)>>3
			if i+6 > len(ends) {
				break
			}
			e := (*[6]int32)(ends[i:])
			b, c, d := e[2]-e[1], e[3]-e[2], e[4]-e[3]
			if c > b && c > d && runsFit(e[1]-e[0], b, c, d, e[5]-e[4], rowSlack) && lattice.Even(s.gray, y, e[:], evenness) {
				s.crossing(e[:], y, i&1 == 1)
			}
		}
	}
}

// maybeFit tells in which bytes the five runs from there on may fit: the middle one is not shorter than any other, and the
// two on either side of it are of like length together. None is left out that runsFit takes and whose middle is the longest.
func maybeFit(w *runs.Window) uint64 {
	a, b, c, d, e := w.From(0), w.From(1), w.From(2), w.From(3), w.From(4)
	before, after := runs.Half(a)+runs.Half(b), runs.Half(d)+runs.Half(e) // halved one by one, up to one less than half of both
	like := runs.NotLess(before+runs.Half(before)+3*runs.Ones, after) & runs.NotLess(after+runs.Half(after)+3*runs.Ones, before)
	return runs.NotLess(c, a) & runs.NotLess(c, b) & runs.NotLess(c, d) & runs.NotLess(c, e) & (like | runs.Beyond(c)) & runs.Yes
}

// runsFit tells whether five runs are about 1:1:3:1:1. Sums of neighbours (2:4:4:2) are compared, because they stay
// the same when ink spreads or a blur moves every edge; half a pixel per edge and a good part of a module are
// forgiven.
func runsFit(a, b, c, d, e, slack int32) bool {
	if c <= a || c <= e {
		return false
	}
	p, q, r, t := a+b, b+c, c+d, d+e
	sum := p + q + r + t
	if sum < 12 {
		return false
	}
	outer, inner := slack*sum+120, (slack+2)*sum+120
	return abs32(6*p-sum)*20 <= outer && abs32(6*t-sum)*20 <= outer &&
		abs32(3*q-sum)*40 <= inner && abs32(3*r-sum)*40 <= inner &&
		c*24 >= sum*3 && c*20 <= sum*9
}

func abs32(v int32) int32 {
	if v < 0 {
		return -v
	}
	return v
}

// crossing looks closely at one 1:1:3:1:1 in row y.
func (s *finderScan) crossing(e []int32, y int, dark bool) {
	cx := centre(e)
	w := float64(e[5] - e[0])
	if f := s.known(cx, float64(y), w, dark); f != nil {
		f.hits++
		return
	}
	s.crossed++
	if len(s.found) >= s.most {
		s.cut = true
		return
	}
	up, ok := s.cross(int(cx), y, 0, 1, dark, int(0.75*w)+2)
	if !ok {
		return
	}
	across, ok := s.cross(int(cx), int(up.centre), 1, 0, dark, int(0.5*w)+2)
	if !ok {
		return
	}
	cx, cy := across.centre, up.centre
	if !s.diagonal(int(cx), int(cy), dark, int(0.5*max(w, up.length))+2) {
		return
	}
	if f := s.known(cx, cy, w, dark); f != nil {
		f.hits++
		return
	}
	f := finder{x: cx, y: cy, w: across.length, h: up.length, dark: dark, hits: 1}
	if f.rings = s.rings(&f); f.rings < ringsFew {
		return
	}
	f.fit = across.fit + up.fit + float64(len(rays)-f.rings)/4
	s.found = append(s.found, f)
	s.tallest = max(s.tallest, f.h)
}

// rays are 16 directions, half of them turned against the code whatever its angle, ordered so that the first few are
// spread.
var rays = func() (all [16]Point) {
	for i := range all {
		all[i].Y, all[i].X = math.Sincos(float64(i*5%16) * math.Pi / 8)
	}
	return all
}()

// rings counts in how many of 16 directions dark ends, light ends and dark ends again at about 3:5:7 of the way: inside a
// code's data hardly any place looks like a finder all around. It gives up where they will be fewer than ringsFew.
func (s *finderScan) rings(f *finder) int {
	l := local{x: f.x, y: f.y, dark: f.dark}
	bad := 0
	most := 0.8 * max(f.w, f.h)
	step := 0.5
	if min(f.w, f.h) > 28 {
		step = 1
	}
	for _, r := range rays {
		t := l.ends(s.bits, r.X, r.Y, most, step)
		if t[2] == 0 || math.Abs(t[0]-t[2]*3/7) > 0.12*t[2]+0.7 || math.Abs(t[1]-t[2]*5/7) > 0.12*t[2]+0.7 {
			if bad++; bad > len(rays)-ringsFew {
				break
			}
		}
	}
	return len(rays) - bad
}

// known gives the finder that was already found at this place.
func (s *finderScan) known(x, y, w float64, dark bool) *finder {
	for i := len(s.found) - 1; i >= 0; i-- {
		f := &s.found[i]
		if y-f.y > s.tallest {
			break // found rows ago, as all before it
		}
		if math.Abs(f.x-x) < f.w*0.25 && math.Abs(f.y-y) < f.h*0.25 && f.dark == dark && w < 2.5*f.w && f.w < 2.5*w {
			return f
		}
	}
	return nil
}

// centre takes the mean of the three pairs of edges.
func centre(e []int32) float64 {
	return float64(e[0]+e[1]+e[2]+e[3]+e[4]+e[5]) / 6
}

// crossed is what a line through a finder's centre met.
type crossed struct {
	centre float64 // along the line
	length float64 // of the five runs
	fit    float64
}

// cross walks from (x, y) both ways along (dx, dy), counts the five runs around it and tells whether they fit.
// The centre is given as the coordinate that changes, x where dx is not 0.
func (s *finderScan) cross(x, y, dx, dy int, dark bool, most int) (crossed, bool) {
	var before, after [3]int32
	switch {
	case dy == 0:
		if !along(s.bits, x, y, dark, most, &before, &after) {
			return crossed{}, false
		}
	case dx == 0:
		if !along(s.turned, y, x, dark, most, &before, &after) {
			return crossed{}, false
		}
	default:
		if !walk(s.bits, x, y, -dx, -dy, dark, most, &before) || !walk(s.bits, x+dx, y+dy, dx, dy, dark, most, &after) {
			return crossed{}, false
		}
	}
	back := before[0]
	run := [5]int32{before[2], before[1], back + after[0], after[1], after[2]}
	if !runsFit(run[0], run[1], run[2], run[3], run[4], crossSlack) {
		return crossed{}, false
	}
	at := x
	if dx == 0 {
		at = y
	}
	ahead := int(back + run[1] + run[0] - 1) // the first pixel of the five runs lies so far before
	if !lattice.EvenAlong(s.gray, x-ahead*dx, y-ahead*dy, dx, dy, run[:], evenness) {
		return crossed{}, false
	}
	first := float64(at - ahead)
	edges := [6]float64{first}
	length := 0.0
	for i, r := range run {
		length += float64(r)
		edges[i+1] = first + length
	}
	mid := (edges[0] + edges[1] + edges[2] + edges[3] + edges[4] + edges[5]) / 6
	m := length / 7
	fit := 0.0
	for i, r := range run {
		want := m
		if i == 2 {
			want = 3 * m
		}
		fit += math.Abs(float64(r) - want)
	}
	return crossed{centre: mid, length: length, fit: fit / length}, true
}

// walk counts three runs of alternating colour from (x, y) on. It fails where a run is empty (but the first, whose
// other half may hold it) or longer than most.
func walk(b *bitmap.Bitmap, x, y, dx, dy int, dark bool, most int, runs *[3]int32) bool {
	words, at := b.Words, y*b.Stride
	step, left := dy*b.Stride, room(x, dx, b.W, room(y, dy, b.H, 1<<30))
	want := uint64(0)
	if dark {
		want = 1
	}
	for i := range runs {
		n := 0
		for n < left && words[at+x>>6]>>(x&63)&1 == want {
			x, at = x+dx, at+step
			if n++; n > most {
				return false
			}
		}
		if n == 0 && i > 0 {
			return false
		}
		left -= n
		runs[i] = int32(n)
		want ^= 1
	}
	return true
}

// room is how many steps of d lead from place at to the end of a side of n pixels, most at most.
func room(at, d, n, most int) int {
	switch {
	case uint(at) >= uint(n):
		return 0
	case d > 0:
		return min(most, n-at)
	case d < 0:
		return min(most, at+1)
	}
	return most
}

// diagonal tells whether one of the diagonals fits too.
func (s *finderScan) diagonal(x, y int, dark bool, most int) bool {
	if _, ok := s.cross(x, y, 1, 1, dark, most); ok {
		return true
	}
	_, ok := s.cross(x, y, 1, -1, dark, most)
	return ok
}

// best gives the finders that most rows crossed and that fit best, at most maxFinders.
func (s *finderScan) best() []finder {
	worth := func(f *finder) float64 { return f.fit - 0.05*float64(min(f.hits, 6)) }
	slices.SortStableFunc(s.found, func(a, b finder) int { return cmp.Compare(worth(&a), worth(&b)) })
	return s.found[:min(len(s.found), maxFinders)]
}
