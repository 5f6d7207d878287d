package main

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/gif"
	_ "image/jpeg"
	_ "image/png"
	"os"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"quishmilter/picture/quickjpeg"
)

// maxFrames is how many frames of an animation are read, as for the peers.
const maxFrames = 8

// largest is how many pixels a picture of the corpus may have.
const largest = 100_000_000

// load decodes a picture file to its frames, JPEGs as mail's are decoded.
func load(path string) ([]image.Image, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if anim, err := gif.DecodeAll(bytes.NewReader(data)); err == nil {
		return frames(anim), nil
	}
	if p, err := new(quickjpeg.Memory).Decode(context.Background(), data, largest); err == nil {
		return []image.Image{p.Image}, nil
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return []image.Image{img}, nil
}

// frames draws the frames of an animation one over the other, as a viewer does.
func frames(anim *gif.GIF) []image.Image {
	canvas := image.NewRGBA(image.Rect(0, 0, anim.Config.Width, anim.Config.Height))
	var shown []image.Image
	for i, frame := range anim.Image {
		if i == maxFrames {
			break
		}
		before := clone(canvas)
		draw.Draw(canvas, frame.Bounds(), frame, frame.Bounds().Min, draw.Over)
		shown = append(shown, clone(canvas))
		switch anim.Disposal[i] {
		case gif.DisposalBackground:
			draw.Draw(canvas, frame.Bounds(), image.Transparent, image.Point{}, draw.Src)
		case gif.DisposalPrevious:
			canvas = before
		}
	}
	return shown
}

func clone(img *image.RGBA) *image.RGBA {
	c := *img
	c.Pix = bytes.Clone(img.Pix)
	return &c
}
