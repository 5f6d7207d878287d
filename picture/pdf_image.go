package picture

import (
	"errors"
	"hash/maphash"
	"image"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// Which embedded pictures are shown beside the page that they are on.
const (
	denser   = 1.3 // times more pixels per inch than the page was drawn with: else the page shows them as well
	leastPx  = 21  // pixels of the shorter side: the modules of the smallest QR code
	mostEach = 16  // pictures of one page
)

var digestSeed = maphash.MakeSeed()

// embedded shows the pictures that lost pixels when the page was drawn, each once for a document: the same logo may
// be on every page.
func (d *document) embedded(images []pdfImage, drawnDPI float64, at string) {
	shown := 0
	for _, i := range images {
		if i.dpi < denser*drawnDPI || min(i.width, i.height) < leastPx || int64(i.width)*int64(i.height) > min(d.limits.Pixels, pageMax) {
			continue
		}
		if shown++; shown > mostEach || d.ctx.Err() != nil || d.shown >= d.limits.Pictures {
			return // the page itself was shown, so nothing that a reader sees is left out
		}
		d.embeddedOne(i, at)
	}
}

func (d *document) embeddedOne(i pdfImage, at string) {
	got, err := d.pdf.FPDFImageObj_GetBitmap(&requests.FPDFImageObj_GetBitmap{ImageObject: i.ref})
	if err != nil {
		return
	}
	defer d.pdf.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: got.Bitmap})
	img, pixels := d.bitmap(got.Bitmap)
	if img == nil {
		return
	}
	digest := maphash.Bytes(digestSeed, pixels)
	if d.seen[digest] {
		return
	}
	d.seen[digest] = true
	d.picture(img, at, "pdf")
}

// bitmap makes an image of a bitmap in the renderer's memory, which has blue first.
func (d *document) bitmap(ref references.FPDF_BITMAP) (image.Image, []byte) {
	format, err1 := d.pdf.FPDFBitmap_GetFormat(&requests.FPDFBitmap_GetFormat{Bitmap: ref})
	width, err2 := d.pdf.FPDFBitmap_GetWidth(&requests.FPDFBitmap_GetWidth{Bitmap: ref})
	height, err3 := d.pdf.FPDFBitmap_GetHeight(&requests.FPDFBitmap_GetHeight{Bitmap: ref})
	stride, err4 := d.pdf.FPDFBitmap_GetStride(&requests.FPDFBitmap_GetStride{Bitmap: ref})
	if errors.Join(err1, err2, err3, err4) != nil {
		return nil, nil
	}
	w, h, s, pix := width.Width, height.Height, stride.Stride, d.pixels(ref)
	rect := image.Rect(0, 0, w, h)
	if w <= 0 || h <= 0 || s < 0 || len(pix) < s*h {
		return nil, nil
	}
	switch format.Format {
	case enums.FPDF_BITMAP_FORMAT_GRAY:
		return &image.Gray{Pix: pix, Stride: s, Rect: rect}, pix
	case enums.FPDF_BITMAP_FORMAT_BGR:
		return spaced(pix, w, h, s), pix
	case enums.FPDF_BITMAP_FORMAT_BGRX:
		swap(pix)
		for i := 3; i < len(pix); i += 4 {
			pix[i] = 0xff
		}
		return &image.RGBA{Pix: pix, Stride: s, Rect: rect}, pix
	case enums.FPDF_BITMAP_FORMAT_BGRA:
		swap(pix)
		return &image.NRGBA{Pix: pix, Stride: s, Rect: rect}, pix
	}
	return nil, nil
}

// swap puts red first in pixels of four bytes.
func swap(pix []byte) {
	for i := 0; i+3 < len(pix); i += 4 {
		pix[i], pix[i+2] = pix[i+2], pix[i]
	}
}

// spaced gives pixels of three bytes a fourth.
func spaced(pix []byte, w, h, stride int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		src, dst := pix[y*stride:y*stride+3*w], img.Pix[y*img.Stride:]
		for x := range w {
			dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = src[3*x+2], src[3*x+1], src[3*x], 0xff
		}
	}
	return img
}
