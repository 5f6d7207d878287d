package bitmap

import "math/bits"

// Ahead gives the 64 pixels of row y from x on, the first in bit 0; those outside the picture are light.
func (b *Bitmap) Ahead(x, y int) uint64 {
	row := b.Row(y)
	i, off := x>>6, x&63
	w := row[i] >> off
	if off != 0 && i+1 < len(row) {
		w |= row[i+1] << (64 - off)
	}
	return w
}

// Behind gives the 64 pixels of row y from x backwards, that at x in bit 0; those outside the picture are light.
func (b *Bitmap) Behind(x, y int) uint64 {
	row := b.Row(y)
	i, off := x>>6, 63-x&63
	w := row[i] << off
	if off != 0 && i > 0 {
		w |= row[i-1] >> (64 - off)
	}
	return bits.Reverse64(w)
}
