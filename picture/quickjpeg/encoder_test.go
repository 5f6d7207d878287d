package quickjpeg

import (
	"math"
	"math/rand/v2"
	"slices"
)

// kind is a JPEG that the tests make: of what image/jpeg decodes, all that it does not encode.
type kind struct {
	width, height int
	sampling      [][2]int // factors of each component
	restart       int      // MCUs between restart markers
	quant         int      // the quantiser of low frequencies; others are larger
	script        []scanOf // the scans; nil: one, sequential
	sequential    bool     // the scans of the script are those of a sequential picture
	seed          uint64
}

// scanOf is one scan: of which components, which coefficients, which bits.
type scanOf struct {
	components []int
	start, end int
	high, low  int
}

// progression is a progressive picture as most programs write it: with spectral selection and successive approximation.
func progression(components int) (script []scanOf) {
	all := []int{0, 1, 2}[:components]
	script = append(script, scanOf{all, 0, 0, 0, 1})
	for _, band := range [][4]int{{1, 5, 0, 2}, {6, 63, 0, 2}, {1, 63, 2, 1}} {
		for _, c := range all {
			script = append(script, scanOf{[]int{c}, band[0], band[1], band[2], band[3]})
		}
	}
	script = append(script, scanOf{all, 0, 0, 1, 0})
	for _, c := range all {
		script = append(script, scanOf{[]int{c}, 1, 63, 1, 0})
	}
	return script
}

// encoder is one file being made.
type encoder struct {
	kind
	mcusX, mcusY int
	factors      [2]int
	quants       [64]int
	coefs        [][][64]int // per component and block of whole MCUs, zigzag order
	out          []byte
}

// encode makes a file of a picture of soft shapes, noise and hard edges.
func (k kind) encode() []byte {
	e := &encoder{kind: k, factors: k.sampling[0]}
	for i := range e.quants {
		e.quants[i] = min(k.quant+i*k.quant/8, 255)
	}
	e.mcusX, e.mcusY = up(k.width, 8*e.factors[0]), up(k.height, 8*e.factors[1])
	if len(k.sampling) == 1 {
		e.mcusX, e.mcusY, e.sampling = up(k.width, 8), up(k.height, 8), [][2]int{{1, 1}}
	}
	random := rand.New(rand.NewPCG(k.seed, 2))
	for _, s := range e.sampling {
		e.coefs = append(e.coefs, e.plane(s, random))
	}
	e.header()
	if k.script == nil {
		e.script, e.sequential = []scanOf{{components: []int{0, 1, 2}[:len(k.sampling)], end: 63}}, true
	}
	for _, s := range e.script {
		e.scan(s)
	}
	return append(e.out, 0xff, mEOI)
}

// plane draws one component and transforms it.
func (e *encoder) plane(sampling [2]int, random *rand.Rand) [][64]int {
	w, h := 8*e.mcusX*sampling[0], 8*e.mcusY*sampling[1]
	fx, fy, phase := random.Float64()/9, random.Float64()/9, random.Float64()*6
	samples := make([]float64, w*h)
	for y := range h {
		for x := range w {
			v := 90*math.Sin(fx*float64(x)+phase)*math.Cos(fy*float64(y)) + random.Float64()*8
			if x/5%4 == 1 && y/5%4 < 2 && x > w/2 {
				v = 127
			}
			samples[y*w+x] = v
		}
	}
	var blocks [][64]int
	for by := range h / 8 {
		for bx := range w / 8 {
			blocks = append(blocks, e.forward(samples[8*by*w+8*bx:], w))
		}
	}
	return blocks
}

// forward is the transform of A.3.3, along the rows first.
func (e *encoder) forward(samples []float64, stride int) (coefs [64]int) {
	var along [8][8]float64 // by frequency and row
	for u := range 8 {
		for y := range 8 {
			for x := range 8 {
				along[u][y] += samples[y*stride+x] * cosines[u][x]
			}
		}
	}
	for k, at := range natural {
		sum := 0.0
		for y := range 8 {
			sum += along[at&7][y] * cosines[at>>3][y]
		}
		coefs[k] = int(math.Round(sum / 4 / float64(e.quants[k])))
	}
	return coefs
}

var cosines = func() (table [8][8]float64) {
	for f := range 8 {
		for x := range 8 {
			table[f][x] = math.Cos(float64(2*x+1) * float64(f) * math.Pi / 16)
			if f == 0 {
				table[f][x] /= math.Sqrt2
			}
		}
	}
	return table
}()

func (e *encoder) segment(marker byte, body ...byte) {
	e.out = append(append(e.out, 0xff, marker, byte((len(body)+2)>>8), byte(len(body)+2)), body...)
}

func (e *encoder) header() {
	e.out = []byte{0xff, mSOI}
	table := []byte{0}
	for _, q := range e.quants {
		table = append(table, byte(q))
	}
	e.segment(mDQT, table...)
	frame := []byte{8, byte(e.height >> 8), byte(e.height), byte(e.width >> 8), byte(e.width), byte(len(e.sampling))}
	for i, s := range e.kind.sampling {
		frame = append(frame, byte(i+1), byte(s[0]<<4|s[1]), 0)
	}
	marker := byte(mSOF1)
	if e.script != nil && !e.sequential {
		marker = mSOF2
	}
	e.segment(marker, frame...)
	if e.restart > 0 {
		e.segment(mDRI, byte(e.restart>>8), byte(e.restart))
	}
}

// mark is something to write in a scan: a symbol of a table and bits behind it, bits alone, or a restart marker.
type mark struct {
	class   int // 0: DC, 1: AC; 2: bits alone; 3: restart
	symbol  byte
	bits, n int
}

// scan writes one scan, with tables of its own.
func (e *encoder) scan(s scanOf) {
	w := &scanWriter{encoder: e, scanOf: s}
	w.walk()
	var counts [2][256]int
	for _, m := range w.marks {
		if m.class < 2 {
			counts[m.class][m.symbol]++
		}
	}
	var codes [2][256][2]int
	for class := range counts {
		codes[class] = e.table(class, counts[class])
	}
	header := []byte{byte(len(s.components))}
	for _, c := range s.components {
		header = append(header, byte(c+1), 0)
	}
	e.segment(mSOS, append(header, byte(s.start), byte(s.end), byte(s.high<<4|s.low))...)
	e.entropy(w.marks, codes)
}

// table writes a Huffman table of short and long codes for the symbols by how often there are, and returns the codes.
func (e *encoder) table(class int, counts [256]int) (codes [256][2]int) {
	var symbols []byte
	for s := range counts {
		if counts[s] > 0 || s == 0 {
			symbols = append(symbols, byte(s))
		}
	}
	slices.SortFunc(symbols, func(a, b byte) int { return counts[b] - counts[a] })
	lengths := [16]int{0, 1, 1, 2, 2, 2, 0, 4, 0, 8, 8, 0, 2, 0, 2, 256}
	body := []byte{byte(class << 4)}
	code, n := 0, 0
	for i, room := range lengths {
		here := min(room, len(symbols)-n)
		body = append(body, byte(here))
		for range here {
			codes[symbols[n]] = [2]int{code, i + 1}
			code, n = code+1, n+1
		}
		code <<= 1
	}
	e.segment(mDHT, append(body, symbols...)...)
	return codes
}

// entropy writes marks as bits.
func (e *encoder) entropy(marks []mark, codes [2][256][2]int) {
	word, n, restart := 0, 0, 0
	put := func(bits, count int) {
		for i := count - 1; i >= 0; i-- {
			word, n = word<<1|bits>>i&1, n+1
			if n == 8 {
				if e.out = append(e.out, byte(word)); word == 0xff {
					e.out = append(e.out, 0)
				}
				word, n = 0, 0
			}
		}
	}
	for _, m := range append(marks, mark{class: 4}) {
		switch {
		case m.class >= 3:
			put(0xff, (8-n)%8)
			if m.class == 3 {
				e.out = append(e.out, 0xff, mRST0+byte(restart&7))
				restart++
			}
		case m.class < 2:
			put(codes[m.class][m.symbol][0], codes[m.class][m.symbol][1])
			fallthrough
		default:
			put(m.bits, m.n)
		}
	}
}
