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
	// plainShare is the part of the tiles that are plain on a drawing, at least one in so many.
	plainShare = 4
	// cardSlack is by what part of a card's contrast a tile may be darker or lighter than nearly all others.
	cardSlack = 4
	// cardSide is the least side of a card in tiles, and cardFills how many twentieths of its window it fills at least: one that
	// stands on its corner half.
	cardSide, cardFills = 4, 9
	// strangers is how many tiles beside what may be a card differ otherwise than its paper, before that is given up.
	strangers = 12
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
	// cardSteps is how many times each tile is looked at on average before the search ends, and clearedTiles how many are
	// forgotten again in the time of one.
	cardSteps    = 16
	clearedTiles = 64
	// maxCards is how many are looked at in one layer, and cardPixels the most pixels of them together.
	maxCards   = 4
	cardPixels = 4 << 20
)

// cards lists the cards of a picture that was just binarised, the largest first. In a photograph, where hardly a tile is plain,
// only tiles with more contrast than its grain may be part of one; on a drawing such tiles may hang together better, too.
// cut tells that there were too many places to look at.
func (b *binariser) cards(bm *bitmap.Bitmap) (list []card, cut bool) {
	b.steps = cardSteps * max(len(b.lo), 1<<12)
	contrasts := []uint8{cardContrast, photoContrast}
	if plainShare*b.plain < len(b.lo) {
		contrasts = contrasts[1:]
	}
	b.swallow(bm, contrasts[0])
	for side, tiles := range b.swallowed {
		for _, least := range contrasts {
			tiles = slices.DeleteFunc(tiles, func(t tile) bool { k := int(t.y)*b.w + int(t.x); return b.hi[k]-b.lo[k] < least })
			if len(tiles) >= cardTiles {
				list = b.components(tiles, side == 0, list)
			}
		}
	}
	size := func(c card) int { return c.Dx() * c.Dy() }
	slices.SortStableFunc(list, func(a, c card) int { return size(c) - size(a) })
	return list, b.steps <= 0
}

// tile is the place of a tile, in tiles.
type tile struct{ x, y int32 }

// swallow collects the tiles of so much contrast, at most 128, whose pixels are all dark, and those whose pixels are all light.
func (b *binariser) swallow(bm *bitmap.Bitmap, least uint8) {
	enough := uint64(0x80-least) * 0x0101010101010101
	b.swallowed[0], b.swallowed[1] = b.swallowed[0][:0], b.swallowed[1][:0]
	for ty := range b.h {
		rows := bm.Words[ty*tileSize*bm.Stride:]
		rows = rows[:min(tileSize*bm.Stride, len(rows))]
		for i := range bm.Stride {
			at := ty*b.w + i*8
			d := load8(b.hi[at:]) - load8(b.lo[at:]) // no byte of hi is less than that of lo: nothing is borrowed between them
			differs := ((d&^high + enough) | d) & high >> 7
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
					b.swallowed[k] = append(b.swallowed[k], tile{int32(i*8 + bits.TrailingZeros64(set)/8), int32(ty)})
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
func (b *binariser) components(tiles []tile, dark bool, list []card) []card {
	cw := b.w/cardCell + 3 // with a margin, so that no cell has neighbours outside
	cells := make([]int32, cw*(b.h/cardCell+3))
	cellOf := func(t tile) int { return (int(t.y)/cardCell+1)*cw + int(t.x)/cardCell + 1 }
	for _, t := range tiles {
		cells[cellOf(t)]--
	}
	var groups [][]tile
	for _, t := range tiles {
		if c := cellOf(t); cells[c] < 0 {
			if n := flood(cells, c, cw, int32(len(groups)+1)); n >= cardTiles {
				groups = append(groups, make([]tile, 0, n))
			}
		}
	}
	if len(groups) == 0 {
		return list
	}
	for _, t := range tiles {
		if k := cells[cellOf(t)]; k > 0 {
			groups[k-1] = append(groups[k-1], t)
		}
	}
	for _, group := range groups {
		lo, hi, even := b.even(group)
		if !even {
			continue
		}
		if b.steps -= len(b.lo) / clearedTiles; b.steps <= 0 {
			break
		}
		area, ok := b.spread(group[0], lo, hi, dark)
		area = image.Rectangle{Min: area.Min.Mul(tileSize), Max: area.Max.Mul(tileSize)}.Inset(-tileSize)
		if ok && !slices.ContainsFunc(list, func(c card) bool { return area.In(c.Rectangle.Inset(-tileSize)) }) {
			list = append(list, card{area, lo, hi})
		}
	}
	return list
}

// flood takes a cell and all that touch it, which hold the negative counts of their tiles, and gives them a number, or where they
// are too few for a card none. It tells how many tiles they are.
func flood(cells []int32, from, width int, number int32) (tiles int32) {
	taken := []int{from}
	tiles, cells[from] = -cells[from], number
	for i := 0; i < len(taken); i++ {
		c := taken[i]
		for _, d := range [8]int{-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1} {
			if n := cells[c+d]; n < 0 {
				cells[c+d] = number
				tiles -= n
				taken = append(taken, c+d)
			}
		}
	}
	if tiles < cardTiles {
		for _, c := range taken {
			cells[c] = 0
		}
	}
	return tiles
}

// spread gives the window, in tiles, of the card that a tile is part of: all tiles that touch and have only levels between lo and
// hi. Nothing where that is too small for a code, too little of its window, or not all that is around a dark card is lighter.
func (b *binariser) spread(from tile, lo, hi uint8, dark bool) (area image.Rectangle, ok bool) {
	slack := (hi - lo) / cardSlack
	lo, hi = lo-min(lo, slack), hi+min(255-hi, slack)
	in := make([]bool, len(b.lo))
	open := append(b.open[:0], from)
	in[int(from.y)*b.w+int(from.x)] = true
	n, paper, other := 0, 0, 0
	area.Min = image.Pt(b.w, b.h)
	for ; len(open) > 0 && other < strangers+paper/8 && b.steps > 0; n++ {
		b.steps--
		x, y := int(open[len(open)-1].x), int(open[len(open)-1].y)
		open = open[:len(open)-1]
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
					open = append(open, tile{int32(nx), int32(ny)})
				}
			}
		}
	}
	b.open = open
	ok = len(open) == 0 && min(area.Dx(), area.Dy()) >= cardSide && cardFills*area.Dx()*area.Dy() <= 20*n &&
		paper > 0 && paper >= 19*other
	return area, ok
}

// even tells whether most tiles have the levels from end to end, and which these are. A shadow or a dark picture has little of
// them in any tile.
func (b *binariser) even(tiles []tile) (lo, hi uint8, ok bool) {
	var los, his, ranges [256]int32
	for _, t := range tiles {
		k := int(t.y)*b.w + int(t.x)
		los[b.lo[k]]++
		his[b.hi[k]]++
		ranges[b.hi[k]-b.lo[k]]++
	}
	n := len(tiles)
	lo, hi = quantile(&los, n/20), quantile(&his, n-1-n/20)
	return lo, hi, 3*int(quantile(&ranges, n/2)) >= 2*(int(hi)-int(lo))
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
		most := cardBetween
		if c.touches(gray.Rect) > 1 {
			most = flushBetween
		}
		c.Rectangle = c.Intersect(gray.Rect)
		if c.between(gray) > most {
			continue
		}
		window := c.levelled(gray)
		if room, n = room-len(window.Pix), n+1; room < 0 || n > maxCards || r.ended() {
			r.giveUp("cards")
			return
		}
		r.base = Point{float64(c.Min.X), float64(c.Min.Y)}
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

// between tells how many hundredths of a card's pixels are well between its ink and its ground, from every fourth row.
func (c card) between(gray *image.Gray) int {
	quarter := (c.hi - c.lo) / 4
	lo, hi := c.lo+quarter, c.hi-quarter
	n, all := 0, 0
	for y := c.Min.Y; y < c.Max.Y; y += 4 {
		row := gray.Pix[y*gray.Stride:][c.Min.X:c.Max.X]
		for _, v := range row {
			if v > lo && v < hi {
				n++
			}
		}
		all += len(row)
	}
	return 100 * n / max(all, 1)
}

// levelled copies a card, with what is darker than its ink or lighter than its ground brought to these.
func (c card) levelled(gray *image.Gray) *image.Gray {
	window := crop(gray, c.Rectangle)
	for i, v := range window.Pix {
		window.Pix[i] = min(max(v, c.lo), c.hi)
	}
	return window
}
