package runs

import (
	"encoding/binary"
	"slices"
)

// What several readers ask of every few neighbouring runs, most of which fail in ways that a processor cannot foresee, is
// asked of eight places at once: the lengths lie in bytes, and eight of them are a word. Lengths beyond Longest are given as
// that, so such a question lets through more than the exact one that follows it, and never less.

const (
	// Longest is the greatest length that fits: one and a half times that is below 128.
	Longest = 80
	// Lanes is how many places one question is asked of.
	Lanes = 8
	// spare bytes follow the lengths, so that words can be read from any of them on, and six further on.
	spare = 16
)

// Lengths are those of a row's runs, in bytes. At least 16 bytes can be read from each run's place on.
type Lengths []uint8

// LengthsOf writes the lengths of a row's runs, given by their ends, over what into held.
func LengthsOf(into Lengths, ends []int32) Lengths {
	return append(appendLengths(into[:0], ends), make(Lengths, spare)...)
}

// appendLengths adds as many bytes as there are ends: the lengths and a zero.
func appendLengths(into Lengths, ends []int32) Lengths {
	n := len(into)
	into = slices.Grow(into, len(ends)+spare)[:n+len(ends)]
	out := into[n:][:len(ends)-1]
	before := ends[0]
	for i, end := range ends[1:] {
		out[i] = uint8(min(end-before, Longest))
		before = end
	}
	into[len(into)-1] = 0
	return into
}

// Window is what is asked at once of: the lengths from one place on.
type Window [spare]uint8

// Window gives the lengths from the k-th run on.
func (l Lengths) Window(k int) *Window { return (*Window)(l[k:]) }

// From gives eight lengths from the k-th on, eight at most, the first in the lowest byte.
func (w *Window) From(k int) uint64 { return binary.LittleEndian.Uint64(w[k:]) }

const (
	// Ones are bytes of one; times a number below 128 they are eight of them.
	Ones = 0x0101010101010101
	// Yes is the bit of each byte that answers a question.
	Yes = 0x80 * Ones
)

// NotLess tells in which bytes a, below 128, is at least b, which is below 128 too.
func NotLess(a, b uint64) uint64 { return (a | Yes) - b }

// Beyond tells which lengths are Longest, or more.
func Beyond(a uint64) uint64 { return a + (0x80-Longest)*Ones }

// Alike tells in which bytes two lengths are within a factor of 1.5 and a pixel of each other.
func Alike(a, b uint64) uint64 {
	return NotLess(Half(a)+a+Ones, b) & NotLess(Half(b)+b+Ones, a)
}

// Half halves each byte.
func Half(a uint64) uint64 { return a >> 1 & (0x7f * Ones) }
