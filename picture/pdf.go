package picture

import (
	"bytes"
	"errors"
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
	pdf     pdfium.Pdfium
	ref     references.FPDF_DOCUMENT
	forms   references.FPDF_FORMHANDLE // "" without form fields
	seen    map[uint64]bool            // embedded pictures that were shown, by digest
	plain   map[int]bool               // pages that were seen to hold nothing but text
	details int                        // parts of pages that were drawn larger
	text    *string                    // its words, once they were asked for
}

// openPDF shows the pages of a PDF as they appear on screen, pictures in them that have more pixels than that, and
// the files attached to it.
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
	data := v.withoutCycles(v.withoutGiants(v.part.Data))
	ref, err := openWith(pdf, data, v.part.Passwords)
	if err == nil && pageCount(pdf, ref) == 0 || err != nil && !isEncrypted(err) {
		ref, err = v.openMended(pdf, data)
	}
	switch {
	case err == nil:
		of := *v
		d := &document{view: &of, pdf: pdf, ref: ref, seen: map[uint64]bool{}, plain: map[int]bool{}}
		of.words = d.words
		d.initForms()
		d.pages()
		d.attachments()
	case isEncrypted(err):
		v.problem(mime.Encrypted, "", "the PDF needs a password")
	default:
		v.salvagePDF()
	}
}

// maxTried bounds the passwords tried on one document: with AES-256 (revision 6 of the security handler) each costs
// a millisecond or more, on purpose.
const maxTried = MaxPasswords

// openWith opens a document: with the empty password, as every reader does first, and then with those given.
func openWith(pdf pdfium.Pdfium, data []byte, passwords []string) (references.FPDF_DOCUMENT, error) {
	opened, err := pdf.OpenDocument(&requests.OpenDocument{File: &data})
	for _, password := range passwords[:min(len(passwords), maxTried)] {
		if err == nil || !errors.Is(err, pdfiumerrors.ErrPassword) {
			break
		}
		opened, err = pdf.OpenDocument(&requests.OpenDocument{File: &data, Password: &password})
	}
	if err != nil {
		return "", err
	}
	return opened.Document, nil
}

func isEncrypted(err error) bool {
	return errors.Is(err, pdfiumerrors.ErrPassword) || errors.Is(err, pdfiumerrors.ErrSecurity)
}

func pageCount(pdf pdfium.Pdfium, ref references.FPDF_DOCUMENT) int {
	count, err := pdf.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: ref})
	if err != nil {
		return 0
	}
	return max(count.PageCount, 0)
}
