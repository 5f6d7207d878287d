package picture_test

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/qr"
	"quishmilter/test/mailmaker"
)

// opener is one for all tests, since the renderer takes a second to compile.
var opener = sync.OnceValue(func() *picture.Opener { return picture.NewOpener("") })

// looked is what was read in a part.
type looked struct {
	texts, at []string
	kinds     []mime.Kind
	problems  []mime.Problem
}

func look(t testing.TB, part picture.Part) looked {
	t.Helper()
	var l looked
	opener().Begin()
	l.problems = opener().Open(t.Context(), part, picture.Limits{}, func(p picture.Picture) {
		if p.Image == nil {
			l.texts, l.at = append(l.texts, p.Payload), append(l.at, p.At)
			return
		}
		for _, c := range qr.Read(t.Context(), p.Image).Codes {
			if n := len(l.texts); n == 0 || l.texts[n-1] != c.Text || l.at[n-1] != p.At { // on the page and larger
				l.texts, l.at = append(l.texts, c.Text), append(l.at, p.At)
			}
		}
	})
	for _, p := range l.problems {
		l.kinds = append(l.kinds, p.Kind)
	}
	return l
}

func encrypt(t testing.TB, data []byte, user string) []byte {
	t.Helper()
	api.DisableConfigDir()
	var b bytes.Buffer
	if err := api.Encrypt(bytes.NewReader(data), &b, model.NewAESConfiguration(user, "owner", 256)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPDF(t *testing.T) {
	modules, code := mailmaker.Modules(link), mailmaker.CodeImage(link, 4)
	drawn := mailmaker.PDFDrawn(modules)
	dense := mailmaker.CodeImage(link, 8)
	pages := mailmaker.PDFPages(30, 17, modules)
	broken, overLimit := []mime.Kind{mime.Broken}, []mime.Kind{mime.OverLimit}
	for _, c := range []struct {
		name  string
		part  picture.Part
		codes int
		at    string
		kinds []mime.Kind
	}{
		{"picture", picture.Part{Data: mailmaker.PDFWithImage(code)}, 1, "page 1", nil},
		{"drawn", picture.Part{Data: drawn}, 1, "page 1", nil},
		{"drawn small", picture.Part{Data: mailmaker.PDFSmall(modules, 842, 0.6)}, 1, "page 1", nil},
		{"drawn on a huge page", picture.Part{Data: mailmaker.PDFSmall(modules, 14_400, 4)}, 1, "page 1", nil},
		{"drawn on a tiny page", picture.Part{Data: mailmaker.PDFSmall(modules, 20, 0.2)}, 1, "page 1", nil},
		{"one path", picture.Part{Data: mailmaker.PDFPath(modules, 3)}, 1, "page 1", nil},
		{"one small path", picture.Part{Data: mailmaker.PDFPath(modules, 0.6)}, 1, "page 1", nil},
		{"strips", picture.Part{Data: mailmaker.PDFStrips(code, 7, false, 150)}, 1, "page 1", nil},
		{"halves", picture.Part{Data: mailmaker.PDFStrips(code, 2, true, 150)}, 1, "page 1", nil},
		{"small strips", picture.Part{Data: mailmaker.PDFStrips(dense, 7, false, 22)}, 1, "page 1", nil},
		{"small halves", picture.Part{Data: mailmaker.PDFStrips(dense, 2, true, 22)}, 1, "page 1", nil},
		{"inline image", picture.Part{Data: mailmaker.PDFInlineImage(code)}, 1, "page 1", nil},
		{"Type 3 font", picture.Part{Data: mailmaker.PDFType3(modules, 4)}, 1, "page 1", nil},
		{"small Type 3 font", picture.Part{Data: mailmaker.PDFType3(modules, 0.7)}, 1, "page 1", nil},
		{"stamp", picture.Part{Data: mailmaker.PDFAnnotation(modules, false)}, 1, "page 1", nil},
		{"button", picture.Part{Data: mailmaker.PDFAnnotation(modules, true)}, 1, "page 1", nil},
		{"turned and cropped", picture.Part{Data: mailmaker.PDFTurned(modules, false)}, 1, "page 1", nil},
		{"cropped away", picture.Part{Data: mailmaker.PDFTurned(modules, true)}, 0, "", nil},
		{"picture cropped away", picture.Part{Data: mailmaker.PDFPictureOutside(dense)}, 0, "", nil},
		{"layer", picture.Part{Data: mailmaker.PDFLayer(dense, true)}, 1, "page 1", nil},
		{"layer that is off", picture.Part{Data: mailmaker.PDFLayer(dense, false)}, 0, "", nil},
		{"attached picture", picture.Part{Data: mailmaker.PDFCarrying("a.png", mailmaker.PNG(code), false)}, 1, "a.png", nil},
		{"attached PDF", picture.Part{Data: mailmaker.PDFCarrying("a.pdf", drawn, false)}, 1, "a.pdf page 1", nil},
		{"file on the page", picture.Part{Data: mailmaker.PDFCarrying("a.png", mailmaker.PNG(code), true)}, 1, "a.png", nil},
		{"giant mask", picture.Part{Data: mailmaker.PDFGiantMask(code)}, 1, "page 1", overLimit},
		{"pattern that draws itself", picture.Part{Data: mailmaker.PDFPatternCycle(code)}, 1, "page 1", broken},
		{"page in the middle of many", picture.Part{Data: pages}, 1, "page 17", nil},
		{"many pages of text", picture.Part{Data: mailmaker.PDFLetters(40, "")}, 0, "", nil},
		{"many pages of text and a drawing", picture.Part{Data: mailmaker.PDFLetters(40, mailmaker.DrawModules(modules, 100, 200, 4))}, 1, "page 39", nil},
		{"many pages with drawings", picture.Part{Data: mailmaker.PDFMany(60, mailmaker.DrawModules(modules[:8], 100, 700, 4))}, 0, "", overLimit},
		{"letters that draw, among many", picture.Part{Data: mailmaker.PDFType3Among(60, 40, modules, 4)}, 0, "", overLimit},
		{"empty password", picture.Part{Data: encrypt(t, drawn, "")}, 1, "page 1", nil},
		{"unknown password", picture.Part{Data: encrypt(t, drawn, "tango"), Passwords: []string{"tangos"}}, 0, "", []mime.Kind{mime.Encrypted}},
		{"password in the mail", picture.Part{Data: encrypt(t, drawn, "tango"), Passwords: []string{"Tango", "tango"}}, 1, "page 1", nil},
		{"no table of objects", picture.Part{Data: drawn[:bytes.LastIndex(drawn, []byte("xref\n0 "))]}, 1, "page 1", broken},
		{"no table, compressed objects", picture.Part{Data: mailmaker.PDFCompressed(modules)}, 1, "page 1", broken},
		{"wrong offsets", picture.Part{Data: bytes.Replace(drawn, []byte("%PDF-1.5\n"), []byte("%PDF-1.5\n%moved\n"), 1)}, 1, "page 1", nil},
		{"header behind junk", picture.Part{Data: append([]byte("GET / HTTP/1.0\r\n\r\n"), drawn...)}, 1, "page 1", nil},
		{"no catalogue", picture.Part{Data: bytes.Replace(drawn, []byte("1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>"), []byte("1 0 obj\n(                               )"), 1)}, 1, "page 1", broken},
		{"header only", picture.Part{Data: []byte("%PDF-1.7\n")}, 0, "", broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := look(t, c.part)
			if !slices.Equal(got.kinds, c.kinds) {
				t.Errorf("problems %+v, want %v", got.problems, c.kinds)
			}
			if len(got.texts) != c.codes {
				t.Fatalf("%d codes, want %d", len(got.texts), c.codes)
			}
			for i, text := range got.texts {
				if text != link || got.at[i] != c.at {
					t.Errorf("read %q at %q, want %q", text, got.at[i], c.at)
				}
			}
		})
	}
}
