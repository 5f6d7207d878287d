package qr

import (
	"math/rand/v2"
	"testing"
)

func TestDarken(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, size := range [][2]int{{64, 40}, {100, 33}, {640, 20}} {
		g := newGray(size[0], size[1])
		for i := range g.Pix {
			g.Pix[i] = uint8(rnd.IntN(256))
		}
		for _, k := range []int{1, 2, 3, 5, 8} {
			for _, step := range []int{1, g.Stride} {
				got := append([]uint8(nil), g.Pix...)
				darken(got, k, step)
				for i := 2 * k * step; i+2*k*step+8 < len(got); i++ {
					want := uint8(255)
					for j := i - k*step; j <= i+k*step; j += step {
						want = min(want, g.Pix[j])
					}
					if got[i] != want {
						t.Fatalf("%v, %d pixels, step %d: %d at %d, want %d", size, k, step, got[i], i, want)
					}
				}
			}
		}
	}
}
