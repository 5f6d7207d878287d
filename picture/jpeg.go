package picture

import "encoding/binary"

// jpegWeight tells how much more than its pixels a JPEG takes to decode: a progressive one (frame type SOF2, ITU
// T.81, table B.1) keeps four bytes for each coefficient beside one byte for each sample.
func jpegWeight(data []byte) int {
	for i := 2; i+4 <= len(data) && data[i] == 0xff; {
		marker := data[i+1]
		switch {
		case marker == 0xff: // fill byte
			i++
		case marker == 0xc2:
			return 5
		case marker == 0xda || marker == 0xc0 || marker == 0xc1:
			return 1
		default:
			i += 2 + int(binary.BigEndian.Uint16(data[i+2:]))
		}
	}
	return 1
}
