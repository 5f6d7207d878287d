package picture_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"
	"testing"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// Two colours of one luma are told apart in a JPEG too, whose chroma is decoded where it changes.
func TestColouredJPEG(t *testing.T) {
	for _, module := range []int{3, 5, 8} {
		code := mailmaker.CodeImage(link, module)
		img := image.NewYCbCr(code.Rect, image.YCbCrSubsampleRatio444)
		for y := range code.Rect.Dy() {
			for x := range code.Rect.Dx() {
				i := img.COffset(x, y)
				img.Y[i], img.Cb[i], img.Cr[i] = 130, 110, 80+code.GrayAt(x, y).Y/3
			}
		}
		var data bytes.Buffer
		if err := jpeg.Encode(&data, img, &jpeg.Options{Quality: 90}); err != nil {
			t.Fatal(err)
		}
		got := look(t, picture.Part{Data: data.Bytes()})
		if len(got.texts) != 1 || len(got.problems) != 0 {
			t.Errorf("modules of %d pixels: read %q, problems %+v", module, got.texts, got.problems)
		}
	}
}

// jpegOf is a JPEG of one gray block for each component: a frame of that kind, and scans. The only code is one bit for
// no difference, or no more coefficients.
func jpegOf(frame byte, components int, scans ...string) []byte {
	out := slices.Concat([]byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00\xff\xdb\x00\x43\x00"), bytes.Repeat([]byte{1}, 64))
	out = append(out, 0xff, frame, 0, byte(8+3*components), 8, 0, 8, 0, 8, byte(components))
	for c := range components {
		out = append(out, byte(c), 0x11, 0)
	}
	for class := range 2 {
		out = append(append(out, 0xff, 0xc4, 0, 20, byte(class<<4), 1), make([]byte, 16)...)
	}
	for _, s := range scans {
		out = append(out, 0xff, 0xda, 0, byte(6+2*components), byte(components))
		for c := range components {
			out = append(out, byte(c), 0)
		}
		out = append(out, s...)
	}
	return append(out, 0xff, 0xd9)
}

// What the quick decoder does not know, image/jpeg does; what would cost too much is left out and said.
func TestJPEGKinds(t *testing.T) {
	first, further := "\x00\x00\x01\x7f", "\x00\x00\x10\x7f"
	for _, c := range []struct {
		name  string
		data  []byte
		kinds []mime.Kind
	}{
		{"gray", jpegOf(0xc0, 1, "\x00\x3f\x00\x3f"), nil},
		{"RGB", jpegOf(0xc0, 3, "\x00\x3f\x00\x03"), nil},
		{"CMYK", jpegOf(0xc0, 4, "\x00\x3f\x00\x00"), nil},
		{"100 scans", jpegOf(0xc2, 1, slices.Concat([]string{first}, slices.Repeat([]string{further}, 99))...), nil},
		{"101 scans", jpegOf(0xc2, 1, slices.Concat([]string{first}, slices.Repeat([]string{further}, 100))...), []mime.Kind{mime.OverLimit}},
		{"a scan again", jpegOf(0xc0, 1, "\x00\x3f\x00\x3f", "\x00\x3f\x00\x3f"), []mime.Kind{mime.OverLimit}},
	} {
		shown := 0
		problems := picture.NewOpener("").Open(t.Context(), picture.Part{Data: c.data}, picture.Limits{}, func(p picture.Picture) {
			if shown++; p.Image.Bounds() != image.Rect(0, 0, 8, 8) {
				t.Errorf("%s: %v", c.name, p.Image.Bounds())
			}
		})
		var kinds []mime.Kind
		for _, p := range problems {
			kinds = append(kinds, p.Kind)
		}
		if shown != 1 || !slices.Equal(kinds, c.kinds) {
			t.Errorf("%s: shown %d, problems %+v", c.name, shown, problems)
		}
	}
}
