package aztec

import (
	"sync"

	"quishmilter/qr/lattice"
	"quishmilter/qr/reedsolomon"
)

// mode is a core with its orientation, and what its mode message says of the symbol (ISO/IEC 24778, 7.2.3).
type mode struct {
	core
	mirrored bool
	layers   int
	words    int // data words, without the check words
}

// size is the symbol's side in modules: two modules a layer and side around the core, and in full symbols one more for
// every line of the reference grid, which lie 16 modules apart (ISO/IEC 24778, 7.2.1 and 7.2.2).
func (m mode) size() int {
	if m.compact {
		return 11 + 4*m.layers
	}
	base := 14 + 4*m.layers
	return base + 1 + 2*((base/2-1)/15)
}

// maxMarkErrors is how many of the twelve orientation modules may have the wrong colour. The patterns of two
// orientations differ in at least four.
const maxMarkErrors = 2

// marks are the orientation modules, in units of the ring's radius and one step aside: three dark around the top left
// corner, two at the top right, one at the bottom right, none at the bottom left.
var marks = [12]struct {
	cornerX, cornerY, stepX, stepY int
	dark                           bool
}{
	{-1, -1, 0, 0, true}, {-1, -1, 1, 0, true}, {-1, -1, 0, 1, true},
	{1, -1, 0, 0, true}, {1, -1, -1, 0, false}, {1, -1, 0, 1, true},
	{1, 1, 0, 0, false}, {1, 1, -1, 0, false}, {1, 1, 0, -1, true},
	{-1, 1, 0, 0, false}, {-1, 1, 1, 0, false}, {-1, 1, 0, -1, false},
}

// modes returns the orientations in which the marks fit and the mode message's error correction holds.
func (c core) modes(v lattice.View) []mode {
	var out []mode
	for turn := 0; turn < 4; turn++ {
		for _, mirrored := range []bool{false, true} {
			m := mode{core: c, mirrored: mirrored}
			for i := range m.to {
				m.to[i] = c.to[(i+turn)%4]
			}
			if mirrored {
				m.to[1], m.to[3] = m.to[3], m.to[1]
			}
			if m.orientated(v) && m.parse(v) {
				out = append(out, m)
			}
		}
	}
	return out
}

// orientated tells whether the marks fit this orientation.
func (m *mode) orientated(v lattice.View) bool {
	at, ok := m.lattice()
	if !ok {
		return false
	}
	wrong, r := 0, m.radius()
	for _, k := range marks {
		x, y := at.At(float64(k.cornerX*r+k.stepX), float64(k.cornerY*r+k.stepY))
		if v.Dark(x, y) != k.dark {
			wrong++
		}
	}
	return wrong <= maxMarkErrors
}

var parameterField = sync.OnceValue(func() *reedsolomon.Field { return reedsolomon.Binary(4, 0x13) })

// parse reads the mode message, clockwise from the top left.
func (m *mode) parse(v lattice.View) bool {
	nibbles := m.message(v)
	check := 5
	if !m.compact {
		check = 6
	}
	if _, err := parameterField().Correct(nibbles, check, nil); err != nil {
		return false
	}
	value := 0
	for _, n := range nibbles[:len(nibbles)-check] {
		value = value<<4 | n
	}
	m.layers, m.words = value>>11+1, value&0x7ff+1
	if m.compact {
		m.layers, m.words = value>>6+1, value&0x3f+1
	}
	m.dropReaderInit()
	return m.words < m.capacity()
}

// dropReaderInit clears the top bit of the word count where it is more than the symbol can hold: it marks symbols that
// set up a reader (ISO/IEC 24778, 10), whose payload is read like any other.
func (m *mode) dropReaderInit() {
	flag := 0x400
	if m.compact {
		flag = 0x20
	}
	if m.words > m.capacity() && (m.words-1)&flag != 0 {
		m.words -= flag
	}
}

// message samples the bits between the marks as words of four.
func (m *mode) message(v lattice.View) []int {
	at, _ := m.lattice()
	r := m.radius()
	var nibbles []int
	bit := 0
	read := func(x, y int) {
		if bit&3 == 0 {
			nibbles = append(nibbles, 0)
		}
		bit++
		last := &nibbles[len(nibbles)-1]
		*last <<= 1
		if v.Dark(at.At(float64(x), float64(y))) {
			*last |= 1
		}
	}
	for side := 0; side < 4; side++ {
		for i := 2 - r; i <= r-2; i++ {
			if i == 0 && !m.compact {
				continue // the reference grid crosses here
			}
			x, y := i, -r
			for turn := 0; turn < side; turn++ {
				x, y = -y, x
			}
			read(x, y)
		}
	}
	return nibbles
}
