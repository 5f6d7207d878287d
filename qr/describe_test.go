package qr

import (
	"image"
	"image/draw"
	"slices"
	"testing"
)

func TestTricks(t *testing.T) {
	for name, change := range map[string]func(*look){
		"":             func(*look) {},
		"inverted":     func(l *look) { l.invert = true },
		"mirrored":     func(l *look) { l.mirror = true },
		"low-contrast": func(l *look) { l.light, l.dark = 137, 120 },
		"distorted":    func(l *look) { l.stretch = 2.5 },
	} {
		l := plain(5)
		change(&l)
		var want []string
		if name != "" {
			want = []string{name}
		}
		codes := wants(t, render(encode(t, "tricks", "M", 0), l), "tricks")
		if len(codes) == 1 && !slices.Equal(codes[0].Tricks, want) {
			t.Errorf("%v, want %v", codes[0].Tricks, want)
		}
	}
}

// A code of 18 levels is above 7 % of 255, and pale print is no disguise.
func TestPaleIsNoTrick(t *testing.T) {
	for _, contrast := range []float64{18, 30, 60} {
		l := plain(5)
		l.light, l.dark = 120+contrast, 120
		codes := wants(t, render(encode(t, "pale", "M", 0), l), "pale")
		if len(codes) == 1 && len(codes[0].Tricks) != 0 {
			t.Errorf("%v at %v levels", codes[0].Tricks, contrast)
		}
	}
}

// part makes one symbol of a structured append of version 1-L.
func part(index, total, parity int, text string) *grid {
	var b bitWriter
	b.put(3, 4)
	b.put(index, 4)
	b.put(total-1, 4)
	b.put(parity, 8)
	b.put(4, 4)
	b.put(len(text), 8)
	for _, c := range []byte(text) {
		b.put(int(c), 8)
	}
	b.put(0, 4)
	p := patternOf(1)
	g := lay(p, check(b.fill(19), 7), 0, -1)
	format := bch(1<<3, formatPoly, 10) ^ formatMask
	g.write(formatFirst(), format)
	g.write(formatSecond(p.n), format)
	return g
}

func TestStructuredAppend(t *testing.T) {
	page := image.NewGray(image.Rect(0, 0, 700, 200))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	// The three symbols lie in another order, and a UTF-8 character is cut in two.
	for x, g := range map[int]*grid{10: part(2, 3, 77, "\xa4."), 230: part(0, 3, 77, "a long "), 450: part(1, 3, 77, "p\xc3")} {
		paste(page, render(g, plain(5)), x, 10)
	}
	codes := wants(t, page, "a long pä.")
	if len(codes) == 1 && !near(codes[0].Corners[0], Point{250, 30}, 2) {
		t.Errorf("corners %v: not the first symbol's", codes[0].Corners)
	}
	wants(t, render(part(1, 3, 77, "alone"), plain(5)), "alone")
}
