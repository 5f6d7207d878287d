// Package bitmap is the black-and-white picture that the readers of all symbologies search.
package bitmap

// Bitmap is a picture of W×H bits, one row after the other, Stride words a row.
// Bit x of a row is bit x&63 of its word x>>6 and is 1 where the pixel is dark. Bits from W on are 0.
type Bitmap struct {
	W, H   int
	Stride int // uint64 words per row, at least (W+63)/64
	Words  []uint64
}

// New returns an all-light bitmap.
func New(w, h int) *Bitmap {
	stride := (w + 63) / 64
	return &Bitmap{W: w, H: h, Stride: stride, Words: make([]uint64, stride*h)}
}

// Row returns the words of row y.
func (b *Bitmap) Row(y int) []uint64 { return b.Words[y*b.Stride : (y+1)*b.Stride] }

// At tells whether pixel (x, y) is dark; outside the picture it is light.
func (b *Bitmap) At(x, y int) bool {
	if uint(x) >= uint(b.W) || uint(y) >= uint(b.H) {
		return false
	}
	return b.Words[y*b.Stride+x>>6]>>(x&63)&1 != 0
}

// Set makes pixel (x, y) dark.
func (b *Bitmap) Set(x, y int) { b.Words[y*b.Stride+x>>6] |= 1 << (x & 63) }
