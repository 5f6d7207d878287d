package mailmaker

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-message"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

func read(t *testing.T, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result.GetText()
}

// leaves returns the leaf parts by their media type, decoded.
func leaves(t *testing.T, raw []byte) map[string][]byte {
	t.Helper()
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	err = entity.Walk(func(path []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		mediaType, _, err := part.Header.ContentType()
		if err != nil || strings.HasPrefix(mediaType, "multipart/") {
			return err
		}
		found[mediaType], err = io.ReadAll(part.Body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSOC251IsTheAlertsMail(t *testing.T) {
	raw := SOC251().Bytes()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"From":    "security@microsecmfa.com",
		"To":      "Claire@letsdefend.io",
		"Subject": "New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)",
		"Date":    "Mon, 01 Jan 2024 12:37:00 +0000",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	img, err := png.Decode(bytes.NewReader(leaves(t, raw)["image/png"]))
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, img); got != SOC251URL {
		t.Errorf("the code holds %q", got)
	}
}

func TestSamplesAreWhatTheyClaim(t *testing.T) {
	for _, test := range []struct {
		name   string
		letter Letter
		types  []string
		least  int
		most   int
	}{
		{"plain", Plain5KB(), []string{"text/plain"}, 4500, 5500},
		{"photo", HTMLWithLogoAndPhoto(), []string{"image/jpeg", "image/png", "text/html", "text/plain"}, 350_000, 500_000},
		{"png", PNGCode(), []string{"image/png", "text/html"}, 1000, 10_000},
		{"pdf picture", PDFImageCode(), []string{"application/pdf", "text/plain"}, 1000, 10_000},
		{"pdf drawn", PDFDrawnCode(), []string{"application/pdf", "text/plain"}, 1000, 20_000},
		{"newsletter", Newsletter(), []string{"image/png", "text/html", "text/plain"}, 1000, 20_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			raw := test.letter.Bytes()
			if !bytes.Equal(raw, test.letter.Bytes()) {
				t.Error("the same letter gives different bytes")
			}
			if len(raw) < test.least || len(raw) > test.most {
				t.Errorf("%d octets, want %d to %d", len(raw), test.least, test.most)
			}
			var types []string
			for mediaType := range leaves(t, raw) {
				types = append(types, mediaType)
			}
			slices.Sort(types)
			if !slices.Equal(types, test.types) {
				t.Errorf("parts are %v, want %v", types, test.types)
			}
			for line := range bytes.Lines(raw) {
				if len(line) > 998+2 || !bytes.HasSuffix(line, []byte("\r\n")) {
					t.Fatalf("line is not RFC 5322's: %.80q", line)
				}
			}
		})
	}
}

func TestPhotoIsLikeAPhoto(t *testing.T) {
	file := leaves(t, HTMLWithLogoAndPhoto().Bytes())["image/jpeg"]
	config, err := jpeg.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if config.Width*config.Height != 1_920_000 || len(file) < 270_000 || len(file) > 330_000 {
		t.Errorf("photo of %d×%d in %d octets", config.Width, config.Height, len(file))
	}
}

// The cross-reference table of a PDF must point at its objects: readers rebuild a broken one, which would hide a
// mistake here.
func TestPDFCrossReferences(t *testing.T) {
	for name, file := range map[string][]byte{
		"picture": PDFWithImage(CodeImage("hello", 2)), "drawn": PDFDrawn(Modules("hello")),
	} {
		var start, count int
		tail := file[bytes.LastIndex(file, []byte("startxref")):]
		if _, err := fmt.Sscanf(string(tail), "startxref\n%d", &start); err != nil {
			t.Fatal(name, err)
		}
		if _, err := fmt.Sscanf(string(file[start:]), "xref\n0 %d\n", &count); err != nil {
			t.Fatal(name, err)
		}
		entries := bytes.Split(file[start:], []byte("\n"))[3:]
		for i := 1; i < count; i++ {
			var offset int
			if _, err := fmt.Sscanf(string(entries[i-1]), "%d", &offset); err != nil {
				t.Fatal(name, err)
			}
			if want := fmt.Sprintf("%d 0 obj\n", i); !bytes.HasPrefix(file[offset:], []byte(want)) {
				t.Errorf("%s: no object %d at %d", name, i, offset)
			}
		}
	}
}
