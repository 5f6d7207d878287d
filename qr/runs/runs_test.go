package runs

import (
	"slices"
	"testing"
)

func naive(row []uint64, w int) []int32 {
	var out []int32
	dark := false
	for x := 0; x < len(row)*64; x++ {
		if now := row[x>>6]>>(x&63)&1 != 0; now != dark {
			dark = now
			out = append(out, int32(x))
		}
	}
	if dark {
		out = append(out, int32(w))
	}
	return out
}

func FuzzAppendFindsEveryChange(f *testing.F) {
	f.Add(uint64(0), uint64(0), uint64(0))
	f.Add(^uint64(0), ^uint64(0), ^uint64(0))
	f.Add(uint64(1)<<63, uint64(1), uint64(0xaaaaaaaaaaaaaaaa))
	f.Fuzz(func(t *testing.T, a, b, c uint64) {
		row := []uint64{a, b, c}
		if got, want := Append(nil, row, 192), naive(row, 192); !slices.Equal(got, want) {
			t.Errorf("%x: %v, want %v", row, got, want)
		}
	})
}
