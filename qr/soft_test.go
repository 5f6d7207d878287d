package qr

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestDoubtfulWordsAreErased: more codewords are wrong than could be found, and less than can be erased.
func TestDoubtfulWordsAreErased(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	for _, ec := range []int{10, 16, 22, 26, 30} {
		data := make([]byte, 20)
		for i := range data {
			data[i] = byte(random.IntN(256))
		}
		want := check(data, ec)
		most := (ec - spare) / 2 * 2
		for wrong := ec/2 - 1; wrong <= most+2; wrong++ {
			words, doubts := bytes.Clone(want), make([]byte, len(want))
			for k, i := range random.Perm(len(words)) {
				doubts[i] = byte(random.IntN(100))
				if k < wrong {
					words[i] ^= byte(1 + random.IntN(255))
					doubts[i] = byte(100 + random.IntN(100))
				}
			}
			var d decoded
			ok := d.correctSoft(words, ec, doubts)
			if possible := wrong <= max(most, ec/2); ok != possible || ok && !bytes.Equal(words, want) {
				t.Errorf("%d check words, %d wrong: %t", ec, wrong, ok)
			}
		}
	}
}

// TestNoPayloadByDoubt: random words with random doubts are not made a code.
func TestNoPayloadByDoubt(t *testing.T) {
	random := rand.New(rand.NewPCG(23, 24))
	for range 20000 {
		words, doubts := make([]byte, 26), make([]byte, 26)
		for i := range words {
			words[i], doubts[i] = byte(random.IntN(256)), byte(random.IntN(256))
		}
		var d decoded
		if d.correctSoft(words, 10+random.IntN(8), doubts) {
			t.Fatal("random words were corrected")
		}
	}
}

// TestDoubtsByLevel: modules half-way between light and dark are doubtful, and so are those under glare.
func TestDoubtsByLevel(t *testing.T) {
	const n = 29
	g := newGrid(n, n)
	levels := make([]float64, n*n)
	random := rand.New(rand.NewPCG(25, 26))
	for i := range levels {
		levels[i] = 40 + 160*float64(random.IntN(2))
		if x, y := i%n, i/n; x > 18 && y > 18 {
			levels[i] = 250 + 3*random.Float64()
		}
	}
	levels[5*n+5] = 120
	g.judge(levels)
	if g.doubt[5*n+5] < 128 {
		t.Errorf("half-way: %d", g.doubt[5*n+5])
	}
	if g.doubt[26*n+26] < 200 {
		t.Errorf("under glare: %d", g.doubt[26*n+26])
	}
	sure := 0
	for i, d := range g.doubt {
		if x, y := i%n, i/n; x < 14 && y < 14 && d < 100 {
			sure++
		}
	}
	if sure < 150 {
		t.Errorf("only %d of 196 clear modules are sure", sure)
	}
}

// TestGlareOverAThird: a third of a code of level H is white, which is more than can be corrected without knowing where.
func TestGlareOverAThird(t *testing.T) {
	img := render(encode(t, "under the lamp", "H", 6), plain(6))
	b := img.Rect
	for y := range b.Dy() {
		for x := range b.Dx() {
			dx, dy := float64(x)-float64(b.Dx())*0.62, float64(y)-float64(b.Dy())*0.6
			if light := 1.35 - (dx*dx+dy*dy)/8000; light > 0 {
				v := float64(img.Pix[y*img.Stride+x])
				img.Pix[y*img.Stride+x] = uint8(min(v+255*light, 255))
			}
		}
	}
	wants(t, img, "under the lamp")
}
