package qr

import (
	"context"
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

func read(_ context.Context, img image.Image) Result {
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return Result{}
	}
	found, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return Result{}
	}
	code := Code{Symbology: "qr", Text: found.GetText(), Bytes: []byte(found.GetText())}
	points := found.GetResultPoints()
	for i := 0; i < len(points) && i < 4; i++ {
		code.Corners[i] = Point{points[i].GetX(), points[i].GetY()}
	}
	return Result{Codes: []Code{code}}
}
