package picture

import (
	"fmt"
	"image"
	"image/draw"

	"quishmilter/mime"
)

// animation is a picture of several frames that are drawn over each other, as APNG and WebP have it.
type animation struct {
	screen image.Rectangle
	frames []animationFrame
}

// animationFrame is one frame, still packed.
type animationFrame struct {
	bounds  image.Rectangle
	over    bool // drawn over what is there, where it is transparent; else it replaces that
	clear   bool // afterwards its place becomes transparent
	restore bool // afterwards its place becomes what it was
	alone   func() []byte
}

// maxFrames bounds the walk over an animation's frames.
const maxFrames = 4096

// play draws frame by frame and shows each as it appears, as far as the budget allows. The work is bounded as for GIF.
func (v *view) play(a animation, d decoder) {
	canvas := image.NewNRGBA(a.screen)
	pick := spread(len(a.frames), v.limits.Pictures)
	if len(pick) < len(a.frames) {
		v.problem(mime.OverLimit, "frames", "only %d of %d frames were looked at", len(pick), len(a.frames))
	}
	work := gifWork * v.limits.Pixels
	for i, frame := range a.frames {
		at := fmt.Sprintf("frame %d", i+1)
		if work -= int64(frame.bounds.Dx()) * int64(frame.bounds.Dy()); work < 0 {
			v.problem(mime.OverLimit, at, "the frames up to here have too many pixels together")
			return
		}
		img := v.decode(d, frame.alone(), at) // which notes what is wrong
		if img == nil {
			if v.ctx.Err() != nil || v.shown >= v.limits.Pictures {
				return
			}
			continue
		}
		before := frame.draw(canvas, img)
		if len(pick) > 0 && pick[0] == i {
			pick = pick[1:]
			v.picture(canvas, at, "image")
		}
		frame.dispose(canvas, before)
	}
}

// draw puts the frame on the canvas; if it is to vanish again it returns what was there.
func (f animationFrame) draw(canvas *image.NRGBA, img image.Image) (before *image.NRGBA) {
	area := f.bounds.Intersect(canvas.Rect)
	if f.restore {
		before = image.NewNRGBA(area)
		draw.Draw(before, area, canvas, area.Min, draw.Src)
	}
	op := draw.Src
	if f.over {
		op = draw.Over
	}
	draw.Draw(canvas, f.bounds, img, img.Bounds().Min, op)
	return before
}

// dispose leaves the canvas as the next frame is to find it.
func (f animationFrame) dispose(canvas, before *image.NRGBA) {
	switch {
	case f.restore:
		draw.Draw(canvas, before.Rect, before, before.Rect.Min, draw.Src)
	case f.clear:
		draw.Draw(canvas, f.bounds, image.Transparent, image.Point{}, draw.Src)
	}
}
