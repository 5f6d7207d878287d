package qr

// QR model 1 (AIM ITS/97-001; ISO/IEC 18004:2000, annex M, the predecessor that later editions leave out) has the finders
// and timing of model 2, no alignment patterns and no version information, another mask on its format information, and
// codewords laid as whole blocks: 2×4 modules at the right and left, 4×2 in between. It has 14 versions. The sizes of the
// error-correction blocks are those of tables M.2 and M.4 as zxing-cpp has them; they fit the number of codewords that the
// layout gives for each version, of which up to four are left over. The blocks are not interleaved: the data of one follows
// that of the other, and then their check words do. (One symbol of version 5 with two blocks was at hand to prove it,
// zxing-cpp's issue 940.)

const (
	model1Mask = 0x2825
	model1Most = 14 // the largest version
)

// model1Block is how many blocks a symbol has, and of how many check and data words each.
type model1Block struct{ blocks, check, data int }

// model1Levels is by version and level (the order of levels: M, L, H, Q).
var model1Levels = [model1Most][4]model1Block{
	{{1, 10, 16}, {1, 7, 19}, {1, 17, 9}, {1, 13, 13}},
	{{1, 16, 30}, {1, 10, 36}, {1, 30, 16}, {1, 22, 24}},
	{{1, 28, 44}, {1, 15, 57}, {1, 48, 24}, {1, 36, 36}},
	{{1, 40, 60}, {1, 20, 80}, {1, 66, 34}, {1, 50, 50}},
	{{1, 52, 82}, {1, 26, 108}, {2, 44, 23}, {1, 66, 68}},
	{{2, 32, 53}, {1, 34, 136}, {2, 56, 29}, {2, 42, 43}},
	{{2, 40, 66}, {1, 42, 170}, {3, 46, 24}, {2, 52, 54}},
	{{2, 48, 80}, {2, 24, 104}, {3, 56, 29}, {2, 64, 64}},
	{{2, 60, 93}, {2, 30, 123}, {3, 68, 34}, {3, 50, 52}},
	{{2, 68, 111}, {2, 34, 145}, {4, 58, 31}, {3, 58, 61}},
	{{4, 40, 64}, {2, 40, 168}, {5, 54, 29}, {4, 52, 52}},
	{{4, 46, 73}, {2, 46, 192}, {5, 62, 33}, {4, 58, 61}},
	{{4, 52, 83}, {3, 36, 144}, {6, 58, 32}, {4, 66, 69}},
	{{4, 60, 92}, {3, 40, 163}, {6, 66, 35}, {5, 60, 62}},
}

// decodeModel1 reads the modules as a model 1 code.
func decodeModel1(g *grid, p *pattern) (decoded, error) {
	if p.version > model1Most || g.w != p.n {
		return decoded{}, errChecksum
	}
	format, ok := g.readFormat(model1Mask)
	if !ok {
		return decoded{}, errChecksum
	}
	d := decoded{version: p.version, level: levels[format>>3]}
	data, ok := d.model1Data(g.model1Words(format&7), model1Levels[p.version-1][format>>3])
	if !ok {
		return d, errChecksum
	}
	// The first four bits lie under the lower right corner and are zero.
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

// model1Data corrects the blocks and gives their data.
func (d *decoded) model1Data(words []byte, b model1Block) (data []byte, ok bool) {
	checks := words[b.blocks*b.data:]
	for k := range b.blocks {
		block := append(append([]byte{}, words[k*b.data:][:b.data]...), checks[k*b.check:][:b.check]...)
		if !d.correct(block, b.check, nil) {
			return nil, false
		}
		data = append(data, block[:b.data]...)
	}
	return data, true
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
