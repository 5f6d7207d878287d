package picture_test

import (
	"testing"

	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// TestDrawnMetafiles reads codes that metafiles draw with boxes and outlines.
func TestDrawnMetafiles(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules(drawnURL))
	for ink, colors := range map[string]mailmaker.Ink{"clean": mailmaker.Black(), "inverted": mailmaker.White(), "tiny": mailmaker.Tiny()} {
		for _, kind := range []string{"rectangles", "polygons", "region", "pattern", "text", "path"} {
			t.Run("emf/"+kind+"/"+ink, func(t *testing.T) { wantsMetafile(t, "a.emf", mailmaker.DrawnEMF(kind, rows, colors)) })
		}
		for _, kind := range []string{"rectangles", "polygons", "pattern"} {
			t.Run("wmf/"+kind+"/"+ink, func(t *testing.T) { wantsMetafile(t, "a.wmf", mailmaker.DrawnWMF(kind, rows, colors)) })
		}
	}
}

func wantsMetafile(t *testing.T, name string, data []byte) {
	t.Helper()
	r := readAll(t, picture.Part{Path: "2", Name: name, Data: data})
	if len(r.codes) == 0 || r.codes[0] != drawnURL || r.carriers[0] != "image" || r.problems != nil {
		t.Errorf("read %q as %q, %d pictures, problems %v", r.codes, r.carriers, r.pictures, r.problems)
	}
	wantsDocument(t, "a.docx", mailmaker.DOCX("", mailmaker.File{Name: "image1" + name[1:], Data: data}))
}

func FuzzMetafiles(f *testing.F) {
	rows := mailmaker.Modules("x")
	for _, kind := range []string{"polygons", "region", "path"} {
		f.Add(mailmaker.DrawnEMF(kind, rows, mailmaker.Tiny()))
	}
	f.Add(mailmaker.DrawnWMF("polygons", rows, mailmaker.Tiny()))
	f.Fuzz(func(t *testing.T, data []byte) {
		count := 0
		picture.NewOpener("").Open(t.Context(), picture.Part{Name: "a.emf", Data: data}, picture.Limits{Pixels: 1_000_000, Pictures: 4}, func(picture.Picture) { count++ })
		if count > 4 {
			t.Errorf("%d pictures", count)
		}
	})
}
