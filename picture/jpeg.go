package picture

import (
	"encoding/binary"
	"errors"
	"image"

	"quishmilter/mime"
	"quishmilter/picture/quickjpeg"
)

// How many times the memory of its pixels a progressive JPEG takes to decode: two bytes for each coefficient beside
// one for each sample, or four where image/jpeg does it.
const (
	quickProgressive = 3
	otherProgressive = 5
)

// jpegWeight tells how much more than its pixels a JPEG takes to decode.
func jpegWeight(data []byte) int {
	if progressive(data) {
		return quickProgressive
	}
	return 1
}

// progressive looks for the frame type SOF2 (ITU T.81, table B.1).
func progressive(data []byte) bool {
	for i := 2; i+4 <= len(data) && data[i] == 0xff; {
		marker := data[i+1]
		switch {
		case marker == 0xff: // fill byte
			i++
		case marker == 0xc2:
			return true
		case marker == 0xda || marker == 0xc0 || marker == 0xc1:
			return false
		default:
			i += 2 + int(binary.BigEndian.Uint16(data[i+2:]))
		}
	}
	return false
}

// quickJPEG decodes the JPEGs that nearly all are. Of a damaged one it gives what mail clients show. done is false for
// another kind, which image/jpeg may know.
func (v *view) quickJPEG(data []byte, config image.Config, at string) (img image.Image, done bool) {
	p, err := v.opener.jpeg.Decode(v.ctx, data, int64(config.Width)*int64(config.Height))
	if v.ended(at) {
		return nil, true
	}
	if errors.Is(err, quickjpeg.ErrOther) {
		return nil, progressive(data) && !v.fits(config, otherProgressive, at)
	}
	if p.Broken {
		v.problem(mime.Broken, at, "the picture is damaged or ends early; what is left of it was looked at")
	}
	if p.Cut {
		v.problem(mime.OverLimit, at, "a JPEG of more scans than are decoded; it was looked at as it is without them")
	}
	return p.Image, true
}
