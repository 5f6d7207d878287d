package pdf417

import "math"

// word is a symbol character seen on a line: col columns after the start pattern (0 is the row indicator), or as many
// before the stop pattern.
type word struct {
	symbolCharacter
	col       int
	fromRight bool
}

// maxBlind is how many characters one after the other may be unreadable before a line without a known end is given up.
const maxBlind = 5

// scale is the length of a module along a line, which tilt changes from one end to the other.
type scale struct{ left, right, length float64 }

// at is the length at a place: under perspective its square root changes in proportion.
func (s scale) at(place float64) float64 {
	l, r := math.Sqrt(s.left), math.Sqrt(s.right)
	root := l + (r-l)*min(max(place/s.length, 0), 1)
	return root * root
}

// reversed is the scale of the line from its other end.
func (s scale) reversed() scale { return scale{s.right, s.left, s.length} }

// forward reads a line's characters from the start pattern on. changes are in pixels from the symbol's beginning. Where
// the pattern is not to be seen it is assumed, if guess is set.
func forward(words []word, changes []float64, s scale, guess bool) []word {
	at, ok := behindGuard(changes, startRuns[:], s.left)
	if !ok {
		if at = s.left * characterModules; !guess {
			return words
		}
	}
	return walk(words, changes, at, s, false)
}

// backward reads them from the stop pattern back; changes and scale are those of the reversed line.
func backward(words []word, changes []float64, s scale, guess bool) []word {
	at, ok := behindGuard(changes, stopReversed[:], s.left)
	if !ok {
		if at = s.left * (characterModules + 1); !guess {
			return words
		}
	}
	return walk(words, changes, at, s, true)
}

// stopReversed is the stop pattern from its outer edge.
var stopReversed = [9]int32{1, 2, 1, 1, 1, 3, 1, 1, 7}

// reverse turns a line's changes around. A line is light at both ends, so that even changes turn dark again.
func reverse(changes []float64, length float64) []float64 {
	out := make([]float64, len(changes))
	for i, c := range changes {
		out[len(changes)-1-i] = length - c
	}
	return out
}

// behindGuard finds the guard pattern near the line's beginning and returns where it ends.
func behindGuard(changes []float64, guard []int32, module float64) (end float64, ok bool) {
	total := 0.0
	for _, g := range guard {
		total += float64(g)
	}
	first := nearest(changes, 0, 0)
	if first < 0 || math.Abs(changes[first]) > 3*module || first+len(guard) >= len(changes) {
		return 0, false
	}
	end = changes[first+len(guard)]
	exact := (end - changes[first]) / total
	return end, exact > 0.75*module && exact < 1.33*module
}

// walk reads character after character until the line ends. A character whose edges are not all seen is left out, and
// the next one looked for where it should begin.
func walk(words []word, changes []float64, at float64, s scale, reversed bool) []word {
	parity := 0 // of the change that a character begins with: it turns dark, or seen from the right light
	if reversed {
		parity = 1
	}
	blind, trend := 0, 1.0 // trend is how much longer than the scale says the modules are
	for col := 0; at < s.length-8*s.at(at) && blind <= maxBlind && col < 40; col++ {
		module := trend * s.at(at)
		module = trend * s.at(at+characterModules/2*module)
		next := at + characterModules*module
		from, to := nearest(changes, at, parity), nearest(changes, next, parity)
		blind++
		if from >= 0 && to >= 0 && math.Abs(changes[from]-at) < 1.6*module && math.Abs(changes[to]-next) < 1.9*module {
			next = changes[to]
			if to-from == 8 {
				if c, ok := identify(changes[from:to+1], reversed); ok {
					words = append(words, word{c, col, reversed})
					blind = 0
				}
				trend *= 1 + 0.4*((next-changes[from])/(characterModules*module)-1)
			}
		}
		at = next
	}
	return words
}

// nearest returns the change nearest to a place among those of even or of odd index; −1 where there is none.
func nearest(changes []float64, place float64, parity int) int {
	lo, hi := 0, len(changes)
	for lo < hi {
		if mid := (lo + hi) / 2; changes[mid] < place {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	best := -1
	for i := max(lo-2, 0); i < min(lo+2, len(changes)); i++ {
		if i&1 == parity && (best < 0 || math.Abs(changes[i]-place) < math.Abs(changes[best]-place)) {
			best = i
		}
	}
	return best
}

// identify reads a character from its nine edges by the distances of like edges, which ink gain does not change.
func identify(edges []float64, reversed bool) (symbolCharacter, bool) {
	scale := characterModules / (edges[8] - edges[0])
	var d distances
	for i := 0; i < 6; i++ {
		gap := edges[i+2] - edges[i]
		if reversed {
			gap = edges[8-i] - edges[6-i]
		}
		n := math.Round(gap * scale)
		if n < 2 || n > 12 {
			return symbolCharacter{}, false
		}
		d = d<<4 | distances(n)
	}
	c, ok := characters()[d]
	return c, ok
}
