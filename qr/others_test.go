package qr

import (
	"context"
	"image"
	"image/draw"
	"slices"
	"testing"

	"quishmilter/qr/lattice/latticetest"
)

// An inverted code of another symbology is found in a picture of any size, at its own or at half of it.
func TestInvertedOthersInAnySize(t *testing.T) {
	m, payload := latticetest.Load(t, "aztec/testdata/compact-2.txt", 1)
	code := latticetest.Draw(m, latticetest.Look{Module: 5, Inverted: true}).Gray
	for _, size := range []image.Point{{140, 140}, {500, 118}, {256, 256}, {257, 256}, {257, 257}, {300, 225}, {400, 300}, {640, 480}} {
		page := image.NewGray(image.Rectangle{Max: size})
		draw.Draw(page, code.Rect.Add(image.Pt(3, 5)), code, image.Point{}, draw.Src)
		result := Read(context.Background(), page)
		if len(result.Codes) != 1 || result.Codes[0].Text != payload || !slices.Contains(result.Codes[0].Tricks, "inverted") {
			t.Errorf("%v, code of %v: %+v", size, code.Rect.Max, result.Codes)
		}
	}
}
