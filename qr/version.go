package qr

import (
	"math"
	"math/bits"

	"quishmilter/qr/bitmap"
)

// versionPoly generates the check bits of the version information (ISO/IEC 18004, annex D).
const versionPoly = 0x1f25

// versionErrors is how many of the 18 bits may be wrong: the code's distance is 8.
const versionErrors = 3

// versionAt reads the version information beside the finders at the top right and bottom left, in their own axes, which
// hold there even where the code is not flat; n is about the modules along a side, and versions far from it are not
// believed.
func versionAt(locals *[3]local, n float64, b *bitmap.Bitmap) (version int, ok bool) {
	best := versionErrors + 1
	for i, l := range locals[1:] {
		seen := l.versionBits(b, i == 1)
		for v := meshVersion; v <= 40; v++ {
			if math.Abs(float64(sideOf(v))-n) > 0.25*n {
				continue
			}
			if wrong := bits.OnesCount(uint(seen ^ bch(v, versionPoly, 12))); wrong < best {
				best, version = wrong, v
			}
		}
	}
	return version, best <= versionErrors
}

// versionBits reads the 18 modules above the lower left finder, or left of the upper right one.
func (l *local) versionBits(b *bitmap.Bitmap, lower bool) (v int) {
	for i := range 18 {
		s, t := float64(i%3-7), float64(i/3-3)
		if lower {
			s, t = t, s
		}
		if l.pixel(b, l.x+s*l.e1.X+t*l.e2.X, l.y+s*l.e1.Y+t*l.e2.Y) {
			v |= 1 << i
		}
	}
	return v
}
