// Package runs turns packed rows of a bitmap into the places where their colour changes.
//
// In goes one row of 64-bit words, out come x positions in rising order, from 0 to the width, so that runs of equal
// colour are differences of neighbours. It is the first look that every reader takes at a picture, so it works on whole
// words and looks at pixels only where they change; and all readers share the same rows (Lines).
package runs

import (
	"math/bits"
	"slices"

	"quishmilter/qr/bitmap"
)

// Append adds the ends of a row's runs to into and returns it: 0, the places where the colour changes, and the width w. The
// first run is light, of no length where the row begins dark; every other one is dark.
func Append(into []int32, row []uint64, w int) []int32 {
	n, most := len(into), w+2
	into = slices.Grow(into, most)[:n+most]
	into[n] = 0
	n++
	before := uint64(0)
	for i, word := range row {
		change := word ^ (word<<1 | before)
		before = word >> 63
		for base := int32(i << 6); change != 0; change &= change - 1 {
			into[n] = base + int32(bits.TrailingZeros64(change))
			n++
		}
	}
	if into[n-1] != int32(w) {
		into[n] = int32(w)
		n++
	}
	return into[:n]
}

// The rows of a picture that are kept: every Step-th from First on. Finders, rings and guards of modules from one and a
// half pixels on are crossed by one of them at least.
const (
	Step  = 4
	First = 2
)

// Lines are the ends of the runs of every few rows of a picture.
type Lines struct {
	ends    []int32
	lengths Lengths // of the runs, each where its beginning is among the ends
	at      []int32 // where in ends each row begins, and where the last one stops
}

// Take looks at a picture.
func (l *Lines) Take(b *bitmap.Bitmap) {
	l.ends, l.lengths, l.at = l.ends[:0], l.lengths[:0], append(l.at[:0], 0)
	for y := First; y < b.H; y += Step {
		from := len(l.ends)
		l.ends = Append(l.ends, b.Row(y), b.W)
		l.lengths = appendLengths(l.lengths, l.ends[from:])
		l.at = append(l.at, int32(len(l.ends)))
	}
	l.lengths = append(l.lengths, make(Lengths, spare)...)
}

// Len is how many rows are kept.
func (l *Lines) Len() int { return len(l.at) - 1 }

// Size is that of the memory held, in bytes.
func (l *Lines) Size() int { return 4*cap(l.ends) + cap(l.lengths) + 4*cap(l.at) }

// Row gives the k-th kept row, in the form of Append, and its y.
func (l *Lines) Row(k int) (y int, ends []int32) {
	return First + k*Step, l.ends[l.at[k]:l.at[k+1]:l.at[k+1]]
}

// Lengths gives the lengths of the k-th kept row's runs.
func (l *Lines) Lengths(k int) Lengths { return l.lengths[l.at[k] : l.at[k+1]+spare] }
