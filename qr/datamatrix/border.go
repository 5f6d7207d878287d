package datamatrix

import (
	"math"
	"slices"

	"quishmilter/qr/lattice"
)

// border is a symbol of known size laid over the picture.
type border struct {
	size
	to       [4]lattice.Point // top left, top right, bottom right, bottom left of the symbol
	mirrored bool
	fit      float64 // share of the border's modules that have their colour
}

func (b *border) lattice() (lattice.Map, bool) {
	return lattice.FromQuads(lattice.Box(0, 0, float64(b.cols), float64(b.rows)), b.to)
}

const (
	minFirst = 0.72 // share of alternating modules that fit before the corners are moved
	minFit   = 0.86 // share of all border modules that fit afterwards
	minSmall = 0.93 // the same in symbols of fewer than 16 rows, whose borders have few modules
	maxTries = 3    // sizes that are refined for a pair of legs
)

// border looks for the size and the fourth corner with which the border of a symbol fits, and reads it.
func (r *reader) border(corner lattice.Point, tips [2]lattice.Point, module float64) {
	if r.spent() || r.known(lattice.Point{(tips[0][0] + tips[1][0]) / 2, (tips[0][1] + tips[1][1]) / 2}) {
		return
	}
	if !r.checkered(corner, tips) {
		return
	}
	r.borders++
	left, bottom := tips[0], tips[1]
	if (left[0]-corner[0])*(bottom[1]-corner[1])-(left[1]-corner[1])*(bottom[0]-corner[0]) < 0 {
		left, bottom = bottom, left
	}
	fourths := r.fourths(corner, left, bottom, module)
	if len(fourths) == 0 {
		return
	}
	tries := r.guesses(fourths, corner, left, bottom, module, false)
	tries = append(tries, r.guesses(fourths, corner, bottom, left, module, true)...)
	slices.SortFunc(tries, func(a, b border) int { return int(math.Copysign(1, b.strength()-a.strength())) })
	for _, b := range tries[:min(len(tries), maxTries)] {
		if r.refined >= maxRefined || r.ctx.Err() != nil {
			return
		}
		r.refined++
		r.refine(&b)
		if b.fit >= b.wanted() && r.read(b) {
			return
		}
	}
}

// checkered tells whether the colour changes often enough along six lines through the parallelogram between two sides. Of 30
// changes that six times six places can show, data has 15 and a symbol that was read never fewer than 6; leaves and letters
// have fewer in a third of all cases.
func (r *reader) checkered(corner lattice.Point, tips [2]lattice.Point) bool {
	const places, leastChanges = 6, 5
	changes := 0
	for i := range places {
		a, before := (float64(i)+0.7)/(places+0.6), false
		x, y := corner[0]+a*(tips[0][0]-corner[0]), corner[1]+a*(tips[0][1]-corner[1])
		for k := range places {
			b := (float64(k) + 0.7) / (places + 0.6)
			dark := r.view.Dark(x+b*(tips[1][0]-corner[0]), y+b*(tips[1][1]-corner[1]))
			if k > 0 && dark != before {
				changes++
			}
			before = dark
		}
	}
	return changes >= leastChanges
}

// strength is by how many standard deviations of chance the alternating modules fit better than chance would.
func (b *border) strength() float64 { return (b.fit - 0.5) * math.Sqrt(float64(b.rows+b.cols)) }

func (b *border) wanted() float64 {
	if b.rows < 16 {
		return minSmall
	}
	return minFit
}

// guesses returns the sizes that the sides' lengths allow with the place of the fourth corner at which their alternating
// sides fit best. Square symbols are looked at unmirrored only: their border looks the same mirrored.
func (r *reader) guesses(fourths []lattice.Point, corner, left, bottom lattice.Point, module float64, mirrored bool) []border {
	var out []border
	high, wide := lattice.Apart(corner, left), lattice.Apart(corner, bottom)
	for _, s := range sizes {
		m, n := high/float64(s.rows), wide/float64(s.cols)
		if m > 2.5*n || n > 2.5*m || min(m, n) > 1.4*module+0.7 || max(m, n) < 0.6*module-0.5 || mirrored && s.rows == s.cols {
			continue
		}
		best := border{}
		for _, p := range fourths {
			b := border{size: s, mirrored: mirrored, to: [4]lattice.Point{left, p, bottom, corner}}
			if b.fit = b.alternating(r.view); b.fit > best.fit {
				best = b
			}
		}
		if best.fit >= minFirst {
			out = append(out, best)
		}
	}
	return out
}

// alternating is the share of the top and right modules that have their colour. It gives up on what begins badly.
func (b *border) alternating(v lattice.View) float64 {
	at, ok := b.lattice()
	if !ok {
		return 0
	}
	right, all := 0, 0
	see := func(x, y int) {
		want, _ := b.size.border(x, y)
		all++
		if v.Dark(at.At(float64(x)+0.5, float64(y)+0.5)) == want {
			right++
		}
	}
	for x := 1; x < b.cols; x++ {
		see(x, 0)
		if all == 10 && right < 6 {
			return 0
		}
	}
	for y := 1; y < b.rows-1; y++ {
		see(b.cols-1, y)
	}
	return float64(right) / float64(all)
}

// maxProbes is how many border modules refine looks at: the largest symbols have 3,300.
const maxProbes = 700

// probes returns the border modules of all regions, every nth where they are many.
func (s size) probes() [][2]int {
	var all [][2]int
	for y := 0; y < s.rows; y++ {
		for x := 0; x < s.cols; x++ {
			if _, ok := s.border(x, y); ok {
				all = append(all, [2]int{x, y})
			}
		}
	}
	kept := all[:0]
	for i, step := 0, (len(all)+maxProbes-1)/maxProbes; i < len(all); i += step {
		kept = append(kept, all[i])
	}
	return kept
}

// refine moves all four corners until the borders of all regions fit best.
func (r *reader) refine(b *border) {
	probes := b.probes()
	share := func(to *[4]lattice.Point, off float64) float64 {
		tried := *b
		tried.to = *to
		at, ok := tried.lattice()
		if !ok {
			return 0
		}
		sum := 0
		for _, p := range probes {
			x, y := float64(p[0])+0.5, float64(p[1])+0.5
			want, _ := b.size.border(p[0], p[1])
			for _, o := range [5]lattice.Point{{0, 0}, {-off, -off}, {off, -off}, {-off, off}, {off, off}} {
				if r.view.Dark(at.At(x+o[0], y+o[1])) == want {
					sum++
				}
			}
		}
		return float64(sum) / float64(5*len(probes))
	}
	step := 0.5 * lattice.Apart(b.to[2], b.to[3]) / float64(b.cols)
	lattice.Climb(&b.to, step, 3, func(to *[4]lattice.Point) float64 { return share(to, 0.3) })
	b.fit = share(&b.to, 0)
}
