package qr

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// cases is how many random cases each property is tried with: go test ./qr -run Property -cases 100
var cases = flag.Int("cases", 2, "random cases of each property")

// remasked puts another mask on a code's data (ISO/IEC 18004, 7.8).
func remasked(g *grid, p *pattern, mask int) *grid {
	format, _ := g.readFormat(formatMask)
	out := newGrid(g.w, g.h)
	copy(out.dark, g.dark)
	for _, m := range p.data {
		if x, y := int(m.x), int(m.y); masked(format&7, x, y) != masked(mask, x, y) {
			out.dark[y*g.w+x] ^= 1
		}
	}
	format = bch(format&^7|mask, formatPoly, 10) ^ formatMask
	out.write(formatFirst(), format)
	out.write(formatSecond(g.w), format)
	return out
}

// randomText makes up a text of digits, of capitals, of bytes or of Japanese.
func randomText(random *rand.Rand, length int) string {
	alphabets := [][]rune{[]rune("0123456789"), []rune("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:"),
		[]rune("abcdefghijklmnopqrstuvwxyzABCDEFG0123456789-._~:/?#@!&=äöüß€"), []rune("日本語のテキスト測試漢字")}
	letters := alphabets[random.IntN(len(alphabets))]
	var b strings.Builder
	for range length {
		b.WriteRune(letters[random.IntN(len(letters))])
	}
	return b.String()
}

// randomCode makes a code of any version up to most, any level and any mask.
func randomCode(t testing.TB, random *rand.Rand, version int) (*grid, string) {
	level := []string{"L", "M", "Q", "H"}[random.IntN(4)]
	v, err := decoder.Version_GetVersionForNumber(version)
	if err != nil {
		t.Fatal(err)
	}
	room := v.GetTotalCodewords() - v.GetECBlocksForLevel(gozxingLevels[strings.Index("MLHQ", level)]).GetTotalECCodewords()
	text := randomText(random, 1+random.IntN(max(room/4, 1)))
	return remasked(encode(t, text, level, version), patternOf(version), random.IntN(8)), text
}

// property tries one random case after the other, each from a seed that its name tells.
func property(t *testing.T, name string, try func(t *testing.T, random *rand.Rand)) {
	for i := range *cases {
		t.Run(fmt.Sprintf("%s/%d", name, i), func(t *testing.T) { try(t, rand.New(rand.NewPCG(uint64(i), uint64(len(name))))) })
	}
}

// TestPropertyModules: any payload, any version, level and mask, modules as they are; and with as many wrong as can be
// repaired.
func TestPropertyModules(t *testing.T) {
	for version := 1; version <= 40; version++ {
		random := rand.New(rand.NewPCG(31, uint64(version)))
		for range *cases {
			g, text := randomCode(t, random, version)
			d, err := decodeQR(g, patternOf(version))
			if err != nil {
				t.Fatalf("version %d, %q: %v", version, text, err)
			}
			if _, got := d.payload(); got != text {
				t.Fatalf("version %d: %q became %q", version, text, got)
			}
			m := patternOf(version).data[random.IntN(len(patternOf(version).data))]
			g.dark[int(m.y)*g.w+int(m.x)] ^= 1
			if d, err = decodeQR(g, patternOf(version)); err != nil {
				t.Fatalf("version %d, one module wrong: %v", version, err)
			}
		}
	}
}

// TestPropertyDistortions: each distortion within its promised range, on any code up to a version that makes no
// picture too large for a test.
func TestPropertyDistortions(t *testing.T) {
	between := func(r *rand.Rand, a, b float64) float64 { return a + (b-a)*r.Float64() }
	for name, change := range map[string]func(*look, *rand.Rand){
		"turned":       func(l *look, r *rand.Rand) { l.angle = between(r, 0, 360) },
		"tilted":       func(l *look, r *rand.Rand) { l.tilt, l.module = between(r, 0, 0.35), 7 },
		"curved":       func(l *look, r *rand.Rand) { l.bend, l.module = between(r, -1.5, 1.5), 7 },
		"blurred":      func(l *look, r *rand.Rand) { l.module = between(r, 6, 10); l.blur = int(0.35 * l.module) },
		"noisy":        func(l *look, r *rand.Rand) { l.noise = between(r, 0, 40) },
		"in a shadow":  func(l *look, r *rand.Rand) { l.shade = between(r, 0, 0.7) },
		"pale":         func(l *look, r *rand.Rand) { l.dark = between(r, 10, 240); l.light = l.dark + between(r, 6, 15) },
		"inverted":     func(l *look, r *rand.Rand) { l.invert, l.angle = true, between(r, 0, 360) },
		"mirrored":     func(l *look, r *rand.Rand) { l.mirror, l.angle = true, between(r, 0, 360) },
		"stretched":    func(l *look, r *rand.Rand) { l.stretch, l.module = between(r, 1, 3), 4 },
		"squeezed":     func(l *look, r *rand.Rand) { l.stretch, l.module = 1/between(r, 1, 3), 10 },
		"of any size":  func(l *look, r *rand.Rand) { l.module = 1.5 * math.Pow(40, r.Float64()) },
		"without room": func(l *look, r *rand.Rand) { l.quiet = 1 + r.IntN(2) },
	} {
		property(t, name, func(t *testing.T, random *rand.Rand) {
			l := plain(5)
			change(&l, random)
			most := min(25, int(600/l.module/4)-6) // a picture of 600 pixels
			g, text := randomCode(t, random, 1+random.IntN(max(most, 1)))
			wants(t, render(g, l), text)
		})
	}
}

// TestPropertyJPEG: compressed at quality 10.
func TestPropertyJPEG(t *testing.T) {
	property(t, "quality 10", func(t *testing.T, random *rand.Rand) {
		g, text := randomCode(t, random, 1+random.IntN(12))
		var file bytes.Buffer
		if err := jpeg.Encode(&file, render(g, plain(float64(5+random.IntN(4)))), &jpeg.Options{Quality: 10}); err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		wants(t, img, text)
	})
}

// TestPropertyDamage: patches over as many codewords as half of what the level repairs.
func TestPropertyDamage(t *testing.T) {
	property(t, "patches", func(t *testing.T, random *rand.Rand) {
		p := patternOf(5 + random.IntN(6))
		g := remasked(encode(t, "damaged, but not beyond repair", "H", p.version), p, random.IntN(8))
		for range p.version / 2 {
			m := p.data[random.IntN(len(p.data))]
			for k := range 9 {
				x, y := int(m.x)+k%3, int(m.y)+k/3
				if x < g.w && y < g.h && !p.fixed[y*g.w+x] {
					g.dark[y*g.w+x] = uint8(random.IntN(2))
				}
			}
		}
		wants(t, render(g, plain(5)), "damaged, but not beyond repair")
	})
}

// TestPropertyAnywhere: three pixels a module anywhere in 4000×4000.
func TestPropertyAnywhere(t *testing.T) {
	property(t, "anywhere", func(t *testing.T, random *rand.Rand) {
		page := image.NewGray(image.Rect(0, 0, 4000, 4000))
		draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
		g, text := randomCode(t, random, 1+random.IntN(10))
		img := render(g, plain(3))
		paste(page, img, random.IntN(4000-img.Rect.Dx()), random.IntN(4000-img.Rect.Dy()))
		wants(t, page, text)
	})
}

// TestPropertyAppend: a text in up to sixteen symbols, in any order, is joined; with one missing the others stay apart.
func TestPropertyAppend(t *testing.T) {
	property(t, "joined", func(t *testing.T, random *rand.Rand) {
		total := 2 + random.IntN(15)
		page := image.NewGray(image.Rect(0, 0, 4*130, 4*130))
		draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
		var text string
		var texts []string
		places := random.Perm(16)
		for i := range total {
			piece := randomText(rand.New(rand.NewPCG(uint64(i), 2)), 3)
			texts = append(texts, piece)
			text += piece
		}
		parity := byte(0)
		for _, c := range []byte(text) {
			parity ^= c
		}
		for i, piece := range texts {
			paste(page, render(part(i, total, int(parity), piece), plain(4)), places[i]%4*130, places[i]/4*130)
		}
		wants(t, page, text)
	})
}
