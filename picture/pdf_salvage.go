package picture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/validate"

	"quishmilter/mime"
)

// salvagePDF shows the embedded pictures of a PDF that the renderer does not open: pdfcpu rebuilds some of what is
// missing, and mail clients' viewers differ in what they forgive. Whatever it finds, that the file is broken is said.
//
// Its api package is left alone: a library that this needs for tables takes 22 ms at every start of the program.
func (v *view) salvagePDF() {
	v.problem(mime.Broken, "", "the PDF does not open; only pictures embedded in it were looked for")
	defer func() {
		if recover() != nil { // of a file that is known to be broken, and nothing is kept of the library's state
			v.problem(mime.Broken, "", "the search for embedded pictures failed")
		}
	}()
	file, err := v.readBrokenPDF()
	if errors.Is(err, pdfcpu.ErrWrongPassword) {
		v.problem(mime.Encrypted, "", "the PDF needs a password")
	}
	if err != nil {
		return
	}
	for page := 1; page <= min(file.PageCount, v.limits.Pages); page++ {
		images, err := pdfcpu.ExtractPageImages(file, page, false)
		if err != nil {
			continue
		}
		for _, number := range slices.Sorted(maps.Keys(images)) {
			if !v.salvaged(images[number], page) {
				return
			}
		}
	}
}

// readBrokenPDF reads what can be read. What the file's objects say about themselves need not be valid: that only
// makes fewer pictures be found.
func (v *view) readBrokenPDF() (*model.Context, error) {
	model.ConfigPath = "disable" // or it would make a folder in the home directory
	conf := model.NewDefaultConfiguration()
	conf.Cmd = model.EXTRACTIMAGES
	conf.ValidationMode = model.ValidationRelaxed
	conf.Offline = true
	conf.Limits.MaxDecodeBytes = v.limits.Pixels * memoryPerPixel
	conf.Limits.MaxImagePixels = v.limits.Pixels
	file, err := pdfcpu.Read(bytes.NewReader(v.part.Data), conf)
	if err != nil {
		return nil, err
	}
	_ = validate.XRefTable(file) // it also fills in what the next step needs
	return file, pdfcpu.OptimizeXRefTable(file)
}

// salvaged shows one picture, which comes as a file of its own. It reports whether there is budget for more.
func (v *view) salvaged(i model.Image, page int) bool {
	at := fmt.Sprintf("page %d", page)
	if v.ended(at) {
		return false
	}
	if i.Reader == nil {
		return true
	}
	data, err := io.ReadAll(io.LimitReader(i, v.limits.Pixels*memoryPerPixel))
	if err != nil {
		v.problem(mime.Broken, at, "a picture that does not unpack")
		return true
	}
	if d, ok := rasterDecoder(data); ok {
		if img := v.decode(d, data, at); img != nil {
			v.picture(img, at, "pdf")
		}
	}
	return true
}
