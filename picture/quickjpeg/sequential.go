package quickjpeg

import "encoding/binary"

// natural is where in a block of rows the coefficients of the zigzag order stand (A.3.6).
var natural = func() (order [64]uint8) {
	x, y, up := 0, 0, true
	for k := range order {
		order[k] = uint8(8*y + x)
		switch {
		case up && x == 7:
			y, up = y+1, false
		case up && y == 0:
			x, up = x+1, false
		case up:
			x, y = x+1, y-1
		case y == 7:
			x, up = x+1, true
		case x == 0:
			y, up = y+1, true
		default:
			x, y = x-1, y+1
		}
	}
	return order
}()

// sequential decodes a block of a sequential picture (F.2.2) and returns the last coefficient that is not zero, in zigzag
// order. The word of bits is kept in variables of its own, which is what makes it fast.
func (d *decoder) sequential(p *part, out *block) (last int) {
	b := &d.bits
	if b.n < 32 {
		b.fill()
	}
	p.before += d.difference(p.dc)
	out[0] = int64(p.before)*p.scaled[0] + middle
	look, scaled := &p.ac.look, &p.scaled
	word, n := b.word, b.n
	for k := 1; k < 64; k++ {
		if n < 32 {
			if b.at+8 > len(b.data) {
				b.at, n = len(b.data), n|56
			} else {
				word |= binary.BigEndian.Uint64(b.data[b.at:]) >> n
				b.at += int(63-n) >> 3
				n |= 56
			}
		}
		e := look[word>>(64-lookBits)]
		if e.length() == 0 {
			if e = p.ac.long(word); e.length() == noCode {
				d.broken = true
			}
		}
		word <<= e.length()
		n -= e.length()
		k += e.skip()
		value := e.value()
		if value == 0 {
			size := e.size()
			if size == 0 {
				k-- // past the end, or past sixteen
				continue
			}
			value = extend(word>>(64-size), size)
			word <<= size
			n -= size
		}
		if k > 63 {
			break
		}
		out[slot[k&63]&31] += int64(value) * scaled[k&63]
		last = k
	}
	b.word, b.n = word, n
	return last
}

// difference decodes that of a DC coefficient (F.2.2.1). 32 bits must be there.
func (d *decoder) difference(t *table) int32 {
	e := d.bits.symbol(t)
	if v := e.value(); v != 0 {
		return v
	}
	if e.length() == noCode {
		d.broken = true
	}
	if size := e.size(); size > 0 {
		return extend(d.bits.take(size), size)
	}
	return 0
}
