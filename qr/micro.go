package qr

// micro tries a Micro QR code whose finder near maps; it tells whether it was read.
func (p *pass) micro(f *finder, near warp) bool {
	word := readAt(p.bits, &near, f.dark, microFormatPlaces)
	format, off := nearestFormat(word, microFormatMask)
	if off > 2 {
		return false
	}
	symbol := microSymbols[format>>2]
	g := frame{warp: near, pattern: microPatterns()[symbol.version], dark: f.dark, finders: [3]*finder{f}}
	if !g.finite(g.cols, g.rows) {
		return false
	}
	if g.score = g.rate(p.bits); g.score < gate {
		return false
	}
	g.climb(p.bits)
	if g.score < singleLeast {
		p.traceFrame(&g, p.scale, false)
		return false
	}
	for bent := range 3 {
		if bent > 0 && !g.bend(p.ctx, p.bits) {
			break
		}
		for _, sampled := range []*grid{g.sampleBits(p.bits), g.threshold(g.levels(p.gray))} {
			if d, err := decodeMicro(sampled, g.pattern, &g); err == nil {
				p.traceFrame(&g, p.scale, true)
				p.add(g.code(p, d), d)
				return true
			}
		}
	}
	p.traceFrame(&g, p.scale, false)
	return false
}

// decodeMicro reads the modules of a Micro QR code.
func decodeMicro(g *grid, p *pattern, f *frame) (decoded, error) {
	format, off := nearestFormat(g.readAt(microFormatPlaces), microFormatMask)
	symbol := microSymbols[format>>2]
	if off > 2 || symbol.version != p.version {
		return decoded{}, errChecksum
	}
	short := -1
	if symbol.version&1 == 1 {
		short = symbol.data - 1
	}
	words := g.codewords(p, microMasks[format&3], symbol.data+symbol.check, short)
	changed, ok := correct(words, symbol.check, 2*symbol.repairs, nil)
	if !ok || symbol.version == 1 && (off > 0 || f.score < 0.999) {
		// M1 can only detect errors, and by chance misses one in 65,536: everything else must be perfect.
		return decoded{}, errChecksum
	}
	d := decoded{version: p.version, level: symbol.level, errors: changed, capacity: symbol.repairs}
	data, n := words[:symbol.data], microBits(symbol)
	var err error
	if d.message, err = parseSegments(data, n, microCoding(p.version)); err != nil {
		return d, err
	}
	if symbol.version <= 2 && !padded(data, n, d.usedBits) {
		return d, errBroken
	}
	if len(d.segments) == 0 {
		return d, errBroken
	}
	return d, nil
}

// microBits is how many data bits a symbol has.
func microBits(symbol microSymbol) int {
	return 8*symbol.data - 4*(symbol.version&1)
}

// padded tells whether what follows the terminator is padding as the standard writes it (ISO/IEC 18004, 7.4.10): zeros to
// the end of the codeword, then 236 and 17 in turn; a last codeword of four bits is zero.
func padded(data []byte, n, used int) bool {
	in := &bitstream{data: data, at: used, end: n}
	for in.at&7 != 0 && in.left() > 0 {
		if v, _ := in.take(1); v != 0 {
			return false
		}
	}
	for want := 0xec; in.left() >= 8; want ^= 0xec ^ 0x11 {
		if v, _ := in.take(8); v != want {
			return false
		}
	}
	for in.left() > 0 {
		if v, _ := in.take(1); v != 0 {
			return false
		}
	}
	return true
}
