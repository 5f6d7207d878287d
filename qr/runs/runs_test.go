package runs

import (
	"slices"
	"testing"

	"quishmilter/qr/bitmap"
)

func naive(row []uint64, w int) []int32 {
	out := []int32{0}
	dark := false
	for x := range w {
		if now := row[x>>6]>>(x&63)&1 != 0; now != dark {
			dark = now
			out = append(out, int32(x))
		}
	}
	return append(out, int32(w))
}

func FuzzAppendFindsEveryChange(f *testing.F) {
	f.Add(uint64(0), uint64(0), uint64(0), uint8(0))
	f.Add(^uint64(0), ^uint64(0), ^uint64(0), uint8(63))
	f.Add(uint64(1)<<63, uint64(1), uint64(0xaaaaaaaaaaaaaaaa), uint8(1))
	f.Fuzz(func(t *testing.T, a, b, c uint64, short uint8) {
		w := 192 - int(short&63)
		row := []uint64{a, b, c &^ (^uint64(0) << (63 - short&63) << 1)}
		if got, want := Append(nil, row, w), naive(row, w); !slices.Equal(got, want) {
			t.Errorf("%x, %d pixels: %v, want %v", row, w, got, want)
		}
	})
}

func TestLinesAreTheRows(t *testing.T) {
	var l Lines
	for _, h := range []int{1, 2, 3, 6, 7, 30} {
		b := bitmap.New(100, h)
		for i := range h {
			b.Set(i, i)
			b.Set(99, i)
		}
		l.Take(b)
		n := 0
		for y := First; y < h; y += Step {
			at, ends := l.Row(n)
			if n++; at != y || !slices.Equal(ends, Append(nil, b.Row(y), b.W)) {
				t.Errorf("%d rows, row %d: %d, %v", h, y, at, ends)
			}
		}
		if l.Len() != n {
			t.Errorf("%d rows: %d are kept, want %d", h, l.Len(), n)
		}
	}
}
