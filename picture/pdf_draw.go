package picture

import (
	"image"
	"time"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"quishmilter/mime"
)

// frame is a part of a drawing of the sheet: the sheet is width × height pixels, and of these w × h from x, y on are
// drawn.
type frame struct {
	sheet         sheet
	width, height int
	x, y, w, h    int
}

// show draws a frame on white and shows it, or notes why not. Of the pictures it returns those that can be seen in
// it: layers that are off, white paint and the crop box hide what viewers do not show either.
func (d *document) show(f frame, at string, images []pdfImage) (visible []pdfImage) {
	if f.w > pageMax/f.h { // a line of a page, after rounding up
		d.problem(mime.OverLimit, at, "the page is too long to draw")
		return images
	}
	made, err := d.pdf.FPDFBitmap_Create(&requests.FPDFBitmap_Create{Width: f.w, Height: f.h, Alpha: 1})
	if err != nil {
		d.problem(mime.OverLimit, at, "no memory to draw the page")
		return images
	}
	defer d.pdf.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: made.Bitmap})
	if len(d.pixels(made.Bitmap)) < 4*f.w*f.h {
		d.problem(mime.OverLimit, at, "no memory to draw the page")
		return images
	}
	if !d.draw(f, made.Bitmap, at) {
		d.problem(mime.Broken, at, "the page does not draw")
		return images
	}
	pix := d.pixels(made.Bitmap) // anew, since drawing may have moved the renderer's memory
	if len(pix) < 4*f.w*f.h {
		d.problem(mime.Broken, at, "the page does not draw")
		return images
	}
	drawn := &image.RGBA{Pix: pix, Stride: 4 * f.w, Rect: image.Rect(0, 0, f.w, f.h)}
	for _, i := range images {
		if p, on := f.sheet.pixels(i.box, f.width, f.height); on && !unmarked(drawn, p) {
			visible = append(visible, i)
		}
	}
	d.picture(drawn, at, "pdf")
	return visible
}

// unmarked reports whether a place on the page has one colour all over. Places of few pixels are not judged: there a
// code is nothing but grey.
func unmarked(drawn *image.RGBA, place box) bool {
	const least, step, same = 12, 32, 6
	r := image.Rect(int(place.x0), int(place.y0), int(place.x1), int(place.y1)).Intersect(drawn.Rect)
	if r.Dx() < least || r.Dy() < least {
		return false
	}
	first := drawn.Pix[drawn.PixOffset(r.Min.X, r.Min.Y):]
	for y := r.Min.Y; y < r.Max.Y; y += max(1, r.Dy()/step) {
		for x := r.Min.X; x < r.Max.X; x += max(1, r.Dx()/step) {
			p := drawn.Pix[drawn.PixOffset(x, y):]
			for c := range 3 {
				if int(p[c])-int(first[c]) > same || int(first[c])-int(p[c]) > same {
					return false
				}
			}
		}
	}
	return true
}

// pixels is a bitmap's memory, nil without one.
func (d *document) pixels(bitmap references.FPDF_BITMAP) []byte {
	buffer, err := d.pdf.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: bitmap})
	if err != nil {
		return nil
	}
	return buffer.Buffer
}

// draw puts the page, its annotations and its form fields on a white bitmap. When time is up it stops between two of
// the page's objects (a form counts as one, so that this is no sure end), and what is there is kept.
func (d *document) draw(f frame, bitmap references.FPDF_BITMAP, at string) bool {
	_, err := d.pdf.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{Bitmap: bitmap, Width: f.w, Height: f.h, Color: 0xffffffff})
	if err != nil {
		return false
	}
	const flags = enums.FPDF_RENDER_FLAG_ANNOT | enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER
	end := d.drawUntil()
	started, err := d.pdf.FPDF_RenderPageBitmap_Start(&requests.FPDF_RenderPageBitmap_Start{Bitmap: bitmap, Page: f.sheet.page,
		StartX: -f.x, StartY: -f.y, SizeX: f.width, SizeY: f.height, Flags: flags,
		NeedToPauseNowCallback: func() bool { return d.ctx.Err() != nil || time.Now().After(end) }})
	d.pdf.FPDF_RenderPage_Close(&requests.FPDF_RenderPage_Close{Page: f.sheet.page})
	if err != nil || started.RenderStatus == enums.FPDF_RENDER_STATUS_FAILED {
		return false
	}
	if started.RenderStatus == enums.FPDF_RENDER_STATUS_TOBECONTINUED {
		d.problem(mime.Timeout, at, "the page was drawn only in part")
		return true
	}
	if d.forms != "" {
		_, err = d.pdf.FPDF_FFLDraw(&requests.FPDF_FFLDraw{FormHandle: d.forms, Bitmap: bitmap, Page: f.sheet.page,
			StartX: -f.x, StartY: -f.y, SizeX: f.width, SizeY: f.height, Flags: flags})
	}
	return err == nil
}

// drawUntil leaves half of the time for what comes behind a page.
func (d *document) drawUntil() time.Time {
	deadline, ok := d.ctx.Deadline()
	if !ok {
		return time.Now().Add(time.Hour)
	}
	return time.Now().Add(time.Until(deadline) / 2)
}
