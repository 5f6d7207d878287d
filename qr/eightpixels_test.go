package qr

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTilesByWords compares what is computed eight pixels at a time with the same pixel by pixel.
func TestTilesByWords(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	gray := newGray(64, 8)
	var b binariser
	b.resize(64, 8)
	for range 200 {
		spread := 1 + rnd.IntN(256)
		for i := range gray.Pix {
			gray.Pix[i] = uint8(rnd.IntN(spread) + rnd.IntN(257-spread))
		}
		b.stats(gray)
		for tx := range 8 {
			var tile []uint8
			sum := 16
			for y := 0; y < 8; y += 2 {
				for _, v := range gray.Pix[y*64+tx*8:][:8] {
					tile, sum = append(tile, v), sum+int(v)
				}
			}
			if b.lo[tx] != slices.Min(tile) || b.hi[tx] != slices.Max(tile) || int(b.mean[tx]) != sum/32 {
				t.Fatalf("tile %d of %v: %d, %d, %d", tx, tile, b.lo[tx], b.hi[tx], b.mean[tx])
			}
		}
	}
	for pixel := range uint64(256) {
		for limit := range uint64(256) {
			if (light(pixel, ^limit)&0x80 != 0) != (pixel >= limit) {
				t.Fatalf("%d against %d", pixel, limit)
			}
		}
	}
}

// TestUnsharpByPixels compares the running sums with the mean of each pixel's square.
func TestUnsharpByPixels(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		w, h, radius := 1+rnd.IntN(40), 1+rnd.IntN(9), 1+rnd.IntN(6)
		gray := newGray(w, h)
		for i := range gray.Pix {
			gray.Pix[i] = uint8(rnd.IntN(256))
		}
		sharp := unsharp(gray, radius)
		for y := range h {
			for x := range w {
				sum, n := 0, 0
				for dy := -radius; dy <= radius; dy++ {
					for i := max(x-radius, 0); i < min(x+radius+1, w); i++ {
						sum, n = sum+int(gray.Pix[min(max(y+dy, 0), h-1)*gray.Stride+i]), n+1
					}
				}
				v := int(gray.Pix[y*gray.Stride+x])
				want := min(max(v+unsharpStrength*(v-sum/n), 0), 255)
				if got := int(sharp.Pix[y*sharp.Stride+x]); got != want {
					t.Fatalf("%d×%d, radius %d: %d at (%d, %d), not %d", w, h, radius, got, x, y, want)
				}
			}
		}
	}
}

// TestDoubleByPixels compares four pixels at a time with one.
func TestDoubleByPixels(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for w := 1; w < 140; w++ {
		gray, large := newGray(w, 3), newGray(2*w, 6)
		for i := range gray.Pix {
			gray.Pix[i] = uint8(rnd.IntN(256))
		}
		double(large, gray)
		at := func(x, y int) int { return int(gray.Pix[min(max(y, 0), 2)*gray.Stride+min(max(x, 0), w-1)]) }
		for y := range 6 {
			for x := range 2 * w {
				nx, ny := x/2+x&1*2-1, y/2+y&1*2-1
				want := (9*at(x/2, y/2) + 3*at(nx, y/2) + 3*at(x/2, ny) + at(nx, ny) + 8) >> 4
				if got := int(large.Pix[y*large.Stride+x]); got != want {
					t.Fatalf("width %d: %d at (%d, %d), not %d", w, got, x, y, want)
				}
			}
		}
	}
}
