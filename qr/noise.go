package qr

import (
	"math/bits"

	"quishmilter/qr/bitmap"
)

// White noise, grain and dither change colour from every other pixel to the next, along rows and along columns. No module
// does, from one and a half pixels on: half of its borders are changes, so at most a third of the pixels. What a code
// hides under dither is there at half the size, where four pixels are one gray. So such places are emptied: they are full
// of chance likenesses, each of which would be followed.
const (
	noiseRows = 16 // height of the blocks that are judged, 64 pixels wide
	// noiseShare is the share of the pixels, of 256, that change along rows as well as along columns in a block of noise: six
	// standard deviations below the half that chance gives, seven above the third of the smallest modules.
	noiseShare = 108
)

// calm empties the blocks that are noise. What is left of the picture's lower edge, less than a block, stays.
func calm(b *bitmap.Bitmap) {
	const most = 64 * noiseRows * noiseShare / 256
	for y := 0; y+noiseRows <= b.H; y += noiseRows {
		block := b.Words[y*b.Stride:][: noiseRows*b.Stride : noiseRows*b.Stride]
		for x := range b.Stride {
			if along, down := changes(block[x:], b.Stride); along > most && down > most {
				for i := x; i < len(block); i += b.Stride {
					block[i] = 0
				}
			}
		}
	}
}

// changes counts how many pixels of a block differ from the one to their left, and from the one above. The first column
// and row are compared with light, which is as much by chance.
func changes(block []uint64, stride int) (along, down int) {
	above := uint64(0)
	for i := 0; i < len(block); i += stride {
		w := block[i]
		along += bits.OnesCount64(w ^ w<<1)
		down += bits.OnesCount64(w ^ above)
		above = w
	}
	return along, down
}
