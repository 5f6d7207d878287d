package qr

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"slices"
	"testing"

	"quishmilter/qr/bitmap"
)

// onPaper lays a code of two tones, with so many pixels of its ground around, on paper.
func onPaper(code *image.Gray, ink, ground, paper uint8, margin int) *image.Gray {
	page := image.NewGray(image.Rect(0, 0, code.Rect.Dx()+2*margin+230, code.Rect.Dy()+2*margin+260))
	draw.Draw(page, page.Rect, image.NewUniform(color.Gray{paper}), image.Point{}, draw.Src)
	card := image.Rect(0, 0, code.Rect.Dx()+2*margin, code.Rect.Dy()+2*margin).Add(image.Pt(110, 150))
	draw.Draw(page, card, image.NewUniform(color.Gray{ground}), image.Point{}, draw.Src)
	for y := range code.Rect.Dy() {
		for x := range code.Rect.Dx() {
			if code.GrayAt(x, y).Y < 128 {
				page.SetGray(card.Min.X+margin+x, card.Min.Y+margin+y, color.Gray{ink})
			}
		}
	}
	return page
}

// lines draws what stands above a code in a mail: rows of bars that are black on white, or white on black.
func lines(page *image.Gray, paper uint8) {
	for y := 10; y < 140; y += 14 {
		for x := 10; x < page.Rect.Dx()-10; x += 4 {
			if x/4%7 != 6 {
				draw.Draw(page, image.Rect(x, y, x+2, y+9), image.NewUniform(color.Gray{255 - paper}), image.Point{}, draw.Src)
			}
		}
	}
}

// TestCards reads codes of two grays on white paper and of two light tones on black, of small and large modules, with little
// and much of their ground around them.
func TestCards(t *testing.T) {
	tones := []struct{ ink, ground, paper uint8 }{
		{90, 130, 255}, {100, 115, 255}, {60, 120, 255}, {120, 180, 255}, {150, 170, 255}, {30, 60, 255}, // gray cards
		{190, 250, 0}, {130, 170, 0}, {90, 140, 10}, // in the dark
		{130, 90, 255}, {170, 130, 0}, // inverted
	}
	for _, module := range []float64{2, 3, 4, 6, 8, 12, 20} {
		l := plain(module)
		code := render(encode(t, "https://card.example/", "M", 0), l)
		code = code.SubImage(code.Rect.Inset(int(4 * module))).(*image.Gray) // without its quiet zone
		code = copyPlane(code.Pix, code.Stride, code.Rect.Dx(), code.Rect.Dy())
		for _, c := range tones {
			for _, quiet := range []float64{1, 4} {
				page := onPaper(code, c.ink, c.ground, c.paper, int(quiet*module))
				lines(page, c.paper)
				t.Run(fmt.Sprint(module, c, quiet), func(t *testing.T) { wants(t, page, "https://card.example/") })
			}
		}
	}
}

// A code that is read beside the card does not hide it, and both are where they are.
func TestCardBesideADecoy(t *testing.T) {
	code := func(text string) *image.Gray {
		g := render(encode(t, text, "M", 0), plain(5))
		g = g.SubImage(g.Rect.Inset(20)).(*image.Gray)
		return copyPlane(g.Pix, g.Stride, g.Rect.Dx(), g.Rect.Dy())
	}
	card := onPaper(code("https://card.example/"), 90, 130, 255, 20)
	page := image.NewGray(image.Rect(0, 0, 900, 500))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	paste(page, card, 400, 20)
	paste(page, render(encode(t, "decoy", "M", 0), plain(5)), 50, 50)
	for _, c := range wants(t, page, "https://card.example/", "decoy") {
		if want := c.Text == "decoy"; (c.Corners[0].X < 400) != want {
			t.Errorf("%q at %v", c.Text, c.Corners)
		}
	}
}

// A page full of cards is not read window by window without end, and what was left out is said.
func TestCardsAreBounded(t *testing.T) {
	page := image.NewGray(image.Rect(0, 0, 3000, 3000))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	for y := 100; y+200 < 3000; y += 280 {
		for x := 100; x+200 < 3000; x += 280 {
			for i := range 200 * 200 {
				px, py := i%200, i/200
				page.SetGray(x+px, y+py, color.Gray{uint8(90 + 50*((px/7*5+py/7*3)%2))})
			}
		}
	}
	var result Result
	if took := worked(t, func() { result = Read(context.Background(), page) }); took > slow {
		t.Errorf("%v", took)
	}
	if len(result.Codes) != 0 || !slices.Contains(result.Cut, "cards") {
		t.Errorf("%v %v", result.Codes, result.Cut)
	}
}

// A page of one ground with patches of ink, each of which could be where a card begins, is gone over a few times and not once
// for each patch; that not all was looked at is said.
func TestPatchesOfOneGroundAreBounded(t *testing.T) {
	const side = 3000
	page := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			level := uint8(130)
			switch {
			case x < 24 || y < 24:
				level = 255
			case x/8%12 < 3 && y/8%12 < 3 && (x/4+y/4)%2 == 0:
				level = 90
			}
			page.SetGray(x, y, color.Gray{level})
		}
	}
	var b binariser
	gray := Prepare(page).Gray[0]
	bits := bitmap.New(side, side)
	b.binarise(gray, bits, nil)
	if _, cut := b.cards(bits); !cut || b.steps < -len(b.lo) {
		t.Errorf("cut %v, %d steps left", cut, b.steps)
	}
	if result := Read(context.Background(), page); !slices.Contains(result.Cut, "cards") {
		t.Errorf("cut %v", result.Cut)
	}
}
