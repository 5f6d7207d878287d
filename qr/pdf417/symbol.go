package pdf417

import (
	"sync"

	"quishmilter/qr/eci"
	"quishmilter/qr/lattice"
	"quishmilter/qr/reedsolomon"
)

// field is that of ISO/IEC 15438, 5.10.
var field = sync.OnceValue(func() *reedsolomon.Field { return reedsolomon.Prime(values, 3) })

const (
	fewLines  = 12  // lines of the first look
	maxLines  = 400 // lines of the full reading
	firstCols = 5   // characters from a single edge on that it looks at
	minWords  = 10  // characters that the first look must have read
	minRate   = 0.3 // the same as a share of the characters that fit on its lines
	lineEvery = 0.4 // modules between lines
	firstLine = 1.6 // the same of the first reading: a row is three modules high, so one or two lines cross it
	overhang  = 0.4 // of a frame's height that is read above and below it where it alone was not enough
)

// lines reads n lines of a frame.
func (r *reader) lines(f frame, n int, guess bool) []line {
	dark := sense(r.view, f)
	out := make([]line, n)
	var p profile
	for i := range out {
		if r.ctx.Err() != nil {
			break
		}
		t := (float64(i) + 0.5) / float64(n)
		a, b := f.at(0, t), f.at(1, t)
		s := scale{f.left, f.right, lattice.Apart(a, b)}
		p.read(r.view, a, b, min(f.left, f.right), dark)
		if !f.half || f.open == stop {
			out[i].words = forward(out[i].words, p.changes, s, guess)
		}
		if !f.half || f.open == start {
			out[i].words = backward(out[i].words, reverse(p.changes, s.length), s.reversed(), guess)
		}
	}
	return out
}

// promising takes a first look: do a few lines show characters? Where only one edge is known, only the characters next to
// it are looked at.
func (r *reader) promising(f frame) bool {
	if f.half {
		near := float64(firstCols*characterModules) / wide
		c := f.corners
		if f.open == stop {
			f.corners = [4]lattice.Point{c[0], f.at(near, 0), f.at(near, 1), c[3]}
		} else {
			f.corners = [4]lattice.Point{f.at(1-near, 0), c[1], c[2], f.at(1-near, 1)}
		}
	}
	words, indicators := 0, 0
	for _, l := range r.lines(f, fewLines, false) {
		words += len(l.words)
		for _, w := range l.words {
			if w.col == 0 {
				indicators++
			}
		}
	}
	if f.half {
		return words >= minWords && indicators >= 3
	}
	fit := fewLines * 2 * lattice.Apart(f.at(0, 0.5), f.at(1, 0.5)) * 2 / (f.left + f.right) / characterModules
	return words >= minWords && indicators >= 3 && float64(words) > minRate*(fit-4*fewLines)
}

// symbol reads a frame with few lines, and where that fails with all of them; then also above and below it, for a guard
// pattern may be damaged at its ends.
func (r *reader) symbol(f frame) (Found, bool) {
	for _, every := range [2]float64{firstLine, lineEvery} {
		if found, ok := r.readFrame(f, every, false); ok {
			return found, true
		}
	}
	f.corners = [4]lattice.Point{f.at(0, -overhang), f.at(1, -overhang), f.at(1, 1+overhang), f.at(0, 1+overhang)}
	return r.readFrame(f, lineEvery, true)
}

// readFrame reads a frame with a line every so many modules.
func (r *reader) readFrame(f frame, every float64, guess bool) (Found, bool) {
	high := max(lattice.Apart(f.corners[0], f.corners[3]), lattice.Apart(f.corners[1], f.corners[2]))
	lines := r.lines(f, min(max(int(high/(every*min(f.left, f.right))), fewLines), maxLines), guess)
	s, ok := survey(lines)
	if !ok {
		return Found{}, false
	}
	words, ok := s.correct(s.fill(lines))
	if !ok {
		return Found{}, false
	}
	payload, ok := text(words)
	if !ok {
		return Found{}, false
	}
	found := Found{Bytes: payload.Bytes(), Text: payload.Text(), Rows: s.rows, Cols: s.cols, Level: s.level, Mirrored: s.mirrored}
	found.Corners = f.outline(s)
	return found, true
}

// outline is the frame's corners, cut to the symbol's width where the frame had no known end.
func (f frame) outline(s shape) [4]lattice.Point {
	if !f.half {
		return f.corners
	}
	share := f.left * float64(guards+s.cols*characterModules) / max(lattice.Apart(f.corners[0], f.corners[1]), 1)
	if f.open == stop {
		return [4]lattice.Point{f.corners[0], f.at(share, 0), f.at(share, 1), f.corners[3]}
	}
	return [4]lattice.Point{f.at(1-share, 0), f.corners[1], f.corners[2], f.at(1-share, 1)}
}

// correct chooses a value for each cell and corrects them. First all votes count, then, step by step, cells with few or
// contested votes are taken as unreadable: an erasure costs half of what an error does.
func (s shape) correct(cells []tally) ([]int, bool) {
	for _, margin := range []int{1, 2, 4} {
		words := make([]int, len(cells))
		var erased []int
		for i, c := range cells {
			value, _ := c.most()
			lead := 2 * c[value]
			for _, n := range c {
				lead -= n
			}
			if words[i] = value; lead < margin {
				erased = append(erased, i)
			}
		}
		if data, ok := s.accept(words, erased); ok {
			return data, true
		}
	}
	return nil, false
}

// spare is how many check words are left to detect what cannot be corrected (ISO/IEC 15438, 5.10.2).
const spare = 2

// accept corrects words and cuts them to the length that the first one states.
func (s shape) accept(words, erased []int) ([]int, bool) {
	check := s.check()
	if len(erased) > check-spare {
		return nil, false
	}
	before := append([]int(nil), words...)
	if _, err := field().Correct(words, check, erased); err != nil {
		return nil, false
	}
	cost := len(erased)
	for i := range words {
		if words[i] != before[i] && !contains(erased, i) {
			cost += 2
		}
	}
	length := words[0]
	if cost > check-spare || length < 1 || length > len(words)-check {
		return nil, false
	}
	return words[1:length], true
}

func contains(sorted []int, n int) bool {
	for _, s := range sorted {
		if s == n {
			return true
		}
	}
	return false
}

// text reads the data codewords.
func text(words []int) (eci.Payload, bool) {
	d := decoder{words: words}
	ok := d.read()
	return d.out, ok && len(d.out.Bytes()) > 0
}
