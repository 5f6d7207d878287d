package qr

import (
	"context"
	"image"
	"image/color"
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

// A code of another symbology whose two colours are one gray is found in the colour planes, in a picture of any size.
func TestColouredOthersInAnySize(t *testing.T) {
	m, payload := latticetest.Load(t, "aztec/testdata/compact-2.txt", 1)
	code := latticetest.Draw(m, latticetest.Look{Module: 5}).Gray
	red, green := color.RGBA{200, 0, 0, 255}, color.RGBA{0, 102, 0, 255} // of luma 60 both
	for _, size := range []image.Point{{140, 140}, {256, 256}, {300, 225}, {640, 480}} {
		page := image.NewRGBA(image.Rectangle{Max: size})
		draw.Draw(page, page.Rect, image.NewUniform(red), image.Point{}, draw.Src)
		for y := range code.Rect.Dy() {
			for x := range code.Rect.Dx() {
				if code.GrayAt(x, y).Y < 128 {
					page.SetRGBA(x+3, y+5, green)
				}
			}
		}
		if planes := len(Prepare(page).Planes); planes != 2 {
			t.Errorf("%v: %d planes, not red and green alone", size, planes)
		}
		result := Read(context.Background(), page)
		if len(result.Codes) != 1 || result.Codes[0].Text != payload || !slices.Contains(result.Codes[0].Tricks, "coloured") {
			t.Errorf("%v: %+v", size, result.Codes)
		}
	}
}
