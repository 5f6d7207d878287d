package picture

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"quishmilter/mime"
)

// salvagePDF shows the embedded pictures of a PDF that the renderer does not open: pdfcpu rebuilds some of what is
// missing, and mail clients' viewers differ in what they forgive. Whatever it finds, that the file is broken is said.
func (v *view) salvagePDF() {
	v.problem(mime.Broken, "", "the PDF does not open; only pictures embedded in it were looked for")
	api.DisableConfigDir() // it would make one in the home directory
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Offline = true
	conf.Limits.MaxDecodeBytes = v.limits.Pixels * memoryPerPixel
	conf.Limits.MaxImagePixels = v.limits.Pixels
	pages := []string{"1-" + strconv.Itoa(v.limits.Pages)}
	show := func(i model.Image, _ bool, _ int) error { return v.salvaged(i) }
	err := api.ExtractImages(bytes.NewReader(v.part.Data), pages, show, conf)
	if errors.Is(err, pdfcpu.ErrWrongPassword) {
		v.problem(mime.Encrypted, "", "the PDF needs a password")
	}
}

// errEnough ends the walk over a document's pictures.
var errEnough = errors.New("no budget for further pictures")

// salvaged shows one picture, which comes as a file of its own.
func (v *view) salvaged(i model.Image) error {
	at := "page " + strconv.Itoa(i.PageNr)
	if v.ended(at) {
		return errEnough
	}
	if i.Reader == nil {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(i, v.limits.Pixels*memoryPerPixel))
	if err != nil {
		v.problem(mime.Broken, at, "a picture that does not unpack")
		return nil
	}
	if d, ok := rasterDecoder(data); ok {
		if img := v.decode(d, data, at); img != nil {
			v.picture(img, at, "pdf")
		}
	}
	return nil
}
