package qr

// bitstream reads a byte slice bit by bit, the highest first.
type bitstream struct {
	data []byte
	at   int // bits read
	end  int // bits in all
}

func (b *bitstream) left() int { return b.end - b.at }

// take reads n bits, at most 24; ok is false where fewer are left.
func (b *bitstream) take(n int) (v int, ok bool) {
	if b.left() < n {
		return 0, false
	}
	for range n {
		v = v<<1 | int(b.data[b.at>>3]>>(7-b.at&7)&1)
		b.at++
	}
	return v, true
}
