package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"

	"quishmilter/mime"
)

// maxGIFFrames bounds the walk over a GIF's frames, and gifWork the pixels that are unpacked for all of them
// together, as multiples of Limits.Pixels: an empty frame of 40 megapixels takes 15 KB.
const (
	maxGIFFrames = 4096
	gifWork      = 4
)

// gifFrame is one image block of a GIF, still packed.
type gifFrame struct {
	control []byte // its graphic control extension, nil without one
	block   []byte // from the image separator to the end of its data
	bounds  image.Rectangle
}

// openGIF shows an animation's frames as they appear: each drawn over what the ones before have left. Go's DecodeAll
// keeps all frames in memory, so the blocks are walked here and each frame is decoded as a GIF of its own.
func openGIF(v *view) {
	screen, header, frames, whole := walkGIF(v.part.Data)
	if !whole {
		v.problem(mime.Broken, "", "the GIF ends early or does not parse")
	}
	if len(frames) == 0 {
		if whole {
			v.problem(mime.Broken, "", "a GIF without a picture")
		}
		return
	}
	screen = screen.Union(frames[0].bounds) // as browsers do
	if !v.fits(image.Config{ColorModel: color.RGBAModel, Width: screen.Dx(), Height: screen.Dy()}, 1, "") {
		return
	}
	v.animate(screen, header, frames)
}

// animate draws frame by frame and shows those that the budget allows.
func (v *view) animate(screen image.Rectangle, header []byte, frames []gifFrame) {
	canvas := image.NewRGBA(screen)
	pick := spread(len(frames), v.limits.Pictures)
	if len(pick) < len(frames) {
		v.problem(mime.OverLimit, "frames", "only %d of %d frames were looked at", len(pick), len(frames))
	}
	work := gifWork * v.limits.Pixels
	for i, frame := range frames {
		at := ""
		if len(frames) > 1 {
			at = fmt.Sprintf("frame %d", i+1)
		}
		work -= int64(frame.bounds.Dx()) * int64(frame.bounds.Dy())
		if work < 0 {
			v.problem(mime.OverLimit, at, "the frames up to here have too many pixels together")
			return
		}
		if v.ended(at) {
			return
		}
		img, err := gif.Decode(bytes.NewReader(frame.alone(header)))
		picture, ok := img.(*image.Paletted)
		if err != nil || !ok {
			v.problem(mime.Broken, at, "the frame does not decode")
			continue
		}
		before := compose(canvas, picture, frame.disposal())
		if len(pick) > 0 && pick[0] == i {
			pick = pick[1:]
			v.picture(canvas, at, "image")
		}
		dispose(canvas, picture.Rect, before, frame.disposal())
	}
}

// alone makes the frame a GIF of its own. The screen is made as large as a GIF can be, since Go refuses frames that
// reach over it and mail clients crop them.
func (f gifFrame) alone(header []byte) []byte {
	one := append(make([]byte, 0, len(header)+len(f.control)+len(f.block)+1), header...)
	copy(one[6:10], "\xff\xff\xff\xff")
	one = append(append(one, f.control...), f.block...)
	return append(one, 0x3b)
}

// The disposal methods that leave something else than the frame behind (GIF89a, section 23).
const (
	disposeBackground = 2
	disposePrevious   = 3
)

func (f gifFrame) disposal() int {
	if len(f.control) < 4 {
		return 0
	}
	return int(f.control[3]) >> 2 & 7
}

// compose draws a frame over the canvas; for a frame that is to vanish again it returns what was there.
func compose(canvas *image.RGBA, frame *image.Paletted, disposal int) (before *image.RGBA) {
	area := frame.Rect.Intersect(canvas.Rect)
	if disposal == disposePrevious {
		before = image.NewRGBA(area)
		for y := area.Min.Y; y < area.Max.Y; y++ {
			copy(before.Pix[before.PixOffset(area.Min.X, y):], canvas.Pix[canvas.PixOffset(area.Min.X, y):canvas.PixOffset(area.Max.X, y)])
		}
	}
	var palette [256]color.RGBA
	for i, c := range frame.Palette {
		palette[i] = color.RGBAModel.Convert(c).(color.RGBA)
	}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		src := frame.Pix[frame.PixOffset(area.Min.X, y):frame.PixOffset(area.Max.X, y)]
		dst := canvas.Pix[canvas.PixOffset(area.Min.X, y):]
		for x, index := range src {
			if c := palette[index]; c.A != 0 {
				dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = c.R, c.G, c.B, c.A
			}
		}
	}
	return before
}

// dispose leaves the canvas as the next frame is to find it.
func dispose(canvas *image.RGBA, area image.Rectangle, before *image.RGBA, disposal int) {
	area = area.Intersect(canvas.Rect)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := canvas.Pix[canvas.PixOffset(area.Min.X, y):canvas.PixOffset(area.Max.X, y)]
		switch disposal {
		case disposeBackground: // browsers clear to transparent, not to the background colour
			clear(row)
		case disposePrevious:
			copy(row, before.Pix[before.PixOffset(area.Min.X, y):])
		}
	}
}
