// Package latticetest draws symbols for the tests of their readers: modules in, a gray and a binarised picture out, turned,
// scaled, mirrored and tilted.
package latticetest

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"image"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"quishmilter/qr/bitmap"
	"quishmilter/qr/lattice"
)

// Look is how a symbol is drawn. The zero value of a field changes nothing; Module must be set.
type Look struct {
	Module   float64 // pixels a module
	Tall     float64 // how much higher than wide modules are, 0 for 1
	Turn     float64 // degrees, clockwise
	Mirrored bool
	Tilt     float64 // share by which the far side is shorter
	Dark     uint8   // gray of dark modules
	Light    uint8   // gray of light ones, 0 for 255
	Inverted bool    // the gray picture only: the bits are those of the symbol
}

// Picture is what a reader gets.
type Picture struct {
	Bits *bitmap.Bitmap
	Gray *image.Gray
}

// quiet is the width of the light margin, in modules.
const quiet = 4

// Draw draws a symbol.
func Draw(m lattice.Matrix, l Look) Picture {
	to, w, h := l.quad(m)
	if l.Mirrored {
		to[0], to[1], to[2], to[3] = to[1], to[0], to[3], to[2]
	}
	from, ok := lattice.FromQuads(to, lattice.Box(0, 0, float64(m.W), float64(m.H)))
	if !ok {
		panic("latticetest: the symbol has no area")
	}
	if l.Light == 0 {
		l.Light = 255
	}
	p := Picture{Bits: bitmap.New(w, h), Gray: image.NewGray(image.Rect(0, 0, w, h))}
	for y := 0; y < h; y++ {
		for x := 0; x < w; x++ {
			share := cover(m, &from, float64(x), float64(y))
			if share > 0.5 {
				p.Bits.Set(x, y)
			}
			level := float64(l.Light) + share*(float64(l.Dark)-float64(l.Light))
			if l.Inverted {
				level = 255 - level
			}
			p.Gray.Pix[y*p.Gray.Stride+x] = uint8(level + 0.5)
		}
	}
	return p
}

// quad is where the symbol's corners come to lie, in a picture of w×h pixels.
func (l Look) quad(m lattice.Matrix) (to [4]lattice.Point, w, h int) {
	if l.Tall == 0 {
		l.Tall = 1
	}
	wide, high := float64(m.W)*l.Module, float64(m.H)*l.Module*l.Tall
	to = lattice.Box(-wide/2, -high/2, wide/2, high/2)
	to[1][1] += l.Tilt * high / 2
	to[2][1] -= l.Tilt * high / 2
	sin, cos := math.Sincos(l.Turn * math.Pi / 180)
	var far lattice.Point
	for i, p := range to {
		to[i] = lattice.Point{p[0]*cos - p[1]*sin, p[0]*sin + p[1]*cos}
		far = lattice.Point{max(far[0], math.Abs(to[i][0])), max(far[1], math.Abs(to[i][1]))}
	}
	margin := quiet * l.Module
	for i := range to {
		to[i][0] += far[0] + margin
		to[i][1] += far[1] + margin
	}
	return to, int(2 * (far[0] + margin)), int(2 * (far[1] + margin))
}

// cover is the share of a pixel that is dark, from nine places in it.
func cover(m lattice.Matrix, from *lattice.Map, x, y float64) float64 {
	dark := 0
	for i := 0; i < 9; i++ {
		u, v := from.At(x+(float64(i%3)+0.5)/3, y+(float64(i/3)+0.5)/3)
		c, r := int(math.Floor(u)), int(math.Floor(v))
		if c >= 0 && r >= 0 && c < m.W && r < m.H && m.At(c, r) {
			dark++
		}
	}
	return float64(dark) / 9
}

// Load reads a symbol that a tool drew as rows of hexadecimal digits. Lines with # in front say how it was made; the
// line "# payload: " holds its payload as a quoted string and "# width: " its columns. A row stands for tall rows of
// modules.
func Load(t testing.TB, path string, tall int) (m lattice.Matrix, payload string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]byte
	width := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		switch {
		case strings.HasPrefix(line, "# payload: "):
			payload, err = strconv.Unquote(strings.TrimPrefix(line, "# payload: "))
		case strings.HasPrefix(line, "# width: "):
			_, err = fmt.Sscan(strings.TrimPrefix(line, "# width: "), &width)
		case !strings.HasPrefix(line, "#") && line != "":
			var row []byte
			digits := strings.ReplaceAll(line, " ", "")
			row, err = hex.DecodeString(digits + strings.Repeat("0", len(digits)%2))
			rows = append(rows, row)
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	m = lattice.NewMatrix(width, len(rows)*tall)
	for y := range m.H {
		for x := range m.W {
			m.Dark[y*m.W+x] = rows[y/tall][x/8]>>(7-x%8)&1 != 0
		}
	}
	return m, payload
}
