package quickjpeg

import (
	"bytes"
	"encoding/binary"
)

// bits are those of one entropy-coded segment (B.1.1.5), without the zeros that are stuffed behind bytes of ones. They are
// read from the top of a word that is filled up to at least 56 bits. Zeros follow the data, more than a block can take:
// so only after each block it is looked whether there was enough.
type bits struct {
	word   uint64
	n      uint // how many of the word are there
	at     int  // in data, of the next byte to fill up with
	data   []byte
	length int // of the data, without the zeros
}

// padding is how many zeros follow the data: a block takes at most 64 codes of 16 bits with 15 behind each.
const padding = 512

// load takes the segment that begins at a place of the file and says where it ends: at a marker, or with the file.
func (b *bits) load(file []byte, from int) (end int) {
	if cap(b.data) < len(file)-from+padding {
		b.data = make([]byte, 0, len(file)-from+padding)
	}
	out := b.data[:0]
	for end = from; ; {
		n := bytes.IndexByte(file[end:], 0xff)
		if n < 0 || end+n+1 == len(file) {
			out = append(out, file[end:]...)
			end = len(file)
			break
		}
		out = append(out, file[end:end+n]...)
		if end += n; file[end+1] == 0 {
			out = append(out, 0xff)
			end += 2
		} else if file[end+1] == 0xff { // a fill byte (B.1.1.2)
			end++
		} else {
			break
		}
	}
	*b = bits{length: len(out), data: out[:len(out)+padding]}
	clear(b.data[b.length:])
	return end
}

// fill makes sure that there are at least 56 bits.
func (b *bits) fill() {
	if b.at+8 > len(b.data) {
		b.n |= 56 // of zeros: overdrawn says so after this block
		b.at = len(b.data)
		return
	}
	b.word |= binary.BigEndian.Uint64(b.data[b.at:]) >> b.n
	b.at += int(63-b.n) >> 3
	b.n |= 56
}

// overdrawn reports whether more bits were taken than there are.
func (b *bits) overdrawn() bool { return 8*b.at-int(b.n) > 8*b.length }

// take removes bits from the top; there must be so many.
func (b *bits) take(n uint) uint64 {
	v := b.word >> (64 - n)
	b.word <<= n
	b.n -= n
	return v
}

// bit takes one.
func (b *bits) bit() bool {
	if b.n == 0 {
		b.fill()
	}
	return b.take(1) != 0
}

// symbol decodes the next code. Its value is left where its entry has none. 32 bits must be there, of which it and the
// value take 31 at most.
func (b *bits) symbol(t *table) entry {
	e := t.look[b.word>>(64-lookBits)]
	if e.length() == 0 {
		e = t.long(b.word)
	}
	b.word <<= e.length()
	b.n -= e.length()
	return e
}

// long finds a code that is longer than lookBits (F.2.2.3, by comparing with what is beyond the codes of each length).
// As libjpeg does, a code that the table does not have is passed over, with a bit more, and stands for the symbol 0.
func (t *table) long(word uint64) entry {
	code := int32(word >> 48)
	for length := uint(lookBits + 1); length <= 16; length++ {
		if code < t.beyond[length] {
			return entryOf(t.values[code>>(16-length)+t.offset[length]], length)
		}
	}
	return entryOf(0, noCode)
}

// noCode is the length of the entry of bits that are no code.
const noCode = 17
