package qr

import (
	"github.com/makiuchi-d/gozxing/common/reedsolomon"
)

// correct repairs a block whose last ec codewords are Reed–Solomon check symbols over GF(256) with QR's polynomial, and
// tells how many codewords it changed. ok is false where the block cannot be repaired or where more than most would have to be.
func correct(block []byte, ec, most int) (changed int, ok bool) {
	ints := make([]int, len(block))
	for i, v := range block {
		ints[i] = int(v)
	}
	if reedsolomon.NewReedSolomonDecoder(reedsolomon.GenericGF_QR_CODE_FIELD_256).Decode(ints, ec) != nil {
		return 0, false
	}
	for i, v := range ints {
		if int(block[i]) != v {
			changed++
		}
		block[i] = byte(v)
	}
	return changed, changed <= most
}
