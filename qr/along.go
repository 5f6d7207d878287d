package qr

import (
	"math/bits"

	"quishmilter/qr/bitmap"
)

// along counts three runs of alternating colour from pixel x of row y backwards, and three from the pixel after it forwards:
// the five runs of a finder around its middle. It fails where a run is empty (but the first of either side, whose other
// half may hold it) or longer than most. Most finders lie within the 64 pixels to either side that a word holds.
func along(b *bitmap.Bitmap, x, y int, dark bool, most int, before, after *[3]int32) bool {
	if uint(x) >= uint(b.W) || uint(y) >= uint(b.H) || x+1 >= b.W {
		return false
	}
	fits, whole := threeRuns(b.Behind(x, y), x+1, dark, most, before)
	if whole && !fits {
		return false
	}
	if whole {
		if fits, whole = threeRuns(b.Ahead(x+1, y), b.W-x-1, dark, most, after); whole {
			return fits
		}
	}
	return walk(b, x, y, -1, 0, dark, most, before) && walk(b, x+1, y, 1, 0, dark, most, after)
}

// threeRuns counts three runs of alternating colour from bit 0 on, among room pixels. Where one goes on after the 64 that
// there are, it has not seen the whole.
func threeRuns(pixels uint64, room int, dark bool, most int, runs *[3]int32) (fits, whole bool) {
	if dark {
		pixels = ^pixels
	}
	at := 0
	for i := range runs {
		end := at + bits.TrailingZeros64(pixels>>at)
		if end >= min(room, 64) {
			if room > 64 {
				return false, end-at > most
			}
			end = room
		}
		n := end - at
		if n > most || n == 0 && i > 0 {
			return false, true
		}
		runs[i] = int32(n)
		pixels, at = ^pixels, end
	}
	return true, true
}
