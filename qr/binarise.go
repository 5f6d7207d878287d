package qr

import (
	"image"

	"quishmilter/qr/bitmap"
)

// Binarisation works on tiles of 8×8 pixels. Each tile's black point is the mean of its pixels, or, where the tile is
// flat, one that makes it all light or all dark as its neighbours suggest; the threshold of a tile is the mean of the
// 5×5 black points around it. So the threshold follows shadows and glare, and one pass over the pixels with eight of
// them in a word suffices.
const (
	tileSize = 8
	// flatMost and flatLeast bound the contrast in gray levels below which a tile counts as flat; between them
	// the picture's own contrast decides, so that codes printed 6 levels apart are seen.
	flatMost  = 24
	flatLeast = 3
)

// binariser keeps the buffers from one picture to the next.
type binariser struct {
	w, h   int // tiles
	lo, hi []uint8
	mean   []uint8
	black  []uint8
	rows   []int32 // sums of five black points along a row
	limit  []uint64
	level  []uint8 // the thresholds that limit repeats

	plain     int       // tiles without contrast worth the name
	swallowed [2][]tile // tiles that cards may consist of, dark ones and light ones
	steps     int       // left for the search of cards
	open      []tile    // of a card, those whose neighbours were not looked at yet
}

// binarise compares each pixel with its tile's threshold: dark is 1. Where half is not nil the picture at half its size is
// written there, while its pixels are near.
func (b *binariser) binarise(gray *image.Gray, out *bitmap.Bitmap, half *image.Gray) {
	b.resize(gray.Rect.Dx(), gray.Rect.Dy())
	b.stats(gray)
	b.blackPoints(b.flatLimit())
	for ty := range b.h {
		b.thresholds(ty)
		b.pack(gray, out, ty)
		if half != nil {
			halve(half, gray, ty*tileSize/2, (ty+1)*tileSize/2)
		}
	}
}

func (b *binariser) resize(w, h int) {
	b.w, b.h = (w+63)/64*8, (h+tileSize-1)/tileSize
	n := b.w * b.h
	if cap(b.lo) < n {
		b.lo, b.hi, b.mean, b.black = make([]uint8, n), make([]uint8, n), make([]uint8, n), make([]uint8, n)
		b.rows = make([]int32, n)
	}
	b.lo, b.hi, b.mean, b.black, b.rows = b.lo[:n], b.hi[:n], b.mean[:n], b.black[:n], b.rows[:n]
	if cap(b.limit) < b.w {
		b.limit, b.level = make([]uint64, b.w), make([]uint8, b.w)
	}
	b.limit, b.level = b.limit[:b.w], b.level[:b.w]
}

// Bytes are compared in lanes of 16 bits: the even and the odd bytes of a word apart, with bit 8 as the borrow.
const (
	lanes  = 0x00ff00ff00ff00ff
	borrow = 0x0100010001000100
)

// stats finds least, most and mean of each tile from every other row, which halves the cost and loses nothing at 1.5
// pixels a module.
func (b *binariser) stats(gray *image.Gray) {
	h := gray.Rect.Dy()
	for ty := range b.h {
		// The four rows; of those below the picture's edge the last one again.
		var rows [4][]uint8
		for k := range rows {
			y := min(ty*tileSize+2*k, (h-1-ty*tileSize)&^1+ty*tileSize)
			rows[k] = gray.Pix[y*gray.Stride:][:b.w*tileSize]
		}
		los, his, means := b.lo[ty*b.w:][:b.w], b.hi[ty*b.w:][:b.w], b.mean[ty*b.w:][:b.w]
		for tx := 0; tx+8 <= len(los); tx += 8 {
			x := tx * tileSize
			p, q := (*[64]uint8)(rows[0][x:]), (*[64]uint8)(rows[1][x:])
			r, s := (*[64]uint8)(rows[2][x:]), (*[64]uint8)(rows[3][x:])
			var low, top [8]uint64
			mean := (*[8]uint8)(means[tx:])
			low[0], top[0], mean[0] = extremes(load8(p[:]), load8(q[:]), load8(r[:]), load8(s[:]))
			low[1], top[1], mean[1] = extremes(load8(p[8:]), load8(q[8:]), load8(r[8:]), load8(s[8:]))
			low[2], top[2], mean[2] = extremes(load8(p[16:]), load8(q[16:]), load8(r[16:]), load8(s[16:]))
			low[3], top[3], mean[3] = extremes(load8(p[24:]), load8(q[24:]), load8(r[24:]), load8(s[24:]))
			low[4], top[4], mean[4] = extremes(load8(p[32:]), load8(q[32:]), load8(r[32:]), load8(s[32:]))
			low[5], top[5], mean[5] = extremes(load8(p[40:]), load8(q[40:]), load8(r[40:]), load8(s[40:]))
			low[6], top[6], mean[6] = extremes(load8(p[48:]), load8(q[48:]), load8(r[48:]), load8(s[48:]))
			low[7], top[7], mean[7] = extremes(load8(p[56:]), load8(q[56:]), load8(r[56:]), load8(s[56:]))
			store8(los[tx:], leastOf(&low))
			store8(his[tx:], mostOf(&top))
		}
	}
}

// extremes gives the least and the most of four words, byte by byte, and the mean of their 32 pixels.
func extremes(p, q, r, s uint64) (low, top uint64, mean uint8) {
	least, most := order(p, q)
	least1, most1 := order(r, s)
	low, _ = order(least, least1)
	_, top = order(most, most1)
	sum := p&lanes + p>>8&lanes + q&lanes + q>>8&lanes + r&lanes + r>>8&lanes + s&lanes + s>>8&lanes
	return low, top, uint8((sum*0x0001000100010001>>48 + 16) / 32)
}

// leastOf gives the least of each of eight words' bytes, that of the first word in the lowest byte; mostOf the greatest.
func leastOf(words *[8]uint64) uint64 {
	f := func(a, b uint64) uint64 { least, _ := order(a, b); return least }
	return f(pair1(f(pair2(f(pair4(words[0], words[4])), f(pair4(words[2], words[6])))), f(pair2(f(pair4(words[1], words[5])), f(pair4(words[3], words[7]))))))
}

func mostOf(words *[8]uint64) uint64 {
	f := func(a, b uint64) uint64 { _, most := order(a, b); return most }
	return f(pair1(f(pair2(f(pair4(words[0], words[4])), f(pair4(words[2], words[6])))), f(pair2(f(pair4(words[1], words[5])), f(pair4(words[3], words[7]))))))
}

// pair4, pair2 and pair1 sort the halves, quarters and bytes of two words into two others.
func pair4(a, b uint64) (x, y uint64) {
	const m = 0x00000000ffffffff
	return a&m | b<<32, a>>32 | b&^m
}

func pair2(a, b uint64) (x, y uint64) {
	const m = 0x0000ffff0000ffff
	return a&m | b&m<<16, a>>16&m | b&^m
}

func pair1(a, b uint64) (x, y uint64) {
	return a&lanes | b&lanes<<8, a>>8&lanes | b&^lanes
}

// order gives the lesser and the greater of two words' bytes.
func order(a, b uint64) (least, most uint64) {
	ge := light(a, ^b)
	d := (a ^ b) & (ge | (ge - ge>>7))
	return a ^ d, b ^ d
}

// flatLimit takes a fifth of the contrast that 97 % of the tiles stay below.
func (b *binariser) flatLimit() uint8 {
	var count [256]int
	for i := range b.lo {
		count[b.hi[i]-b.lo[i]]++
	}
	b.plain = int(count[0] + count[1] + count[2])
	above := len(b.lo) * 3 / 100
	top := 255
	for ; top > 0 && above >= count[top]; top-- {
		above -= count[top]
	}
	return uint8(min(max(top/5, flatLeast), flatMost))
}

// blackPoints decides the black point of each tile, and sums five of them along each row.
func (b *binariser) blackPoints(flat uint8) {
	var above []uint8
	for ty := range b.h {
		from, w := ty*b.w, b.w
		black := b.black[from:][:w]
		blackRow(black, above, b.lo[from:][:w], b.hi[from:][:w], b.mean[from:][:w], flat)
		sumRow(b.rows[from:][:w], black)
		above = black
	}
}

// blackRow decides one row of black points; above are those of the row before, if there is one.
func blackRow(black, above, los, his, means []uint8, flat uint8) {
	los, his, means = los[:len(black)], his[:len(black)], means[:len(black)]
	for tx := range black {
		lo, hi := los[tx], his[tx]
		if hi-lo > flat {
			black[tx] = means[tx]
			continue
		}
		point := lo - min(lo, (hi-lo)/2+1)
		if flat == flatMost && hi < flat {
			point = hi + 1 // where other tiles have full contrast this is ink: a bar wider than five tiles at the border
		}
		if above != nil && tx > 0 {
			// Darker than what was black beside it: the inside of a large dark area.
			if around := (int(above[tx]) + 2*int(black[tx-1]) + int(above[tx-1])) / 4; int(lo) < around {
				point = uint8(around)
			}
		}
		black[tx] = point
	}
}

// sumRow sums the five black points around each tile of a row, a window that stays inside it.
func sumRow(sums []int32, black []uint8) {
	s := int32(0)
	for _, v := range black[:5] { // rows are eight tiles long at least
		s += int32(v)
	}
	for tx := range sums {
		if out := tx - 3; out >= 0 && out+5 < len(black) {
			s += int32(black[out+5]) - int32(black[out])
		}
		sums[tx] = s
	}
}

// thresholds fills limit with the thresholds of one row of tiles, each in all eight bytes of a word, with all bits inverted.
func (b *binariser) thresholds(ty int) {
	from := min(max(ty-2, 0), max(b.h-5, 0))
	to := min(from+5, b.h)
	if to-from < 5 {
		b.thresholdsOf(from, to)
		return
	}
	w := b.w
	limit, level := b.limit[:w], b.level[:w]
	p, q, r := b.rows[from*w:][:w], b.rows[from*w+w:][:w], b.rows[from*w+2*w:][:w]
	s, t := b.rows[from*w+3*w:][:w], b.rows[from*w+4*w:][:w]
	for i := range limit {
		v := uint32(p[i]+q[i]+r[i]+s[i]+t[i]+12) / 25
		limit[i], level[i] = ^(uint64(v) * 0x0101010101010101), uint8(v)
	}
}

// thresholdsOf is thresholds for pictures of fewer than five rows of tiles.
func (b *binariser) thresholdsOf(from, to int) {
	n := int32(5 * (to - from))
	for tx := range b.w {
		s := n / 2
		for y := from; y < to; y++ {
			s += b.rows[y*b.w+tx]
		}
		b.limit[tx], b.level[tx] = ^(uint64(s/n) * 0x0101010101010101), uint8(s/n)
	}
}

// pack compares the pixels of one row of tiles with the thresholds, eight at a time, and packs the outcome 64 to a word. Where
// eight tiles beside each other lie above their thresholds with all that stats looked at, or below, all of their pixels count as
// light, or as dark: in the rows between, only specks could differ.
func (b *binariser) pack(gray *image.Gray, out *bitmap.Bitmap, ty int) {
	y := ty * tileSize
	n := min(tileSize, gray.Rect.Dy()-y)
	words, pix := out.Words[y*out.Stride:][:n*out.Stride], gray.Pix[y*gray.Stride:][:n*gray.Stride]
	los, his := b.lo[ty*b.w:][:b.w], b.hi[ty*b.w:][:b.w]
	for i := range out.Stride {
		level := load8(b.level[i*8:])
		switch {
		case light(load8(los[i*8:]), ^level) == high:
			fill(words[i:], out.Stride, 0)
		case light(load8(his[i*8:]), ^level) == 0:
			fill(words[i:], out.Stride, ^uint64(0))
		default:
			b.packTiles(pix[i*64:], gray.Stride, words[i:], out.Stride, (*[8]uint64)(b.limit[i*8:]))
		}
	}
	if over := gray.Rect.Dx() & 63; over != 0 {
		for i := out.Stride - 1; i < len(words); i += out.Stride {
			words[i] &= 1<<over - 1
		}
	}
}

// fill sets one word of each row.
func fill(words []uint64, stride int, v uint64) {
	for i := 0; i < len(words); i += stride {
		words[i] = v
	}
}

// packTiles packs eight tiles beside each other.
func (b *binariser) packTiles(pix []uint8, across int, words []uint64, stride int, limits *[8]uint64) {
	for i, at := 0, 0; i < len(words); i, at = i+stride, at+across {
		px := (*[64]uint8)(pix[at:])
		// Bit k of byte j: pixel 8k+j.
		words[i] = ^transpose(light(load8(px[:]), limits[0])>>7 | light(load8(px[8:]), limits[1])>>6 |
			light(load8(px[16:]), limits[2])>>5 | light(load8(px[24:]), limits[3])>>4 |
			light(load8(px[32:]), limits[4])>>3 | light(load8(px[40:]), limits[5])>>2 |
			light(load8(px[48:]), limits[6])>>1 | light(load8(px[56:]), limits[7]))
	}
}

// high is the top bit of each byte.
const high = 0x8080808080808080

// light sets the top bit of each byte of eight pixels that is not less than its threshold, whose bits come inverted: then the
// two together are 255 or more, and their mean, rounded up, 128 or more (Dietz, Aggregate Magic Algorithms).
func light(pixels, limits uint64) uint64 {
	return ((pixels | limits) - (pixels^limits)>>1&^high) & high
}

// transpose swaps rows and columns of eight by eight bits (Warren, Hacker's Delight, section 7-3).
func transpose(x uint64) uint64 {
	t := (x ^ x>>7) & 0x00aa00aa00aa00aa
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000cccc0000cccc
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000f0f0f0f0
	return x ^ t ^ t<<28
}
