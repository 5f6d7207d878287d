package qr

import "math/bits"

// The format information of rMQR: six bits in an (18,6) BCH code, with a mask for each of the two places.
const (
	rmqrFormatPoly = 0x1f25
	rmqrMaskLeft   = 0x1fab2
	rmqrMaskRight  = 0x20a7b
	rmqrFormatOff  = 3
	rmqrMask       = 4 // the only mask, of QR's
)

// rmqrFormatPlaces are the modules of the format information beside the finder, the highest bit first.
var rmqrFormatPlaces = func() []place {
	places := []place{{11, 3}, {11, 2}, {11, 1}}
	for x := 10; x >= 8; x-- {
		for y := 5; y >= 1; y-- {
			places = append(places, place{uint8(x), uint8(y)})
		}
	}
	return places
}()

// rmqrSecondPlaces are those beside the small finder, from the right and from below.
var rmqrSecondPlaces = func() []place {
	places := []place{{3, 6}, {4, 6}, {5, 6}}
	for x := 6; x <= 8; x++ {
		for y := 2; y <= 6; y++ {
			places = append(places, place{uint8(x), uint8(y)})
		}
	}
	return places
}()

// rmqrTimingPlaces are the modules of the upper timing pattern that are nearest to the finder, and rmqrTimedLeast is how many
// of the eight must alternate before the small finder is looked for: a quarter of all that is no code passes as a format.
var rmqrTimingPlaces = []place{{8, 0}, {9, 0}, {10, 0}, {11, 0}, {12, 0}, {13, 0}, {14, 0}, {15, 0}}

const rmqrTimedLeast = 6

// rmqrTimed counts those of the timing modules that have their colour.
func rmqrTimed(read int) int { return bits.OnesCount8(^uint8(read) ^ 0xaa) }

// rmqr tries an rMQR code whose finder near maps; it tells whether it was read.
func (p *pass) rmqr(f *finder, near warp) bool {
	format, off := nearestRMQR(readAt(p.bits, &near, f.dark, rmqrFormatPlaces), rmqrMaskLeft)
	if off > rmqrFormatOff || rmqrTimed(readAt(p.bits, &near, f.dark, rmqrTimingPlaces)) < rmqrTimedLeast {
		return false
	}
	g := frame{warp: near, pattern: rmqrPatterns()[format&31], dark: f.dark, finders: [3]*finder{f}}
	if !g.reachSmallFinder(p) {
		return false
	}
	g.climb(p.bits)
	if g.score < singleLeast {
		p.traceFrame(&g, p.scale, false)
		return false
	}
	for _, sample := range []func() *grid{
		func() *grid { return g.sampleBits(p.bits) },
		func() *grid { return g.threshold(g.levels(p.gray)) },
	} {
		if d, err := decodeRMQR(sample(), g.pattern); err == nil {
			p.traceFrame(&g, p.scale, true)
			p.add(g.code(p, d), d)
			return true
		}
	}
	p.traceFrame(&g, p.scale, false)
	return false
}

// reachSmallFinder looks for the small finder where the finder's own axes put it and fits the frame through both.
func (f *frame) reachSmallFinder(p *pass) bool {
	corners := f.corners(7, 7)
	down := Point{f.b, f.e}
	cx, cy := f.cols-3, f.rows-3
	at, ok := f.seek(p.bits, cx, cy, 1.5+float64(f.cols)/24)
	if !ok {
		return false
	}
	pairs := []pair{{float64(cx) + 0.5, float64(cy) + 0.5, at, 4}}
	for i, k := range [4]Point{{0, 0}, {7, 0}, {7, 7}, {0, 7}} {
		pairs = append(pairs, pair{k.X, k.Y, corners[i], 1})
	}
	// The small finder's neighbour: its border has the same direction as the finder's columns, which keeps the far end
	// upright.
	pairs = append(pairs, pair{float64(cx) + 0.5, float64(cy) - 6.5, Point{at.X - 7*down.X, at.Y - 7*down.Y}, 1})
	w, ok := fitWarp(pairs)
	if !ok || !w.finite(f.cols, f.rows) {
		return false
	}
	f.warp = w
	f.score = f.rate(p.bits)
	return f.score >= 0.4
}

// nearestRMQR gives the six format bits whose masked code word differs least from what was read, and by how many bits.
func nearestRMQR(word, mask int) (format, off int) {
	off = 19
	for v := range 64 {
		if d := bits.OnesCount(uint(bch(v, rmqrFormatPoly, 12) ^ mask ^ word)); d < off {
			format, off = v, d
		}
	}
	return format, off
}

// decodeRMQR reads the modules of an rMQR code.
func decodeRMQR(g *grid, p *pattern) (decoded, error) {
	var right []place
	for _, m := range rmqrSecondPlaces {
		right = append(right, place{uint8(g.w - int(m.x)), uint8(g.h - int(m.y))})
	}
	format, off := nearestRMQR(g.readAt(rmqrFormatPlaces), rmqrMaskLeft)
	if other, off2 := nearestRMQR(g.readAt(right), rmqrMaskRight); off2 < off {
		format, off = other, off2
	}
	if off > rmqrFormatOff || format&31 != p.version {
		return decoded{}, errChecksum
	}
	symbol := rmqrSymbols[p.version]
	blocks, level := symbol.m, "M"
	if format&32 != 0 {
		blocks, level = symbol.h, "H"
	}
	d := decoded{version: p.version + 1, level: level}
	data, ok := d.repair(g.codewords(p, rmqrMask, len(p.data)/8, -1), blocks)
	if !ok {
		return d, errChecksum
	}
	c := coding{modeBits: 3, modes: rmqrModes}
	c.counts = [6]int{modeNumeric: symbol.counts[0], modeAlphanumeric: symbol.counts[1], modeByte: symbol.counts[2], modeKanji: symbol.counts[3]}
	var err error
	if d.message, err = parseSegments(data, 8*len(data), c); err == nil && len(d.segments) == 0 {
		err = errBroken
	}
	return d, err
}

// repair takes the interleaved codewords apart, corrects each block and joins the data (as ISO/IEC 18004, 7.6).
func (d *decoded) repair(words []byte, s rmqrBlocks) ([]byte, bool) {
	n := s.blocks + s.longer
	total := n*(s.data+s.check) + s.longer
	if len(words) < total {
		return nil, false
	}
	blocks := make([][]byte, n)
	at := 0
	for i := 0; i <= s.data; i++ {
		for b := range blocks {
			if i < s.data || b >= s.blocks {
				blocks[b] = append(blocks[b], words[at])
				at++
			}
		}
	}
	for range s.check {
		for b := range blocks {
			blocks[b] = append(blocks[b], words[at])
			at++
		}
	}
	var data []byte
	for _, block := range blocks {
		if !d.correct(block, s.check, nil) {
			return nil, false
		}
		data = append(data, block[:len(block)-s.check]...)
	}
	return data, true
}
