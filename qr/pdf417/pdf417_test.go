package pdf417

import (
	"context"
	"image"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"quishmilter/qr/lattice"
	"quishmilter/qr/lattice/latticetest"
)

const tall = 3 // modules a row

func wantOne(t *testing.T, m lattice.Matrix, l latticetest.Look, payload string) Found {
	t.Helper()
	p := latticetest.Draw(m, l)
	found := Read(context.Background(), lattice.NewView(p.Bits, p.Gray))
	if len(found) != 1 || found[0].Text != payload {
		t.Errorf("%+v: %+v, want %q", l, found, payload)
		return Found{}
	}
	return found[0]
}

func TestEveryKind(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) < 8 {
		t.Fatalf("%d symbols in testdata", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			m, payload := latticetest.Load(t, file, tall)
			for _, l := range []latticetest.Look{{Module: 2}, {Module: 3, Turn: 20}, {Module: 4, Turn: 200, Mirrored: true}} {
				f := wantOne(t, m, l, payload)
				if f.Mirrored != l.Mirrored || f.Rows != m.H/tall {
					t.Errorf("%+v: %+v", l, f)
				}
			}
		})
	}
}

func TestAnyLook(t *testing.T) {
	m, payload := latticetest.Load(t, "testdata/text.txt", tall)
	for turn := 0.0; turn < 360; turn += 13 {
		wantOne(t, m, latticetest.Look{Module: 2.7, Turn: turn}, payload)
		wantOne(t, m, latticetest.Look{Module: 4, Turn: turn, Tilt: 0.2}, payload)
	}
	for _, l := range []latticetest.Look{
		{Module: 1}, {Module: 1.4, Turn: 5}, {Module: 11, Turn: 45}, {Module: 2, Tall: 2}, {Module: 3, Tall: 0.6},
		{Module: 2, Dark: 120, Light: 130}, {Module: 2, Inverted: true},
	} {
		wantOne(t, m, l, payload)
	}
}

func TestCornersAreInTheOrderDrawn(t *testing.T) {
	m, payload := latticetest.Load(t, "testdata/text.txt", tall)
	f := wantOne(t, m, latticetest.Look{Module: 3}, payload)
	for i, want := range lattice.Box(12, 12, float64(12+3*m.W), float64(12+3*m.H)) {
		if lattice.Apart(f.Corners[i], want) > 3 {
			t.Errorf("corner %d at %v, want %v", i, f.Corners[i], want)
		}
	}
}

// Squares of noise are put over a symbol: whatever is read must be the payload.
func TestDamageIsCorrectedOrRefused(t *testing.T) {
	m, payload := latticetest.Load(t, "testdata/text.txt", tall)
	random := rand.New(rand.NewPCG(7, 8))
	read := 0
	for round := 0; round < 60; round++ {
		bad := lattice.Matrix{W: m.W, H: m.H, Dark: append([]bool(nil), m.Dark...)}
		for range round {
			x, y := random.IntN(m.W-5), random.IntN(m.H-3)
			for i := range 15 {
				bad.Dark[(y+i/5)*m.W+x+i%5] = random.IntN(2) == 0
			}
		}
		p := latticetest.Draw(bad, latticetest.Look{Module: 2})
		for _, f := range Read(context.Background(), lattice.NewView(p.Bits, p.Gray)) {
			if read++; f.Text != payload {
				t.Errorf("%d squares: read %q", round, f.Text)
			}
		}
	}
	if read < 8 {
		t.Errorf("only %d damaged symbols were read", read)
	}
}

// Where a guard pattern is lost, the other one leads to the symbol.
func TestOneGuardPatternIsEnough(t *testing.T) {
	m, payload := latticetest.Load(t, "testdata/text.txt", tall)
	for _, lost := range [2][2]int{{0, characterModules}, {m.W - characterModules - 1, m.W}} {
		bad := lattice.Matrix{W: m.W, H: m.H, Dark: append([]bool(nil), m.Dark...)}
		for y := range bad.H {
			for x := lost[0]; x < lost[1]; x++ {
				bad.Dark[y*bad.W+x] = false
			}
		}
		wantOne(t, bad, latticetest.Look{Module: 3}, payload)
		wantOne(t, bad, latticetest.Look{Module: 3, Turn: 184}, payload)
	}
}

func TestSeveralInOnePicture(t *testing.T) {
	a, textA := latticetest.Load(t, "testdata/text.txt", tall)
	b, textB := latticetest.Load(t, "testdata/numbers.txt", tall)
	p := latticetest.Side(latticetest.Draw(a, latticetest.Look{Module: 2}), latticetest.Draw(b, latticetest.Look{Module: 2, Turn: 80}))
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

// Guard patterns around noise cost no more than the caps allow.
func TestManyGuardPatternsMeetTheCaps(t *testing.T) {
	symbol, _ := latticetest.Load(t, "testdata/text.txt", tall)
	random := rand.New(rand.NewPCG(9, 9))
	m := lattice.NewMatrix(600, 400)
	for y := range m.H {
		for x := range m.W {
			column := x % 60
			if m.Dark[y*m.W+x] = random.IntN(2) == 0; column < characterModules {
				m.Dark[y*m.W+x] = symbol.At(column, 0)
			} else if column < 20 {
				m.Dark[y*m.W+x] = false
			}
		}
	}
	p := latticetest.Draw(m, latticetest.Look{Module: 2})
	r := reader{ctx: context.Background(), view: lattice.NewView(p.Bits, p.Gray)}
	r.read(r.edges())
	if len(r.found) != 0 || r.frames > maxFrames || r.reads > maxRead {
		t.Errorf("found %+v, frames %d, reads %d", r.found, r.frames, r.reads)
	}
}

func TestEndedContextReadsNothing(t *testing.T) {
	m, _ := latticetest.Load(t, "testdata/text.txt", tall)
	p := latticetest.Draw(m, latticetest.Look{Module: 2})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if found := Read(ctx, lattice.NewView(p.Bits, p.Gray)); len(found) != 0 {
		t.Error(found)
	}
}

// The first patterns of a cluster as ISO/IEC 15438 shows them, and that each cluster has all its values.
func TestPatterns(t *testing.T) {
	var count [clusters]int
	for _, c := range characters() {
		count[c.cluster]++
	}
	if count != [clusters]int{values, values, values} {
		t.Errorf("%v characters", count)
	}
	for cluster, c := range []character{{3, 1, 1, 1, 1, 1, 3, 6}, {5, 1, 1, 1, 1, 1, 2, 5}, {2, 1, 1, 1, 1, 1, 5, 5}} {
		if got := characters()[c.distances()]; got != (symbolCharacter{cluster, 0}) {
			t.Errorf("%v stands for %+v", c, got)
		}
	}
}

func TestTextCompaction(t *testing.T) {
	for _, c := range []struct {
		name  string
		words []int
		want  string
		ok    bool
	}{
		{"capitals", []int{0*30 + 1, 2*30 + 26}, "ABC ", true},
		{"a shift in front of a byte is filling", []int{0*30 + 29, 913, 228, 1*30 + 2}, "A\xe4BC", true},
		{"six bytes in five codewords", []int{924, 1, 620, 89, 74, 846}, decodeSix(1, 620, 89, 74, 846), true},
		{"bytes one by one", []int{901, 97, 98}, "ab", true},
		{"digits", []int{902, 1, 624, 434, 632, 282, 200}, "000213298174000", true},
		{"digits without the leading one", []int{902, 2}, "", false},
		{"a part of a macro symbol", []int{0*30 + 1, 928, 111, 100}, "AB", true},
		{"reserved codeword", []int{0*30 + 1, 905}, "AB", false},
		{"character set cut off", []int{927}, "", false},
		{"byte cut off", []int{913}, "", false},
	} {
		p, ok := text(c.words)
		if got := string(p.Bytes()); ok != c.ok || got != c.want {
			t.Errorf("%s: %q %v, want %q %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

// decodeSix is the arithmetic of byte compaction, written out.
func decodeSix(words ...int) string {
	n := 0
	for _, w := range words {
		n = n*900 + w
	}
	var out [6]byte
	for i := range out {
		out[5-i] = byte(n >> (8 * i))
	}
	return string(out[:])
}

func FuzzRead(f *testing.F) {
	m, _ := latticetest.Load(f, "testdata/small.txt", tall)
	p := latticetest.Draw(m, latticetest.Look{Module: 2})
	f.Add(p.Bits.W, latticetest.Pack(p.Bits))
	f.Fuzz(func(t *testing.T, w int, data []byte) {
		bits := latticetest.Unpack(w, data)
		if bits == nil {
			return
		}
		gray := image.NewGray(image.Rect(0, 0, bits.W, bits.H))
		for i := range gray.Pix {
			if !bits.At(i%bits.W, i/bits.W) {
				gray.Pix[i] = 255
			}
		}
		Read(context.Background(), lattice.NewView(bits, gray))
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte{3, 132, 0, 30, 3, 145, 0, 200})
	f.Fuzz(func(t *testing.T, data []byte) {
		words := make([]int, len(data)/2)
		for i := range words {
			words[i] = (int(data[2*i])<<8 | int(data[2*i+1])) % values
		}
		text(words)
	})
}

func BenchmarkNoise(b *testing.B) {
	p := latticetest.Noise(1000, 1000, 3, 1)
	for b.Loop() {
		Read(context.Background(), lattice.NewView(p.Bits, p.Gray))
	}
}
