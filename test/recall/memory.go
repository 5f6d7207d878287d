package main

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"runtime"

	"quishmilter/qr"
)

// memorySide is the side of the pictures that memory is measured with, in pixels.
const memorySide = 4000

// printMemory prints how many bytes a pixel the reading of large pictures allocates in all, which is more than it holds at
// a time: for gray, for one that is transparent and for one whose colours hide what the gray shows.
func printMemory() {
	random := rand.New(rand.NewPCG(3, 4))
	for _, kind := range []struct {
		name   string
		colour func() [4]uint8
	}{
		{"gray", nil},
		{"transparent", func() [4]uint8 { v := uint8(random.IntN(128)); return [4]uint8{v, v, v, 128} }},
		{"coloured", func() [4]uint8 { return [4]uint8{120 * uint8(random.IntN(2)), 60 * uint8(random.IntN(2)), 0, 255} }},
	} {
		img := texture(kind.colour, random)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		result := qr.Read(context.Background(), img)
		runtime.ReadMemStats(&after)
		bytes := after.TotalAlloc - before.TotalAlloc
		fmt.Printf("%-12s %d×%d: %.1f MB allocated, %.2f bytes per pixel, cut %v\n", kind.name, memorySide, memorySide,
			float64(bytes)/1e6, float64(bytes)/(memorySide*memorySide), result.Cut)
	}
}

// texture is a picture of spots of eight pixels, gray where no colour is given.
func texture(colour func() [4]uint8, random *rand.Rand) image.Image {
	const spot = 8
	box := image.Rect(0, 0, memorySide, memorySide)
	gray, rgba := image.NewGray(box), image.NewRGBA(box)
	for y := 0; y < memorySide; y += spot {
		for x := 0; x < memorySide; x += spot {
			if colour == nil {
				fill(gray.Pix, gray.Stride, x, y, spot, []uint8{uint8(random.IntN(256))})
			} else {
				c := colour()
				fill(rgba.Pix, rgba.Stride, x, y, spot, c[:])
			}
		}
	}
	if colour == nil {
		return gray
	}
	return rgba
}

// fill repeats a pixel's bytes over a square.
func fill(pix []uint8, stride, x, y, side int, pixel []uint8) {
	for j := range side {
		row := pix[(y+j)*stride+x*len(pixel):]
		for i := range side {
			copy(row[i*len(pixel):], pixel)
		}
	}
}
