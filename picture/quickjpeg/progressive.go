package quickjpeg

// refine decodes what a scan of a progressive picture tells of a block (annex G).
func (d *decoder) refine(s *scan, p *part, coefs *[64]int16) {
	b := &d.bits
	if s.start == 0 {
		if s.high > 0 {
			if b.bit() {
				coefs[0] |= 1 << s.low
			}
			return
		}
		if b.n < 32 {
			b.fill()
		}
		p.before += d.difference(p.dc)
		coefs[0] = int16(p.before << s.low)
		return
	}
	if s.high == 0 {
		d.firstBits(s, p.ac, coefs)
	} else {
		d.furtherBit(s, p.ac, coefs)
	}
}

// firstBits decodes the upper bits of a band of coefficients (G.1.2.2).
func (d *decoder) firstBits(s *scan, t *table, coefs *[64]int16) {
	if d.eobRun > 0 {
		d.eobRun--
		return
	}
	b := &d.bits
	for k := s.start; k <= s.end; k++ {
		if b.n < 32 {
			b.fill()
		}
		e := b.symbol(t)
		if e.length() == noCode {
			d.broken = true
		}
		if e.skip() >= endOfBlock {
			d.eobRun = b.run(e) - 1
			return
		}
		value := e.value()
		if size := e.size(); size > 0 {
			value = extend(b.take(size), size)
		}
		if value == 0 { // sixteen zeros
			k += 15
		} else if k += e.skip(); k <= s.end {
			coefs[k] = int16(value << s.low)
		}
	}
}

// run is how many blocks end, this one included (G.1.2.2).
func (b *bits) run(e entry) int32 {
	n := uint(e.skip() - endOfBlock)
	if n == 0 {
		return 1
	}
	return 1<<n + int32(b.take(n))
}

// furtherBit decodes one more bit of a band of coefficients (G.1.2.3).
func (d *decoder) furtherBit(s *scan, t *table, coefs *[64]int16) {
	b, k := &d.bits, s.start
	for ; d.eobRun == 0 && k <= s.end; k++ {
		if b.n < 32 {
			b.fill()
		}
		e := b.symbol(t)
		if e.length() == noCode {
			d.broken = true
		}
		if e.skip() >= endOfBlock {
			d.eobRun = b.run(e)
			break
		}
		value := e.value()
		if size := e.size(); size > 0 {
			value = extend(b.take(size), size)
		}
		zeros := e.skip()
		if value == 0 {
			zeros = 15 // and this one
		}
		if k = b.correct(s, coefs, k, zeros); k <= s.end && value != 0 {
			coefs[k] = int16(value << s.low)
		}
	}
	if d.eobRun > 0 {
		d.eobRun--
		b.correct(s, coefs, k, 64)
	}
}

// correct reads the next bit of the coefficients that are not zero, up to the zero behind so many others.
func (b *bits) correct(s *scan, coefs *[64]int16, k, zeros int) int {
	for ; k <= s.end; k++ {
		c := coefs[k]
		if c == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		if !b.bit() {
			continue
		}
		if c > 0 {
			coefs[k] += 1 << s.low
		} else {
			coefs[k] -= 1 << s.low
		}
	}
	return k
}

// reconstruct draws a progressive picture from its coefficients.
func (d *decoder) reconstruct() {
	for i := range d.components {
		c := &d.components[i]
		if !c.seen {
			continue
		}
		for y := 0; y < c.rows && d.ctx.Err() == nil; y++ {
			for x := range c.columns {
				var b block
				last := c.spread(&b, &c.coefs[y*c.stride/8+x])
				c.put(&b, last, x, y, i > 0)
			}
		}
	}
}

// spread brings coefficients to their places in a block, and returns the last that is not zero.
func (c *component) spread(out *block, coefs *[64]int16) (last int) {
	out[0] = int64(coefs[0])*c.scaled[0] + middle
	for k := 1; k < 64; k++ {
		if v := coefs[k]; v != 0 {
			out[slot[k]&31] += int64(v) * c.scaled[k]
			last = k
		}
	}
	return last
}
