package inspect

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"quishmilter/mime"
	"quishmilter/test/mailmaker"
)

const link = "https://example.com/scan?id=4711"

// encoded writes a picture with one of the libraries' encoders.
func encoded(t testing.TB, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// kind is a part with a code in it, or without one.
type kind struct {
	name     string
	data     []byte
	carrier  string
	codes    int
	at       string
	problems []mime.Kind
}

func kinds(t testing.TB) []kind {
	code := mailmaker.CodeImage(link, 4)
	modules := mailmaker.Modules(link)
	jpg := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, code, nil) })
	webp, err := os.ReadFile("testdata/code.webp")
	if err != nil {
		t.Fatal(err)
	}
	picture := mailmaker.PDFWithImage(mailmaker.CodeImage(link, 4))
	return []kind{
		{"png", pngOf(t, code), "image", 1, "", nil},
		{"jpeg", jpg, "image", 1, "", nil},
		{"gif", encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, code, nil) }), "image", 1, "", nil},
		{"bmp", encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, code) }), "image", 1, "", nil},
		{"tiff", encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, code, nil) }), "image", 1, "", nil},
		{"webp", webp, "image", 1, "", nil},
		{"pdf picture", picture, "pdf", 1, "page 1", nil},
		{"pdf drawn", mailmaker.PDFDrawn(modules), "pdf", 1, "page 1", nil},
		{"pdf after junk", append([]byte("junk before the header\n"), mailmaker.PDFDrawn(modules)...), "pdf", 1, "page 1", nil},
		{"pdf tiny dense picture", mailmaker.PDFWithImageSized(mailmaker.CodeImage(link, 8), 12), "pdf", 1, "page 1", nil},
		{"pdf last page of many", mailmaker.PDFPages(30, 30, modules), "pdf", 1, "page 30", nil},
		{"pdf encrypted", encrypted(t, picture), "", 0, "", []mime.Kind{mime.Encrypted}},
		{"truncated png", pngOf(t, code)[:300], "", 0, "", []mime.Kind{mime.Broken}},
		{"pdf without cross-reference", picture[:bytes.LastIndex(picture, []byte("xref\n0 "))], "pdf", 1, "page 1", []mime.Kind{mime.Broken}},
		{"truncated jpeg", jpg[:len(jpg)/2], "", 0, "", []mime.Kind{mime.Broken}},
		{"jpeg without end mark", jpg[:len(jpg)-2], "image", 1, "", nil},
		{"truncated pdf", picture[:len(picture)/2], "", 0, "", []mime.Kind{mime.Broken, mime.Broken}},
		{"png bomb", pngBomb(30_000, 30_000), "", 0, "", []mime.Kind{mime.OverLimit}},
		{"broken zip", []byte("PK\x03\x04 and so on"), "", 0, "", []mime.Kind{mime.Broken}},
		{"docx", mailmaker.DOCX("", mailmaker.File{Name: "a.png", Data: pngOf(t, code)}), "office", 1, "word/media/a.png", nil},
		{"text", []byte("only words"), "", 0, "", nil},
	}
}

// pngBomb is a picture whose header says so many pixels; its data would unpack to that for as long as one reads.
func pngBomb(width, height uint32) []byte {
	header := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(header[4:], width)
	binary.BigEndian.PutUint32(header[8:], height)
	header[12], header[13] = 8, 6
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	out = append(out, header...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(header))
}

// encrypted gives a PDF a password that nobody knows.
func encrypted(t testing.TB, data []byte) []byte {
	t.Helper()
	api.DisableConfigDir()
	return encoded(t, func(b *bytes.Buffer) error {
		return api.Encrypt(bytes.NewReader(data), b, model.NewAESConfiguration("user", "owner", 256))
	})
}

func TestKinds(t *testing.T) {
	l := lease(t, realPool(t, 1))
	for _, k := range kinds(t) {
		t.Run(k.name, func(t *testing.T) {
			found, problems := l.Read(within(t, 20*time.Second), partOf("x", k.data))
			var got []mime.Kind
			for _, p := range problems {
				got = append(got, p.Kind)
			}
			if !slices.Equal(got, k.problems) {
				t.Errorf("problems %+v, want %v", problems, k.problems)
			}
			if len(found) != k.codes {
				t.Fatalf("found %+v, want %d", found, k.codes)
			}
			for _, f := range found {
				if f.Text != link || f.Carrier != k.carrier || f.At != k.at || f.Box[2] <= f.Box[0] {
					t.Errorf("found %+v", f)
				}
			}
		})
	}
}

// TestNestedForms is a PDF whose drawing takes for ever and all memory: the part is given up, the next one read.
func TestNestedForms(t *testing.T) {
	p := realPool(t, 1)
	l := lease(t, p)
	start := time.Now()
	_, problems := l.Read(within(t, 2*time.Second), partOf("nested.pdf", mailmaker.PDFNested(30)))
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("took %v", took)
	}
	if len(problems) == 0 {
		t.Fatal("no problem is told")
	}
	for _, p := range problems {
		if p.Kind != mime.Timeout && p.Kind != mime.OverLimit && p.Kind != mime.Broken { // broken: the renderer met its own bound first
			t.Errorf("problem %+v", p)
		}
	}
	found, problems := l.Read(within(t, 20*time.Second), partOf("a.pdf", mailmaker.PDFDrawn(mailmaker.Modules(link))))
	if len(found) != 1 || len(problems) != 0 {
		t.Errorf("after it: found %+v, problems %+v", found, problems)
	}
}

// BenchmarkRead prints what a part costs, the way to the worker and back included.
func BenchmarkRead(b *testing.B) {
	photo := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	for i := range photo.Pix {
		photo.Pix[i] = byte(i/4%1600/8 + i/6400*3)
	}
	l := lease(b, realPool(b, 1))
	for _, k := range []struct {
		name string
		data []byte
	}{
		{"nothing", []byte("no picture")},
		{"png-300", pngOf(b, mailmaker.CodeImage(link, 8))},
		{"jpeg-1.9MP", encoded(b, func(w *bytes.Buffer) error { return jpeg.Encode(w, photo, nil) })},
		{"pdf-picture", mailmaker.PDFWithImage(mailmaker.CodeImage(link, 8))},
		{"pdf-drawn", mailmaker.PDFDrawn(mailmaker.Modules(link))},
	} {
		b.Run(k.name, func(b *testing.B) {
			for b.Loop() {
				if _, problems := l.Read(within(b, 20*time.Second), partOf("x", k.data)); len(problems) != 0 {
					b.Fatal(problems)
				}
			}
		})
	}
}

// A code whose content stands in text comes without a box, as a QR code.
func TestTextThatIsACode(t *testing.T) {
	l := lease(t, realPool(t, 1))
	data := mailmaker.DOCX(mailmaker.WordField(`DISPLAYBARCODE "` + link + `" QR`))
	found, problems := l.Read(within(t, 20*time.Second), partOf("a.docx", data))
	if len(found) != 1 || len(problems) != 0 {
		t.Fatalf("found %+v, problems %+v", found, problems)
	}
	if f := found[0]; f.Text != link || f.Symbology != "qr" || f.Carrier != "office" || f.At != "word/document.xml" || f.Box != [4]int{} {
		t.Errorf("found %+v", f)
	}
}
