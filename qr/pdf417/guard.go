package pdf417

import (
	"quishmilter/qr/bitmap"
	"quishmilter/qr/lattice"
	"quishmilter/qr/runs"
)

// kind is a start or a stop pattern.
type kind int

const (
	start kind = iota
	stop
)

// The guard patterns (ISO/IEC 15438, 5.3.3), as seen when one begins with the widest bar: the start pattern read
// forwards or backwards begins at its outer edge, the stop pattern at its inner one.
var (
	startRuns = [8]int32{8, 1, 1, 1, 1, 1, 1, 3}
	stopRuns  = [9]int32{7, 1, 1, 3, 1, 1, 1, 2, 1}
)

// hit is a guard pattern seen on a scanned row or column.
type hit struct {
	kind
	at     int     // the row or column
	outer  float64 // where along it the symbol ends: the outer edge of the pattern
	module float64 // length of a module along it
}

// scanStep is the distance of scanned rows and columns: the lowest symbols are three rows of three modules high.
func scanStep(b *bitmap.Bitmap) int {
	switch short := min(b.W, b.H); {
	case short < 128:
		return 2
	case short < 400:
		return 4
	}
	return 8
}

// scanner looks for guard patterns along rows, in both directions.
type scanner struct {
	changes   []int32
	forwards  []hit // of symbols that are read towards rising places
	backwards []hit
}

// row scans row y of a picture.
func (s *scanner) row(b *bitmap.Bitmap, y int) {
	s.changes = runs.Append(s.changes[:0], b.Row(y), b.W)
	s.line(s.changes[1:], y)
}

// line scans a row whose colour turns dark at the even places, and back at the odd ones.
func (s *scanner) line(c []int32, at int) {
	for i := 0; i+8 < len(c); i += 2 {
		if w := (*[8]int32)(c[i:]); guardlike(w[1]-w[0], w[2]-w[1], w[4]-w[1], w[7]-w[1]) {
			s.ahead(c[i:], at)
		}
	}
	for i := 8; i+1 < len(c); i += 2 {
		if w := (*[8]int32)(c[i-6:]); guardlike(w[7]-w[6], w[6]-w[5], w[6]-w[3], w[6]-w[0]) {
			s.behind(c[:i+2], at)
		}
	}
}

// guardlike tells whether a bar of six pixels at least, the gap, the three runs and the six beside it together could be
// 8, 1, 3 and 6 modules, or 7, 1, 5 and 8. What must not be negative is joined to one number: most runs fail, in ways that
// a processor cannot foresee.
func guardlike(bar, gap, three, six int32) bool {
	return (bar-6)|(bar-2*gap)|(bar+2-three)|(4*three+4-bar)|(2*bar-six)|(5*six-2*bar) >= 0
}

// ahead compares what follows a wide bar with the patterns.
func (s *scanner) ahead(c []int32, at int) {
	var w [9]int32
	n := min(len(c)-1, len(w))
	for i := 0; i < n; i++ {
		w[i] = c[i+1] - c[i]
	}
	if m, ok := alike(w[:8], startRuns[:]); ok {
		s.forwards = append(s.forwards, hit{start, at, float64(c[0]), m})
	} else if n == 9 {
		if m, ok := alike(w[:], stopRuns[:]); ok {
			s.forwards = append(s.forwards, hit{stop, at, float64(c[9]), m})
		}
	}
}

// behind compares what precedes a wide bar, whose end is the last change, with the patterns.
func (s *scanner) behind(c []int32, at int) {
	var w [9]int32
	last := len(c) - 1
	n := min(last, len(w))
	for i := 0; i < n; i++ {
		w[i] = c[last-i] - c[last-i-1]
	}
	if m, ok := alike(w[:8], startRuns[:]); ok {
		s.backwards = append(s.backwards, hit{start, at, float64(c[last]), m})
	} else if n == 9 {
		if m, ok := alike(w[:], stopRuns[:]); ok {
			s.backwards = append(s.backwards, hit{stop, at, float64(c[last-9]), m})
		}
	}
}

// alike tells whether runs have the wanted proportions, and the length of a module. Neighbours are compared together,
// because ink gain makes dark runs longer and light ones shorter by the same.
func alike(got, want []int32) (module float64, ok bool) {
	var sum, modules int32
	for i, w := range want {
		sum, modules = sum+got[i], modules+w
	}
	if sum < modules {
		return 0, false
	}
	slack := sum*2/5 + modules // two fifths of a module and a pixel
	for i := range want {
		if 4*got[i]*modules < want[i]*sum-2*modules { // a run of less than a quarter of its length
			return 0, false
		}
		if i > 0 {
			off := (got[i-1]+got[i])*modules - (want[i-1]+want[i])*sum
			if bound := slack + (want[i-1]+want[i]-2)*sum/8; off > bound || off < -bound {
				return 0, false
			}
		}
	}
	return float64(sum) / float64(modules), true
}

// place turns a hit into a point of the picture: along rows, or along columns.
func (h hit) place(vertical bool) lattice.Point {
	if vertical {
		return lattice.Point{float64(h.at) + 0.5, h.outer}
	}
	return lattice.Point{h.outer, float64(h.at) + 0.5}
}
