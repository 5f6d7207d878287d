package quickjpeg

import (
	"encoding/binary"
	"math"
)

// The inverse transform (A.3.3) after Arai, Agui and Nakajima (1988): five multiplications for eight values, since the
// others are part of the quantisers. It is done on two rows, and then on two columns, at once: a word holds one value
// plus another one times 2³². All its steps are additions and multiplications by constants, which do to the sum what
// they do to both, so that only what comes out has to fit into 32 bits.

// block is the coefficients of 8×8 samples, dequantised: those of rows 0 and 1 in the first eight words, and so on.
type block [32]int64

const (
	// fraction is how many bits of a coefficient lie behind the point.
	fraction = 7
	// point is the same for the factors of the transform. With both there is room for samples out of range fourfold.
	point = 11
	// middle is what is added to the DC coefficient: the level shift (A.3.1), and a half for rounding.
	middle = (128*8 + 4) << fraction
)

// The factors of the transform.
const (
	root2  = 2896 // √2
	twice1 = 3784 // 2 cos(π/8)
	minus3 = 2217 // √2 (cos(π/8) − cos(3π/8)) = 1.082392
	plus3  = 5352 // √2 (cos(π/8) + cos(3π/8)) = 2.613126
)

// slot is where in a block the coefficients of the zigzag order stand.
var slot = func() (slots [64]uint8) {
	for k, at := range natural {
		slots[k] = at>>4<<3 | at&7
	}
	return slots
}()

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
		c.scaled[k] = int64(math.Round(float64(quant[k])*f)) << (at >> 3 & 1 * 32)
	}
}

// transform is the one-dimensional one, on two rows.
func transform(row *[8]int64) {
	x0, x1, x2, x3, x4, x5, x6, x7 := row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]

	sum, difference, outer := (x0+x4)<<point, (x0-x4)<<point, (x2+x6)<<point
	inner := (x2-x6)*root2 - outer
	e0, e1, e2, e3 := sum+outer, difference+inner, difference-inner, sum-outer

	a, b, c, d := x5+x3, x5-x3, x1+x7, x1-x7
	turn := (b + d) * twice1
	o0 := (c + a) << point
	o1 := turn - b*plus3 - o0
	o2 := (c-a)*root2 - o1
	o3 := turn - d*minus3 - o2

	row[0], row[1], row[2], row[3] = e0+o0, e1+o1, e2+o2, e3+o3
	row[4], row[5], row[6], row[7] = e3-o3, e2-o2, e1-o1, e0-o0
}

// turned makes pairs of columns, four apart, of the first pairs of rows, and takes the factors' fraction off.
func turned(out, in *block, pairs int) {
	for p := range pairs {
		row := (*[8]int64)(in[8*p:])
		for j := range 4 {
			a, b := row[j], row[j+4]
			out[8*j+2*p] = int64(int32(a))>>point + int64(int32(b))>>point<<32
			out[8*j+2*p+1] = a>>(32+point) + b>>(32+point)<<32
		}
	}
}

// pairsTo is how many pairs of rows there are up to a coefficient of the zigzag order; those behind it are zeros.
var pairsTo = func() (pairs [64]uint8) {
	most := uint8(0)
	for k, at := range natural {
		most = max(most, at>>4+1)
		pairs[k] = most
	}
	return pairs
}()

// put draws a block whose last coefficient that is not zero is known. rough says that small changes within the block
// may be left out.
func (c *component) put(b *block, last, x, y int, rough bool) {
	at := 8*y*c.stride + 8*x
	out := c.samples[at : at+7*c.stride+8]
	if last == 0 || rough && last < 10 && flat(b) {
		fill(out, c.stride, clamp(int32(b[0])>>(fraction+3)))
		return
	}
	pairs := int(pairsTo[last&63])
	for p := range pairs {
		transform((*[8]int64)(b[8*p:]))
	}
	var columns block
	turned(&columns, b, pairs)
	for j := range 4 {
		transform((*[8]int64)(columns[8*j:]))
	}
	for r := range 8 {
		binary.LittleEndian.PutUint64(out[r*c.stride:], samples(columns[r], columns[r+8], columns[r+16], columns[r+24]))
	}
}

// flatSum is how large the coefficients of a block other than DC may be together if it is drawn as one colour: as each of
// them changes no sample by more than a quarter of itself (A.3.3), none is off by more than four levels.
const flatSum = 16 << fraction

// flat tells whether a block's first coefficients add up to next to nothing. The factors in them are more than 1 there,
// so that the sum is rather too large.
func flat(b *block) bool {
	sum := int64(0)
	for _, i := range [8]int{0, 1, 2, 3, 8, 9, 10, 11} {
		even := int64(int32(b[i]))
		odd := (b[i] - even) >> 32
		sum += max(odd, -odd)
		if i > 0 {
			sum += max(even, -even)
		}
	}
	return sum <= flatSum
}

// fill draws a block of one colour.
func fill(out []uint8, stride int, level uint8) {
	eight := uint64(level) * 0x0101010101010101
	for r := range 8 {
		binary.LittleEndian.PutUint64(out[r*stride:], eight)
	}
}

// shift brings what was transformed to samples.
const shift = point + fraction + 3

// samples makes those of a row of pairs of columns four apart. Nearly always all are in range.
func samples(ae, bf, cg, dh int64) uint64 {
	const both, above = 1<<32 | 1, 1<<(32-shift) - 0x100 // the bits of a sample beyond eight, sign included
	if uint64(ae|bf|cg|dh)&(both*above<<shift) != 0 {
		ae, bf, cg, dh = clamped(ae), clamped(bf), clamped(cg), clamped(dh)
	}
	return uint64(ae>>shift&(both*0xff) | bf>>shift&(both*0xff)<<8 | cg>>shift&(both*0xff)<<16 | dh>>shift&(both*0xff)<<24)
}

// clamped brings two samples into range (A.3.1).
func clamped(pair int64) int64 {
	a := int32(pair)
	b := int32((pair - int64(a)) >> 32)
	return int64(clamp(a>>shift))<<shift | int64(clamp(b>>shift))<<(shift+32)
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
