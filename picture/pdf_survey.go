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

// manyPaths is fewer shapes than the smallest code has runs of modules.
const manyPaths = 40

// leastCode is the side of a drawing in points below which it is no whole code: 1 mm.
const leastCode = 2.8

// survey is what is on a page, as far as it tells how to draw it. Places are those of the page's user space.
type survey struct {
	images []pdfImage
	shapes []shape
	forms  int  // how deep form XObjects lie in each other
	cut    bool // there were more objects
	left   int  // objects that may still be looked at
}

// shape is something on the page that may be a module of a drawn code, or all of them.
type shape struct {
	box      box
	segments int // of a path; 0 for others
}

// pdfImage is a picture on a page.
type pdfImage struct {
	ref           references.FPDF_PAGEOBJECT
	width, height int     // its own pixels
	dpi           float64 // its own pixels per inch, as it lies on the page
	box           box
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
		if !d.visit(&s, object.PageObject, identity, 0) {
			break
		}
	}
	d.noteBoxes(page, &s)
	return s
}

// noteBoxes adds what annotations draw, which are no objects of the page: stamps, buttons.
func (d *document) noteBoxes(page requests.Page, s *survey) {
	for _, kind := range []enums.FPDF_ANNOTATION_SUBTYPE{enums.FPDF_ANNOT_SUBTYPE_STAMP, enums.FPDF_ANNOT_SUBTYPE_WIDGET} {
		d.notes(page, kind, func(note references.FPDF_ANNOTATION) {
			got, err := d.pdf.FPDFAnnot_GetRect(&requests.FPDFAnnot_GetRect{Annotation: note})
			if err == nil {
				r := got.Rect
				s.shapes = append(s.shapes, shape{box{float64(r.Left), float64(r.Bottom), float64(r.Right), float64(r.Top)}, leastPath})
			}
		})
	}
}

// visit notes one object; m is what the forms around it do to it. It reports false at the limit.
func (d *document) visit(s *survey, object references.FPDF_PAGEOBJECT, m affine, depth int) bool {
	if s.left--; s.left < 0 {
		s.cut = true
		return false
	}
	kind, err := d.pdf.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: object})
	if err != nil {
		return true
	}
	switch kind.Type {
	case enums.FPDF_PAGEOBJ_FORM:
		s.forms = max(s.forms, depth+1)
		return depth >= maxForms || d.visitForm(s, object, m, depth+1)
	case enums.FPDF_PAGEOBJ_IMAGE:
		if i, ok := d.measure(object, m); ok {
			s.images = append(s.images, i)
			s.shapes = append(s.shapes, shape{box: i.box})
		}
	case enums.FPDF_PAGEOBJ_PATH, enums.FPDF_PAGEOBJ_TEXT:
		if b, ok := d.bounds(object, m); ok {
			segments := 0
			if kind.Type == enums.FPDF_PAGEOBJ_PATH && math.Max(b.width(), b.height()) >= leastCode {
				segments = d.segments(object)
			}
			s.shapes = append(s.shapes, shape{b, segments})
		}
	}
	return true
}

func (d *document) visitForm(s *survey, form references.FPDF_PAGEOBJECT, m affine, depth int) bool {
	count, err := d.pdf.FPDFFormObj_CountObjects(&requests.FPDFFormObj_CountObjects{PageObject: form})
	if err != nil {
		return true
	}
	m = d.matrix(form).then(m)
	for i := range count.Count {
		object, err := d.pdf.FPDFFormObj_GetObject(&requests.FPDFFormObj_GetObject{PageObject: form, Index: uint64(i)})
		if err != nil {
			continue
		}
		if !d.visit(s, object.PageObject, m, depth) {
			return false
		}
	}
	return true
}

func (d *document) segments(object references.FPDF_PAGEOBJECT) int {
	got, err := d.pdf.FPDFPath_CountSegments(&requests.FPDFPath_CountSegments{PageObject: object})
	if err != nil {
		return 0
	}
	return got.Count
}

// matrix is the object's own, or one that changes nothing.
func (d *document) matrix(object references.FPDF_PAGEOBJECT) affine {
	got, err := d.pdf.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: object})
	if err != nil {
		return identity
	}
	m := got.Matrix
	return affine{float64(m.A), float64(m.B), float64(m.C), float64(m.D), float64(m.E), float64(m.F)}
}

func (d *document) bounds(object references.FPDF_PAGEOBJECT, m affine) (box, bool) {
	got, err := d.pdf.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: object})
	if err != nil {
		return box{}, false
	}
	return m.box(box{float64(got.Left), float64(got.Bottom), float64(got.Right), float64(got.Top)}), true
}

// measure finds out where a picture lies and how densely: its matrix makes a unit square of it (ISO 32000-1, 8.9.3).
func (d *document) measure(object references.FPDF_PAGEOBJECT, m affine) (pdfImage, bool) {
	size, err := d.pdf.FPDFImageObj_GetImagePixelSize(&requests.FPDFImageObj_GetImagePixelSize{ImageObject: object})
	if err != nil {
		return pdfImage{}, false
	}
	lies := d.matrix(object).then(m)
	i := pdfImage{ref: object, width: int(size.Width), height: int(size.Height), dpi: math.Inf(1), box: lies.box(box{0, 0, 1, 1})}
	if w, h := math.Hypot(lies.a, lies.b), math.Hypot(lies.c, lies.d); w > 0 && h > 0 {
		i.dpi = pointInch * math.Max(float64(i.width)/w, float64(i.height)/h)
	}
	return i, true
}

// weighImage is weighPage for one picture.
func (d *document) weighImage(object references.FPDF_PAGEOBJECT) int {
	i, ok := d.measure(object, identity)
	if !ok || min(i.width, i.height) < leastPx {
		return 1
	}
	if 4*i.width > 5*i.height || 4*i.height > 5*i.width {
		return 2
	}
	return 3
}
