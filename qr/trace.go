package qr

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Trace is what a reading looked at, for whoever has to find out why a code was missed.
type Trace struct {
	Finders []TracedFinder
	Frames  []TracedFrame
}

// TracedFinder is a place that looked like a finder pattern, in the picture's pixels.
type TracedFinder struct {
	Centre        Point
	Width, Height float64 // of its seven modules
	Inverted      bool
	Hits          int // scanned rows that crossed it
	Scale         float64
}

// TracedFrame is a guess where a code lies.
type TracedFrame struct {
	Corners       [4]Point
	Columns, Rows int     // modules along a row and a column
	Score         float64 // of its function patterns, 1 being perfect and about 0 chance
	Read          bool    // whether it was decoded
	Scale         float64 // how many times smaller the picture was made for this pass

	warp   warp
	origin Point // of the window that was read
}

// String gives one line for logs.
func (f TracedFrame) String() string {
	return fmt.Sprintf("%d×%d modules at (%.0f,%.0f) (%.0f,%.0f) (%.0f,%.0f) (%.0f,%.0f), score %.2f, scale %g, read %t", f.Columns, f.Rows,
		f.Corners[0].X, f.Corners[0].Y, f.Corners[1].X, f.Corners[1].Y, f.Corners[2].X, f.Corners[2].Y, f.Corners[3].X, f.Corners[3].Y,
		f.Score, f.Scale, f.Read)
}

// tracedMost bounds how many frames are kept.
const tracedMost = 400

// ReadTraced is Read that also tells what it looked at.
func ReadTraced(ctx context.Context, img image.Image) (Result, Trace) {
	trace := &Trace{}
	result := (&reader{ctx: ctx, trace: trace}).read(img)
	return result, *trace
}

func (r *reader) traceFinders(finders []finder, scale float64) {
	if r.trace == nil {
		return
	}
	for _, f := range finders {
		r.trace.Finders = append(r.trace.Finders, TracedFinder{Point{f.x*scale + r.origin.X, f.y*scale + r.origin.Y}, f.w * scale, f.h * scale, !f.dark, f.hits, scale})
	}
}

func (r *reader) traceFrame(f *frame, scale float64, read bool) {
	if r.trace == nil || len(r.trace.Frames) >= tracedMost {
		return
	}
	t := TracedFrame{Corners: f.corners(f.cols, f.rows), Columns: f.cols, Rows: f.rows, Score: f.score, Read: read, Scale: scale, warp: f.warp, origin: r.origin}
	for i := range t.Corners {
		t.Corners[i].X = t.Corners[i].X*scale + r.origin.X
		t.Corners[i].Y = t.Corners[i].Y*scale + r.origin.Y
	}
	r.trace.Frames = append(r.trace.Frames, t)
}

var (
	finderColour   = color.RGBA{255, 128, 0, 255}
	invertedColour = color.RGBA{160, 0, 255, 255}
	readColour     = color.RGBA{0, 180, 0, 255}
	missedColour   = color.RGBA{255, 0, 0, 255}
)

// Draw draws the trace onto a copy of the picture: crosses for finders (violet for inverted ones), and for each frame
// that scored well its outline and the middles of its modules, green where it was read and red where not.
func (t Trace) Draw(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	for _, f := range t.Frames {
		if f.Score >= gate {
			f.draw(out)
		}
	}
	for _, f := range t.Finders {
		c := finderColour
		if f.Inverted {
			c = invertedColour
		}
		drawLine(out, Point{f.Centre.X - f.Width/2, f.Centre.Y}, Point{f.Centre.X + f.Width/2, f.Centre.Y}, c)
		drawLine(out, Point{f.Centre.X, f.Centre.Y - f.Height/2}, Point{f.Centre.X, f.Centre.Y + f.Height/2}, c)
	}
	return out
}

func (f TracedFrame) draw(out *image.RGBA) {
	c := missedColour
	if f.Read {
		c = readColour
	}
	for i, p := range f.Corners {
		drawLine(out, p, f.Corners[(i+1)%4], c)
	}
	for y := range f.Rows {
		for x := range f.Columns {
			px, py := f.warp.at(float64(x)+0.5, float64(y)+0.5)
			out.SetRGBA(int(px*f.Scale+f.origin.X), int(py*f.Scale+f.origin.Y), c)
		}
	}
}

// drawLine draws a line of one pixel; SetRGBA ignores what lies outside.
func drawLine(out *image.RGBA, p, q Point, c color.RGBA) {
	steps := math.Min(math.Max(math.Abs(q.X-p.X), math.Abs(q.Y-p.Y)), 20000)
	for i := 0.0; i <= steps; i++ {
		k := i / math.Max(steps, 1)
		out.SetRGBA(int(p.X+k*(q.X-p.X)), int(p.Y+k*(q.Y-p.Y)), c)
	}
}
