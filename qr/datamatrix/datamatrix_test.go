package datamatrix

import (
	"context"
	"image"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/makiuchi-d/gozxing"
	gzdatamatrix "github.com/makiuchi-d/gozxing/datamatrix"

	"quishmilter/qr/lattice"
	"quishmilter/qr/lattice/latticetest"
)

func wantOne(t *testing.T, m lattice.Matrix, l latticetest.Look, payload string) Found {
	t.Helper()
	p := latticetest.Draw(m, l)
	found := Read(context.Background(), lattice.NewView(p.Bits, p.Gray))
	if len(found) != 1 || found[0].Text != payload {
		t.Errorf("%d×%d %+v: %+v, want %q", m.H, m.W, l, found, payload)
		return Found{}
	}
	return found[0]
}

func TestEveryKind(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) < 14 {
		t.Fatalf("%d symbols in testdata", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			m, payload := latticetest.Load(t, file, 1)
			for _, l := range []latticetest.Look{{Module: 3}, {Module: 4, Turn: 33}, {Module: 5, Turn: 200, Mirrored: true}} {
				f := wantOne(t, m, l, payload)
				if f.Mirrored != l.Mirrored || f.Rows != m.H || f.Cols != m.W {
					t.Errorf("%+v: %+v", l, f)
				}
			}
		})
	}
}

// Symbols of an independent encoder: random payloads of every length.
func TestRandomPayloads(t *testing.T) {
	const alphabet = "ABCabc019 .,:/-_*>+?#\x1d~{}"
	random := rand.New(rand.NewPCG(11, 12))
	for n := 1; n < 120; n += 3 {
		payload := make([]byte, n)
		for i := range payload {
			payload[i] = alphabet[random.IntN(len(alphabet))]
		}
		drawn, err := gzdatamatrix.NewDataMatrixWriter().Encode(string(payload), gozxing.BarcodeFormat_DATA_MATRIX, 0, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		m := lattice.NewMatrix(drawn.GetWidth(), drawn.GetHeight())
		for i := range m.Dark {
			m.Dark[i] = drawn.Get(i%m.W, i/m.W)
		}
		wantOne(t, m, latticetest.Look{Module: 3 + 4*random.Float64(), Turn: 360 * random.Float64()}, string(payload))
	}
}

func TestAnyLook(t *testing.T) {
	square, payload := latticetest.Load(t, "testdata/text.txt", 1)
	rectangle, other := latticetest.Load(t, "testdata/rectangle-28.txt", 1)
	for turn := 0.0; turn < 360; turn += 13 {
		l := latticetest.Look{Module: 3.7, Turn: turn}
		wantOne(t, square, l, payload)
		wantOne(t, rectangle, l, other)
		l.Tilt, l.Module = 0.12, 6
		wantOne(t, square, l, payload)
	}
	for _, l := range []latticetest.Look{
		{Module: 2}, {Module: 2.6, Turn: 5}, {Module: 18, Turn: 45}, {Module: 40},
		{Module: 4, Tall: 2}, {Module: 6, Tall: 0.6, Turn: 10}, {Module: 4, Dark: 120, Light: 130}, {Module: 3, Inverted: true},
	} {
		wantOne(t, square, l, payload)
		wantOne(t, rectangle, l, other)
	}
}

func TestCornersAreInTheOrderDrawn(t *testing.T) {
	m, payload := latticetest.Load(t, "testdata/c40.txt", 1)
	f := wantOne(t, m, latticetest.Look{Module: 4}, payload)
	for i, want := range lattice.Box(16, 16, 104, 104) {
		if lattice.Apart(f.Corners[i], want) > 3 {
			t.Errorf("corner %d at %v, want %v", i, f.Corners[i], want)
		}
	}
}

// Data modules are damaged at random: whatever is read must be the payload.
func TestDamageIsCorrectedOrRefused(t *testing.T) {
	m, payload := latticetest.Load(t, "testdata/text.txt", 1)
	random := rand.New(rand.NewPCG(7, 8))
	read := 0
	for round := 0; round < 80; round++ {
		bad := lattice.Matrix{W: m.W, H: m.H, Dark: append([]bool(nil), m.Dark...)}
		for range round {
			bad.Dark[(2+random.IntN(m.H-4))*m.W+2+random.IntN(m.W-4)] = random.IntN(2) == 0
		}
		p := latticetest.Draw(bad, latticetest.Look{Module: 3})
		for _, f := range Read(context.Background(), lattice.NewView(p.Bits, p.Gray)) {
			if read++; f.Text != payload {
				t.Errorf("%d damaged modules: read %q", round, f.Text)
			}
		}
	}
	if read < 10 {
		t.Errorf("only %d damaged symbols were read", read)
	}
}

func TestSeveralInOnePicture(t *testing.T) {
	a, textA := latticetest.Load(t, "testdata/text.txt", 1)
	b, textB := latticetest.Load(t, "testdata/c40.txt", 1)
	p := latticetest.Side(latticetest.Draw(a, latticetest.Look{Module: 3}), latticetest.Draw(b, latticetest.Look{Module: 4, Turn: 70}))
	var texts []string
	for _, f := range Read(context.Background(), lattice.NewView(p.Bits, p.Gray)) {
		texts = append(texts, f.Text)
	}
	if len(texts) != 2 || texts[0]+texts[1] != textA+textB && texts[0]+texts[1] != textB+textA {
		t.Errorf("read %q", texts)
	}
}

func TestNoiseHoldsNoCode(t *testing.T) {
	for seed := uint64(0); seed < 12; seed++ {
		p := latticetest.Noise(400, 300, 1+int(seed%4), seed)
		if found := Read(context.Background(), lattice.NewView(p.Bits, p.Gray)); len(found) != 0 {
			t.Errorf("noise %d: %+v", seed, found)
		}
	}
}

// Borders around noise look like symbols until the check words are asked.
func TestBordersAroundNoiseMeetTheCaps(t *testing.T) {
	const n, side = 12, 14
	random := rand.New(rand.NewPCG(5, 6))
	m := lattice.NewMatrix(n*side, n*side)
	for y := range m.H {
		for x := range m.W {
			if x%side >= 12 || y%side >= 12 {
				continue
			}
			dark, ok := sizes[1].border(x%side, y%side)
			if !ok {
				dark = random.IntN(2) == 0
			}
			m.Dark[y*m.W+x] = dark
		}
	}
	p := latticetest.Draw(m, latticetest.Look{Module: 4})
	r := reader{ctx: context.Background(), view: lattice.NewView(p.Bits, p.Gray)}
	r.scan()
	if len(r.found) != 0 || r.edges > maxEdges || r.borders > maxBorders || r.sampled > maxSampled || r.sampled == 0 {
		t.Errorf("found %+v, edges %d, borders %d, sampled %d", r.found, r.edges, r.borders, r.sampled)
	}
}

func TestEndedContextReadsNothing(t *testing.T) {
	m, _ := latticetest.Load(t, "testdata/text.txt", 1)
	p := latticetest.Draw(m, latticetest.Look{Module: 4})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if found := Read(ctx, lattice.NewView(p.Bits, p.Gray)); len(found) != 0 {
		t.Error(found)
	}
}

// Every size's codewords fill its data modules, but for up to four that stay without use in a corner.
func TestSizesAreConsistent(t *testing.T) {
	for _, s := range sizes {
		across, down := s.cols/(s.regionCols+2), s.rows/(s.regionRows+2)
		if across*(s.regionCols+2) != s.cols || down*(s.regionRows+2) != s.rows {
			t.Errorf("%d×%d: regions of %d×%d do not fill it", s.rows, s.cols, s.regionRows, s.regionCols)
		}
		rows, cols := down*s.regionRows, across*s.regionCols
		words := place(rows, cols)
		if len(words) != s.data+s.check || rows*cols-8*len(words) > 4 || s.check%s.blocks != 0 {
			t.Errorf("%d×%d: %d codewords placed, want %d", s.rows, s.cols, len(words), s.data+s.check)
		}
		seen := map[int]bool{}
		for _, w := range words {
			for _, i := range w {
				if seen[i] {
					t.Fatalf("%d×%d: module %d is used twice", s.rows, s.cols, i)
				}
				seen[i] = true
			}
		}
	}
}

func TestTextEncodations(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want string
		ok   bool
	}{
		{"digit pairs and padding", []byte{142, 164, 186, 129, 70}, "123456", true},
		{"upper shift", []byte{235, 1 + 'v'}, "\xf6", true},
		{"macro 05", []byte{236, 'A' + 1}, "[)>\x1e05\x1dA\x1e\x04", true},
		{"FNC1", []byte{232, 'A' + 1}, "\x1dA", true},
		{"structured append is skipped", []byte{233, 1, 2, 3, 'A' + 1}, "A", true},
		{"character set", []byte{241, 10, 'a' + 1}, "a", true},
		{"character set cut off", []byte{241}, "", false},
		{"structured append cut off", []byte{233, 1}, "", false},
		{"a codeword that is reserved", []byte{'A' + 1, 245, 66}, "A", false},
		{"nothing but padding", []byte{129, 175}, "", false},
		{"bytes beyond the end", []byte{231, 200}, "", false},
	} {
		p, ok := text(c.data)
		if got := string(p.Bytes()); ok != c.ok || got != c.want {
			t.Errorf("%s: %q %v, want %q %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func FuzzRead(f *testing.F) {
	m, _ := latticetest.Load(f, "testdata/rectangle-25.txt", 1)
	p := latticetest.Draw(m, latticetest.Look{Module: 2})
	f.Add(p.Bits.W, latticetest.Pack(p.Bits))
	f.Fuzz(func(t *testing.T, w int, data []byte) {
		bits := latticetest.Unpack(w, data)
		if bits == nil {
			return
		}
		Read(context.Background(), lattice.NewView(bits, image.NewGray(image.Rect(0, 0, bits.W, bits.H))))
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte{230, 90, 11, 254, 231, 44, 66, 240, 12, 13, 14, 238, 1, 2})
	f.Fuzz(func(t *testing.T, data []byte) { text(data) })
}

func BenchmarkNoise(b *testing.B) {
	p := latticetest.Noise(1000, 1000, 3, 1)
	for b.Loop() {
		Read(context.Background(), lattice.NewView(p.Bits, p.Gray))
	}
}
