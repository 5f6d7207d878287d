package aztec

import (
	"math/rand/v2"
	"testing"

	"quishmilter/qr/runs"
)

// TestRingedLeavesNothingOut compares the question of eight places at once with the exact one, on runs around those of rings.
func TestRingedLeavesNothingOut(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for range 300_000 {
		module, rough := 1+rnd.IntN(100), 1+rnd.IntN(12)
		ends := []int32{0}
		for range 8 + 7 {
			length := module + rnd.IntN(2*rough+1) - rough
			if rnd.IntN(4) == 0 {
				length *= 3
			}
			ends = append(ends, ends[len(ends)-1]+int32(max(length, 1)))
		}
		lanes := ringed(runs.LengthsOf(nil, ends).Window(0))
		for i := range 8 {
			dark := i&1 != 0
			if _, ok := rings((*[8]int32)(ends[i:]), dark); ok {
				if taken++; lanes>>(8*i+7)&1 == 0 {
					t.Fatalf("%v, dark %v: rings, and left out", ends[i:i+8], dark)
				}
			}
		}
	}
	if taken < 1000 {
		t.Errorf("only %d rings", taken)
	}
}
