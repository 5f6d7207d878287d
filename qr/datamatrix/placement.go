package datamatrix

import "quishmilter/qr/lattice"

// A placer tells where the bits of the codewords lie in the data modules: for each codeword eight indices into a matrix of
// rows × cols without borders, highest bit first. The walk is that of ISO/IEC 16022, annex F.1: diagonals up and down
// across the matrix, the usual L-shaped codeword at each stop, and four special shapes where a diagonal meets a corner.
type placer struct {
	rows, cols int
	taken      []bool
	words      [][8]int
}

// utah is the usual shape: the places of a codeword's bits relative to that of the lowest, as rows and columns.
var utah = [8][2]int{{-2, -2}, {-2, -1}, {-1, -2}, {-1, -1}, {-1, 0}, {0, -2}, {0, -1}, {0, 0}}

func place(rows, cols int) [][8]int {
	p := placer{rows: rows, cols: cols, taken: make([]bool, rows*cols)}
	row, col := 4, 0
	for row < rows || col < cols {
		p.corners(row, col)
		for ; ; row, col = row-2, col+2 {
			if row < rows && col >= 0 {
				p.word(row, col)
			}
			if row-2 < 0 || col+2 >= cols {
				break
			}
		}
		row, col = row-2+1, col+2+3
		for ; ; row, col = row+2, col-2 {
			if row >= 0 && col < cols {
				p.word(row, col)
			}
			if row+2 >= rows || col-2 < 0 {
				break
			}
		}
		row, col = row+2+3, col-2+1
	}
	return p.words
}

// corners places the special shape that a diagonal's start asks for.
func (p *placer) corners(row, col int) {
	r, c := p.rows, p.cols
	switch {
	case row == r && col == 0:
		p.shape([8][2]int{{r - 1, 0}, {r - 1, 1}, {r - 1, 2}, {0, c - 2}, {0, c - 1}, {1, c - 1}, {2, c - 1}, {3, c - 1}})
	case row == r-2 && col == 0 && c%4 != 0:
		p.shape([8][2]int{{r - 3, 0}, {r - 2, 0}, {r - 1, 0}, {0, c - 4}, {0, c - 3}, {0, c - 2}, {0, c - 1}, {1, c - 1}})
	case row == r-2 && col == 0 && c%8 == 4:
		p.shape([8][2]int{{r - 3, 0}, {r - 2, 0}, {r - 1, 0}, {0, c - 2}, {0, c - 1}, {1, c - 1}, {2, c - 1}, {3, c - 1}})
	case row == r+4 && col == 2 && c%8 == 0:
		p.shape([8][2]int{{r - 1, 0}, {r - 1, c - 1}, {0, c - 3}, {0, c - 2}, {0, c - 1}, {1, c - 3}, {1, c - 2}, {1, c - 1}})
	}
}

// word places the usual shape with its lowest bit at (row, col), wrapped around the edges, unless that is taken.
func (p *placer) word(row, col int) {
	if p.taken[row*p.cols+col] {
		return
	}
	var at [8][2]int
	for i, o := range utah {
		r, c := row+o[0], col+o[1]
		if r < 0 {
			r, c = r+p.rows, c+4-(p.rows+4)%8
		}
		if c < 0 {
			r, c = r+4-(p.cols+4)%8, c+p.cols
		}
		if r >= p.rows { // only in the extension's sizes
			r -= p.rows
		}
		at[i] = [2]int{r, c}
	}
	p.shape(at)
}

func (p *placer) shape(at [8][2]int) {
	var word [8]int
	for i, m := range at {
		word[i] = m[0]*p.cols + m[1]
		p.taken[word[i]] = true
	}
	p.words = append(p.words, word)
}

// codewords reads a sampled symbol's words.
func (s size) codewords(symbol lattice.Matrix) []int {
	across, down := s.cols/(s.regionCols+2), s.rows/(s.regionRows+2)
	rows, cols := down*s.regionRows, across*s.regionCols
	words := make([]int, 0, s.data+s.check)
	for _, at := range place(rows, cols) {
		word := 0
		for _, i := range at {
			row, col := i/cols, i%cols
			x := col + 1 + 2*(col/s.regionCols)
			y := row + 1 + 2*(row/s.regionRows)
			word <<= 1
			if symbol.At(x, y) {
				word |= 1
			}
		}
		words = append(words, word)
	}
	return words
}
