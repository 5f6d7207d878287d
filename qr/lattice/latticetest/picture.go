package latticetest

import (
	"image"
	"math/rand/v2"

	"quishmilter/qr/bitmap"
)

// Side puts two pictures side by side.
func Side(a, b Picture) Picture {
	w, h := a.Bits.W+b.Bits.W, max(a.Bits.H, b.Bits.H)
	out := Picture{Bits: bitmap.New(w, h), Gray: image.NewGray(image.Rect(0, 0, w, h))}
	for i := range out.Gray.Pix {
		out.Gray.Pix[i] = 255
	}
	left := 0
	for _, p := range []Picture{a, b} {
		for y := 0; y < p.Bits.H; y++ {
			for x := 0; x < p.Bits.W; x++ {
				out.Gray.Pix[y*out.Gray.Stride+left+x] = p.Gray.Pix[y*p.Gray.Stride+x]
				if p.Bits.At(x, y) {
					out.Bits.Set(left+x, y)
				}
			}
		}
		left += p.Bits.W
	}
	return out
}

// Noise is a picture of random dark and light squares of the given size, which no symbol is in.
func Noise(w, h, square int, seed uint64) Picture {
	random := rand.New(rand.NewPCG(seed, 99))
	p := Picture{Bits: bitmap.New(w, h), Gray: image.NewGray(image.Rect(0, 0, w, h))}
	row := make([]bool, w/square+1)
	for y := 0; y < h; y++ {
		for x := range row {
			if y%square == 0 {
				row[x] = random.IntN(2) == 0
			}
		}
		for x := 0; x < w; x++ {
			if p.Gray.Pix[y*p.Gray.Stride+x] = 230; row[x/square] {
				p.Bits.Set(x, y)
				p.Gray.Pix[y*p.Gray.Stride+x] = 20
			}
		}
	}
	return p
}

// Pack writes a bitmap's pixels as bytes, rows one after the other, for the corpus of a fuzz test.
func Pack(b *bitmap.Bitmap) []byte {
	data := make([]byte, (b.W*b.H+7)/8)
	for i := 0; i < b.W*b.H; i++ {
		if b.At(i%b.W, i/b.W) {
			data[i/8] |= 1 << (i % 8)
		}
	}
	return data
}

// Unpack reads what a fuzz test made of such bytes; nil where w is not the width of a picture below 400 pixels.
func Unpack(w int, data []byte) *bitmap.Bitmap {
	if w < 1 || w > 400 || len(data) == 0 {
		return nil
	}
	h := min(len(data)*8/w, 400)
	if h < 1 {
		return nil
	}
	b := bitmap.New(w, h)
	for i := 0; i < w*h; i++ {
		if data[i/8]>>(i%8)&1 != 0 {
			b.Set(i%w, i/w)
		}
	}
	return b
}
