package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"quishmilter/mime"
)

// decoder is one raster format that holds a single picture, or whose first picture is the one that counts.
type decoder struct {
	magic  func(Part) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	weight func(data []byte) int // how many times the memory of the decoded picture the decoder takes
	mend   mender                // for pictures that do not decode; nil: there is no way

	// quick is tried first, nil without. It says whether it is done with the picture, with problems or without.
	quick func(v *view, data []byte, config image.Config, at string) (img image.Image, done bool)
}

// mender decodes what there is of a damaged picture, nil when that is nothing. whole reports that all of it was
// there.
type mender func(data []byte, config image.Config) (img image.Image, whole bool)

func pngDecoder() decoder {
	return decoder{starts("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode, times(1), decodeMendedPNG, nil}
}

func jpegDecoder() decoder {
	return decoder{starts("\xff\xd8\xff"), jpeg.DecodeConfig, jpeg.Decode, jpegWeight, decodeMendedJPEG, (*view).quickJPEG}
}

func tiffDecoder() decoder {
	return decoder{starts("II*\x00", "MM\x00*"), tiff.DecodeConfig, tiff.Decode, times(2), nil, nil}
}

func webpDecoder() decoder {
	return decoder{isWebP, webp.DecodeConfig, webp.Decode, times(2), nil, nil}
}

// rasterDecoder finds the decoder for a picture's bytes.
func rasterDecoder(data []byte) (decoder, bool) {
	for _, d := range []decoder{pngDecoder(), jpegDecoder(), tiffDecoder(), webpDecoder()} {
		if d.magic(Part{Data: data}) {
			return d, true
		}
	}
	return decoder{}, false
}

func times(n int) func([]byte) int { return func([]byte) int { return n } }

// single is the format of parts that are one picture.
func single(name string, d decoder) format {
	return format{name, d.magic, func(v *view) {
		if img := v.decode(d, v.part.Data, ""); img != nil {
			v.picture(img, "", "image")
		}
	}}
}

// decode reads one picture, or notes why not: the header first, so that a bomb costs nothing.
func (v *view) decode(d decoder, data []byte, at string) image.Image {
	if v.ended(at) {
		return nil
	}
	config, err := d.config(bytes.NewReader(data))
	if err != nil {
		v.failed(err, at)
		return nil
	}
	if !v.fits(config, d.weight(data), at) {
		return nil
	}
	if d.quick != nil {
		if img, done := d.quick(v, data, config, at); done {
			return img
		}
	}
	img, err := d.decode(bytes.NewReader(data))
	if err == nil {
		return img
	}
	whole := false
	if d.mend != nil && v.fits(config, max(3, d.weight(data)), at) { // a copy or two of the rows
		img, whole = d.mend(data, config)
	}
	if !whole {
		v.failed(err, at)
	}
	return img
}

// memoryPerPixel is how many bytes a decoder may take for each pixel that the limits allow.
const memoryPerPixel = 6

// fits checks a header against the limits.
func (v *view) fits(c image.Config, weight int, at string) bool {
	w, h := int64(c.Width), int64(c.Height)
	if w <= 0 || h <= 0 {
		v.problem(mime.Broken, at, "a picture of %d×%d pixels", w, h)
		return false
	}
	if w > v.limits.Pixels || h > v.limits.Pixels/w {
		v.problem(mime.OverLimit, at, "%d×%d pixels, more than %d megapixels", w, h, v.limits.Pixels/1_000_000)
		return false
	}
	if need := w * h * bytesPerPixel(c.ColorModel) * int64(weight); need > v.limits.Pixels*memoryPerPixel {
		v.problem(mime.OverLimit, at, "%d×%d pixels of this kind would take %d MB to decode", w, h, need/1_000_000)
		return false
	}
	return !v.tooMany(w*h, at)
}

// bytesPerPixel is the memory of a decoded pixel in the image package's types.
func bytesPerPixel(m color.Model) int64 {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.GrayModel, color.AlphaModel:
		return 1
	case color.Gray16Model, color.Alpha16Model:
		return 2
	case color.YCbCrModel:
		return 3
	}
	if _, paletted := m.(color.Palette); paletted {
		return 1
	}
	return 4
}

// failed turns a library's error into evidence. Its text is not repeated: it may quote the picture.
func (v *view) failed(err error, at string) {
	var pngUnsupported png.UnsupportedError
	var jpegUnsupported jpeg.UnsupportedError
	var tiffUnsupported tiff.UnsupportedError
	switch {
	case errors.As(err, &pngUnsupported), errors.As(err, &jpegUnsupported), errors.As(err, &tiffUnsupported):
		v.problem(mime.Unsupported, at, "a variant of this picture format that is not read")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		v.problem(mime.Broken, at, "the picture ends early")
	default:
		v.problem(mime.Broken, at, "the picture does not decode")
	}
}
