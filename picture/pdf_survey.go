package picture

import (
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// maxObjects and maxForms bound the walk over a page's objects.
const (
	maxObjects = 4000
	maxForms   = 8 // form XObjects inside each other
)

// survey is what is on a page, as far as it tells how to draw it.
type survey struct {
	images []pdfImage
	paths  int
	cut    bool // there were more objects
	left   int  // objects that may still be looked at
}

// pdfImage is a picture on a page.
type pdfImage struct {
	ref           references.FPDF_PAGEOBJECT
	width, height int     // its own pixels
	dpi           float64 // its own pixels per inch, as it lies on the page
}

// survey walks the page's objects and those in its form XObjects.
func (d *document) survey(page requests.Page) survey {
	s := survey{left: maxObjects}
	count, err := d.pdf.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return s
	}
	for i := range count.Count {
		object, err := d.pdf.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			continue
		}
		if !d.visit(&s, object.PageObject, 1, 0) {
			break
		}
	}
	return s
}

// visit notes one object. scale is how much the forms around it enlarge it. It reports false at the limit.
func (d *document) visit(s *survey, object references.FPDF_PAGEOBJECT, scale float64, depth int) bool {
	if s.left--; s.left < 0 {
		s.cut = true
		return false
	}
	kind, err := d.pdf.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: object})
	if err != nil {
		return true
	}
	switch kind.Type {
	case enums.FPDF_PAGEOBJ_PATH:
		s.paths++
	case enums.FPDF_PAGEOBJ_IMAGE:
		if i, ok := d.measure(object, scale); ok {
			s.images = append(s.images, i)
		}
	case enums.FPDF_PAGEOBJ_FORM:
		return depth >= maxForms || d.visitForm(s, object, scale, depth+1)
	}
	return true
}

func (d *document) visitForm(s *survey, form references.FPDF_PAGEOBJECT, scale float64, depth int) bool {
	count, err := d.pdf.FPDFFormObj_CountObjects(&requests.FPDFFormObj_CountObjects{PageObject: form})
	if err != nil {
		return true
	}
	if w, h := d.extent(form); w > 0 && h > 0 {
		scale *= math.Sqrt(w * h)
	}
	for i := range count.Count {
		object, err := d.pdf.FPDFFormObj_GetObject(&requests.FPDFFormObj_GetObject{PageObject: form, Index: uint64(i)})
		if err != nil {
			continue
		}
		if !d.visit(s, object.PageObject, scale, depth) {
			return false
		}
	}
	return true
}

// extent is how long the object's matrix makes the unit vectors.
func (d *document) extent(object references.FPDF_PAGEOBJECT) (w, h float64) {
	got, err := d.pdf.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: object})
	if err != nil {
		return 0, 0
	}
	m := got.Matrix
	return math.Hypot(float64(m.A), float64(m.B)), math.Hypot(float64(m.C), float64(m.D))
}

// measure finds out how densely a picture lies on the page: its matrix makes a unit square of it (ISO 32000-1, 8.9.3).
func (d *document) measure(object references.FPDF_PAGEOBJECT, scale float64) (pdfImage, bool) {
	size, err := d.pdf.FPDFImageObj_GetImagePixelSize(&requests.FPDFImageObj_GetImagePixelSize{ImageObject: object})
	if err != nil {
		return pdfImage{}, false
	}
	w, h := d.extent(object)
	i := pdfImage{ref: object, width: int(size.Width), height: int(size.Height), dpi: math.Inf(1)}
	if w > 0 && h > 0 && scale > 0 {
		i.dpi = pointInch * math.Max(float64(i.width)/(w*scale), float64(i.height)/(h*scale))
	}
	return i, true
}
