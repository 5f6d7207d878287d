package aztec

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"quishmilter/qr/lattice"
	"quishmilter/qr/lattice/latticetest"
)

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

func TestEverySize(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) < 10 {
		t.Fatalf("%d symbols in testdata", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			m, payload := latticetest.Load(t, file, 1)
			for _, l := range []latticetest.Look{{Module: 2}, {Module: 4, Turn: 33}, {Module: 5, Turn: 200, Mirrored: true}} {
				f := wantOne(t, m, l, payload)
				if f.Mirrored != l.Mirrored {
					t.Errorf("%+v: mirrored %v", l, f.Mirrored)
				}
			}
		})
	}
}

func TestAnyLook(t *testing.T) {
	compact, payload := latticetest.Load(t, "testdata/compact-2.txt", 1)
	full, other := latticetest.Load(t, "testdata/full-4.txt", 1)
	for turn := 0.0; turn < 360; turn += 13 {
		l := latticetest.Look{Module: 3.7, Turn: turn}
		wantOne(t, compact, l, payload)
		l.Tilt, l.Module = 0.15, 6
		wantOne(t, full, l, other)
	}
	for _, l := range []latticetest.Look{
		{Module: 1.7}, {Module: 2.3, Turn: 5}, {Module: 18, Turn: 45}, {Module: 40},
		{Module: 4, Tall: 2}, {Module: 5, Tall: 0.5, Turn: 10}, {Module: 4, Dark: 120, Light: 130}, {Module: 3, Inverted: true},
	} {
		wantOne(t, compact, l, payload)
		wantOne(t, full, l, other)
	}
}

func TestCornersAreInTheOrderDrawn(t *testing.T) {
	m, payload := latticetest.Load(t, "testdata/compact-1.txt", 1)
	f := wantOne(t, m, latticetest.Look{Module: 4}, payload)
	for i, want := range lattice.Box(16, 16, 76, 76) {
		if lattice.Apart(f.Corners[i], want) > 2 {
			t.Errorf("corner %d at %v, want %v", i, f.Corners[i], want)
		}
	}
}

// Modules are damaged at random: whatever is read must be the payload.
func TestDamageIsCorrectedOrRefused(t *testing.T) {
	m, payload := latticetest.Load(t, "testdata/full-4.txt", 1)
	random := rand.New(rand.NewPCG(7, 8))
	read := 0
	for round := 0; round < 120; round++ {
		bad := lattice.Matrix{W: m.W, H: m.H, Dark: append([]bool(nil), m.Dark...)}
		for range round {
			bad.Dark[random.IntN(len(bad.Dark))] = random.IntN(2) == 0
		}
		p := latticetest.Draw(bad, latticetest.Look{Module: 3})
		for _, f := range Read(context.Background(), lattice.NewView(p.Bits, p.Gray)) {
			if read++; f.Text != payload {
				t.Errorf("%d damaged modules: read %q", round, f.Text)
			}
		}
	}
	if read < 20 {
		t.Errorf("only %d damaged symbols were read", read)
	}
}

func TestSeveralInOnePicture(t *testing.T) {
	a, textA := latticetest.Load(t, "testdata/compact-1.txt", 1)
	b, textB := latticetest.Load(t, "testdata/full-8.txt", 1)
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

// A picture full of bullseyes without a symbol around costs no more than the caps allow.
func TestManyBullseyesMeetTheCaps(t *testing.T) {
	m := lattice.NewMatrix(300, 300)
	for y := range m.H {
		for x := range m.W {
			dx, dy := x%15-7, y%15-7
			m.Dark[y*m.W+x] = max(dx, -dx, dy, -dy)&1 == 0
		}
	}
	p := latticetest.Draw(m, latticetest.Look{Module: 4})
	r := reader{ctx: context.Background(), view: lattice.NewView(p.Bits, p.Gray)}
	r.scan()
	if len(r.found) != 0 || r.rings > maxRings || r.sampled > maxSampled || r.centres > maxCentres {
		t.Errorf("found %d, centres %d, rings %d, sampled %d", len(r.found), r.centres, r.rings, r.sampled)
	}
}

func TestEndedContextReadsNothing(t *testing.T) {
	m, _ := latticetest.Load(t, "testdata/compact-1.txt", 1)
	p := latticetest.Draw(m, latticetest.Look{Module: 4})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if found := Read(ctx, lattice.NewView(p.Bits, p.Gray)); len(found) != 0 {
		t.Error(found)
	}
}

func TestEveryStuffedWordIsUnstuffed(t *testing.T) {
	bits, ok := unstuff([]int{0b000001, 0b111110, 0b101010}, 6)
	if got := fmt.Sprint(number(bits), len(bits)); !ok || got != fmt.Sprint(0b0000011111101010, 16) {
		t.Errorf("%v %v", got, ok)
	}
	for _, w := range []int{0, 0b111111} {
		if _, ok := unstuff([]int{w}, 6); ok {
			t.Errorf("%06b was taken", w)
		}
	}
}

func FuzzRead(f *testing.F) {
	m, _ := latticetest.Load(f, "testdata/compact-1.txt", 1)
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
	f.Add([]byte{0x25, 0x53, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		bits := make([]bool, 8*len(data))
		for i := range bits {
			bits[i] = data[i/8]>>(7-i%8)&1 != 0
		}
		text(bits)
	})
}

func BenchmarkNoise(b *testing.B) {
	p := latticetest.Noise(1000, 1000, 3, 1)
	for b.Loop() {
		Read(context.Background(), lattice.NewView(p.Bits, p.Gray))
	}
}
