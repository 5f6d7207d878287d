package qr

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// wants reads a picture and says what is missing or too much.
func wants(t *testing.T, img image.Image, texts ...string) []Code {
	t.Helper()
	codes := Read(context.Background(), img).Codes
	var got []string
	for _, c := range codes {
		got = append(got, c.Text)
	}
	slices.Sort(got)
	slices.Sort(texts)
	if !slices.Equal(got, texts) {
		t.Errorf("read %q, want %q", got, texts)
	}
	return codes
}

func TestReadUnderDistortion(t *testing.T) {
	for name, change := range map[string]func(*look){
		"plain":            func(*look) {},
		"turned 45°":       func(l *look) { l.angle = 45 },
		"turned 200°":      func(l *look) { l.angle = 200 },
		"inverted":         func(l *look) { l.invert = true },
		"mirrored":         func(l *look) { l.mirror = true },
		"six levels":       func(l *look) { l.light, l.dark = 131, 125 },
		"stretched 3:1":    func(l *look) { l.stretch = 3 },
		"squeezed 1:2":     func(l *look) { l.stretch, l.module = 0.5, 10 },
		"tilted":           func(l *look) { l.tilt, l.module = 0.35, 8 },
		"bent":             func(l *look) { l.bend, l.module = 1.5, 8 },
		"bowed":            func(l *look) { l.bend, l.module = 2, 8 },
		"in a shadow":      func(l *look) { l.shade = 0.7 },
		"noisy":            func(l *look) { l.noise = 40 },
		"blurred":          func(l *look) { l.blur, l.module = 3, 8 },
		"2 pixels":         func(l *look) { l.module = 2 },
		"40 pixels":        func(l *look) { l.module = 40 },
		"one module quiet": func(l *look) { l.quiet = 1 },
		"all at once":      func(l *look) { l.angle, l.noise, l.shade, l.tilt, l.module = 17, 12, 0.4, 0.15, 7 },
	} {
		t.Run(name, func(t *testing.T) {
			l := plain(5)
			change(&l)
			const text = "https://login.example.test/?id=0815&next=%2Fhome"
			wants(t, render(encode(t, text, "M", 0), l), text)
		})
	}
}

// TestReadRandomCodes draws payload, version, level and distortions within the promised ranges by chance.
func TestReadRandomCodes(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#@!$&'()*+,;=äöü€測"
	runes := []rune(letters)
	for i := range 60 {
		level := []string{"L", "M", "Q", "H"}[i%4]
		version := 1 + random.IntN(1+i%25)
		var text strings.Builder
		for range 1 + random.IntN(1+2*version) {
			text.WriteRune(runes[random.IntN(len(runes))])
		}
		l := plain(4 + 3*random.Float64())
		l.angle = 360 * random.Float64()
		l.shade = 0.4 * random.Float64()
		l.noise = 8 * random.Float64()
		l.mirror, l.invert = random.IntN(4) == 0, random.IntN(4) == 0
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			wants(t, render(encode(t, text.String(), level, 0), l), text.String())
		})
	}
}

func TestReadMicroAndRMQR(t *testing.T) {
	for _, angle := range []float64{0, 33, 90, 250} {
		for _, mirror := range []bool{false, true} {
			l := plain(6)
			l.angle, l.mirror = angle, mirror
			for number := 1; number < 8; number++ {
				version := microSymbols[number].version
				g, _ := microGrid(number, number%4, func(b *bitWriter) { b.put(0, version-1); b.put(6, version+2); b.put(271, 10); b.put(828, 10) })
				codes := wants(t, render(g, l), "271828")
				if len(codes) == 1 && (codes[0].Symbology != "micro-qr" || slices.Contains(codes[0].Tricks, "mirrored") != mirror) {
					t.Errorf("symbol %d at %g°, mirrored %t: %+v", number, angle, mirror, codes[0])
				}
			}
			for _, version := range []int{0, 5, 10, 16, 22, 27} {
				g, _ := rmqrGrid(version, false, "rm")
				if codes := wants(t, render(g, l), "rm"); len(codes) == 1 && codes[0].Symbology != "rmqr" {
					t.Errorf("version %d: %+v", version, codes[0])
				}
			}
		}
	}
}

// paste puts one picture into another.
func paste(page draw.Image, img image.Image, x, y int) {
	draw.Draw(page, img.Bounds().Add(image.Pt(x, y)), img, image.Point{}, draw.Src)
}

func TestReadManyCodes(t *testing.T) {
	page := image.NewGray(image.Rect(0, 0, 1000, 640))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	var texts []string
	for i := range 40 {
		text := fmt.Sprintf("https://example.test/%02d", i)
		texts = append(texts, text)
		paste(page, render(encode(t, text, "M", 2), plain(3)), i%8*120+10, i/8*120+10)
	}
	wants(t, page, texts...)
}

func TestReadSmallCodeInLargePicture(t *testing.T) {
	page := image.NewGray(image.Rect(0, 0, 2500, 2500))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	paste(page, render(encode(t, "needle", "M", 1), plain(3)), 1733, 2111)
	codes := wants(t, page, "needle")
	if len(codes) == 1 && !near(codes[0].Corners[0], Point{1733 + 12, 2111 + 12}, 3) {
		t.Errorf("upper left corner at %v", codes[0].Corners[0])
	}
}

func TestReadOneFinderCovered(t *testing.T) {
	for corner := range 3 {
		l := plain(6)
		img := render(encode(t, "covered finder", "H", 3), l)
		n := (29 - 7) * 6
		at := [3]image.Point{{24, 24}, {24 + n, 24}, {24, 24 + n}}[corner]
		draw.Draw(img, image.Rectangle{at, at.Add(image.Pt(40, 40))}, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
		t.Run(fmt.Sprint(corner), func(t *testing.T) { wants(t, img, "covered finder") })
	}
}

// Modules as large as the tiles that the colours are compared in, and modules that lie on those tiles' grid, too.
func TestReadColoursOfOneGray(t *testing.T) {
	for _, module := range []float64{3, 5, 8, 16, 24, 32, 48} {
		t.Run(fmt.Sprint(module), func(t *testing.T) { readsColoursOfOneGray(t, module) })
	}
}

func readsColoursOfOneGray(t *testing.T, module float64) {
	gray := render(encode(t, "equal luminance", "M", 0), plain(module))
	img := image.NewNRGBA(gray.Rect)
	for i, v := range gray.Pix {
		c := color.NRGBA{255, 0, 0, 255} // luma 76
		if v > 127 {
			c = color.NRGBA{0, 130, 0, 255} // luma 76
		}
		img.SetNRGBA(i%gray.Stride, i/gray.Stride, c)
	}
	codes := wants(t, img, "equal luminance")
	if len(codes) == 1 && !slices.Contains(codes[0].Tricks, "coloured") {
		t.Errorf("tricks %v", codes[0].Tricks)
	}
}

func TestReadTransparent(t *testing.T) {
	gray := render(encode(t, "on any paper", "M", 0), plain(4))
	for _, ink := range []uint8{0, 255} {
		img := image.NewNRGBA(gray.Rect)
		for i, v := range gray.Pix {
			img.SetNRGBA(i%gray.Stride, i/gray.Stride, color.NRGBA{ink, ink, ink, 255 - v})
		}
		wants(t, img, "on any paper")
	}
}

// TestSameInEveryFormat: the same picture as each of Go's image types.
func TestSameInEveryFormat(t *testing.T) {
	gray := render(encode(t, "any format", "M", 0), plain(4))
	var palette color.Palette
	for i := range 256 {
		palette = append(palette, color.Gray{uint8(i)})
	}
	b := gray.Rect
	for _, img := range []draw.Image{
		image.NewRGBA(b), image.NewNRGBA(b), image.NewRGBA64(b), image.NewNRGBA64(b), image.NewGray16(b), image.NewCMYK(b),
		image.NewPaletted(b, palette), image.NewPaletted(b, color.Palette{color.Black, color.White}),
		image.NewPaletted(b, color.Palette{color.NRGBA{200, 0, 0, 255}, color.White}),
	} {
		draw.Draw(img, b, gray, image.Point{}, draw.Src)
		wants(t, img, "any format")
	}
	jpeg := image.NewYCbCr(b, image.YCbCrSubsampleRatio420)
	for y := range b.Dy() {
		copy(jpeg.Y[y*jpeg.YStride:], gray.Pix[y*gray.Stride:][:b.Dx()])
	}
	for i := range jpeg.Cb {
		jpeg.Cb[i], jpeg.Cr[i] = 128, 128
	}
	wants(t, jpeg, "any format")
	wants(t, gray.SubImage(b), "any format")
	page := image.NewGray(image.Rect(0, 0, 400, 400))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	paste(page, gray, 150, 130)
	wants(t, page.SubImage(image.Rect(140, 120, 390, 390)), "any format")
}

func TestReadEmptyAndTinyPictures(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {1, 1}, {0, 50}, {10, 10}, {11, 11}, {64, 3}} {
		wants(t, image.NewGray(image.Rect(0, 0, size[0], size[1])))
		wants(t, image.NewNRGBA(image.Rect(0, 0, size[0], size[1])))
	}
}
