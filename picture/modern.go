package picture

import (
	"bytes"
	"image"
	"io"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"
	"github.com/gen2brain/jpegxl"

	"quishmilter/mime"
)

// HEIC, AVIF and JPEG XL are decoded by C libraries compiled to WebAssembly, which take a hundred bytes or more for
// each pixel, half a second for a megapixel, and a second of compilation in each process that meets one. (Without the
// build tag nodynamic the modules load libraries of the host instead, if there are any.)

// modernPixels is how many pixels such a picture may have: what a worker of 512 MiB was seen to hold, with room.
const modernPixels = 3_000_000

// modern makes an open function for one of these formats.
func modern(size func([]byte) (width, height int64), decode func(io.Reader) (image.Image, error)) func(*view) {
	return func(v *view) {
		if v.ended("") {
			return
		}
		w, h := size(v.part.Data)
		switch limit := min(modernPixels, v.limits.Pixels); {
		case w <= 0 || h <= 0:
			v.problem(mime.Broken, "", "the picture's header does not parse")
			return
		case w > limit || h > limit/w:
			v.problem(mime.OverLimit, "", "%d×%d pixels, more than the %d megapixels that this format may have", w, h, limit/1_000_000)
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
	decode := heic.Decode
	if head := v.part.Data[:min(len(v.part.Data), 64<<10)]; bytes.Contains(head, []byte("av01")) {
		decode = avif.Decode
	}
	modern(heifSize, decode)(v)
}

func openJXL(v *view) { modern(jxlSize, jpegxl.Decode)(v) }
