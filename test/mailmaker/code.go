// Package mailmaker makes what tests send: codes, pictures and documents with codes in them.
package mailmaker

import (
	"image"
	"image/color"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// Modules is a QR code for the text at error-correction level M, without quiet zone: true is dark, rows from the top.
func Modules(text string) [][]bool {
	code, err := encoder.Encoder_encode(text, decoder.ErrorCorrectionLevel_M, map[gozxing.EncodeHintType]interface{}{
		gozxing.EncodeHintType_CHARACTER_SET: "UTF-8",
	})
	if err != nil {
		panic(err) // a test's own text does not fit a code
	}
	matrix := code.GetMatrix()
	rows := make([][]bool, matrix.GetHeight())
	for y := range rows {
		rows[y] = make([]bool, matrix.GetWidth())
		for x := range rows[y] {
			rows[y][x] = matrix.Get(x, y) == 1
		}
	}
	return rows
}

// CodeImage is a QR code for the text, black on white with the quiet zone of four modules that ISO/IEC 18004 asks
// for, scale pixels to a module.
func CodeImage(text string, scale int) *image.Gray {
	rows := Modules(text)
	const quiet = 4
	size := (len(rows) + 2*quiet) * scale
	img := image.NewGray(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			my, mx := y/scale-quiet, x/scale-quiet
			dark := my >= 0 && mx >= 0 && my < len(rows) && mx < len(rows) && rows[my][mx]
			if !dark {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return img
}
