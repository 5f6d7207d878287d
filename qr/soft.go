package qr

import (
	"cmp"
	"slices"
)

// A module whose level lies near the threshold is as likely wrong as right, and an erased codeword costs half of what a
// wrong one does. So blocks that cannot be corrected are tried again with their most doubtful codewords erased, two more
// each time (generalized minimum distance decoding; Forney, 1966). Blur, glare, shadows and low contrast make such
// modules; in a code that is misplaced all are doubtful, and nothing is gained.

// softLeast is the score below which a frame is misplaced rather than blurred.
const softLeast = 0.8

// readSoft reads gray levels, as they are and with blur taken back, by their doubts.
func (f *frame) readSoft(levels []float64) (d decoded, ok bool) {
	if f.score < softLeast {
		return d, false
	}
	for _, strength := range [...]float64{0, 0.25} {
		sharp := f.sharpen(levels, strength)
		g := f.threshold(sharp)
		g.judge(sharp)
		if d, err := decodeQR(g, f.pattern); err == nil {
			return d, true
		}
	}
	return d, false
}

// judge sets how doubtful each module is: 255 at the threshold, 0 from the usual distance of the modules around on. Where
// these all are nearer than half of what is usual in the whole code, as under glare, they are doubtful as well.
func (g *grid) judge(levels []float64) {
	const reach = 4
	sums := integral(levels, g.w, g.h)
	off := make([]float64, len(levels))
	usual := 0.0
	for k, v := range levels {
		x, y := k%g.w, k/g.w
		off[k] = v - sums.mean(max(x-reach, 0), max(y-reach, 0), min(x+reach+1, g.w), min(y+reach+1, g.h))
		off[k] = max(off[k], -off[k])
		usual += off[k] / float64(len(levels))
	}
	around := integral(off, g.w, g.h)
	g.doubt = make([]byte, len(levels))
	for k := range levels {
		x, y := k%g.w, k/g.w
		near := around.mean(max(x-reach, 0), max(y-reach, 0), min(x+reach+1, g.w), min(y+reach+1, g.h))
		share := off[k] / max(near, usual/2, 1e-9)
		g.doubt[k] = uint8(255 * max(1-share, 0))
	}
}

// correctSoft repairs one block, erasing more and more of its most doubtful codewords.
func (d *decoded) correctSoft(words []byte, ec int, doubts []byte) bool {
	d.capacity += ec / 2
	order := make([]int, len(words))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(doubts[b], doubts[a]) })
	for n := 0; n <= max(ec-spare, 0); n += 2 {
		budget := ec
		if n > 0 {
			budget = ec - spare
		}
		if changed, ok := correct(words, ec, budget, order[:n]); ok {
			d.errors += changed
			return true
		}
	}
	return false
}
