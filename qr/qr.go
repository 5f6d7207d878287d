// Package qr reads the codes in a picture: pixels in, payloads out.
//
// A picture is looked at in gray, on white and on black paper where it is transparent, and in its colour planes where
// they show what the gray hides (gray.go, planes.go). Each of these layers is made black and white by a threshold
// that follows the light (binarise.go) and scanned for finder patterns of either polarity (find.go). Three of them
// that could be the corners of one code (triple.go) make a frame: a size and a homography (edges.go, quad.go,
// warp.go, frame.go). Frames are scored by the function patterns that the standard fixes, and only one that scores well is
// worth anything dearer: alignment patterns (align.go), climbing (climb.go), gray levels and erasures (grid.go),
// bowing and bending (bow.go, bend.go); large codes that are not flat are followed from one alignment pattern to the
// next (mesh.go, version.go), and codes on bottles and cans are laid over the surface that their finders tell (roll.go,
// rollclimb.go). Two finders do where the third is hidden (couple.go), and one does for Micro QR and rMQR
// (single.go, micro.go, rmqr.go). The modules give codewords (decode.go, model1.go), those are corrected (correct.go),
// doubtful ones being erased step by step (soft.go), and parsed (segments.go, text.go). A layer that gives nothing is
// looked at again at half and a quarter of its size, without what was read (taken.go), a small one that is finely drawn, or
// one with a finder left over, at twice its size, and a larger one with a finder left over smoothed (read.go). Around a finder that is left a window is looked at
// closer, doubled or sharpened (closer.go); a picture that consists of dots is read with the dots grown (dots.go). Data
// Matrix, Aztec and PDF417 are read from the same bits (others.go).
//
// Nothing is reported unless error correction held. Where that is weak, more is asked for: M1 must be perfect, blocks with
// erasures keep four check words unspent.
//
// # Limits
//
// Cost grows with the pixels, without a code about 4 ms per megapixel (go run ./test/recall -cpu), of which binarising and
// the QR family take a bit more than half and the others the rest. It has caps for what looks like more: 160 finders, 80
// triples per code found, 12 finders in pairs, 24 alone, and 10 frames that fail after scoring well, per pass; four windows
// of together four megapixels for what was left over, and six surfaces per pass. What was cut is reported. Memory is at most 12 bytes per pixel. Modules from 1 pixel on are read in pictures of up to
// 256×256 pixels, from 1.5 pixels in all others; light Data Matrix, Aztec and PDF417 symbols on dark from 2 to 3 pixels on in
// pictures larger than that. A context that ends is heeded within milliseconds.
package qr

import (
	"context"
	"image"
)

// Point is a place in the picture, in pixels, x to the right and y down.
type Point struct{ X, Y float64 }

// Code is one code that was read, its error correction having held.
type Code struct {
	Symbology string   // "qr", "micro-qr", "rmqr", "datamatrix", "aztec", "pdf417"
	Bytes     []byte   // the payload's bytes as encoded, before any charset guess
	Text      string   // the payload as a phone shows it, UTF-8; the parts of a structured append joined where all were found
	Corners   [4]Point // top left, top right, bottom right, bottom left of the symbol as it was drawn
	Version   int      // 1–40 for QR, 1–4 for Micro QR, 1–32 for rMQR; 0 where the symbology has none
	Level     string   // error-correction level, "L", "M", "Q", "H", or ""
	Tricks    []string // how it was disguised: "inverted", "mirrored", "low-contrast", "coloured", "tiny", "distorted", "damaged"
}

// Result is what Read found, and what it left out.
type Result struct {
	Codes []Code
	Cut   []string // which caps were reached ("time", "candidates", "pixels", …); empty: everything was looked at
}

// Read finds all codes in a picture. It returns early, with Cut set, when the context ends.
func Read(ctx context.Context, img image.Image) Result {
	return read(ctx, img)
}
