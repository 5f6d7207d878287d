// Package picture finds the pictures in a part: raster pictures, PDF pages and what is embedded in them.
// It runs in worker processes, since its input is hostile.
package picture

import (
	"context"
	"image"

	"quishmilter/mime"
)

// Part is what is looked into: a leaf of the MIME tree with its decoded bytes.
type Part struct {
	Path string // "2.1"
	Name string // file name, "" without one
	Type string // declared media type, lower case; only a hint, content decides
	Data []byte
}

// Picture is something that a person could hold a phone to.
type Picture struct {
	Image   image.Image
	At      string   // place inside the part: "page 1", "frame 2"; "" for the part itself
	Name    string   // file name of the part or of the embedded file
	Carrier string   // "image", "pdf", …
	Tricks  []string // how the carrier hides it: "split", …
}

// Limits bound the work on one message's parts.
type Limits struct {
	Pixels   int64 // per picture, decoded
	Pictures int   // per part
	Pages    int   // per document
}

// Open shows every picture in the part, one at a time, and returns what could not be shown.
type Open func(ctx context.Context, part Part, limits Limits, show func(Picture)) []mime.Problem
