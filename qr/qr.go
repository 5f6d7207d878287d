// Package qr reads the codes in a picture: pixels in, payloads out.
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
	Text      string   // the payload as a phone shows it, UTF-8
	Corners   [4]Point // top left, top right, bottom right, bottom left of the symbol as it was drawn
	Version   int      // 1–40 for QR; 0 where the symbology has none
	Level     string   // error-correction level, "L", "M", "Q", "H", or ""
	Tricks    []string // how it was disguised: "inverted", "mirrored", "low-contrast", "coloured", "tiny", "distorted", …
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
