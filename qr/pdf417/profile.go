package pdf417

import (
	"math"

	"quishmilter/qr/lattice"
)

// profile is the gray along a line, and the places where it crosses from light to dark and back.
type profile struct {
	levels  []float64
	low     []float64 // darkest and lightest of each block of samples
	high    []float64
	changes []float64 // in pixels from the line's beginning; at even indices it turns dark
}

const (
	margin    = 3.0  // modules that a line is lengthened by at both ends
	perModule = 5    // samples a module, within the bounds of minStep and maxStep pixels
	minStep   = 0.35 // pixels
	maxStep   = 2.0
	maxLine   = 6000 // samples
	faint     = 5.0  // levels of gray that must lie between dark and light
)

// read samples the line from a to b and finds its changes, between samples by interpolation. sense is 1 where dark
// modules are the darker pixels, −1 in an inverted picture.
func (p *profile) read(v lattice.View, a, b lattice.Point, module, sense float64) {
	length := lattice.Apart(a, b)
	step := min(max(module/perModule, minStep), maxStep)
	dx, dy := (b[0]-a[0])/length, (b[1]-a[1])/length
	n := min(int((length+2*margin*module)/step), maxLine)
	p.levels = p.levels[:0]
	for i := 0; i < n; i++ {
		d := float64(i)*step - margin*module
		level := paper(v, a[0]+d*dx, a[1]+d*dy, sense)
		if p.levels = append(p.levels, level); d > 0 && math.IsInf(level, 1) && leaves(v, a[0]+d*dx, a[1]+d*dy, dx, dy) {
			break
		}
	}
	block := max(int(6*module/step), 4)
	p.extremes(block)
	p.changes = p.changes[:0]
	dark, before := false, 0.0
	for i, level := range p.levels {
		above := level - p.threshold(i, block)
		if i > 0 && (above < 0) != dark {
			dark = !dark
			part := 0.5
			if !math.IsInf(above-before, 0) {
				part = before / (before - above)
			}
			place := (float64(i-1)+min(max(part, 0), 1))*step - margin*module
			p.changes = append(p.changes, place)
		}
		before = above
	}
	if dark {
		p.changes = append(p.changes, length+margin*module)
	}
}

// paper is the level at a place; outside the picture it is lighter than anything.
func paper(v lattice.View, x, y, sense float64) float64 {
	if x < 0 || y < 0 || x > float64(v.Bits.W) || y > float64(v.Bits.H) {
		return math.Inf(1)
	}
	return sense * v.Level(x, y)
}

// leaves tells whether a line that goes on from a place outside the picture stays outside.
func leaves(v lattice.View, x, y, dx, dy float64) bool {
	w, h := float64(v.Bits.W), float64(v.Bits.H)
	return x < 0 && dx <= 0 || x > w && dx >= 0 || y < 0 && dy <= 0 || y > h && dy >= 0
}

// extremes notes the darkest and lightest sample of each block.
func (p *profile) extremes(block int) {
	p.low, p.high = p.low[:0], p.high[:0]
	for i := 0; i < len(p.levels); i += block {
		low, high := math.Inf(1), math.Inf(-1)
		for _, l := range p.levels[i:min(i+block, len(p.levels))] {
			if !math.IsInf(l, 1) {
				low, high = min(low, l), max(high, l)
			}
		}
		p.low, p.high = append(p.low, low), append(p.high, high)
	}
}

// threshold is the middle between the darkest and the lightest sample of three blocks around a sample: 18 modules, of
// which in a symbol some are dark and some light. Where all are nearly alike nothing is dark.
func (p *profile) threshold(i, block int) float64 {
	k := i / block
	low, high := p.low[k], p.high[k]
	for _, j := range [2]int{max(k-1, 0), min(k+1, len(p.low)-1)} {
		low, high = min(low, p.low[j]), max(high, p.high[j])
	}
	if !(high-low >= faint) {
		return math.Inf(-1)
	}
	return (low + high) / 2
}

// sense finds out whether dark is dark in the gray picture, by comparing it with the binarised one inside a frame.
func sense(v lattice.View, f frame) float64 {
	const grid = 24
	var dark, light, nDark, nLight float64
	for i := 0; i < grid*grid; i++ {
		s, t := (float64(i%grid)+0.5)/grid, (float64(i/grid)+0.5)/grid
		if f.half && f.open == stop {
			s /= 8
		} else if f.half {
			s = 1 - s/8
		}
		p := f.at(s, t)
		if v.Dark(p[0], p[1]) {
			dark, nDark = dark+v.Level(p[0], p[1]), nDark+1
		} else {
			light, nLight = light+v.Level(p[0], p[1]), nLight+1
		}
	}
	if nDark > 0 && nLight > 0 && dark/nDark > light/nLight {
		return -1
	}
	return 1
}

// at is the place in a frame that is s of the way along its lines and t of the way down.
func (f *frame) at(s, t float64) lattice.Point {
	c := f.corners
	mix := func(i int) float64 {
		return (1-t)*((1-s)*c[0][i]+s*c[1][i]) + t*((1-s)*c[3][i]+s*c[2][i])
	}
	return lattice.Point{mix(0), mix(1)}
}
