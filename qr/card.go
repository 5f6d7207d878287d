package qr

import (
	"image"
	"math/bits"
	"slices"

	"quishmilter/qr/bitmap"
)

// A code printed in two grays on a card that lies on white paper, or in two light tones on a card in the dark, is plain to the
// eye, and to a phone that is held close. In the picture the paper decides the threshold as far as its tiles reach, and makes
// the card all dark. So areas are looked for whose pixels are all on one side of the threshold though they differ, and differ
// by about the same everywhere, as ink on a card does and a shadow does not. Their windows are read again, with what is lighter
// or darker than the card brought to its levels.

// card is such an area, in pixels, and the levels of its ink and its ground.
type card struct {
	image.Rectangle
	lo, hi uint8
}

const (
	// cardContrast is the least difference in a tile, in gray levels; less is what JPEG leaves of a flat area.
	cardContrast = 12
	// photoContrast is the same where film or sensor have their grain.
	photoContrast = 24
	// cardSlack is by what part of a card's contrast a tile may be darker or lighter than nearly all others.
	cardSlack = 4
	// cardSide is the least side of a card in tiles, and cardFills how many twentieths of its window it fills at least: one that
	// stands on its corner half.
	cardSide, cardFills = 4, 9
	// strangers is how many tiles beside a card differ from what is around it otherwise, at most.
	strangers = 100
	// cardBetween is the most that a card may have of levels that are neither near its ink's nor near its ground's, in
	// hundredths of its pixels: much, where its modules are small and blurred. With flushBetween of them it may also lie in a
	// corner of the picture.
	cardBetween, flushBetween = 58, 15
	// cardTiles is how many tiles with contrast a card has at least: a version 1 code of two pixels a module has five by five.
	cardTiles = 8
	// cardTilesMost is how many of them are kept, of each side of the threshold.
	cardTilesMost = 1 << 15
	// cardCell is the side in tiles of the cells that touch in one card: gaps between are the insides of large modules.
	cardCell = 4
	// maxCards is how many are looked at in one layer, and cardPixels the most pixels of them together.
	maxCards   = 4
	cardPixels = 4 << 20
)

// cards lists the cards of a picture that was just binarised, the largest first. In a photograph only tiles with more contrast
// than its grain hang together.
func (b *binariser) cards(bm *bitmap.Bitmap) (list []card) {
	b.swallow(bm)
	for side, tiles := range b.swallowed {
		for _, least := range [2]uint8{cardContrast, photoContrast} {
			tiles = slices.DeleteFunc(tiles, func(t int32) bool { return b.hi[t]-b.lo[t] < least })
			if len(tiles) >= cardTiles {
				list = b.components(tiles, side == 0, list)
			}
		}
	}
	size := func(c card) int { return c.Dx() * c.Dy() }
	slices.SortStableFunc(list, func(a, c card) int { return size(c) - size(a) })
	return list
}

// swallow collects the tiles with contrast whose pixels are all dark, and those whose pixels are all light.
func (b *binariser) swallow(bm *bitmap.Bitmap) {
	const ones = 0x0101010101010101
	b.swallowed[0], b.swallowed[1] = b.swallowed[0][:0], b.swallowed[1][:0]
	for ty := range b.h {
		rows := bm.Words[ty*tileSize*bm.Stride:]
		rows = rows[:min(tileSize*bm.Stride, len(rows))]
		for i := range bm.Stride {
			at := ty*b.w + i*8
			d := load8(b.hi[at:]) - load8(b.lo[at:]) // no byte of hi is less than that of lo: nothing is borrowed between them
			differs := ((d&^high + (0x80-cardContrast)*ones) | d) & high >> 7
			if differs == 0 {
				continue
			}
			all, any := ^uint64(0), uint64(0)
			for k := i; k < len(rows); k += bm.Stride {
				all &= rows[k]
				any |= rows[k]
			}
			for k, set := range [2]uint64{fullBytes(all) & differs, fullBytes(^any) & differs} {
				for ; set != 0 && len(b.swallowed[k]) < cardTilesMost; set &= set - 1 {
					b.swallowed[k] = append(b.swallowed[k], int32(at+bits.TrailingZeros64(set)/8))
				}
			}
		}
	}
}

// fullBytes sets the lowest bit of each byte that is all ones.
func fullBytes(w uint64) uint64 {
	w &= w >> 4
	w &= w >> 2
	return w & (w >> 1) & 0x0101010101010101
}

// components joins tiles whose cells touch, and adds what may be a card to the list.
func (b *binariser) components(tiles []int32, dark bool, list []card) []card {
	cw := b.w/cardCell + 2 // with a margin, so that no cell has neighbours outside
	cells := make([]int32, cw*(b.h/cardCell+3))
	cellOf := func(t int32) int32 {
		return int32((int(t)/b.w/cardCell+1)*cw + int(t)%b.w/cardCell + 1)
	}
	for _, t := range tiles {
		cells[cellOf(t)] = -1
	}
	var sizes []int
	for _, t := range tiles {
		c := cellOf(t)
		if cells[c] < 0 {
			sizes = append(sizes, 0)
			flood(cells, c, int32(cw), int32(len(sizes)))
		}
		sizes[cells[c]-1]++
	}
	kinds := make(map[int32]*tones)
	for _, t := range tiles {
		k := cells[cellOf(t)] - 1
		if sizes[k] < cardTiles {
			continue
		}
		if kinds[k] == nil {
			kinds[k] = &tones{first: t}
		}
		kinds[k].add(b.lo[t], b.hi[t])
	}
	for k := range int32(len(sizes)) {
		if kinds[k] == nil {
			continue
		}
		lo, hi, even := kinds[k].even()
		if !even {
			continue
		}
		area, ok := b.spread(kinds[k].first, lo, hi, dark)
		area = image.Rectangle{Min: area.Min.Mul(tileSize), Max: area.Max.Mul(tileSize)}.Inset(-tileSize)
		if ok && !slices.ContainsFunc(list, func(c card) bool { return area.In(c.Rectangle.Inset(-tileSize)) }) {
			list = append(list, card{area, lo, hi})
		}
	}
	return list
}

// spread gives the window, in tiles, of the card that a tile is part of: all tiles that touch and have only levels between lo and
// hi. Nothing where that is too small for a code, too little of its window, or not all that is around a dark card is lighter.
func (b *binariser) spread(from int32, lo, hi uint8, dark bool) (area image.Rectangle, ok bool) {
	slack := (hi - lo) / cardSlack
	lo, hi = lo-min(lo, slack), hi+min(255-hi, slack)
	in := make([]bool, len(b.lo))
	open := []int32{from}
	in[from] = true
	n, paper, other := 0, 0, 0
	area.Min = image.Pt(b.w, b.h)
	for ; len(open) > 0 && other < strangers; n++ {
		t := int(open[len(open)-1])
		open = open[:len(open)-1]
		x, y := t%b.w, t/b.w
		area.Min.X, area.Min.Y = min(area.Min.X, x), min(area.Min.Y, y)
		area.Max.X, area.Max.Y = max(area.Max.X, x+1), max(area.Max.Y, y+1)
		for ny := max(y-1, 0); ny <= min(y+1, b.h-1); ny++ {
			for nx := max(x-1, 0); nx <= min(x+1, b.w-1); nx++ {
				switch k := ny*b.w + nx; {
				case in[k]:
				case dark && b.hi[k] > hi || !dark && b.lo[k] < lo:
					paper++
				case b.hi[k] > hi || b.lo[k] < lo:
					other++
				default:
					in[k] = true
					open = append(open, int32(k))
				}
			}
		}
	}
	ok = len(open) == 0 && min(area.Dx(), area.Dy()) >= cardSide && cardFills*area.Dx()*area.Dy() <= 20*n &&
		paper > 0 && paper >= 19*other
	return area, ok
}

// flood gives a number to a cell that is -1 and to all such cells that touch it.
func flood(cells []int32, from, width, number int32) {
	open := []int32{from}
	cells[from] = number
	for len(open) > 0 {
		c := open[len(open)-1]
		open = open[:len(open)-1]
		for _, d := range [8]int32{-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1} {
			if cells[c+d] == -1 {
				cells[c+d] = number
				open = append(open, c+d)
			}
		}
	}
}

// tones is what is known of tiles that belong together: how often which level was their darkest, which their lightest, and which
// the difference.
type tones struct {
	first            int32
	n                int
	los, his, ranges [256]int32
}

func (l *tones) add(lo, hi uint8) {
	l.n++
	l.los[lo]++
	l.his[hi]++
	l.ranges[hi-lo]++
}

// even tells whether most tiles have the levels from end to end, and which these are. A shadow or a dark picture has little of
// them in any tile.
func (l *tones) even() (lo, hi uint8, ok bool) {
	lo, hi = quantile(&l.los, l.n/20), quantile(&l.his, l.n-1-l.n/20)
	return lo, hi, 3*int(quantile(&l.ranges, l.n/2)) >= 2*(int(hi)-int(lo))
}

// quantile gives the level that k of those counted lie before.
func quantile(counts *[256]int32, k int) uint8 {
	for v, n := range counts {
		if k -= int(n); k < 0 {
			return uint8(v)
		}
	}
	return 255
}

// onCards reads the windows of the cards.
func (r *reader) onCards(gray *image.Gray, cards []card) {
	room, n := cardPixels, 0
	for _, c := range cards {
		touches, most := c.touches(gray.Rect), cardBetween
		if touches > 1 {
			most = flushBetween
		}
		window := crop(gray, c.Intersect(gray.Rect))
		if c.level(window) > most {
			continue
		}
		if room, n = room-len(window.Pix), n+1; room < 0 || n > maxCards || r.ended() {
			r.giveUp("cards")
			return
		}
		r.base = Point{float64(max(c.Min.X, 0)), float64(max(c.Min.Y, 0))}
		r.origin, r.left = r.base, nil
		r.sizes(window)
		r.base, r.origin = Point{}, Point{}
	}
}

// touches counts the sides of a picture that a card reaches.
func (c card) touches(all image.Rectangle) (n int) {
	for _, reaches := range [4]bool{c.Min.X < 0, c.Min.Y < 0, c.Max.X > all.Max.X, c.Max.Y > all.Max.Y} {
		if reaches {
			n++
		}
	}
	return n
}

// level brings what is darker than a card's ink or lighter than its ground to these, and tells how many hundredths of the
// pixels are well between.
func (c card) level(window *image.Gray) (between int) {
	quarter := (c.hi - c.lo) / 4
	for i, v := range window.Pix {
		v = min(max(v, c.lo), c.hi)
		window.Pix[i] = v
		if v-c.lo > quarter && c.hi-v > quarter {
			between++
		}
	}
	return 100 * between / max(len(window.Pix), 1)
}
