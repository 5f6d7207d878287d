package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"golang.org/x/image/tiff"

	"quishmilter/mime"
	"quishmilter/test/mailmaker"
)

// shown is what Open made of a part.
type shown struct {
	images   []image.Image
	payloads []string
	at       []string
	kinds    []mime.Kind
}

func open(t testing.TB, part Part, limits Limits) shown {
	t.Helper()
	o := NewOpener("")
	var s shown
	problems := o.Open(t.Context(), part, limits, func(p Picture) {
		if p.Image == nil {
			s.payloads = append(s.payloads, p.Payload)
			return
		}
		if p.Image.Bounds().Min != (image.Point{}) {
			t.Errorf("a picture with bounds %v", p.Image.Bounds())
		}
		s.images, s.at = append(s.images, copied(p.Image)), append(s.at, p.At)
	})
	for _, p := range problems {
		s.kinds = append(s.kinds, p.Kind)
	}
	return s
}

// copied keeps a picture beyond the call that showed it.
func copied(img image.Image) image.Image {
	c := image.NewRGBA(img.Bounds())
	for y := range c.Rect.Dy() {
		for x := range c.Rect.Dx() {
			c.Set(x, y, img.At(x, y))
		}
	}
	return c
}

func bytesOf(t testing.TB, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngBytes(t testing.TB, img image.Image) []byte {
	return bytesOf(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })
}

func TestWanted(t *testing.T) {
	for _, c := range []struct {
		declared, name, head string
		want                 bool
	}{
		{"text/plain", "", "hello", false},
		{"text/html", "", "<html><svg></svg></html>", false},
		{"text/calendar", "a.ics", "BEGIN:VCALENDAR", false},
		{"application/pgp-signature", "", "-----BEGIN PGP", false},
		{"audio/mpeg", "a.mp3", "ID3", false},
		{"text/plain", "", "about %PDF-1.7 files", false},
		{"text/plain", "a.pdf", "x %PDF-1.7", true},
		{"text/plain", "", "%PDF-1.7", true},
		{"text/plain", "", "\n\n%PDF-1.7", true},
		{"application/octet-stream", "", "junk %PDF-1.7", true},
		{"application/octet-stream", "", "\x89PNG\r\n\x1a\n", true},
		{"application/octet-stream", "scan.PDF", "damaged", true},
		{"image/png", "", "damaged", true},
		{"application/octet-stream", "x.docx", "PK\x03\x04", true},
		{"application/octet-stream", "x.txt", "BMW is a car maker and no picture", false},
	} {
		if got := Wanted(c.declared, c.name, []byte(c.head)); got != c.want {
			t.Errorf("Wanted(%q, %q, %q) = %v", c.declared, c.name, c.head, got)
		}
	}
}

func TestWantedPDFHeaderAtTheLimit(t *testing.T) {
	for _, c := range []struct {
		before int
		want   bool
	}{{headSize - 6, true}, {headSize - 5, true}, {headSize - 4, false}} {
		head := append(bytes.Repeat([]byte("x"), c.before), "%PDF-1.7"...)
		if got := Wanted("application/octet-stream", "", head); got != c.want {
			t.Errorf("header behind %d bytes: %v", c.before, got)
		}
	}
}

func TestPixelLimit(t *testing.T) {
	data := pngBytes(t, image.NewGray(image.Rect(0, 0, 100, 100)))
	for _, c := range []struct {
		pixels int64
		shown  int
	}{{9_999, 0}, {10_000, 1}, {10_001, 1}} {
		s := open(t, Part{Data: data}, Limits{Pixels: c.pixels})
		if len(s.images) != c.shown || (c.shown == 0) != slices.Equal(s.kinds, []mime.Kind{mime.OverLimit}) {
			t.Errorf("limit %d: shown %d, problems %v", c.pixels, len(s.images), s.kinds)
		}
	}
	deep := pngBytes(t, image.NewNRGBA64(image.Rect(0, 0, 100, 100))) // eight bytes a pixel
	if s := open(t, Part{Data: deep}, Limits{Pixels: 10_000}); !slices.Equal(s.kinds, []mime.Kind{mime.OverLimit}) {
		t.Errorf("16 bit: problems %v", s.kinds)
	}
}

func TestDamagedPicturesAreShown(t *testing.T) {
	code := mailmaker.CodeImage("https://example.com", 8)
	whole := pngBytes(t, code)
	sum := slices.Clone(whole)
	sum[len(sum)-14] ^= 0xff // in the checksum of the last IDAT
	jpg := bytesOf(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, code, nil) })
	wrong := slices.Clone(jpg)
	copy(wrong[len(jpg)*3/4:], "\xff\x00\xff\x00\xff\x00") // no code of the usual tables
	for _, c := range []struct {
		name  string
		data  []byte
		rows  int // of these, from the top, must be as drawn
		kinds []mime.Kind
	}{
		{"png without end mark", whole[:len(whole)-12], code.Rect.Dy(), nil},
		{"png with a wrong checksum", sum, code.Rect.Dy(), nil},
		{"png cut in the middle", whole[:len(whole)*3/4], code.Rect.Dy() / 3, []mime.Kind{mime.Broken}},
		{"png header only", whole[:33], 0, []mime.Kind{mime.Broken}},
		{"jpeg without end mark", jpg[:len(jpg)-2], code.Rect.Dy(), nil},
		{"jpeg cut in the middle", jpg[:len(jpg)*3/4], code.Rect.Dy() / 3, []mime.Kind{mime.Broken}},
		{"jpeg with a wrong code", wrong, code.Rect.Dy() / 3, []mime.Kind{mime.Broken}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Part{Data: c.data}, Limits{})
			if !slices.Equal(s.kinds, c.kinds) || len(s.images) != 1 {
				t.Fatalf("shown %d, problems %v, want %v", len(s.images), s.kinds, c.kinds)
			}
			for y := range c.rows {
				for x := range code.Rect.Dx() {
					got := color.GrayModel.Convert(s.images[0].At(x, y)).(color.Gray).Y
					if (got > 127) != (code.GrayAt(x, y).Y > 127) {
						t.Fatalf("pixel %d,%d is %d", x, y, got)
					}
				}
			}
		})
	}
}

// TestMendInterlaced checks the size of the seven passes: with it wrong, Go's decoder would refuse the result.
func TestMendInterlaced(t *testing.T) {
	for _, size := range []int{1, 2, 3, 5, 8, 13} {
		header := make([]byte, 13)
		binary.BigEndian.PutUint32(header, uint32(size))
		binary.BigEndian.PutUint32(header[4:], uint32(size))
		header[8], header[9], header[12] = 8, 2, 1
		data := appendChunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", header)
		if s := open(t, Part{Data: data}, Limits{}); len(s.images) != 1 {
			t.Errorf("size %d: problems %v", size, s.kinds)
		}
	}
}

// TestAnimationIsComposed draws the code's halves in two frames, neither of which shows it alone.
func TestAnimationIsComposed(t *testing.T) {
	code := mailmaker.CodeImage("https://example.com", 4)
	side := code.Rect.Dx()
	palette := color.Palette{color.Gray{}, color.Gray{Y: 255}, color.Transparent}
	half := func(r image.Rectangle) *image.Paletted {
		p := image.NewPaletted(r, palette)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				p.SetColorIndex(x, y, code.GrayAt(x, y).Y/255)
			}
		}
		return p
	}
	frames := []*image.Paletted{half(image.Rect(0, 0, side, side/2)), half(image.Rect(0, side/2, side, side)), half(image.Rect(0, 0, 1, 1))}
	for _, c := range []struct {
		first, second byte // disposal
		equal         []bool
	}{
		{gif.DisposalNone, gif.DisposalNone, []bool{false, true, true}},
		{gif.DisposalBackground, gif.DisposalNone, []bool{false, false, false}},
		{gif.DisposalNone, gif.DisposalPrevious, []bool{false, true, false}},
	} {
		data := bytesOf(t, func(b *bytes.Buffer) error {
			return gif.EncodeAll(b, &gif.GIF{Image: frames, Delay: []int{1, 1, 1}, Disposal: []byte{c.first, c.second, 0},
				Config: image.Config{ColorModel: palette, Width: side, Height: side}})
		})
		s := open(t, Part{Data: data}, Limits{})
		if !slices.Equal(s.at, []string{"frame 1", "frame 2", "frame 3"}) || len(s.kinds) != 0 {
			t.Fatalf("shown %v, problems %v", s.at, s.kinds)
		}
		for i, want := range c.equal {
			if got := same(s.images[i], code); got != want {
				t.Errorf("disposal %d, %d: frame %d shows the code: %v", c.first, c.second, i+1, got)
			}
		}
		if s := open(t, Part{Data: data}, Limits{Pictures: 2}); !slices.Equal(s.at, []string{"frame 1", "frame 3"}) || !slices.Equal(s.kinds, []mime.Kind{mime.OverLimit}) {
			t.Errorf("of two frames: shown %v, problems %v", s.at, s.kinds)
		}
		if s := open(t, Part{Data: data[:len(data)-10]}, Limits{}); len(s.at) != 2 || !slices.Equal(s.kinds, []mime.Kind{mime.Broken}) {
			t.Errorf("truncated: shown %v, problems %v", s.at, s.kinds)
		}
	}
}

func same(a, b image.Image) bool {
	for y := range b.Bounds().Dy() {
		for x := range b.Bounds().Dx() {
			if color.RGBAModel.Convert(a.At(x, y)) != color.RGBAModel.Convert(b.At(x, y)) {
				return false
			}
		}
	}
	return a.Bounds() == b.Bounds()
}

// TestTIFFPages links two files' directories, which works since an encoder puts all offsets behind the header.
func TestTIFFPages(t *testing.T) {
	first := bytesOf(t, func(b *bytes.Buffer) error { return tiff.Encode(b, mailmaker.CodeImage("one", 2), nil) })
	data := append(slices.Clone(first), first...)
	start := uint32(len(first))
	le := binary.LittleEndian
	directory := le.Uint32(first[4:])
	link := func(at uint32) uint32 { return at + 2 + 12*uint32(le.Uint16(data[at:])) }
	le.PutUint32(data[link(directory):], start+directory) // the second directory points at the first one's strips
	part := Part{Data: data}
	if s := open(t, part, Limits{}); !slices.Equal(s.at, []string{"page 1", "page 2"}) || len(s.kinds) != 0 {
		t.Errorf("shown %v, problems %v", s.at, s.kinds)
	}
	if s := open(t, part, Limits{Pages: 1}); !slices.Equal(s.at, []string{"page 1"}) || !slices.Equal(s.kinds, []mime.Kind{mime.OverLimit}) {
		t.Errorf("one page: shown %v, problems %v", s.at, s.kinds)
	}
	le.PutUint32(data[link(start+directory):], directory) // a loop
	if s := open(t, part, Limits{}); len(s.at) != 2 {
		t.Errorf("a loop: shown %v", s.at)
	}
}

func TestTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, data := range [][]byte{pngBytes(t, image.NewGray(image.Rect(0, 0, 9, 9))), mailmaker.PDFDrawn(nil)} {
		problems := NewOpener("").Open(ctx, Part{Data: data}, Limits{}, func(Picture) { t.Error("a picture was shown") })
		if len(problems) != 1 || problems[0].Kind != mime.Timeout {
			t.Errorf("problems %+v", problems)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		n, k int
		want []int
	}{{0, 5, []int{}}, {3, 5, []int{0, 1, 2}}, {3, 3, []int{0, 1, 2}}, {9, 3, []int{0, 4, 8}}, {9, 1, []int{0}}, {4, 3, []int{0, 1, 3}}} {
		if got := spread(c.n, c.k); !slices.Equal(got, c.want) {
			t.Errorf("spread(%d, %d) = %v", c.n, c.k, got)
		}
	}
}

// FuzzOpen feeds everything but PDF, whose renderer would be all that is fuzzed.
func FuzzOpen(f *testing.F) {
	code := mailmaker.CodeImage("x", 1)
	f.Add(pngBytes(f, code))
	f.Add(bytesOf(f, func(b *bytes.Buffer) error { return jpeg.Encode(b, code, nil) }))
	f.Add(bytesOf(f, func(b *bytes.Buffer) error { return gif.Encode(b, code, nil) }))
	f.Add(bytesOf(f, func(b *bytes.Buffer) error { return tiff.Encode(b, code, nil) }))
	f.Fuzz(func(t *testing.T, data []byte) {
		if isPDF(Part{Data: data}) {
			return
		}
		count := 0
		problems := NewOpener("").Open(t.Context(), Part{Data: data}, Limits{Pixels: 100_000, Pictures: 4, Pages: 4}, func(p Picture) {
			if count++; p.Image.Bounds().Dx()*p.Image.Bounds().Dy() > 100_000 {
				t.Errorf("a picture of %v", p.Image.Bounds())
			}
		})
		if count > 4 || len(problems) > maxProblems {
			t.Errorf("%d pictures, %d problems", count, len(problems))
		}
	})
}
