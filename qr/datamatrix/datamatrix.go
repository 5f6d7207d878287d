package datamatrix

import (
	"context"
	"image"

	"quishmilter/qr/bitmap"
)

type Found struct{ Text string }

func Read(ctx context.Context, bits *bitmap.Bitmap, gray *image.Gray) []Found { return nil }
