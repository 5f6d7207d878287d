package picture

import (
	"fmt"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"quishmilter/mime"
)

// attachments looks at the files attached to the document; in a portfolio they are what readers show first.
func (d *document) attachments() {
	count, err := d.pdf.FPDFDoc_GetAttachmentCount(&requests.FPDFDoc_GetAttachmentCount{Document: d.ref})
	if err != nil {
		return
	}
	for i := range min(count.AttachmentCount, d.limits.Embedded) {
		if d.ended(fmt.Sprintf("attachment %d", i+1)) {
			return
		}
		got, err := d.pdf.FPDFDoc_GetAttachment(&requests.FPDFDoc_GetAttachment{Document: d.ref, Index: i})
		if err == nil {
			d.attached(got.Attachment, fmt.Sprintf("attachment %d", i+1))
		}
	}
}

// attached looks at one file.
func (d *document) attached(file references.FPDF_ATTACHMENT, at string) {
	name := at
	if got, err := d.pdf.FPDFAttachment_GetName(&requests.FPDFAttachment_GetName{Attachment: file}); err == nil && got.Name != "" {
		name = got.Name
	}
	got, err := d.pdf.FPDFAttachment_GetFile(&requests.FPDFAttachment_GetFile{Attachment: file})
	switch {
	case err != nil || got.Contents == nil:
		d.problem(mime.Broken, name, "an attached file that does not unpack")
	case !d.spend(int64(len(got.Contents))):
		d.problem(mime.OverLimit, name, "the files inside are too large together")
	default:
		d.inside(Part{Name: name, Data: got.Contents}, "pdf")
	}
}

// maxNotes bounds the walk over a page's annotations.
const maxNotes = 200

// pageFiles looks at the files that hang on a page as annotations (ISO 32000-1, 12.5.6.15).
func (d *document) pageFiles(page requests.Page, at string) {
	d.notes(page, enums.FPDF_ANNOT_SUBTYPE_FILEATTACHMENT, func(note references.FPDF_ANNOTATION) {
		got, err := d.pdf.FPDFAnnot_GetFileAttachment(&requests.FPDFAnnot_GetFileAttachment{Document: d.ref, Annotation: note})
		if err == nil {
			d.attached(got.Attachment, at)
		}
	})
}

// notes calls what to do with each annotation of a kind.
func (d *document) notes(page requests.Page, kind enums.FPDF_ANNOTATION_SUBTYPE, do func(references.FPDF_ANNOTATION)) {
	count, err := d.pdf.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: page})
	if err != nil {
		return
	}
	for i := range min(count.Count, maxNotes) {
		got, err := d.pdf.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: page, Index: i})
		if err != nil {
			continue
		}
		if is, err := d.pdf.FPDFAnnot_GetSubtype(&requests.FPDFAnnot_GetSubtype{Annotation: got.Annotation}); err == nil && is.Subtype == kind {
			do(got.Annotation)
		}
		d.pdf.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: got.Annotation})
	}
}
