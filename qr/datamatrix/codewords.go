package datamatrix

import (
	"sync"

	"quishmilter/qr/eci"
	"quishmilter/qr/lattice"
	"quishmilter/qr/reedsolomon"
)

// field is that of ISO/IEC 16022, 5.7.1.
var field = sync.OnceValue(func() *reedsolomon.Field { return reedsolomon.Binary(8, 0x12d) })

// decode corrects and reads a sampled symbol; false where error correction does not hold.
func decode(s size, symbol lattice.Matrix) (eci.Payload, bool) {
	words := s.codewords(symbol)
	if len(words) != s.data+s.check {
		return eci.Payload{}, false
	}
	data := make([]byte, s.data)
	for b := 0; b < s.blocks; b++ {
		if !s.block(words, data, b) {
			return eci.Payload{}, false
		}
	}
	return text(data)
}

// block corrects every nth word from b on and puts its data in place. In the largest size two of the ten blocks have a
// data word less, which this order gives by itself.
func (s size) block(words []int, data []byte, b int) bool {
	var list []int
	for i := b; i < len(words); i += s.blocks {
		list = append(list, words[i])
	}
	if _, err := field().Correct(list, s.check/s.blocks, nil); err != nil {
		return false
	}
	for i, at := 0, b; at < s.data; i, at = i+1, at+s.blocks {
		data[at] = byte(list[i])
	}
	return true
}
