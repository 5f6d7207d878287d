package qr

import (
	"image"
	"math"
	"slices"

	"quishmilter/qr/runs"
)

// Drawn as dots, a code may have finders that are dots as well: no run of dark is three modules long, and no ring is
// closed. Where nearly all that is dark are round dots of one size, they are let grow until neighbours touch.

const (
	// dotRuns is how many dark runs are looked at, and dotsFew after how many of them it is given up where fewer than
	// half are round.
	dotRuns = 400
	dotsFew = 24
	// dotShare is the share of round dots of one size that a dotted code has.
	dotShare = 0.6
	// dotLeast and dotMost bound a dot's diameter in pixels.
	dotLeast, dotMost = 3, 40
	// dotOverlap is how far dots grow beyond touching, in pitches: round ones touch in a point only.
	dotOverlap = 0.2
)

// dotted tells by how many pixels on all sides the dots that a picture consists of must grow, 0 where it does not.
func (p *pass) dotted() int {
	var sizes, pitches []float64
	seen := 0
	for k := 0; k < p.bits.H/3 && seen < dotRuns; k++ {
		// Rows far from each other, so that it shows soon: multiples of the golden section never come close to a pitch.
		y := int(float64(p.bits.H) * math.Mod(float64(k)*0.618034, 1))
		p.scan.edges = runs.Append(p.scan.edges[:0], p.bits.Row(y), p.bits.W)
		e := p.scan.edges
		for i := 1; i+1 < len(e); i += 2 {
			seen++
			if d := p.roundAt(int(e[i]+e[i+1])/2, y); d > 0 {
				sizes = append(sizes, d)
			}
			if seen > dotsFew && 2*len(sizes) < seen {
				return 0
			}
			if i > 2 {
				pitches = append(pitches, float64(e[i]+e[i+1]-e[i-2]-e[i-1])/2)
			}
		}
	}
	if len(sizes) < dotRuns/4 {
		return 0
	}
	slices.Sort(sizes)
	slices.Sort(pitches)
	middle, pitch, same := sizes[len(sizes)/2], pitches[len(pitches)/5], 0
	for _, d := range sizes {
		if math.Abs(d-middle) <= max(1, 0.2*middle) {
			same++
		}
	}
	if float64(same) < dotShare*float64(seen) || pitch > 3*middle || pitches[len(pitches)*4/5] < 1.5*pitch {
		return 0 // the last one: a raster without gaps, where in a code every other dot is missing
	}
	return int((pitch-middle)/2 + dotOverlap*pitch + 0.8)
}

// roundAt gives the diameter of the dot at a dark place, 0 where there is none.
func (p *pass) roundAt(x, y int) float64 {
	up, down := p.darkRun(x, y, 0, -1), p.darkRun(x, y, 0, 1)
	y += (down - up) / 2
	right := p.darkRun(x, y, 1, 0)
	wide, high := right+p.darkRun(x, y, -1, 0)-1, up+down-1
	if min(wide, high) < dotLeast || max(wide, high) > dotMost || 4*absInt(wide-high) > max(wide, high)+3 {
		return 0
	}
	return float64(wide+high) / 2
}

// darkRun counts the dark pixels from a place on.
func (p *pass) darkRun(x, y, dx, dy int) (n int) {
	for n <= dotMost && p.bits.At(x+n*dx, y+n*dy) {
		n++
	}
	return n
}

// dots reads a picture of dots, grown.
func (r *reader) dots(gray *image.Gray, growth int) {
	wide := newGray(gray.Rect.Dx(), gray.Rect.Dy())
	copy(wide.Pix, gray.Pix)
	darken(wide.Pix, growth, 1)
	darken(wide.Pix, growth, wide.Stride)
	r.pass(wide, 1).search()
}

// darken gives each pixel the darkest level within k pixels on both sides, which lie step bytes apart. The darkest of two
// neighbours, of two such pairs and so on are soon those of all; what is then too far to one side is moved back.
func darken(pix []uint8, k, step int) {
	span := 1 // pixels, from each on, that it stands for
	for ; 2*span <= 2*k+1; span *= 2 {
		darkest(pix, span*step)
	}
	if rest := 2*k + 1 - span; rest > 0 {
		darkest(pix, rest*step)
	}
	if shift := k * step; shift < len(pix) {
		copy(pix[shift:], pix[:len(pix)-shift])
	}
}

// darkest gives each pixel the darker of itself and the one so many bytes on, where there is one.
func darkest(pix []uint8, ahead int) {
	for i := 0; i+ahead+8 <= len(pix); i += 8 {
		least, _ := order(load8(pix[i:]), load8(pix[i+ahead:]))
		store8(pix[i:], least)
	}
}
