package aztec

import (
	"sync"

	"quishmilter/qr/eci"
	"quishmilter/qr/lattice"
	"quishmilter/qr/reedsolomon"
)

// The fields of the data words, by their bits (ISO/IEC 24778, table 3).
var (
	field6  = sync.OnceValue(func() *reedsolomon.Field { return reedsolomon.Binary(6, 0x43) })
	field8  = sync.OnceValue(func() *reedsolomon.Field { return reedsolomon.Binary(8, 0x12d) })
	field10 = sync.OnceValue(func() *reedsolomon.Field { return reedsolomon.Binary(10, 0x409) })
	field12 = sync.OnceValue(func() *reedsolomon.Field { return reedsolomon.Binary(12, 0x1069) })
)

// word returns the bits of a data word and its field.
func (m mode) word() (bits int, field *reedsolomon.Field) {
	switch {
	case m.layers <= 2:
		return 6, field6()
	case m.layers <= 8:
		return 8, field8()
	case m.layers <= 22:
		return 10, field10()
	}
	return 12, field12()
}

// bits is how many modules of the layers carry data or check words.
func (m mode) bits() int {
	if m.compact {
		return (88 + 16*m.layers) * m.layers
	}
	return (112 + 16*m.layers) * m.layers
}

// capacity is the number of words that fit.
func (m mode) capacity() int {
	bits, _ := m.word()
	return m.bits() / bits
}

// minCheck is the fewest check words we accept: the standard wants three at least.
const minCheck = 3

// decode reads a sampled symbol; false where error correction does not hold.
func decode(m mode, symbol lattice.Matrix) (eci.Payload, bool) {
	size, field := m.word()
	stream := m.unwind(symbol)
	stream = stream[len(stream)%size:] // the words end with the stream
	words := make([]int, len(stream)/size)
	for i := range words {
		words[i] = number(stream[i*size : (i+1)*size])
	}
	check := len(words) - m.words
	if check < minCheck {
		return eci.Payload{}, false
	}
	if _, err := field.Correct(words, check, nil); err != nil {
		return eci.Payload{}, false
	}
	data, ok := unstuff(words[:m.words], size)
	if !ok {
		return eci.Payload{}, false
	}
	return text(data)
}

// unwind collects the layers' bits, from the outermost inwards, each layer as four arms two modules wide: down the left
// side, along the bottom, up the right side, back along the top (ISO/IEC 24778, 7.3.2).
func (m mode) unwind(symbol lattice.Matrix) []bool {
	line := m.lines()
	stream := make([]bool, 0, m.bits())
	for layer := 0; layer < m.layers; layer++ {
		low, high := 2*layer, len(line)-1-2*layer
		arm := high - low - 1
		for side := 0; side < 4; side++ {
			for along := 0; along < arm; along++ {
				for depth := 0; depth < 2; depth++ {
					x, y := low+depth, low+along
					switch side {
					case 1:
						x, y = low+along, high-depth
					case 2:
						x, y = high-depth, high-along
					case 3:
						x, y = high-along, low+depth
					}
					stream = append(stream, symbol.At(line[x], line[y]))
				}
			}
		}
	}
	return stream
}

// lines returns the columns (and rows) of the symbol that are not lines of the reference grid.
func (m mode) lines() []int {
	size := m.size()
	var lines []int
	for i := 0; i < size; i++ {
		if m.compact || (i-size/2)%16 != 0 {
			lines = append(lines, i)
		}
	}
	return lines
}

// number reads bits, the first the highest.
func number(bits []bool) int {
	n := 0
	for _, b := range bits {
		n <<= 1
		if b {
			n |= 1
		}
	}
	return n
}

// unstuff turns words into bits. A word of all bits equal but the last holds one bit less: the encoder put in the last
// so that no word is all zeros or all ones, which therefore are errors (ISO/IEC 24778, 7.3.1.2).
func unstuff(words []int, size int) ([]bool, bool) {
	ones := 1<<size - 1
	var bits []bool
	for _, w := range words {
		if w == 0 || w == ones {
			return nil, false
		}
		n := size
		if w == 1 || w == ones-1 {
			n--
		}
		for i := size - 1; i >= size-n; i-- {
			bits = append(bits, w>>i&1 != 0)
		}
	}
	return bits, true
}
