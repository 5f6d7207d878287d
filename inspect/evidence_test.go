package inspect

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"quishmilter/qr"
	"quishmilter/test/mailmaker"
)

// reread reads what a code's evidence says, as a person with a phone would.
func reread(t *testing.T, f Found) string {
	t.Helper()
	if len(f.Shown) == 0 || !saneEvidence(f.Shown) {
		t.Fatalf("evidence of %d bytes", len(f.Shown))
	}
	picture, err := png.Decode(bytes.NewReader(f.Shown))
	if err != nil {
		t.Fatal(err)
	}
	codes := qr.Read(t.Context(), picture).Codes
	if len(codes) != 1 {
		t.Fatalf("%d codes in the evidence", len(codes))
	}
	return codes[0].Text
}

// The evidence is a small picture that says what the code said.
func TestEvidenceOfACode(t *testing.T) {
	pool := newPool(t, nil)
	read := func(img image.Image) Found {
		lease, err := pool.Lease(t.Context(), "q")
		if err != nil {
			t.Fatal(err)
		}
		defer lease.Release()
		data := mailmaker.PNG(img)
		found, _ := lease.Read(t.Context(), Part{Path: "1", Type: "image/png", Size: int64(len(data)), Reader: bytes.NewReader(data)})
		if len(found) != 1 {
			t.Fatalf("%d codes", len(found))
		}
		return found[0]
	}
	for _, link := range []string{"https://example.com/x", "https://example.com/" + strings.Repeat("long", 60)} {
		code := mailmaker.CodeImage(link, 8)
		noisy := image.NewRGBA(image.Rect(0, 0, code.Bounds().Dx()+700, code.Bounds().Dy()+700))
		random := rand.New(rand.NewPCG(1, 2))
		for i := range noisy.Pix {
			noisy.Pix[i] = 230 + uint8(random.IntN(25))
		}
		draw.Draw(noisy, code.Bounds().Add(image.Pt(350, 350)), code, image.Point{}, draw.Src)
		if got := reread(t, read(noisy)); got != link {
			t.Errorf("the evidence says %q, want %q", got, link)
		}
	}
}

// A picture that does not compress is made smaller until it fits, and one on glass stands on white paper.
func TestEvidenceFits(t *testing.T) {
	noise := image.NewNRGBA(image.Rect(0, 0, 3000, 2000))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.Uint32())
	}
	w := &worker{}
	box := [4]int{-50, -50, 4000, 4000}
	if picture := w.evidence(t.Context(), noise, qr.Code{Version: 40}, box); len(picture) == 0 || !saneEvidence(picture) {
		t.Errorf("%d bytes", len(picture))
	}
	glass := image.NewNRGBA(image.Rect(0, 0, 50, 50))
	if got := shrunk(glass, glass.Bounds(), 100).GrayAt(25, 25); got != (color.Gray{Y: 255}) {
		t.Errorf("glass is %v", got)
	}
	if picture := w.evidence(t.Context(), glass, qr.Code{}, [4]int{60, 60, 70, 70}); picture != nil {
		t.Error("a box outside the picture shows something")
	}
}

// What a worker says is a picture is looked at before it is believed.
func TestSaneEvidence(t *testing.T) {
	small := grayPNG(image.NewGray(image.Rect(0, 0, 10, 10)), nil)
	for name, bad := range map[string]bool{
		"no PNG":         saneEvidence([]byte("GIF89a")),
		"too many bytes": saneEvidence(append(bytes.Clone(small), make([]byte, maxEvidence)...)),
		"too wide":       saneEvidence(grayPNG(image.NewGray(image.Rect(0, 0, maxEvidenceSide+1, 1)), nil)),
	} {
		if bad {
			t.Errorf("%s is believed", name)
		}
	}
	if !saneEvidence(small) || !saneEvidence(nil) {
		t.Error("what is sound is refused")
	}
}

// BenchmarkEvidence: what the picture of a code costs beside reading it.
func BenchmarkEvidence(b *testing.B) {
	code := mailmaker.CodeImage("https://example.com/some/longer/path?with=query", 6)
	result := qr.Read(b.Context(), code)
	if len(result.Codes) != 1 {
		b.Fatal(len(result.Codes))
	}
	box := codeBox(result.Codes[0].Corners)
	w := &worker{}
	for b.Loop() {
		w.evidences = 0
		if len(w.evidence(b.Context(), code, result.Codes[0], box)) == 0 {
			b.Fatal("none")
		}
	}
}
