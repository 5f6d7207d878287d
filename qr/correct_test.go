package qr

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestCorrect breaks blocks made by gozxing's encoder in every mix of errors and erasures up to the limit, and beyond.
func TestCorrect(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	for _, ec := range []int{2, 5, 7, 10, 17, 30, 68} {
		for range 200 {
			data := make([]byte, 1+random.IntN(120))
			for i := range data {
				data[i] = byte(random.IntN(256))
			}
			whole := check(data, ec)
			places := random.Perm(len(whole))
			erasures := min(random.IntN(ec+1), len(whole))
			errors := min((ec-erasures)/2, len(whole)-erasures)
			broken := bytes.Clone(whole)
			for i, p := range places[:erasures+errors] {
				if i >= erasures || random.IntN(2) == 0 {
					broken[p] ^= byte(1 + random.IntN(255))
				}
			}
			wrong := 0
			for i := range whole {
				if whole[i] != broken[i] {
					wrong++
				}
			}
			changed, ok := correct(broken, ec, ec, places[:erasures])
			if !ok || changed != wrong || !bytes.Equal(broken, whole) {
				t.Fatalf("%d check words, %d erasures, %d errors: ok %t, changed %d of %d", ec, erasures, errors, ok, changed, wrong)
			}
		}
	}
}

// TestCorrectRefuses: what cannot be repaired within the budget is left as it was.
func TestCorrectRefuses(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	for range 500 {
		whole := check([]byte("a block of some data words"), 16)
		broken := bytes.Clone(whole)
		for _, p := range random.Perm(len(whole))[:9+random.IntN(8)] {
			broken[p] ^= byte(1 + random.IntN(255))
		}
		before := bytes.Clone(broken)
		if changed, ok := correct(broken, 16, 14, nil); ok || changed != 0 || !bytes.Equal(broken, before) {
			t.Fatal("repaired beyond its capacity")
		}
	}
	if _, ok := correct(make([]byte, 30), 10, 4, []int{1, 2, 3, 4, 5}); ok {
		t.Error("more erasures than the budget")
	}
}

func FuzzCorrect(f *testing.F) {
	f.Add([]byte("block"), uint8(3), []byte{1})
	f.Fuzz(func(_ *testing.T, block []byte, ec uint8, erased []byte) {
		if len(block) == 0 {
			return
		}
		n := min(int(ec), len(block)-1, maxCheck)
		var places []int
		seen := map[int]bool{}
		for _, e := range erased {
			if p := int(e) % len(block); !seen[p] {
				seen[p] = true
				places = append(places, p)
			}
		}
		_, _ = correct(block, n, n, places)
	})
}
