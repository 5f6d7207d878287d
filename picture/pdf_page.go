package picture

import (
	"math"

	"github.com/klippa-app/go-pdfium/requests"

	"quishmilter/mime"
)

// How many pixels a page gets. A phone reads a code of 2 cm from a page on a screen; with 37 modules across
// (version 3 and its quiet zone) that is 0.54 mm for a module: 3.2 pixels at 150 dpi. What is smaller is drawn larger
// by itself, see details.
const (
	pageDPI   = 150        // pages of text, drawings and small pictures
	pageMin   = 800        // a small page (a label) is drawn at least so large, in pixels of its longer side
	pageMax   = 16_000_000 // pixels of a page at most, 64 MB in the renderer
	pointInch = 72.0       // PDF's unit (ISO 32000-1, 8.3.2.3)
	most      = 0.6        // share of a page: a scanned page has a picture, or strips of one, that take more
)

// page shows one page, and then what has more to show than fits on it: small drawings, dense pictures.
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
	sh, ok := d.sheet(page, size.Width, size.Height)
	if !ok {
		d.problem(mime.Broken, at, "a page without a place")
		return
	}
	s := d.survey(page)
	if s.cut {
		d.problem(mime.OverLimit, at, "only the first %d objects of the page were looked at for pictures", maxObjects)
	}
	d.pageFiles(page, at)
	d.surveyed(sh, s, at)
}

// surveyed shows a page of which it is known what is on it.
func (d *document) surveyed(sh sheet, s survey, at string) {
	if s.dear() {
		d.early(sh, s, at)
	}
	groups := grouped(s.images)
	scale := d.scale(sh, groups)
	f := frame{sh, max(1, int(math.Ceil(sh.width*scale))), max(1, int(math.Ceil(sh.height*scale))), 0, 0, 0, 0}
	f.w, f.h = f.width, f.height
	visible := d.show(f, at, s.images)
	for _, detail := range d.chooseDetails(f, s, groups, scale*pointInch) {
		if d.ended(at) {
			return
		}
		d.show(detail, at, nil)
	}
	d.embedded(visible, scale*pointInch, at)
}

// scale is how many pixels a point of the page gets: those of the picture that the page is a scan of, if it is one.
func (d *document) scale(sh sheet, groups []imageGroup) float64 {
	dpi := float64(pageDPI)
	for _, g := range groups {
		f := sh.toSheet.box(g.box).clip(box{0, 0, 1, 1})
		if !f.empty() && f.width()*f.height() >= most && !math.IsInf(g.dpi, 0) {
			dpi = math.Max(dpi, g.dpi)
		}
	}
	scale := math.Max(dpi/pointInch, pageMin/math.Max(sh.width, sh.height))
	limit := float64(min(d.limits.Pixels, pageMax))
	return math.Min(scale, math.Sqrt(limit/(sh.width*sh.height))*0.999)
}

// dear reports whether drawing the page may take for ever or all memory: forms may draw forms, each many times.
func (s survey) dear() bool { return s.forms > 1 || s.cut }

// early shows the small pictures of a page that may not come to be drawn. Some of them may be hidden on it.
func (d *document) early(sh sheet, s survey, at string) {
	const pixels, pictures = 1_000_000, 4
	shown := 0
	for _, i := range s.images {
		if int64(i.width)*int64(i.height) > pixels || min(i.width, i.height) < leastPx || shown == pictures {
			continue
		}
		if _, on := sh.pixels(i.box, 1000, 1000); on {
			shown++
			d.embeddedOne(i, at)
		}
	}
}
