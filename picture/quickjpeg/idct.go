package quickjpeg

import (
	"encoding/binary"
	"math"
)

// The inverse transform (A.3.3) after Arai, Agui and Nakajima (1988): five multiplications for eight values, since the
// others are part of the quantisers.

// fraction is how many bits of a coefficient lie behind the point. Together with the 12 bits of what a lawful
// coefficient can be, three of a sum of eight and one of the quantisers' factors there is room for blocks that are out of
// range up to 16-fold.
const fraction = 10

// shift brings a transformed value to a sample: the fraction, and the eighth that the transform's norm leaves.
const shift = fraction + 3

// middle is what is added to a scaled DC coefficient: the level shift (A.3.1), and a half for rounding.
const middle = 128<<shift + 1<<(shift-1)

// scale makes the quantisers as the transform wants them. (B.2.4.1: they may not change between a component's scans, so
// what stands at its first one is what counts.)
func (c *component) scale(quant *[64]int32) {
	if c.prepared {
		return
	}
	c.prepared = true
	factor := func(i uint8) float64 {
		if i == 0 {
			return 1
		}
		return math.Sqrt2 * math.Cos(float64(i)*math.Pi/16)
	}
	for k, at := range natural {
		f := factor(at&7) * factor(at>>3) * (1 << fraction)
		c.scaled[k] = int32(math.Round(min(float64(quant[k])*f, 1<<26)))
	}
}

// The factors of the transform, with 14 bits behind the point.
const (
	root2  = 23170 // √2
	twice1 = 30274 // 2 cos(π/8)
	minus3 = 17734 // √2 (cos(π/8) − cos(3π/8)) = 1.082392
	plus3  = 42813 // √2 (cos(π/8) + cos(3π/8)) = 2.613126
	point  = 14
)

// transform does the one-dimensional transform on the first rows and writes what comes out as columns. Twice that is
// the two-dimensional transform, in place.
func transform(out, in *[64]int32, rows int) {
	for r := range rows {
		row := (*[8]int32)(in[8*r:])
		x0 := int64(row[0])
		if row[1]|row[2]|row[3]|row[4]|row[5]|row[6]|row[7] == 0 {
			for i := range 8 {
				out[8*i+r] = int32(x0)
			}
			continue
		}
		x1, x2, x3, x4, x5, x6, x7 := int64(row[1]), int64(row[2]), int64(row[3]), int64(row[4]), int64(row[5]), int64(row[6]), int64(row[7])

		sum, difference := x0+x4, x0-x4
		outer := x2 + x6
		inner := (x2-x6)*root2>>point - outer
		e0, e3, e1, e2 := sum+outer, sum-outer, difference+inner, difference-inner

		a, b, c, d := x5+x3, x5-x3, x1+x7, x1-x7
		o0 := c + a
		turn := (b + d) * twice1 >> point
		o1 := turn - b*plus3>>point - o0
		o2 := (c-a)*root2>>point - o1
		o3 := turn - d*minus3>>point - o2

		col := out[r : r+57]
		col[0], col[56] = int32(e0+o0), int32(e0-o0)
		col[8], col[48] = int32(e1+o1), int32(e1-o1)
		col[16], col[40] = int32(e2+o2), int32(e2-o2)
		col[24], col[32] = int32(e3+o3), int32(e3-o3)
	}
}

// put draws a block whose last coefficient that is not zero is known. rough says that small changes within the block
// may be left out.
func (c *component) put(block *[64]int32, last, x, y int, rough bool) {
	at := 8*y*c.stride + 8*x
	out := c.samples[at : at+7*c.stride+8]
	if last == 0 || rough && last < 10 && flat(block) {
		fill(out, c.stride, clamp(block[0]>>shift))
		return
	}
	var columns [64]int32
	rows := 8
	if last < 10 { // nothing beyond the fourth row and column
		rows = 4
	}
	transform(&columns, block, rows)
	transform(block, &columns, 8)
	for r := range 8 {
		row := (*[8]int32)(block[8*r:])
		binary.LittleEndian.PutUint64(out[r*c.stride:], packed(row))
	}
}

// flatSum is how large the coefficients of a block other than DC may be together if it is drawn as one colour: as each of
// them changes no sample by more than a quarter of itself (A.3.3), none is off by more than four levels.
const flatSum = 16 << fraction

// flat tells whether a block's first coefficients add up to next to nothing. The factors in them are more than 1 there,
// so that the sum is rather too large.
func flat(block *[64]int32) bool {
	sum := int32(0)
	for _, at := range natural[1:10] {
		v := block[at]
		sum += max(v, -v)
		if sum > flatSum || sum < 0 {
			return false
		}
	}
	return true
}

// fill draws a block of one colour.
func fill(out []uint8, stride int, level uint8) {
	eight := uint64(level) * 0x0101010101010101
	for r := range 8 {
		binary.LittleEndian.PutUint64(out[r*stride:], eight)
	}
}

// packed makes samples of a row.
func packed(row *[8]int32) uint64 {
	a, b, c, d := row[0]>>shift, row[1]>>shift, row[2]>>shift, row[3]>>shift
	e, f, g, h := row[4]>>shift, row[5]>>shift, row[6]>>shift, row[7]>>shift
	if uint32(a|b|c|d|e|f|g|h) > 255 {
		a, b, c, d = int32(clamp(a)), int32(clamp(b)), int32(clamp(c)), int32(clamp(d))
		e, f, g, h = int32(clamp(e)), int32(clamp(f)), int32(clamp(g)), int32(clamp(h))
	}
	return uint64(a|b<<8|c<<16|d<<24)&0xffffffff | uint64(uint32(e|f<<8|g<<16|h<<24))<<32
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
