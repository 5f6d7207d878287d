package inspect

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"time"

	"golang.org/x/image/draw"

	"quishmilter/qr"
)

// Bounds of an evidence picture. What it is for is that a person sees what the reader of the message saw, and can
// hold a phone to it; so modules keep four pixels where there is room.
const (
	maxEvidence     = 16 << 10 // bytes of PNG
	maxEvidenceSide = 448      // pixels
	minEvidenceSide = 128
	maxEvidences    = 64 // in one part, as many codes as the journal keeps of a message
)

// evidence is a small gray picture of the code and the quiet zone around it, as PNG; nil where there is none to be had.
func (w *worker) evidence(ctx context.Context, img image.Image, code qr.Code, box [4]int) []byte {
	if w.evidences >= maxEvidences || hurried(ctx) {
		return nil
	}
	w.evidences++
	area := image.Rect(box[0], box[1], box[2], box[3])
	margin := max(area.Dx(), area.Dy()) / 10
	if area = area.Inset(-margin).Intersect(img.Bounds()); area.Empty() {
		return nil
	}
	for side := evidenceSide(code.Version); side >= 32; side = side * 2 / 3 {
		if picture := grayPNG(shrunk(img, area, side), &w.png); len(picture) <= maxEvidence {
			return picture
		}
	}
	return nil
}

// hurried says that the time for the part is nearly up: codes come before their pictures.
func hurried(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < 300*time.Millisecond
}

// evidenceSide is the longer side of a code's picture: a code of version n has 17+4n modules (ISO/IEC 18004, table 1)
// beside its quiet zone. Other symbologies have no version and get the middle.
func evidenceSide(version int) int {
	if version <= 0 {
		return 256
	}
	return min(max(4*(21+4*version), minEvidenceSide), maxEvidenceSide)
}

// shrunk draws an area on white paper, at most so large; nothing is made larger than it is.
func shrunk(img image.Image, area image.Rectangle, side int) *image.Gray {
	size := area.Size()
	if longest := max(size.X, size.Y); longest > side {
		size = image.Pt(max(1, size.X*side/longest), max(1, size.Y*side/longest))
	}
	paper := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(paper, paper.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(paper, paper.Bounds(), img, area, draw.Over, nil)
	gray := image.NewGray(paper.Bounds())
	for i := range gray.Pix {
		p := paper.Pix[4*i : 4*i+3 : 4*i+3]
		gray.Pix[i] = uint8((299*uint32(p[0]) + 587*uint32(p[1]) + 114*uint32(p[2]) + 500) / 1000) // ITU-R BT.601
	}
	return gray
}

func grayPNG(picture *image.Gray, pool png.EncoderBufferPool) []byte {
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: pool}
	if err := encoder.Encode(&out, picture); err != nil {
		return nil
	}
	return out.Bytes()
}

// lastBuffer keeps what encoding needs, since that costs more than the encoding. A worker encodes one picture at a time.
type lastBuffer struct{ buffer *png.EncoderBuffer }

// Get takes the kept buffer, if there is one.
func (l *lastBuffer) Get() *png.EncoderBuffer {
	kept := l.buffer
	l.buffer = nil
	return kept
}

// Put keeps a buffer.
func (l *lastBuffer) Put(buffer *png.EncoderBuffer) { l.buffer = buffer }

// saneEvidence checks what a worker says is a picture of a code.
func saneEvidence(picture []byte) bool {
	if len(picture) == 0 {
		return true
	}
	config, err := png.DecodeConfig(bytes.NewReader(picture))
	return err == nil && len(picture) <= maxEvidence && config.Width <= maxEvidenceSide && config.Height <= maxEvidenceSide
}
