package picture

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"quishmilter/mime"
)

// isPDF accepts a header that does not stand at the very beginning, as readers do, but not in what is sent as text:
// there a mail about PDF would be taken for one.
func isPDF(p Part) bool {
	at := bytes.Index(p.head(), []byte("%PDF-"))
	if at <= 0 {
		return at == 0
	}
	isText := strings.HasPrefix(p.Type, "text/") && !strings.EqualFold(path.Ext(p.Name), ".pdf")
	return !isText || len(bytes.TrimSpace(p.Data[:at])) == 0
}

// document is a PDF that the renderer has open.
type document struct {
	*view
	pdf   pdfium.Pdfium
	ref   references.FPDF_DOCUMENT
	forms references.FPDF_FORMHANDLE // "" without form fields
	seen  map[uint64]bool            // embedded pictures that were shown, by digest
}

// openPDF shows the pages of a PDF as they appear on screen, and pictures in them that have more pixels than that.
func openPDF(v *view) {
	if v.ended("") {
		return
	}
	pdf, err := v.opener.renderer()
	if err != nil {
		v.problem(mime.Unsupported, "", "the PDF renderer does not start")
		return
	}
	defer pdf.Close()
	data := v.part.Data
	opened, err := pdf.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		v.refusedPDF(err)
		return
	}
	d := &document{view: v, pdf: pdf, ref: opened.Document, seen: map[uint64]bool{}}
	d.initForms()
	d.pages()
}

// refusedPDF deals with a file that the renderer does not open.
func (v *view) refusedPDF(err error) {
	if errors.Is(err, pdfiumerrors.ErrPassword) || errors.Is(err, pdfiumerrors.ErrSecurity) {
		v.problem(mime.Encrypted, "", "the PDF needs a password")
		return
	}
	v.salvagePDF()
}

// pages shows the first pages and the last one: the budget is for what people see when they open the file, and for
// what they come to at its end.
func (d *document) pages() {
	count, err := d.pdf.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil || count.PageCount <= 0 {
		d.salvagePDF()
		return
	}
	n, budget := count.PageCount, d.limits.Pages
	for i := range min(n, budget) {
		if i == budget-1 && n > budget {
			if budget > 1 {
				d.problem(mime.OverLimit, "", "pages %d to %d of %d were not looked at", budget, n-1, n)
				i = n - 1
			} else {
				d.problem(mime.OverLimit, "", "pages 2 to %d were not looked at", n)
			}
		}
		at := fmt.Sprintf("page %d", i+1)
		if d.ended(at) {
			return
		}
		d.page(i, at)
	}
}
