package picture

import (
	"image"
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"quishmilter/mime"
)

// How many pixels a page gets. A phone reads a code of 2 cm from a page on a screen; with 37 modules across
// (version 3 and its quiet zone) that is 0.54 mm for a module: 3.2 pixels at 150 dpi, 4.7 at 220.
const (
	pageDPI   = 150        // pages of text and photos
	drawnDPI  = 220        // pages with many drawn shapes, which may be the modules of a small code
	pageMin   = 800        // a small page (a label) is drawn at least so large, in pixels of its longer side
	pageMax   = 16_000_000 // pixels of a page at most, 64 MB in the renderer
	manyPaths = 40         // fewer shapes than the smallest code has runs of modules
	pointInch = 72.0       // PDF's unit (ISO 32000-1, 8.3.2.3)
)

// page shows one page, and then those of its embedded pictures that have more to show.
func (d *document) page(index int, at string) {
	loaded, err := d.pdf.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.ref, Index: index})
	if err != nil {
		d.problem(mime.Broken, at, "the page does not parse")
		return
	}
	defer d.pdf.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	page := requests.Page{ByReference: &loaded.Page}
	size, err := d.pdf.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.ref, Index: index})
	if err != nil || !(size.Width > 0 && size.Height > 0) {
		d.problem(mime.Broken, at, "a page without a size")
		return
	}
	s := d.survey(page)
	if s.cut {
		d.problem(mime.OverLimit, at, "only the first %d objects of the page were looked at for pictures", maxObjects)
	}
	scale := d.pageScale(size.Width, size.Height, s)
	d.render(page, max(1, int(math.Ceil(size.Width*scale))), max(1, int(math.Ceil(size.Height*scale))), at)
	d.embedded(s.images, scale*pointInch, at)
}

// pageScale is how many pixels a point of the page gets.
func (d *document) pageScale(width, height float64, s survey) float64 {
	dpi := float64(pageDPI)
	if s.paths > manyPaths {
		dpi = drawnDPI
	}
	scale := math.Max(dpi/pointInch, pageMin/math.Max(width, height))
	most := float64(min(d.limits.Pixels, pageMax))
	return math.Min(scale, math.Sqrt(most/(width*height))*0.999)
}

// render draws one page on white and shows it, or notes why not.
func (d *document) render(page requests.Page, width, height int, at string) {
	if width > pageMax/height { // a line of a page, after rounding up
		d.problem(mime.OverLimit, at, "the page is too long to draw")
		return
	}
	made, err := d.pdf.FPDFBitmap_Create(&requests.FPDFBitmap_Create{Width: width, Height: height, Alpha: 1})
	if err != nil {
		d.problem(mime.OverLimit, at, "no memory to draw the page")
		return
	}
	defer d.pdf.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: made.Bitmap})
	if len(d.pixels(made.Bitmap)) < 4*width*height {
		d.problem(mime.OverLimit, at, "no memory to draw the page")
		return
	}
	if !d.draw(page, made.Bitmap, width, height) {
		d.problem(mime.Broken, at, "the page does not draw")
		return
	}
	pix := d.pixels(made.Bitmap) // anew, since drawing may have moved the renderer's memory
	if len(pix) < 4*width*height {
		d.problem(mime.Broken, at, "the page does not draw")
		return
	}
	d.picture(&image.RGBA{Pix: pix, Stride: 4 * width, Rect: image.Rect(0, 0, width, height)}, at, "pdf")
}

// pixels is a bitmap's memory, nil without one.
func (d *document) pixels(bitmap references.FPDF_BITMAP) []byte {
	buffer, err := d.pdf.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: bitmap})
	if err != nil {
		return nil
	}
	return buffer.Buffer
}

// draw puts the page, its annotations and its form fields on a white bitmap.
func (d *document) draw(page requests.Page, bitmap references.FPDF_BITMAP, width, height int) bool {
	_, err := d.pdf.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{Bitmap: bitmap, Width: width, Height: height, Color: 0xffffffff})
	if err != nil {
		return false
	}
	const flags = enums.FPDF_RENDER_FLAG_ANNOT | enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER
	_, err = d.pdf.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{Bitmap: bitmap, Page: page, SizeX: width, SizeY: height, Flags: flags})
	if err != nil {
		return false
	}
	if d.forms != "" {
		_, err = d.pdf.FPDF_FFLDraw(&requests.FPDF_FFLDraw{FormHandle: d.forms, Bitmap: bitmap, Page: page, SizeX: width, SizeY: height, Flags: flags})
	}
	return err == nil
}
