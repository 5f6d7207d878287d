package quickjpeg

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
)

func TestTmpCorpus(t *testing.T) {
	files, _ := filepath.Glob("/work/shared/corpus/*/*.jp*g")
	f2, _ := filepath.Glob("/work/shared/corpus/*/*/*.jp*g")
	n := 0
	for _, f := range append(files, f2...) {
		data, _ := os.ReadFile(f)
		want, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Log(f, err)
			continue
		}
		got, err := Decode(context.Background(), data, 1<<30)
		if err != nil {
			t.Log(f, err)
			continue
		}
		n++
		if got.Broken || got.Cut {
			t.Error(f, got.Broken)
		}
		y, c := diffs(want, got.Image)
		if y > 2 || c > 6 {
			t.Error(f, y, c)
		}
		t.Log(f, y, c, bytes.Contains(data, []byte("\xff\xc2")))
	}
	t.Log(n)
}

func diffs(a, b image.Image) (luma, chroma int) {
	abs := func(x, y uint8) int { return max(int(x)-int(y), int(y)-int(x)) }
	if g, ok := a.(*image.Gray); ok {
		h := b.(*image.Gray)
		for y := range g.Rect.Dy() {
			for x := range g.Rect.Dx() {
				luma = max(luma, abs(g.Pix[y*g.Stride+x], h.Pix[y*h.Stride+x]))
			}
		}
		return
	}
	g, ok := a.(*image.YCbCr)
	if !ok {
		return 1000, 1000
	}
	h := b.(*image.YCbCr)
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			i, j := g.YOffset(x, y), h.YOffset(x, y)
			luma = max(luma, abs(g.Y[i], h.Y[j]))
			i, j = g.COffset(x, y), h.COffset(x, y)
			chroma = max(chroma, abs(g.Cb[i], h.Cb[j]), abs(g.Cr[i], h.Cr[j]))
		}
	}
	return
}
