package qr

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"

	"quishmilter/qr/bitmap"
)

func binarised(img *image.Gray) *bitmap.Bitmap {
	gray := Prepare(img).Gray[0]
	out := bitmap.New(gray.Rect.Dx(), gray.Rect.Dy())
	var b binariser
	b.binarise(gray, out, nil)
	return out
}

// board draws squares of 6 pixels in two levels, lit from the left.
func board(w, h int, light, dark, shade float64) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := light
			if (x/6+y/6)&1 == 1 {
				v = dark
			}
			img.Pix[y*img.Stride+x] = uint8(v * (1 - shade*float64(x)/float64(w)))
		}
	}
	return img
}

func TestBinariseFollowsContrastAndLight(t *testing.T) {
	for _, c := range []struct {
		name               string
		light, dark, shade float64
	}{
		{"full contrast", 255, 0, 0}, {"six levels", 128, 122, 0}, {"six dark levels", 9, 3, 0},
		{"shadow", 250, 120, 0.6}, {"low contrast in a shadow", 200, 150, 0.3},
	} {
		for _, size := range [][2]int{{200, 150}, {64, 64}, {127, 65}, {40, 40}} {
			bits := binarised(board(size[0], size[1], c.light, c.dark, c.shade))
			wrong := 0
			for y := range size[1] {
				for x := range size[0] {
					if bits.At(x, y) != ((x/6+y/6)&1 == 1) {
						wrong++
					}
				}
			}
			if wrong*100 > 3*size[0]*size[1] {
				t.Errorf("%s, %v: %d pixels wrong", c.name, size, wrong)
			}
		}
	}
}

// A dark area wider than the threshold's window is ink though no edge is near, at the picture's border too.
func TestWideInkIsDark(t *testing.T) {
	img := board(300, 200, 255, 4, 0)
	for y := range 200 {
		for x := range 100 {
			img.Pix[y*img.Stride+x] = 4
		}
	}
	bits := binarised(img)
	for y := 0; y < 200; y += 7 {
		for x := 0; x < 100; x += 3 {
			if !bits.At(x, y) {
				t.Fatalf("light at (%d, %d)", x, y)
			}
		}
	}
}

// TestFlatPicturesAreLight: paper, and noise of two levels on it, is no pattern.
func TestFlatPicturesAreLight(t *testing.T) {
	for _, level := range []uint8{0, 1, 100, 255} {
		img := image.NewGray(image.Rect(0, 0, 100, 70))
		for i := range img.Pix {
			img.Pix[i] = max(level, 1) - uint8(i&1)
		}
		for _, word := range binarised(img).Words {
			if word != 0 {
				t.Fatalf("level %d: dark pixels", level)
			}
		}
	}
}

// TestBitsBeyondTheWidth: readers of rows rely on them being light.
func TestBitsBeyondTheWidth(t *testing.T) {
	for w := 60; w <= 70; w++ {
		bits := binarised(board(w, 30, 255, 0, 0))
		for y := range 30 {
			row := bits.Row(y)
			if w&63 != 0 && row[len(row)-1]>>(w&63) != 0 {
				t.Fatalf("width %d: row %d has bits beyond", w, y)
			}
		}
	}
}

func TestHalve(t *testing.T) {
	for _, w := range []int{16, 17, 63, 64, 65, 130} {
		img := newGray(w, 20)
		for i := range img.Pix {
			img.Pix[i] = uint8(i * 7)
		}
		half := newGray(w/2, 10)
		halve(half, img, 0, half.Rect.Dy())
		for y := range half.Rect.Dy() {
			for x := range half.Rect.Dx() {
				sum := 0
				for k := range 4 {
					sum += int(img.Pix[(2*y+k/2)*img.Stride+2*x+k%2])
				}
				if got := int(half.Pix[y*half.Stride+x]); got != sum/4 {
					t.Fatalf("width %d: pixel %d,%d is %d, want %d", w, x, y, got, sum/4)
				}
			}
		}
	}
}

// TestTilesOfOneColour: tiles that are packed by their extremes give what their pixels do, where rows come in pairs. With the
// bits goes the picture at half its size.
func TestTilesOfOneColour(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{64, 8}, {130, 61}, {257, 90}} {
		gray := newGray(size[0], size[1])
		for y := range size[1] {
			for x := range size[0] {
				v := 40 + 160*(x/70&1) + rnd.IntN(3) // areas wider than the windows
				if y&1 == 1 {
					v = int(gray.Pix[(y-1)*gray.Stride+x])
				}
				gray.Pix[y*gray.Stride+x] = uint8(v)
			}
		}
		padRight(gray)
		var b binariser
		bits, half, want := bitmap.New(size[0], size[1]), newGray(size[0]/2, size[1]/2), newGray(size[0]/2, size[1]/2)
		b.binarise(gray, bits, half)
		for y := range size[1] {
			b.thresholds(y / tileSize)
			for x := range size[0] {
				if bits.At(x, y) != (gray.Pix[y*gray.Stride+x] < b.level[x/tileSize]) {
					t.Fatalf("%v: pixel %d, %d", size, x, y)
				}
			}
		}
		if halve(want, gray, 0, size[1]/2); !bytes.Equal(half.Pix, want.Pix) {
			t.Errorf("%v: another picture at half the size", size)
		}
	}
}
