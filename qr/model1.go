package qr

// QR model 1 (AIM ISS QR Code, 1997; the predecessor that ISO/IEC 18004 calls obsolete) has the finders and timing of
// model 2, no alignment patterns, another mask on its format information, and codewords laid as whole blocks: 2×4
// modules at the right and left, 4×2 in between. Versions 1 to 4 are read; larger ones have other block tables and
// are not seen in the wild.

const (
	model1Mask = 0x2825
	model1Most = 4 // the largest version
)

// model1Check is the check words of versions 1 to 4 by level (the order of levels: M, L, H, Q); all have one block.
var model1Check = [model1Most][4]int{{10, 7, 17, 13}, {16, 10, 30, 22}, {28, 15, 48, 36}, {40, 20, 66, 50}}

// decodeModel1 reads the modules as a model 1 code.
func decodeModel1(g *grid, p *pattern) (decoded, error) {
	if p.version > model1Most || g.w != p.n {
		return decoded{}, errChecksum
	}
	format, ok := g.readFormat(model1Mask)
	if !ok {
		return decoded{}, errChecksum
	}
	words := g.model1Words(format & 7)
	ec := model1Check[p.version-1][format>>3]
	d := decoded{version: p.version, level: levels[format>>3]}
	if !d.correct(words, ec, nil) {
		return d, errChecksum
	}
	// The first four bits lie under the lower right corner and are zero.
	data := words[:len(words)-ec]
	shifted := make([]byte, len(data))
	for i := range shifted {
		shifted[i] = data[i] << 4
		if i+1 < len(data) {
			shifted[i] |= data[i+1] >> 4
		}
	}
	var err error
	if d.message, err = parseSegments(shifted, 8*len(data)-4, qrCoding(p.version)); err == nil && len(d.segments) == 0 {
		err = errBroken
	}
	return d, err
}

// model1Words reads the blocks of modules.
func (g *grid) model1Words(mask int) []byte {
	var words []byte
	for _, b := range model1Blocks(g.w) {
		word := byte(0)
		for k := range 8 {
			x, y := b.x-k%b.wide, b.y-k/b.wide
			bit := g.dark[y*g.w+x]
			if masked(mask, x, y) {
				bit ^= 1
			}
			word = word<<1 | bit
		}
		words = append(words, word)
	}
	words[0] &= 0x0f
	return words
}

// block8 is one codeword's modules: its lower right one, and how many lie side by side.
type block8 struct{ x, y, wide int }

// model1Blocks lists the codewords of a symbol of n modules in their order: two columns of upright blocks at the
// right, then columns of lying ones, then four columns of upright ones at the left, each column from below. Extension
// patterns at the right and lower edge, finders and timing are left out.
func model1Blocks(n int) []block8 {
	var blocks []block8
	last, columns := n-1, n/4+3
	for j := range columns {
		switch {
		case j <= 1:
			rows := (n - 8) / 4
			for i := range rows {
				if extension := j == 0 && i%2 == 0 && i > 0 && i < rows-1; !extension {
					blocks = append(blocks, block8{last - 2*j, last - 4*i, 2})
				}
			}
		case columns-j <= 4:
			x := 2*(columns-j-1) + 1
			if columns-j == 4 {
				x++ // past the timing pattern
			}
			for i := range (n - 16) / 4 {
				blocks = append(blocks, block8{x, last - 8 - 4*i, 2})
			}
		default:
			rows := n / 2
			for i := range rows {
				finder := j == 2 && i >= rows-4
				extension := i == 0 && j%2 == 1 && j+1 != columns-4
				if finder || extension {
					continue
				}
				y := last - 2*i
				if i >= rows-3 {
					y-- // past the timing pattern
				}
				blocks = append(blocks, block8{last - 4 - 4*(j-2), y, 4})
			}
		}
	}
	return blocks
}
