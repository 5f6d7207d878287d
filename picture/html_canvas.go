package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"sort"

	xdraw "golang.org/x/image/draw"

	"quishmilter/mime"
)

// Bounds of a drawn code. The smallest code, 21 modules wide, takes more than fewestFills boxes even when those
// beside and below each other are put together.
const (
	fewestFills   = 48
	smallSide     = 48.0      // pixels, of a module's box
	longSide      = 600.0     // of a run of modules
	canvasPixels  = 4_000_000 // of a picture that is drawn here
	canvasPerPart = 12        // pictures that are drawn for one document
)

// drawn shows the areas of a document that may be codes made of boxes.
func (v *view) drawn(l *layouter, page *area) {
	small := make([]int, len(l.items)+1) // how many small boxes there are before each item
	for i, it := range l.items {
		small[i+1] = small[i]
		if it.small() {
			small[i+1]++
		}
	}
	shown := 0
	v.drawnIn(l, page, small, &shown)
}

func (it *item) small() bool {
	narrow, wide := math.Min(it.w, it.h), math.Max(it.w, it.h)
	if it.image != nil {
		return wide <= smallSide && narrow > 0.4
	}
	return it.fill.A > 0 && narrow > 0.4 && narrow <= smallSide && wide <= longSide
}

// drawnIn looks for the innermost area that has nearly all small boxes of the one around it.
func (v *view) drawnIn(l *layouter, a *area, small []int, shown *int) {
	count := small[a.end] - small[a.start]
	if count < fewestFills || *shown >= canvasPerPart {
		return
	}
	for _, in := range a.inner {
		if n := small[in.end] - small[in.start]; n*10 >= count*9 && in.node.tag != "tr" && in.node.tag != "#row" {
			v.drawnIn(l, in, small, shown)
			return
		}
	}
	c := newCanvas(l, a)
	if c == nil {
		return
	}
	if c.scale < 1.5/c.unit { // a long page: its parts by themselves have room enough
		before := *shown
		for _, in := range a.inner {
			v.drawnIn(l, in, small, shown)
		}
		if *shown == before {
			v.problem(mime.OverLimit, "", "boxes of %d×%d pixels, drawn too fine for one picture", int(c.w), int(c.h))
		}
		return
	}
	if *shown++; v.ended("") {
		return
	}
	v.picture(c.draw(l.items[a.start:a.end], a.behind), "drawn", c.carrier)
}

// canvas is where an area is drawn.
type canvas struct {
	x, y, w, h float64
	unit       float64 // pixels of the page in a module
	scale      float64 // pixels of the picture for one of the page
	carrier    string
}

// newCanvas measures an area by its small boxes; nil when these cannot be a code.
func newCanvas(l *layouter, a *area) *canvas {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	var sides []float64
	cells := 0
	for i := a.start; i < a.end; i++ {
		it := &l.items[i]
		if !it.small() {
			continue
		}
		x0, y0 = math.Min(x0, it.x), math.Min(y0, it.y)
		x1, y1 = math.Max(x1, it.x+it.w), math.Max(y1, it.y+it.h)
		sides = append(sides, math.Min(it.w, it.h))
		switch it.from.tag {
		case "td", "th", "tr", "table", "tbody":
			cells++
		}
	}
	if len(sides) < fewestFills {
		return nil
	}
	sort.Float64s(sides)
	c := &canvas{x: x0, y: y0, w: x1 - x0, h: y1 - y0, unit: sides[len(sides)/20], carrier: "html-css"}
	if cells*2 > len(sides) {
		c.carrier = "html-table"
	}
	if c.w < 8*c.unit || c.h < 5*c.unit { // a ruler, a bar of buttons
		return nil
	}
	c.fit()
	return c
}

// fit chooses the scale: whole pixels for a module, at least four where there is room.
func (c *canvas) fit() {
	pixels := math.Max(4, math.Min(8, math.Round(c.unit)))
	for ; pixels > 1; pixels-- {
		c.scale = pixels / c.unit
		if (c.w+8*c.unit)*(c.h+8*c.unit)*c.scale*c.scale <= canvasPixels {
			return
		}
	}
	c.scale = math.Sqrt(canvasPixels/(c.w+8*c.unit)) / math.Sqrt(c.h+8*c.unit)
}

// draw paints the items in their order, with a margin in the colour of what is around them.
func (c *canvas) draw(items []item, behind color.NRGBA) image.Image {
	margin := 4 * c.unit
	size := image.Rect(0, 0, int(math.Ceil((c.w+2*margin)*c.scale)), int(math.Ceil((c.h+2*margin)*c.scale)))
	img := image.NewRGBA(size)
	draw.Draw(img, size, image.NewUniform(behind), image.Point{}, draw.Src)
	inner := image.Rect(c.px(0), c.px(0), c.px(c.w), c.px(c.h))
	for i := range items {
		it := &items[i]
		r := image.Rect(c.px(it.x-c.x), c.px(it.y-c.y), c.px(it.x+it.w-c.x), c.px(it.y+it.h-c.y)).Intersect(inner)
		switch {
		case r.Empty():
		case it.image != nil:
			xdraw.NearestNeighbor.Scale(img, r, it.image, it.image.Bounds(), draw.Over, nil)
		default:
			paintOver(img, r, it.fill)
		}
	}
	return img
}

// px is a place in the picture; far ones are cut, so that they stay whole numbers.
func (c *canvas) px(f float64) int {
	return int(math.Round(math.Max(-maxLength, math.Min(maxLength, (f+4*c.unit)*c.scale))))
}

// paintOver fills a rectangle.
func paintOver(img *image.RGBA, r image.Rectangle, c color.NRGBA) {
	op := draw.Over
	if c.A == 255 {
		op = draw.Src
	}
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, op)
}
