package picture

import (
	"bytes"
	"image"
	"io"
	"runtime/debug"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"
	"github.com/gen2brain/jpegxl"

	"quishmilter/mime"
)

// HEIC, AVIF and JPEG XL are decoded by C libraries compiled to WebAssembly, which take a hundred bytes or more for
// each pixel, half a second for a megapixel, and a second of compilation in each process that meets one. (Without the
// build tag nodynamic the modules load libraries of the host instead, if there are any.)

// What decoding takes for each pixel at most, in bytes, with room: a picture of 12 megapixels in AVIF was seen to take a
// process to 809 MB, one in JPEG XL to 441 MB.
const (
	heicMemory = 128
	avifMemory = 72
	jxlMemory  = 30
)

// heaviest is how many pixels a picture may have that takes so much memory for each: what the worker may allocate is told
// to Go's runtime (by default three quarters of 512 MiB), and dying would end everything else in the part.
func (v *view) heaviest(perPixel int64) int64 {
	return min(v.limits.Pixels, debug.SetMemoryLimit(-1)/perPixel)
}

// modern makes an open function for one of these formats.
func modern(size func([]byte) (width, height int64), decode func(io.Reader) (image.Image, error), perPixel int64) func(*view) {
	return func(v *view) {
		if v.ended("") {
			return
		}
		w, h := size(v.part.Data)
		switch limit := v.heaviest(perPixel); {
		case w <= 0 || h <= 0:
			v.problem(mime.Broken, "", "the picture's header does not parse")
			return
		case w > limit || h > limit/w:
			v.opener.short = v.opener.short || w <= v.limits.Pixels && h <= v.limits.Pixels/w
			v.problem(mime.OverLimit, "", "%d×%d pixels, more than the %d megapixels for which this format has memory", w, h, limit/1_000_000)
			return
		case v.tooMany(w*h, ""):
			return
		}
		img, err := decode(bytes.NewReader(v.part.Data))
		if err != nil || img == nil {
			v.problem(mime.Broken, "", "the picture does not decode")
			return
		}
		v.picture(img, "", "image")
	}
}

// openHEIF tells AVIF from HEIC by the coding of the pictures inside, since both may have the brand mif1.
func openHEIF(v *view) {
	decode, perPixel := heic.Decode, int64(heicMemory)
	if head := v.part.Data[:min(len(v.part.Data), 64<<10)]; bytes.Contains(head, []byte("av01")) {
		decode, perPixel = avif.Decode, avifMemory
	}
	modern(heifSize, decode, perPixel)(v)
}

func openJXL(v *view) { modern(jxlSize, jpegxl.Decode, jxlMemory)(v) }
