package pdf417

import (
	"math"
	"slices"
)

// line is what was read on one line across a symbol.
type line struct{ words []word }

// shape is what the row indicators say of a symbol.
type shape struct {
	rows, cols, level int
	mirrored          bool // rows go up instead of down
}

// tally counts votes for a number.
type tally map[int]int

// most returns the number with the most votes, the lowest of equals; false where there are none.
func (t tally) most() (int, bool) {
	best, votes := 0, 0
	for n, v := range t {
		if v > votes || v == votes && n < best {
			best, votes = n, v
		}
	}
	return best, votes > 0
}

// indicator splits what a row indicator says: the row, and a number which in the three clusters is another one. From
// the right they are the left's in turn: columns, rows, level (ISO/IEC 15438, 5.11.3).
func (w word) indicator() (row, fact, number int) {
	fact = w.cluster
	if w.fromRight {
		fact = (w.cluster + 2) % clusters
	}
	return w.value/30*3 + w.cluster, fact, w.value % 30
}

// The facts that indicators state.
const (
	rowsThird    = iota // (rows−1)/3
	levelAndRest        // 3·level + (rows−1) mod 3
	colsLessOne
)

// survey takes the vote of the indicators of all lines.
func survey(lines []line) (shape, bool) {
	var facts [3]tally
	for i := range facts {
		facts[i] = tally{}
	}
	rising := 0
	last := [2]int{-1, -1}
	for _, l := range lines {
		for _, w := range l.words {
			if w.col != 0 {
				continue
			}
			row, fact, number := w.indicator()
			facts[fact][number]++
			side := 0
			if w.fromRight {
				side = 1
			}
			if before := last[side]; before >= 0 && row != before {
				rising += map[bool]int{true: 1, false: -1}[row > before]
			}
			last[side] = row
		}
	}
	third, ok1 := facts[rowsThird].most()
	rest, ok2 := facts[levelAndRest].most()
	cols, ok3 := facts[colsLessOne].most()
	s := shape{rows: 3*third + rest%3 + 1, cols: cols + 1, level: rest / 3, mirrored: rising < 0}
	valid := s.rows >= 3 && s.rows <= 90 && s.cols <= 30 && s.level <= 8 && s.rows*s.cols <= 928 && s.rows*s.cols > s.check()
	return s, ok1 && ok2 && ok3 && valid
}

// check is the number of check words.
func (s shape) check() int { return 2 << s.level }

// expected is the row in which line i of n should lie by its place alone.
func (s shape) expected(i, n int) float64 {
	row := (float64(i)+0.5)/float64(n)*float64(s.rows) - 0.5
	if s.mirrored {
		return float64(s.rows-1) - row
	}
	return row
}

// course returns, for each line, the row in which it begins (or ends): the median of what the indicators nearby say,
// taken by their distance from the expected row.
func (s shape) course(lines []line, fromRight bool) []float64 {
	n := len(lines)
	said := make([]float64, n) // deviation from what is expected
	for i, l := range lines {
		said[i] = math.NaN()
		for _, w := range l.words {
			if w.col != 0 || w.fromRight != fromRight {
				continue
			}
			row, _, _ := w.indicator()
			off := float64(row) - s.expected(i, n)
			if row < s.rows && math.Abs(off) < float64(s.rows)/4+2.5 {
				said[i] = off
			}
		}
	}
	out := make([]float64, n)
	reach := n/(2*s.rows) + 2
	for i := range out {
		out[i] = s.expected(i, n) + around(said, i, reach)
	}
	return out
}

// around is the median of the numbers near a place; where there are none it looks further, and is 0 in the end.
func around(said []float64, i, reach int) float64 {
	for ; ; reach *= 3 {
		lo, hi := max(i-reach, 0), min(i+reach+1, len(said))
		var near []float64
		for _, s := range said[lo:hi] {
			if !math.IsNaN(s) {
				near = append(near, s)
			}
		}
		if len(near) > 0 {
			slices.Sort(near)
			return near[len(near)/2]
		}
		if lo == 0 && hi == len(said) {
			return 0
		}
	}
}

// fill gives every word its cell. Of the rows near the one in which its line should be at that column it is the one with
// the word's cluster: lines may cross rows.
func (s shape) fill(lines []line) []tally {
	cells := make([]tally, s.rows*s.cols)
	left, right := s.course(lines, false), s.course(lines, true)
	for i, l := range lines {
		for _, w := range l.words {
			col := w.col - 1
			if w.fromRight {
				col = s.cols - w.col
			}
			if w.col == 0 || col < 0 || col >= s.cols {
				continue
			}
			along := (float64(col) + 1) / float64(s.cols+1)
			row := nearestOf(left[i]+along*(right[i]-left[i]), w.cluster)
			if row < 0 || row >= s.rows {
				continue
			}
			at := row*s.cols + col
			if cells[at] == nil {
				cells[at] = tally{}
			}
			cells[at][w.value]++
		}
	}
	return cells
}

// nearestOf returns the row nearest to a place whose number has the remainder by 3.
func nearestOf(place float64, remainder int) int {
	return int(math.Round((place-float64(remainder))/clusters))*clusters + remainder
}
