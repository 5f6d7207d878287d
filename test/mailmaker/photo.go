package mailmaker

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
)

// PNG is the picture as a PNG file.
func PNG(img image.Image) []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(err) // only a picture without pixels, or too many, is refused
	}
	return out.Bytes()
}

// JPEG is the picture as a JPEG file.
func JPEG(img image.Image, quality int) []byte {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// Photo is a picture with the statistics of a photo: large soft shapes, edges and grain, and no code in it. The
// same size and seed give the same picture.
func Photo(width, height int, seed uint64) *image.YCbCr {
	random := rand.New(rand.NewPCG(seed, 1))
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	plane(img.Y, img.YStride, random, 6)
	plane(img.Cb, img.CStride, random, 0)
	plane(img.Cr, img.CStride, random, 0)
	return img
}

// plane fills one channel with layers of smoothed noise, each with half the grid and half the weight of the layer
// before, and with grain of the given strength.
func plane(pixels []byte, stride int, random *rand.Rand, grain int) {
	height := len(pixels) / stride
	sum := make([]float32, len(pixels))
	weight := float32(64)
	for cell := 256; cell >= 8; cell /= 2 {
		columns := stride/cell + 2
		corners := make([]float32, columns*(height/cell+2))
		for i := range corners {
			corners[i] = (random.Float32()*2 - 1) * weight
		}
		for y := range height {
			row, fy := corners[y/cell*columns:], float32(y%cell)/float32(cell)
			for x := range stride {
				fx, c := float32(x%cell)/float32(cell), x/cell
				top := row[c] + (row[c+1]-row[c])*fx
				bottom := row[columns+c] + (row[columns+c+1]-row[columns+c])*fx
				sum[y*stride+x] += top + (bottom-top)*fy
			}
		}
		weight /= 2
	}
	for i, value := range sum {
		noise := float32(0)
		if grain > 0 {
			noise = float32(random.IntN(2*grain+1) - grain)
		}
		pixels[i] = byte(min(max(128+value+noise, 0), 255))
	}
}

// Logo is a small picture in few colours, as stands on top of newsletters.
func Logo() *image.Paletted {
	palette := color.Palette{color.White, color.RGBA{R: 20, G: 90, B: 160, A: 255}, color.RGBA{R: 240, G: 150, B: 30, A: 255}}
	img := image.NewPaletted(image.Rect(0, 0, 180, 60), palette)
	for y := range 60 {
		for x := range 180 {
			dx, dy := x-30, y-30
			switch {
			case dx*dx+dy*dy < 26*26 && dx*dx+dy*dy > 14*14:
				img.SetColorIndex(x, y, 1)
			case x > 70 && (x-70)%22 < 14 && y > 18 && y < 42:
				img.SetColorIndex(x, y, 2)
			}
		}
	}
	return img
}
