package qr

import (
	"errors"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// errChecksum says that error correction did not hold.
var errChecksum = errors.New("qr: error correction failed")

// decoded is a symbol whose error correction held.
type decoded struct {
	message
	version  int
	level    string
	mirrored bool
	errors   int // codewords that were repaired
	capacity int // codewords that could have been repaired
}

// levels is by the two bits of the error correction level.
var levels = [4]string{"M", "L", "H", "Q"}

// gozxing's levels in the same order.
var gozxingLevels = [4]decoder.ErrorCorrectionLevel{
	decoder.ErrorCorrectionLevel_M, decoder.ErrorCorrectionLevel_L, decoder.ErrorCorrectionLevel_H, decoder.ErrorCorrectionLevel_Q,
}

// decodeQR reads the modules of a QR code of model 2 or 1, upright or mirrored.
func decodeQR(g *grid, p *pattern) (decoded, error) {
	d, err := decodeUpright(g, p)
	if err == nil {
		return d, nil
	}
	turned := g.transposed()
	if d, err := decodeUpright(turned, p); err == nil {
		d.mirrored = true
		return d, nil
	}
	if d, err := decodeModel1(g, p); err == nil {
		return d, nil
	}
	if d, err := decodeModel1(turned, p); err == nil {
		d.mirrored = true
		return d, nil
	}
	return d, err
}

func (g *grid) transposed() *grid {
	t := newGrid(g.h, g.w)
	if g.unsure != nil {
		t.unsure = make([]bool, len(g.unsure))
	}
	if g.doubt != nil {
		t.doubt = make([]byte, len(g.doubt))
	}
	for y := range g.h {
		for x := range g.w {
			t.dark[x*g.h+y] = g.dark[y*g.w+x]
			if g.unsure != nil {
				t.unsure[x*g.h+y] = g.unsure[y*g.w+x]
			}
			if g.doubt != nil {
				t.doubt[x*g.h+y] = g.doubt[y*g.w+x]
			}
		}
	}
	return t
}

func decodeUpright(g *grid, p *pattern) (decoded, error) {
	format, ok := g.readFormat(formatMask)
	if !ok {
		return decoded{}, errChecksum
	}
	v, err := decoder.Version_GetVersionForNumber(p.version)
	if err != nil {
		return decoded{}, err
	}
	level := gozxingLevels[format>>3]
	blocks, err := decoder.DataBlock_GetDataBlocks(g.codewords(p, format&7, v.GetTotalCodewords(), -1), v, level)
	if err != nil {
		return decoded{}, err
	}
	unsure, err := decoder.DataBlock_GetDataBlocks(g.unsureWords(p, v.GetTotalCodewords()), v, level)
	if err != nil {
		return decoded{}, err
	}
	d := decoded{version: p.version, level: levels[format>>3]}
	var data []byte
	for i, b := range blocks {
		words := b.GetCodewords()
		n := b.GetNumDataCodewords()
		correct := d.correct
		if g.doubt != nil {
			correct = d.correctSoft
		}
		if !correct(words, len(words)-n, unsure[i].GetCodewords()) {
			return d, errChecksum
		}
		data = append(data, words[:n]...)
	}
	d.message, err = parseSegments(data, 8*len(data), qrCoding(p.version))
	return d, err
}

// spare is how many check words are kept from being spent on erasures: they alone guard against a payload by chance, one in
// 256 to that power.
const spare = 4

// correct repairs one block, and counts.
func (d *decoded) correct(words []byte, ec int, unsure []byte) bool {
	var erased []int
	for i, u := range unsure {
		if u != 0 {
			erased = append(erased, i)
		}
	}
	budget := ec
	if len(erased) > 0 {
		budget = ec - spare
	}
	changed, ok := correct(words, ec, budget, erased)
	d.errors += changed
	d.capacity += ec / 2
	return ok
}

// masked tells whether a mask pattern turns the module over (ISO/IEC 18004, table 10).
func masked(mask, x, y int) bool {
	switch mask {
	case 0:
		return (x+y)%2 == 0
	case 1:
		return y%2 == 0
	case 2:
		return x%3 == 0
	case 3:
		return (x+y)%3 == 0
	case 4:
		return (y/2+x/3)%2 == 0
	case 5:
		return x*y%2+x*y%3 == 0
	case 6:
		return (x*y%2+x*y%3)%2 == 0
	}
	return ((x+y)%2+x*y%3)%2 == 0
}

// codewords takes the mask off the data modules and packs them to bytes. The word at index short, if there is one,
// has four bits, which are the high four of its byte.
func (g *grid) codewords(p *pattern, mask, total, short int) []byte {
	words := make([]byte, 0, total)
	word, n := byte(0), 0
	for _, m := range p.data {
		bit := g.dark[int(m.y)*p.cols+int(m.x)]
		if masked(mask, int(m.x), int(m.y)) {
			bit ^= 1
		}
		word = word<<1 | bit
		n++
		if n == 4 && len(words) == short {
			word, n = word<<4, 8
		}
		if n == 8 {
			if words = append(words, word); len(words) == total {
				break
			}
			word, n = 0, 0
		}
	}
	return words
}

// unsureWords marks the codewords of which two modules or more are unsure: with a single one the odds are even. Where the
// modules have doubts, a codeword has the greatest of its eight.
func (g *grid) unsureWords(p *pattern, total int) []byte {
	words := make([]byte, total)
	if g.doubt != nil {
		for i := range words {
			for _, m := range p.data[8*i : 8*i+8] {
				words[i] = max(words[i], g.doubt[int(m.y)*g.w+int(m.x)])
			}
		}
		return words
	}
	if g.unsure == nil {
		return words
	}
	for i := range words {
		n := 0
		for _, m := range p.data[8*i : 8*i+8] {
			if g.unsure[int(m.y)*g.w+int(m.x)] {
				n++
			}
		}
		if n >= 2 {
			words[i] = 1
		}
	}
	return words
}

// readAt reads the bits of some modules, the first being the highest.
func (g *grid) readAt(places []place) int {
	v := 0
	for _, m := range places {
		v = v<<1 | int(g.dark[int(m.y)*g.w+int(m.x)])
	}
	return v
}

// qrModes is by the four bits of the mode indicator (ISO/IEC 18004, table 2).
var qrModes = []mode{
	modeEnd, modeNumeric, modeAlphanumeric, modeAppend, modeByte, modeFNC1First, modeBad, modeECI,
	modeKanji, modeFNC1Second, modeBad, modeBad, modeBad, modeHanzi, modeBad, modeBad,
}

// qrCoding gives the lengths of the character counts (ISO/IEC 18004, table 3).
func qrCoding(version int) coding {
	c := coding{modeBits: 4, modes: qrModes}
	switch {
	case version <= 9:
		c.counts = [6]int{modeNumeric: 10, modeAlphanumeric: 9, modeByte: 8, modeKanji: 8, modeHanzi: 8}
	case version <= 26:
		c.counts = [6]int{modeNumeric: 12, modeAlphanumeric: 11, modeByte: 16, modeKanji: 10, modeHanzi: 10}
	default:
		c.counts = [6]int{modeNumeric: 14, modeAlphanumeric: 13, modeByte: 16, modeKanji: 12, modeHanzi: 12}
	}
	return c
}
