package picture_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"slices"
	"testing"

	"golang.org/x/image/tiff"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// raster is a way to make a file of a code.
type raster struct {
	name string
	make func(t testing.TB, code *image.Gray) []byte
}

func with(encode func(*bytes.Buffer, *image.Gray) error) func(testing.TB, *image.Gray) []byte {
	return func(t testing.TB, code *image.Gray) []byte {
		var b bytes.Buffer
		if err := encode(&b, code); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
}

func pngOf(img draw.Image) func(testing.TB, *image.Gray) []byte {
	return func(_ testing.TB, code *image.Gray) []byte { return mailmaker.PNG(painted(img, code)) }
}

// painted is the code in another kind of image.
func painted(like draw.Image, code *image.Gray) draw.Image {
	var out draw.Image
	switch l := like.(type) {
	case *image.NRGBA:
		out = image.NewNRGBA(code.Rect)
	case *image.NRGBA64:
		out = image.NewNRGBA64(code.Rect)
	case *image.Gray16:
		out = image.NewGray16(code.Rect)
	case *image.CMYK:
		out = image.NewCMYK(code.Rect)
	case *image.Paletted:
		out = image.NewPaletted(code.Rect, l.Palette)
	}
	draw.Draw(out, code.Rect, code, image.Point{}, draw.Src)
	return out
}

func dibOf(bits, header int, packed, fromTop bool) func(testing.TB, *image.Gray) []byte {
	return func(_ testing.TB, code *image.Gray) []byte {
		rows := code.Rect.Dy()
		if fromTop {
			rows = -rows
		}
		dib := mailmaker.BitmapOf(code, bits, header, rows, packed)
		palette := 0
		if bits <= 8 {
			palette = 4 << bits
			if header == 12 {
				palette = 3 << bits
			}
		}
		return mailmaker.BMP(dib, header+palette)
	}
}

func iconOf(bits int, kind byte) func(testing.TB, *image.Gray) []byte {
	return func(_ testing.TB, code *image.Gray) []byte {
		dib := mailmaker.BitmapOf(code, bits, 40, 2*code.Rect.Dy(), false)
		mask := make([]byte, (code.Rect.Dx()+31)/32*4*code.Rect.Dy())
		return mailmaker.ICO(append(dib, mask...), kind)
	}
}

func pnmOf(kind, full int) func(testing.TB, *image.Gray) []byte {
	return func(_ testing.TB, code *image.Gray) []byte { return mailmaker.PNM(code, kind, full) }
}

func psdOf(mode, depth int, packed bool) func(testing.TB, *image.Gray) []byte {
	return func(_ testing.TB, code *image.Gray) []byte { return mailmaker.PSD(code, mode, depth, packed) }
}

func rasters() []raster {
	bilevel := image.NewPaletted(image.Rectangle{}, color.Palette{color.White, color.Black})
	return []raster{
		{"png gray", pngOf(image.NewNRGBA(image.Rectangle{}))},
		{"png 16 bit", pngOf(image.NewNRGBA64(image.Rectangle{}))},
		{"png gray 16 bit", pngOf(image.NewGray16(image.Rectangle{}))},
		{"png palette", pngOf(bilevel)},
		{"apng", func(_ testing.TB, code *image.Gray) []byte {
			return mailmaker.APNG(mailmaker.Halves(code), 0, true, nil)
		}},
		{"apng behind a still picture", func(_ testing.TB, code *image.Gray) []byte {
			return mailmaker.APNG(mailmaker.Halves(code), 0, true, image.NewNRGBA(code.Rect))
		}},
		{"still picture of an apng", func(_ testing.TB, code *image.Gray) []byte {
			blank := image.NewNRGBA(code.Rect)
			draw.Draw(blank, code.Rect, image.White, image.Point{}, draw.Src)
			return mailmaker.APNG([]image.Image{blank, blank}, 0, true, painted(blank, code))
		}},
		{"jpeg", with(func(b *bytes.Buffer, code *image.Gray) error { return jpeg.Encode(b, code, nil) })},
		{"gif", with(func(b *bytes.Buffer, code *image.Gray) error { return gif.Encode(b, code, nil) })},
		{"tiff", with(func(b *bytes.Buffer, code *image.Gray) error { return tiff.Encode(b, code, nil) })},
		{"tiff deflate", with(func(b *bytes.Buffer, code *image.Gray) error {
			return tiff.Encode(b, code, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
		})},
		{"bmp 1", dibOf(1, 40, false, false)},
		{"bmp 4", dibOf(4, 40, false, false)},
		{"bmp 8", dibOf(8, 40, false, true)},
		{"bmp 16", dibOf(16, 40, false, false)},
		{"bmp 24", dibOf(24, 40, false, true)},
		{"bmp 32", dibOf(32, 124, false, false)},
		{"bmp RLE4", dibOf(4, 40, true, false)},
		{"bmp RLE8", dibOf(8, 40, true, false)},
		{"bmp OS/2", dibOf(1, 12, false, false)},
		{"ico 1", iconOf(1, 1)},
		{"ico 32", iconOf(32, 1)},
		{"cur 24", iconOf(24, 2)},
		{"ico png", func(_ testing.TB, code *image.Gray) []byte { return mailmaker.ICO(mailmaker.PNG(code), 1) }},
		{"pbm text", pnmOf(1, 1)}, {"pgm text", pnmOf(2, 255)}, {"ppm text", pnmOf(3, 15)},
		{"pbm", pnmOf(4, 1)}, {"pgm", pnmOf(5, 255)}, {"pgm 16 bit", pnmOf(5, 65535)}, {"ppm", pnmOf(6, 255)},
		{"psd gray", psdOf(1, 8, false)}, {"psd RGB packed", psdOf(3, 8, true)}, {"psd CMYK", psdOf(4, 8, true)}, {"psd 16 bit", psdOf(3, 16, false)},
		{"behind a png", func(_ testing.TB, code *image.Gray) []byte {
			return append(mailmaker.PNG(mailmaker.Logo()), mailmaker.PNG(code)...)
		}},
		{"second picture of a jpeg", func(_ testing.TB, code *image.Gray) []byte {
			return append(mailmaker.JPEG(mailmaker.Photo(160, 120, 1), 80), mailmaker.JPEG(code, 90)...)
		}},
		{"pdf behind a gif", func(t testing.TB, code *image.Gray) []byte {
			front := with(func(b *bytes.Buffer, _ *image.Gray) error { return gif.Encode(b, mailmaker.Logo(), nil) })(t, code)
			return append(front, mailmaker.PDFWithImage(code)...)
		}},
		{"png behind a pdf", func(_ testing.TB, code *image.Gray) []byte {
			return append(mailmaker.PDFDrawn(nil), mailmaker.PNG(code)...)
		}},
	}
}

// TestRasters reads a code in each kind of picture: as it should be, inverted, and with two pixels a module.
func TestRasters(t *testing.T) {
	forms := map[string]*image.Gray{"clean": mailmaker.CodeImage(link, 4), "inverted": mailmaker.Negative(mailmaker.CodeImage(link, 4)), "tiny": mailmaker.CodeImage(link, 2)}
	for _, r := range rasters() {
		for form, code := range forms {
			t.Run(r.name+"/"+form, func(t *testing.T) {
				got := look(t, picture.Part{Name: "x", Data: r.make(t, code)})
				if len(got.problems) != 0 || len(got.texts) == 0 {
					t.Fatalf("read %q, problems %+v", got.texts, got.problems)
				}
				for _, text := range got.texts {
					if text != link {
						t.Errorf("read %q", text)
					}
				}
			})
		}
	}
}

// TestAnimatedWebP has the code in the second of two frames. The file is cwebp's, from a picture as made here.
func TestAnimatedWebP(t *testing.T) {
	code, err := os.ReadFile("../inspect/testdata/code.webp")
	if err != nil {
		t.Fatal(err)
	}
	side := 1 + int(code[21]) + int(code[22]&0x3f)<<8
	got := look(t, picture.Part{Data: mailmaker.AnimatedWebP(side, side, code, code)})
	if !slices.Equal(got.at, []string{"frame 1", "frame 2"}) || len(got.problems) != 0 {
		t.Errorf("read %q at %q, problems %+v", got.texts, got.at, got.problems)
	}
	data := mailmaker.AnimatedWebP(side, side, code, code)
	got = look(t, picture.Part{Data: data[:len(data)-40]})
	if len(got.texts) == 0 || !slices.Contains(got.kinds, mime.Broken) {
		t.Errorf("cut: read %q, problems %+v", got.texts, got.problems)
	}
}

// TestAPNGIsComposed checks what each frame leaves behind: without drawing over it, no frame shows the code.
func TestAPNGIsComposed(t *testing.T) {
	code := mailmaker.CodeImage(link, 4)
	for _, c := range []struct {
		dispose byte
		over    bool
		codes   int
	}{{0, true, 1}, {0, false, 0}, {1, true, 0}, {2, true, 0}} {
		got := look(t, picture.Part{Data: mailmaker.APNG(mailmaker.Halves(code), c.dispose, c.over, nil)})
		if len(got.texts) != c.codes || len(got.problems) != 0 {
			t.Errorf("disposal %d, over %v: %d codes, problems %+v", c.dispose, c.over, len(got.texts), got.problems)
		}
	}
}

// TestBadRasters tells what is wrong, once.
func TestBadRasters(t *testing.T) {
	code := mailmaker.CodeImage(link, 4)
	bmp := dibOf(8, 40, false, false)(t, code)
	var arithmetic bytes.Buffer
	if err := jpeg.Encode(&arithmetic, code, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		data []byte
		want mime.Kind
	}{
		{"bmp that ends early", bmp[:len(bmp)/2], mime.Broken},
		{"bmp with a header only", bmp[:54], mime.Broken},
		{"bmp of 2^24 pixels a side", append(append(slices.Clone(bmp[:18]), 0, 0, 0, 1, 0, 0, 0, 1), bmp[26:]...), mime.Broken},
		{"jpeg with arithmetic coding", bytes.Replace(arithmetic.Bytes(), []byte("\xff\xc0"), []byte("\xff\xc9"), 1), mime.Unsupported},
		{"icon that ends early", iconOf(32, 1)(t, code)[:100], mime.Broken},
	} {
		got := look(t, picture.Part{Data: c.data})
		if !slices.Equal(got.kinds, []mime.Kind{c.want}) {
			t.Errorf("%s: problems %+v", c.name, got.problems)
		}
	}
}

func TestCarve(t *testing.T) {
	code := mailmaker.CodeImage(link, 4)
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, code, nil); err != nil {
		t.Fatal(err)
	}
	raw := slices.Concat([]byte("damaged"), mailmaker.PNG(code), []byte("\xff\xd8\xff nothing"), jpg.Bytes(), []byte("tail"), mailmaker.PDFDrawn(mailmaker.Modules(link)))
	parts := picture.Carve(raw)
	if len(parts) != 3 || !bytes.Equal(parts[0].Data, mailmaker.PNG(code)) || !bytes.Equal(parts[1].Data, jpg.Bytes()) {
		t.Fatalf("%d parts", len(parts))
	}
	got := look(t, picture.Part{Name: "scan.pdf", Data: raw})
	if len(got.texts) != 3 || !slices.Equal(got.kinds, []mime.Kind{mime.Broken}) {
		t.Errorf("read %q at %q, problems %+v", got.texts, got.at, got.problems)
	}
}

// TestInterlaced has a PNG whose passes were made by hand: Go has no encoder for it.
func TestInterlaced(t *testing.T) {
	code := mailmaker.CodeImage(link, 4)
	got := look(t, picture.Part{Data: mailmaker.InterlacedPNG(code)})
	if len(got.texts) != 1 || len(got.problems) != 0 {
		t.Errorf("read %q, problems %+v", got.texts, got.problems)
	}
	if _, err := png.Decode(bytes.NewReader(mailmaker.InterlacedPNG(code))); err != nil {
		t.Error(err)
	}
}

func FuzzRasters(f *testing.F) {
	code := mailmaker.CodeImage("x", 1)
	for _, r := range rasters() {
		f.Add(r.make(f, code))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("%PDF-")) { // the renderer would be all that is fuzzed
			return
		}
		count := 0
		problems := picture.NewOpener("").Open(t.Context(), picture.Part{Name: "a.png", Data: data}, picture.Limits{Pixels: 100_000, Pictures: 4, Pages: 4}, func(p picture.Picture) {
			if count++; p.Image.Bounds().Dx()*p.Image.Bounds().Dy() > 100_000 {
				t.Errorf("a picture of %v", p.Image.Bounds())
			}
		})
		if count > 4 || len(problems) > 32 {
			t.Errorf("%d pictures, %d problems", count, len(problems))
		}
	})
}
