// Package runs turns a packed row of a bitmap into the places where its colour changes.
//
// In goes one row of 64-bit words, out come x positions in rising order. The first change is from light to dark, the
// second back, and so on, so that runs of equal colour are differences of neighbours. It is the first look that every
// reader takes at a picture, so it works on whole words and looks at pixels only where they change.
package runs

import "math/bits"

// Append adds the changes of a row of w pixels to into and returns it. The list always ends with the row light again:
// a row that is dark to its end gets a closing change at w, so its length is even.
func Append(into []int32, row []uint64, w int) []int32 {
	var before uint64
	for i, word := range row {
		change := word ^ (word<<1 | before)
		before = word >> 63
		base := int32(i << 6)
		for change != 0 {
			into = append(into, base+int32(bits.TrailingZeros64(change)))
			change &= change - 1
		}
	}
	if len(into)&1 != 0 {
		into = append(into, int32(w))
	}
	return into
}
