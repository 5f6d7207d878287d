package aztec

import (
	"math"
	"math/bits"

	"quishmilter/qr/bitmap"
	"quishmilter/qr/lattice"
	"quishmilter/qr/runs"
)

// centre is where the middle of a bullseye may be, with the module's length along a row and along a column, in pixels.
type centre struct{ x, y, across, down float64 }

// near tells whether a place lies within some modules of the middle.
func (c centre) near(x, y, modules float64) bool {
	return math.Abs(x-c.x) < modules*c.across && math.Abs(y-c.y) < modules*c.down
}

// evenness is how many times the contrast between two neighbouring rings another two may have.
const evenness = 3

// scan looks for runs of one module around a middle of one (dark) or three (light) modules, the rings of the bullseye
// as a row through its inner three rows sees them: at any angle, because squares around one middle are crossed in
// proportion. A row shows the rings where it passes within one and a half modules of the middle, so modules from 1.4
// pixels on are hit by every fourth row. Where they are longer than the rows' distance, one row hits the dark middle
// itself.
func (r *reader) scan() {
	for k := 0; k < r.view.Lines.Len() && !r.spent(); k++ {
		y, changes := r.view.Changes(k)
		lengths := r.view.Lengths(k)
		for from := 0; from+8 <= len(changes); from += runs.Lanes {
			for lanes := ringed(lengths.Window(from)); lanes != 0; lanes &= lanes - 1 {
				if i := from + bits.TrailingZeros64(lanes)>>3; i+8 <= len(changes) {
					r.row7(y, (*[8]int32)(changes[i:]), i&1 != 0) // the run that begins at an even change is dark
				}
			}
		}
	}
}

// row7 looks at seven runs of row y, given by their eight ends.
func (r *reader) row7(y int, c *[8]int32, dark bool) {
	if m, ok := rings(c, dark); ok && lattice.Even(r.view.Gray, y, c[:], evenness) {
		r.consider(float64(c[3]+c[4])/2, float64(y)+0.5, m)
	}
}

// ringed tells in which bytes seven runs from there on may be those of rings: none is left out that rings takes. In every
// other byte, from the second on, the middle one is dark.
func ringed(w *runs.Window) uint64 {
	const (
		dark     = 0x8000800080008000
		fewest   = 5
		shortest = 0x1f * runs.Ones // runs of the light middle's rings, of together less than 6 × runs.Step pixels
		most     = (6*runs.Step - 1) * runs.Ones
	)
	f, a, b, middle := w.From(0), w.From(1), w.From(2), w.From(3)
	d, e, g := w.From(4), w.From(5), w.From(6)
	yes := runs.Alike(b, d) & runs.Alike(a, e)
	inDark := runs.Alike(f, b) & runs.Alike(g, d) & dark
	four := a&shortest + b&shortest + d&shortest + e&shortest
	inLight := runs.NotLess(most, four) & runs.NotLess(middle+runs.Ones, runs.Half(runs.Half(four))) & runs.NotLess(four, middle)
	return yes & (inDark | inLight&^dark) & runs.Yes
}

// rings tells whether seven runs, given by their eight ends, cross a bullseye, and the length of a module. Ink gain
// makes dark runs longer and light ones shorter, so runs of one colour are compared, and a dark and a light one together
// with two modules.
func rings(c *[8]int32, dark bool) (module float64, ok bool) {
	a, b, middle, d, e := c[2]-c[1], c[3]-c[2], c[4]-c[3], c[5]-c[4], c[6]-c[5]
	four := a + b + d + e
	// The row need not pass through the very middle: in a bullseye that stands on its corner the middle run shrinks with
	// the distance from it, the others stay.
	if dark && 2*middle > a+e+2 {
		return 0, false
	}
	if !dark && (10*middle < 3*four-8 || 10*middle > 9*four+8 || four >= 6*runs.Step) { // three quarters of the four where the sides are upright
		return 0, false
	}
	if !alike(b, d) || !alike(a, e) || !alike(a+b, d+e) || 3*a < b || 3*b < a || four < 5 {
		return 0, false
	}
	f, g := c[1]-c[0], c[7]-c[6]
	if dark {
		return float64(four) / 4, alike(f, b) && alike(g, d)
	}
	return float64(four) / 4, f >= b/2 && g >= d/2
}

// alike tells whether two lengths are within a factor of 1.5 and a pixel of each other.
func alike(a, b int32) bool { return 2*a <= 3*b+2 && 2*b <= 3*a+2 }

// consider checks a suspected middle along its column and its row and hands it on.
func (r *reader) consider(x, y, across float64) {
	if r.looked(x, y) || r.spent() {
		return
	}
	r.centres++
	x, y = math.Floor(x)+0.5, math.Floor(y)+0.5
	rows := []float64{y}
	if !r.view.Dark(x, y) { // in the light ring: the middle lies one run above or below
		up, okUp := r.walk(x, y, 0, -1, across)
		down, okDown := r.walk(x, y, 0, 1, across)
		if !okUp || !okDown {
			return
		}
		rows = []float64{y - math.Round((up[0]+up[1])/2), y + math.Round((down[0]+down[1])/2)}
	}
	for _, y := range rows {
		c, ok := r.column(x, y, across)
		if !ok {
			continue
		}
		if c, ok = r.row(c); ok && !r.looked(c.x, c.y) && r.star(c) {
			r.try(c)
			return
		}
	}
}

// looked tells whether a place belongs to a symbol that was read or to a middle that was tried.
func (r *reader) looked(x, y float64) bool {
	for _, c := range r.read {
		if c.near(x, y, 4) {
			return true
		}
	}
	for _, c := range r.tried {
		if c.near(x, y, 0.6) {
			return true
		}
	}
	return false
}

// column walks up and down from a suspected middle through its rings and returns the middle that the column shows.
func (r *reader) column(x, y, across float64) (centre, bool) {
	up, ok := r.walk(x, y, 0, -1, across)
	if !ok {
		return centre{}, false
	}
	down, ok := r.walk(x, y, 0, 1, across)
	if !ok || !balanced(up, down) || !r.evenColumn(int(x), int(y), up, down) {
		return centre{}, false
	}
	module := (up[2] - up[0] + down[2] - down[0]) / 4
	return centre{x: x, y: y + (down[0]-up[0])/2, across: across, down: module}, true
}

// evenColumn tells whether the seven runs that a column showed differ from each other evenly.
func (r *reader) evenColumn(x, y int, up, down [4]float64) bool {
	var lengths [7]int32
	lengths[3] = int32(up[0] + down[0])
	for i := range 3 {
		lengths[2-i], lengths[4+i] = int32(up[i+1]-up[i]), int32(down[i+1]-down[i])
	}
	return lattice.EvenAlong(r.view.Gray, x, y-int(up[3]), 0, 1, lengths[:], evenness)
}

// row measures the middle again along the row that the column found.
func (r *reader) row(c centre) (centre, bool) {
	y := math.Floor(c.y) + 0.5
	left, ok := r.walk(c.x, y, -1, 0, c.across)
	if !ok {
		return centre{}, false
	}
	right, ok := r.walk(c.x, y, 1, 0, c.across)
	if !ok || !balanced(left, right) {
		return centre{}, false
	}
	c.x, c.across = c.x+(right[0]-left[0])/2, (right[2]-right[0]+left[2]-left[0])/4
	return c, r.view.Dark(c.x, c.y)
}

// balanced tells whether the rings lie alike on both sides of a middle: the runs after the first, pair by pair.
func balanced(p, q [4]float64) bool {
	a, b := p[3]-p[0], q[3]-q[0]
	return a <= 1.5*b+1 && b <= 1.5*a+1 && (p[0]+q[0]) <= (a+b)*0.6+1 && (p[0]+q[0]) >= (a+b)*0.06
}

// maxStretch is how much longer modules may be along a column than along a row, or shorter.
const maxStretch = 3.5

// walk goes from a place along a row or a column, and returns the distances of the first four changes of colour; false as
// soon as the runs between them are not of one module each.
func (r *reader) walk(x, y float64, dx, dy int, module float64) (changes [4]float64, ok bool) {
	line, at, across, d := r.view.Bits, int(x), int(y), dx
	if dx == 0 {
		line, at, across, d = r.view.Turned, int(y), int(x), dy
	}
	if uint(at) >= uint(line.W) || uint(across) >= uint(line.H) {
		return changes, false
	}
	limit, n, before := int(module*maxStretch)+2, 0, 0
	for seen := 0; seen < limit; seen += reach {
		turns := turnsFrom(line, at+seen*d, across, d)
		for ; turns != 0; turns &= turns - 1 {
			step := seen + bits.TrailingZeros64(turns) + 1
			if step >= limit {
				return changes, false
			}
			changes[n] = float64(step) - 0.5
			if n++; n == len(changes) {
				return changes, true
			}
			if n == 1 {
				limit = step + int(module*maxStretch) + 2
			} else {
				run := step - before
				if n > 2 && 2.5*float64(run) < changes[n-2]-changes[n-3]-1.5 {
					return changes, false
				}
				limit = step + int(2.5*float64(run)) + 3
			}
			before = step
		}
	}
	return changes, false
}

// reach is how many steps one word of pixels shows.
const reach = 63

// turnsFrom has bit k set where the colour changes from k to k+1 steps along a row, forwards or backwards; outside the
// picture it is light.
func turnsFrom(b *bitmap.Bitmap, x, y, d int) uint64 {
	if uint(x) >= uint(b.W) {
		return 0
	}
	w := uint64(0)
	if d < 0 {
		w = b.Behind(x, y)
	} else {
		w = b.Ahead(x, y)
	}
	return (w ^ w>>1) &^ (1 << reach)
}
