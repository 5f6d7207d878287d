package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// draw paints the characters, in the proportions in which a code in them is square: characters are about twice as
// high as wide, but who draws with one full block for each module means it to be square.
func (a *art) draw() []image.Image {
	columns := 0
	for _, line := range a.lines {
		columns = max(columns, len(line))
	}
	rows := len(a.lines)
	var pictures []image.Image
	for _, cell := range a.cells(columns, rows) {
		pictures = append(pictures, a.paint(columns, rows, cell, a.dark))
		if a.second {
			dark := a.dark
			pictures = append(pictures, a.paint(columns, rows, cell, func(r rune) bool { return r != ' ' && !dark(r) }))
		}
	}
	return pictures
}

// cells returns the sizes in which a character is drawn, in pixels.
func (a *art) cells(columns, rows int) []image.Point {
	tall := image.Point{12, 24}
	square := image.Point{8, 8}
	for tall.X > 4 && columns*tall.X*rows*tall.Y > canvasPixels {
		tall = tall.Div(2)
	}
	if columns*square.X*rows*square.Y > canvasPixels {
		square = square.Div(2)
	}
	left, right := a.margins(columns)
	ratio := float64(right-left) / float64(rows)
	switch {
	case a.high > 1, ratio > 1.6:
		return []image.Point{tall}
	case ratio < 1.35:
		return []image.Point{square}
	}
	return []image.Point{tall, square}
}

// margins returns the columns that something is painted in.
func (a *art) margins(columns int) (left, right int) {
	left = columns
	for _, line := range a.lines {
		for i, c := range line {
			if !blank(c.r) || c.back.A > 0 {
				left, right = min(left, i), max(right, i+1)
			}
		}
	}
	return left, max(right, left+1)
}

// paint draws the characters with a margin of four modules.
func (a *art) paint(columns, rows int, cell image.Point, dark func(rune) bool) image.Image {
	behind := a.behind()
	margin := 4 * cell.Y / max(1, min(a.high, 4))
	img := image.NewRGBA(image.Rect(0, 0, columns*cell.X+2*margin, rows*cell.Y+2*margin))
	draw.Draw(img, img.Rect, image.NewUniform(behind), image.Point{}, draw.Src)
	for y, line := range a.lines {
		for x, c := range line {
			corner := image.Pt(margin+x*cell.X, margin+y*cell.Y)
			c.paint(img, image.Rectangle{corner, corner.Add(cell)}, dark)
		}
	}
	return img
}

// behind is the colour around a text: that of its own box, where all its lines begin in the same one.
func (a *art) behind() color.NRGBA {
	first := a.lines[0][0].back
	if first.A < 128 || len(a.lines) < 2 {
		return a.contrast()
	}
	for _, line := range a.lines {
		if len(line) == 0 || line[0].back != first || line[len(line)-1].back != first {
			return paper
		}
	}
	return first
}

// contrast is the page's colour where nothing else is said: white, or black behind white characters.
func (a *art) contrast() color.NRGBA {
	for _, line := range a.lines {
		for _, c := range line {
			if !blank(c.r) && (c.front.R < 200 || c.front.G < 200 || c.front.B < 200 || c.back.A > 0) {
				return paper
			}
		}
	}
	return color.NRGBA{A: 255}
}

// paint draws one character.
func (c letter) paint(img *image.RGBA, r image.Rectangle, dark func(rune) bool) {
	if c.back.A > 0 {
		paintOver(img, r, c.back)
	}
	front := c.front
	if emoji, ok := squareColor(c.r); ok {
		front = emoji
	}
	g, known := glyphOf(c.r)
	switch {
	case dark != nil:
		g = glyph{columns: 1, rows: 1}
		if dark(c.r) {
			g = full()
		}
	case !known: // a letter on a painted ground; it is that ground that draws
		return
	}
	w, h := r.Dx(), r.Dy()
	for y := range g.rows {
		for x := range g.columns {
			if g.bits[y]&(1<<x) != 0 {
				part := image.Rect(r.Min.X+x*w/g.columns, r.Min.Y+y*h/g.rows, r.Min.X+(x+1)*w/g.columns, r.Min.Y+(y+1)*h/g.rows)
				paintOver(img, part, front)
			}
		}
	}
}
