package runs

import (
	"math/rand/v2"
	"testing"

	"quishmilter/qr/bitmap"
)

func TestLengthsOfTheLines(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var l Lines
	for _, size := range [][2]int{{1, 3}, {100, 7}, {300, 30}} {
		b := bitmap.New(size[0], size[1])
		for range size[0] * size[1] / 9 {
			b.Set(rnd.IntN(b.W), rnd.IntN(b.H))
		}
		l.Take(b)
		for k := range l.Len() {
			_, ends := l.Row(k)
			lengths, own := l.Lengths(k), LengthsOf(nil, ends)
			for i := range len(ends) - 1 {
				want := min(ends[i+1]-ends[i], Longest)
				if int32(lengths[i]) != want || int32(own[i]) != want || int32(lengths.Window(i).From(0)&0xff) != want {
					t.Fatalf("%v, row %d: run %d of %v is %d and %d", size, k, i, ends, lengths[i], own[i])
				}
			}
		}
	}
}

// TestQuestionsOfBytes asks each question of all pairs of lengths, exactly where both are short, and so that nothing is left
// out where they are not.
func TestQuestionsOfBytes(t *testing.T) {
	for a := range uint64(2 * Longest) {
		for b := range uint64(2 * Longest) {
			x, y := min(a, Longest), min(b, Longest)
			short := max(a, b) < Longest
			if alike := Alike(x, y)&0x80 != 0; alike != (2*a <= 3*b+2 && 2*b <= 3*a+2) && (short || !alike) {
				t.Fatalf("%d and %d alike: %v", a, b, alike)
			}
			if NotLess(x, y)&0x80 != 0 != (x >= y) || Beyond(x)&0x80 != 0 != (a >= Longest) || Half(x) != x/2 {
				t.Fatalf("%d and %d", a, b)
			}
		}
	}
}
