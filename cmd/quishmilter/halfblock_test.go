package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"quishmilter/qr"
	"quishmilter/test/mailmaker"
)

// A phone can read what is drawn: each half of a character is a pixel again.
func TestDrawnCodeCanBeRead(t *testing.T) {
	for _, colour := range []bool{false, true} {
		text := blocks(mailmaker.CodeImage("https://www.example.net/login", 6), 70, colour)
		got, _ := qr.ReadTraced(context.Background(), pixelsOf(text))
		if len(got.Codes) != 1 || !strings.Contains(string(got.Codes[0].Bytes), "www.example.net") {
			t.Errorf("colour %v: %+v\n%s", colour, got.Codes, text)
		}
	}
}

// pixelsOf is what a screen shows of a drawing, four dots a pixel. With colours they are where the sequences say.
func pixelsOf(text string) image.Image {
	var rows [][2][]uint8
	for line := range strings.Lines(text) {
		var row [2][]uint8
		ink := [2]int{231, 231}
		for line = strings.TrimSuffix(line, "\n"); line != ""; {
			if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
				code, after, _ := strings.Cut(rest, "m")
				ink, line = inkOf(code, ink), after
				continue
			}
			r := []rune(line)[0]
			line = line[len(string(r)):]
			above, below := light(ink[0]), light(ink[1])
			switch {
			case r == ' ':
				above, below = 0, 0
			case r == '▄':
				above, below = 0, 255
			case r == '█':
				above, below = 255, 255
			case !strings.Contains(text, "\x1b"):
				above, below = 255, 0
			}
			row[0], row[1] = append(row[0], above), append(row[1], below)
		}
		rows = append(rows, row)
	}
	img := image.NewGray(image.Rect(0, 0, 4*len(rows[0][0])+32, 8*len(rows)+32))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y := range 8 * len(rows) {
		for x := range 4 * len(rows[0][0]) {
			img.SetGray(x+16, y+16, color.Gray{Y: rows[y/8][y/4%2][x/4]})
		}
	}
	return img
}

func inkOf(code string, before [2]int) [2]int {
	words := strings.Split(code, ";")
	if len(words) != 6 {
		return before
	}
	number := func(s string) (n int) {
		for _, c := range s {
			n = 10*n + int(c-'0')
		}
		return n
	}
	return [2]int{number(words[2]), number(words[5])}
}

func light(ink int) uint8 {
	switch ink {
	case 16:
		return 0
	case 231:
		return 255
	}
	return uint8(8 + 10*(ink-232))
}

func TestDrawingIsBounded(t *testing.T) {
	var out bytes.Buffer
	for name, picture := range map[string][]byte{"nothing": nil, "no PNG": []byte("x"), "huge": pngOf(t, maxDrawnSide+1)} {
		if err := (terminal{out: &out}).drawBlocks(picture); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, out.Len())
		}
	}
	if err := (terminal{out: &out}).drawBlocks(pngOf(t, 1)); err != nil || out.String() != "▀\n" && out.String() != "█\n" && out.String() != "▄\n" && out.String() != " \n" {
		t.Errorf("%v %q", err, out.String())
	}
}

func pngOf(t *testing.T, width int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
