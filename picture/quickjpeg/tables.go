package quickjpeg

// quantisers reads quantisation tables (B.2.4.1).
func (d *decoder) quantisers(body []byte) error {
	for len(body) > 0 {
		bytes, to := 1+int(body[0]>>4), body[0]&15
		if bytes > 2 || to > 3 || len(body) < 1+64*bytes {
			return ErrOther
		}
		for k := range d.quant[to] {
			q := int32(body[1+k*bytes])
			if bytes == 2 {
				q = q<<8 | int32(body[2+k*bytes])
			}
			d.quant[to][k] = q
		}
		body = body[1+64*bytes:]
	}
	return nil
}

// codes reads Huffman tables (B.2.4.2).
func (d *decoder) codes(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 {
			return ErrOther
		}
		class, to := body[0]>>4, body[0]&15
		n := 0
		for _, count := range body[1:17] {
			n += int(count)
		}
		if class > 1 || to > 3 || n == 0 || n > 256 || len(body) < 17+n {
			return ErrOther
		}
		t := newTable([16]byte(body[1:17]), body[17:17+n])
		if t == nil {
			return ErrOther
		}
		d.huffman[class][to] = t
		body = body[17+n:]
	}
	return nil
}

// lookBits is how many bits are looked up at once. Nine of ten symbols of a photo have no more, the bits of their value
// included.
const lookBits = 10

// table is a Huffman table (annex C), made for speed: an entry tells of a code and, where they fit in, of the bits
// behind it what a scan wants to know.
type table struct {
	look   [1 << lookBits]entry
	values []byte
	beyond [17]int32 // the first 16 bits that are no code of this length or a shorter one
	offset [17]int32 // what has to be added to a code of this length to have its place in values
}

// entry is, from the lowest bit: 5 bits, how many bits it takes; 4 bits, how many bits follow for the value, where it
// is not known yet; 7 bits, how many coefficients are skipped; 16 bits, the value if not 0. An entry of no bits is a
// code that is longer than lookBits.
type entry uint32

func (e entry) length() uint { return uint(e & 31) }
func (e entry) size() uint   { return uint(e >> 5 & 15) }
func (e entry) skip() int    { return int(e >> 9 & 127) }
func (e entry) value() int32 { return int32(e) >> 16 }

// endOfBlock is the skip of EOBn (G.1.2.2), n added; EOB0 is EOB (F.1.2.2).
const endOfBlock = 64

// entryOf is for a symbol of AC coefficients, or a DC difference's, which has no skip: RRRRSSSS (F.1.2.2).
func entryOf(symbol byte, length uint) entry {
	run, size := uint(symbol>>4), uint(symbol&15)
	switch {
	case size == 0 && run == 15: // ZRL, sixteen zeros
		run = 16
	case size == 0:
		run += endOfBlock
	}
	return entry(length | size<<5 | run<<9)
}

// withValue adds the value whose bits stand behind the code.
func (e entry) withValue(v int32) entry {
	return entry(e.length()+e.size()) | entry(e.skip()<<9) | entry(uint32(v)<<16)
}

// newTable makes a table of how many codes there are of each length, and their symbols (C.2); nil where there are more
// than there is room for.
func newTable(counts [16]byte, symbols []byte) *table {
	t := &table{values: append([]byte(nil), symbols...)}
	code, n := int32(0), int32(0)
	for length := uint(1); length <= 16; length++ {
		t.offset[length] = n - code
		for range counts[length-1] {
			if code >= 1<<length {
				return nil
			}
			if length <= lookBits {
				t.fill(uint32(code)<<(lookBits-length), length, entryOf(symbols[n], length))
			}
			code, n = code+1, n+1
		}
		t.beyond[length] = code << (16 - length)
		code <<= 1
	}
	return t
}

// fill writes an entry for all bits that may stand behind a code.
func (t *table) fill(from uint32, length uint, e entry) {
	free := lookBits - length
	for behind := range uint32(1) << free {
		t.look[from+behind] = e
		if size := e.size(); size > 0 && size <= free {
			t.look[from+behind] = e.withValue(extend(uint64(behind>>(free-size)), size))
		}
	}
}

// extend makes a value of its bits (F.2.2.1).
func extend(bits uint64, size uint) int32 {
	v := int32(bits)
	if v < 1<<(size-1) {
		v += -1<<size + 1
	}
	return v
}
