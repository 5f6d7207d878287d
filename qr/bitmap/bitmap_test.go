package bitmap

import (
	"math/rand/v2"
	"testing"
)

// random makes a picture of chance.
func random(w, h int, rnd *rand.Rand) *Bitmap {
	b := New(w, h)
	for y := range h {
		for x := range w {
			if rnd.IntN(3) == 0 {
				b.Set(x, y)
			}
		}
	}
	return b
}

// sizes lie around the words' ends.
var sizes = [][2]int{{1, 1}, {63, 64}, {64, 65}, {65, 1}, {1, 130}, {200, 150}, {128, 128}}

func TestTurnAndFlip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	turned := New(70, 300) // what it held before must not show
	turned.Flip()
	for _, size := range sizes {
		b := random(size[0], size[1], rnd)
		b.Turn(turned)
		if turned.W != b.H || turned.H != b.W {
			t.Fatalf("%v: turned to %d×%d", size, turned.W, turned.H)
		}
		flipped := Bitmap{W: b.W, H: b.H, Stride: b.Stride, Words: append([]uint64(nil), b.Words...)}
		flipped.Flip()
		for y := range b.H {
			for x := range b.W {
				if b.At(x, y) != turned.At(y, x) || b.At(x, y) == flipped.At(x, y) {
					t.Fatalf("%v: pixel %d, %d", size, x, y)
				}
			}
			if spare := flipped.Row(y)[b.Stride-1] >> ((b.W-1)&63 + 1); b.W&63 != 0 && spare != 0 {
				t.Fatalf("%v: dark outside row %d", size, y)
			}
		}
	}
}

func TestWindows(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, size := range sizes {
		b := random(size[0], size[1], rnd)
		for range 200 {
			x, y := rnd.IntN(b.W), rnd.IntN(b.H)
			ahead, behind := b.Ahead(x, y), b.Behind(x, y)
			for k := range 64 {
				if ahead>>k&1 == 1 != b.At(x+k, y) || behind>>k&1 == 1 != b.At(x-k, y) {
					t.Fatalf("%v: %d pixels from %d, %d", size, k, x, y)
				}
			}
		}
	}
}
