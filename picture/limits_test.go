package picture_test

import (
	"fmt"
	"image"
	"slices"
	"testing"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// TestMessageBudget opens parts until what the message may have is used up; the next message has it anew.
func TestMessageBudget(t *testing.T) {
	blank := picture.Part{Path: "2", Name: "a.png", Data: mailmaker.PNG(image.NewGray(image.Rect(0, 0, 100, 100)))}
	paged := picture.Part{Path: "2", Name: "a.pdf", Data: mailmaker.PDFWithImage(mailmaker.CodeImage(link, 4))}
	packed := picture.Part{Path: "2", Name: "a.zip", Data: mailmaker.Zip(mailmaker.File{Name: "a.png", Data: mailmaker.PNG(image.NewGray(image.Rect(0, 0, 100, 100)))})}
	for name, c := range map[string]struct {
		part   picture.Part
		limits picture.Budget
		whole  int // parts that are looked at whole
	}{
		"pictures":    {blank, picture.Budget{Pictures: 2}, 2},
		"pixels":      {blank, picture.Budget{Pixels: 29_999}, 2},
		"just pixels": {blank, picture.Budget{Pixels: 30_000}, 3},
		"pages":       {paged, picture.Budget{Pages: 1}, 1},
		"unpacked":    {packed, picture.Budget{Unpacked: 200}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := picture.NewOpener("")
			for range 2 {
				o.Begin()
				for n := range 3 {
					problems := o.Open(t.Context(), c.part, picture.Limits{Message: c.limits}, func(picture.Picture) {})
					said := slices.ContainsFunc(problems, func(p mime.Problem) bool { return p.Kind == mime.OverLimit && p.Part == "2" })
					if said != (n >= c.whole) {
						t.Errorf("part %d: %v", n+1, problems)
					}
				}
			}
		})
	}
}

// TestUnpackedRatio lets a part unpack to as much as its own size allows.
func TestUnpackedRatio(t *testing.T) {
	header := append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), make([]byte, 36)...)
	for _, c := range []struct {
		megabytes int
		over      bool
	}{{40, false}, {68, true}} {
		t.Run(fmt.Sprint(c.megabytes), func(t *testing.T) {
			half := append(slices.Clone(header), make([]byte, c.megabytes<<19)...)
			part := picture.Part{Path: "2", Name: "a.zip", Data: mailmaker.Zip(mailmaker.File{Name: "a.bmp", Data: half}, mailmaker.File{Name: "b.bmp", Data: half})}
			problems := picture.NewOpener("").Open(t.Context(), part, picture.Limits{Ratio: 1}, func(picture.Picture) {})
			if got := slices.ContainsFunc(problems, func(p mime.Problem) bool { return p.Kind == mime.OverLimit }); got != c.over {
				t.Errorf("over: %v, problems %v", got, problems)
			}
		})
	}
}
