package qr

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDecodeEveryVersionAndLevel(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for version := 1; version <= 40; version++ {
		for _, level := range []string{"L", "M", "Q", "H"} {
			text := strings.Repeat("7", 1+random.IntN(8*version)) // fits the smallest level
			d, err := decodeQR(encode(t, text, level, version), patternOf(version))
			if err != nil {
				t.Fatalf("%d-%s: %v", version, level, err)
			}
			if _, got := d.payload(); got != text || d.version != version || d.level != level || d.errors != 0 {
				t.Errorf("%d-%s: got %q %d-%s with %d errors, want %q", version, level, got, d.version, d.level, d.errors, text)
			}
		}
	}
}

func TestDecodeMirrored(t *testing.T) {
	d, err := decodeQR(encode(t, "mirrored", "M", 2).transposed(), patternOf(2))
	if err != nil || !d.mirrored {
		t.Fatalf("mirrored %t, error %v", d.mirrored, err)
	}
}

// TestDecodeAtTheLimit turns whole data modules over until the block's capacity is used up, and one more codeword.
func TestDecodeAtTheLimit(t *testing.T) {
	p := patternOf(1)
	for _, c := range []struct {
		level string
		most  int
	}{{"L", 3}, {"M", 5}, {"Q", 6}, {"H", 8}} {
		for wrong := c.most - 1; wrong <= c.most+1; wrong++ {
			g := encode(t, "LIMIT", c.level, 1)
			for i := range wrong {
				m := p.data[8*i]
				g.dark[int(m.y)*g.w+int(m.x)] ^= 1
			}
			d, err := decodeUpright(g, p)
			if (err == nil) != (wrong <= c.most) {
				t.Errorf("1-%s with %d wrong codewords: %v", c.level, wrong, err)
			}
			if err == nil && d.errors != wrong {
				t.Errorf("1-%s: %d errors counted, want %d", c.level, d.errors, wrong)
			}
		}
	}
}

func TestFormatSurvivesThreeBits(t *testing.T) {
	g := encode(t, "FORMAT", "H", 1)
	for _, m := range []place{{0, 8}, {2, 8}, {8, 0}} {
		g.dark[int(m.y)*g.w+int(m.x)] ^= 1
	}
	if _, err := decodeUpright(g, patternOf(1)); err != nil {
		t.Error(err)
	}
}

// TestNothingInRandomModules: error correction may by chance hold for about one random grid in a million.
func TestNothingInRandomModules(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for i := range 3000 {
		p := patternOf(1 + i%10)
		g := newGrid(p.n, p.n)
		for k := range g.dark {
			g.dark[k] = uint8(random.IntN(2))
		}
		if d, err := decodeQR(g, p); err == nil {
			t.Fatalf("version %d: invented %+v", p.version, d)
		}
	}
}

func FuzzModules(f *testing.F) {
	f.Add(uint8(1), []byte("seed"))
	f.Fuzz(func(_ *testing.T, kind uint8, bits []byte) {
		fill := func(p *pattern) *grid {
			g := newGrid(p.cols, p.rows)
			for i := range g.dark {
				if len(bits) > 0 {
					g.dark[i] = bits[i/8%len(bits)] >> (i & 7) & 1
				}
			}
			return g
		}
		p := patternOf(1 + int(kind)%40)
		if d, err := decodeQR(fill(p), p); err == nil {
			_, _ = d.payload()
		}
		m := microPatterns()[1+int(kind)%4]
		_, _ = decodeMicro(fill(m), m, &frame{score: 1})
		r := rmqrPatterns()[kind%32]
		_, _ = decodeRMQR(fill(r), r)
	})
}

func FuzzSegments(f *testing.F) {
	f.Add([]byte{0x40, 0x14, 0x10}, uint8(1))
	f.Add([]byte{0x70, 0xff, 0xff}, uint8(30))
	f.Fuzz(func(_ *testing.T, data []byte, version uint8) {
		for _, c := range []coding{qrCoding(1 + int(version)%40), microCoding(1 + int(version)%4)} {
			if m, err := parseSegments(data, 8*len(data), c); err == nil {
				_, _ = m.payload()
			}
		}
	})
}

// microGrid encodes digits or bytes in a Micro QR symbol.
func microGrid(number, mask int, write func(*bitWriter)) (*grid, *pattern) {
	s := microSymbols[number]
	p := microPatterns()[s.version]
	var b bitWriter
	write(&b)
	b.put(0, min(1+2*s.version, microBits(s)-b.n))
	total, short := s.data, -1
	if s.version&1 == 1 {
		short = s.data - 1
		total--
	}
	data := b.data
	if len(data) <= total {
		data = b.fill(total)
		if short >= 0 {
			data = append(data, 0)
		}
	}
	g := lay(p, check(data, s.check), microMasks[mask], short)
	g.write(microFormatPlaces, bch(number<<2|mask, formatPoly, 10)^microFormatMask)
	return g, p
}

func TestDecodeMicro(t *testing.T) {
	digits := func(mode, bits, count, text int) func(*bitWriter) {
		return func(b *bitWriter) {
			b.put(mode, bits)
			b.put(3, count)
			b.put(text, 10)
		}
	}
	for number := range microSymbols {
		version := microSymbols[number].version
		for mask := range 4 {
			g, p := microGrid(number, mask, digits(0, version-1, version+2, 314))
			d, err := decodeMicro(g, p, &frame{score: 1})
			if err != nil {
				t.Errorf("symbol %d, mask %d: %v", number, mask, err)
				continue
			}
			if _, text := d.payload(); text != "314" {
				t.Errorf("symbol %d, mask %d: %q", number, mask, text)
			}
		}
	}
}

func TestMicroM1TakesNoError(t *testing.T) {
	g, p := microGrid(0, 0, func(b *bitWriter) { b.put(3, 3); b.put(314, 10) })
	for i := range p.data {
		m := p.data[i]
		g.dark[int(m.y)*g.w+int(m.x)] ^= 1
		if _, err := decodeMicro(g, p, &frame{score: 1}); err == nil {
			t.Errorf("bit %d turned over, and still read", i)
		}
		g.dark[int(m.y)*g.w+int(m.x)] ^= 1
	}
	if _, err := decodeMicro(g, p, &frame{score: 0.9}); err == nil {
		t.Error("read in a frame that is not perfect")
	}
}

// rmqrGrid encodes bytes in an rMQR symbol.
func rmqrGrid(version int, high bool, text string) (*grid, *pattern) {
	s, p := rmqrSymbols[version], rmqrPatterns()[version]
	blocks, format := s.m, version
	if high {
		blocks, format = s.h, version|32
	}
	var b bitWriter
	b.put(3, 3)
	b.put(len(text), s.counts[2])
	for _, c := range []byte(text) {
		b.put(int(c), 8)
	}
	b.put(0, 3)
	n := blocks.blocks + blocks.longer
	data := b.fill(n*blocks.data + blocks.longer)
	var all [][]byte
	for i := range n {
		size := blocks.data
		if i >= blocks.blocks {
			size++
		}
		all = append(all, check(data[:size], blocks.check))
		data = data[size:]
	}
	var words []byte
	for i := range blocks.data + 1 {
		for k, block := range all {
			if i < blocks.data || k >= blocks.blocks {
				words = append(words, block[i])
			}
		}
	}
	for i := blocks.check; i > 0; i-- {
		for _, block := range all {
			words = append(words, block[len(block)-i])
		}
	}
	g := lay(p, words, rmqrMask, -1)
	g.write(rmqrFormatPlaces, bch(format, rmqrFormatPoly, 12)^rmqrMaskLeft)
	var right []place
	for _, m := range rmqrSecondPlaces {
		right = append(right, place{uint8(g.w - int(m.x)), uint8(g.h - int(m.y))})
	}
	g.write(right, bch(format, rmqrFormatPoly, 12)^rmqrMaskRight)
	return g, p
}

func TestDecodeRMQR(t *testing.T) {
	for version := range rmqrSymbols {
		for _, high := range []bool{false, true} {
			t.Run(fmt.Sprint(version, high), func(t *testing.T) {
				g, p := rmqrGrid(version, high, "q")
				d, err := decodeRMQR(g, p)
				if err != nil {
					t.Fatal(err)
				}
				if _, text := d.payload(); text != "q" {
					t.Errorf("%q", text)
				}
			})
		}
	}
}
