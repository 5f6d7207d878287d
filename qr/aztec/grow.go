package aztec

import (
	"math"

	"quishmilter/qr/lattice"
)

const (
	growth    = 1.4  // the lattice is extended by this factor at a time
	goodFit   = 0.97 // of the best possible score: no need to climb
	maxProbes = 700  // modules that a score looks at
)

// probe is a module, counted from the middle, that a lattice is judged by.
type probe struct {
	x, y  int
	known bool // it belongs to the reference grid, and so is dark exactly where x+y is even
}

// grow extends the core's lattice to the whole symbol, outline by outline, each time moving its corners until the
// modules near the outline are of one colour each and the reference grid fits: an error in the core's corners grows
// with distance, in the largest symbols thirteenfold. It returns the symbol's corners.
func (r *reader) grow(m mode, byGray bool) ([4]lattice.Point, bool) {
	half, to := m.half, m.to
	for full := float64(m.size()) / 2; half < full; {
		at, ok := lattice.FromQuads(lattice.Box(-half, -half, half, half), to)
		if !ok || r.ctx.Err() != nil {
			return to, false
		}
		half = min(half*growth, full)
		for i, p := range lattice.Box(-half, -half, half, half) {
			to[i] = at.Point(p)
		}
		r.settle(m, half, &to, byGray)
	}
	return to, true
}

// smallModule is the length in pixels below which single pixels may say too little, so that the gray levels are asked.
const smallModule = 5

// settle moves the corners of the outline at the given distance until the lattice fits.
func (r *reader) settle(m mode, half float64, to *[4]lattice.Point, byGray bool) {
	probes := m.probes(int(half - 0.4))
	box := lattice.Box(0.5-half, 0.5-half, half+0.5, half+0.5)
	module := lattice.Apart(to[0], to[1]) / (2 * half)
	clear := r.view.Unanimity
	if byGray {
		at, ok := lattice.FromQuads(box, *to)
		if !ok {
			return
		}
		clear = r.contrast(&at, probes)
	}
	score := func(to *[4]lattice.Point) float64 {
		at, ok := lattice.FromQuads(box, *to)
		if !ok {
			return 0
		}
		sum := 0.0
		for _, p := range probes {
			sum += clear(&at, p.x, p.y)
			if p.known && r.view.Dark(at.At(float64(p.x)+0.5, float64(p.y)+0.5)) == ((p.x+p.y)&1 == 0) {
				sum++
			}
		}
		return sum
	}
	if score(to) < goodFit*float64(len(probes)+known(probes)) {
		lattice.Climb(to, 0.45*module, 3, score)
	}
}

// known counts the probes of the reference grid.
func known(probes []probe) int {
	n := 0
	for _, p := range probes {
		if p.known {
			n++
		}
	}
	return n
}

// contrast returns a measure of how far a module's middle is from the mean gray of all probes; in units of the mean of
// that distance, so that it is comparable with Unanimity.
func (r *reader) contrast(at *lattice.Map, probes []probe) func(*lattice.Map, int, int) float64 {
	level := func(at *lattice.Map, x, y int) float64 {
		return r.view.Level(at.At(float64(x)+0.5, float64(y)+0.5))
	}
	mean, spread := 0.0, 1.0
	for _, p := range probes {
		mean += level(at, p.x, p.y) / float64(len(probes))
	}
	for _, p := range probes {
		spread += math.Abs(level(at, p.x, p.y)-mean) / float64(len(probes))
	}
	return func(at *lattice.Map, x, y int) float64 { return 0.7 * math.Abs(level(at, x, y)-mean) / spread }
}

// probes chooses modules of the square out to reach: all where they are few, else every nth, the reference grid's first.
func (m mode) probes(reach int) []probe {
	inner := reach / 2
	var grid, rest []probe
	for y := -reach; y <= reach; y++ {
		for x := -reach; x <= reach; x++ {
			if max(x, -x, y, -y) <= inner {
				continue
			}
			if !m.compact && (x%16 == 0 || y%16 == 0) {
				grid = append(grid, probe{x, y, true})
			} else {
				rest = append(rest, probe{x, y, false})
			}
		}
	}
	return append(thin(grid, maxProbes/2), thin(rest, maxProbes/2)...)
}

// thin keeps at most n probes, evenly.
func thin(probes []probe, n int) []probe {
	if len(probes) <= n {
		return probes
	}
	kept := make([]probe, n)
	for i := range kept {
		kept[i] = probes[i*len(probes)/n]
	}
	return kept
}
