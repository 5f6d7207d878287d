package reedsolomon

import "errors"

// ErrBeyond is returned where the words hold more errors than their check words can correct.
var ErrBeyond = errors.New("reed-solomon: too many errors")

// Correct repairs words in place, the last check of which are check words. erased lists positions known to be bad.
// It returns how many words were changed. Method: Berlekamp and Massey with erasures, Chien search, Forney
// (Blahut, Theory and Practice of Error Control Codes, chapter 9).
func (f *Field) Correct(words []int, check int, erased []int) (int, error) {
	if check <= 0 || check >= len(words) || len(words) >= f.size || len(erased) > check {
		return 0, ErrBeyond
	}
	syndromes, clean := f.syndromes(words, check)
	if clean {
		return 0, nil
	}
	locator := f.locator(syndromes, f.erasures(len(words), erased), len(erased))
	degree := len(locator) - 1
	if degree == 0 || 2*degree-len(erased) > check {
		return 0, ErrBeyond
	}
	places := f.roots(locator, len(words))
	if len(places) != degree {
		return 0, ErrBeyond
	}
	fixed := append([]int(nil), words...)
	changed := f.repair(fixed, places, locator, syndromes)
	if _, clean := f.syndromes(fixed, check); !clean {
		return 0, ErrBeyond
	}
	copy(words, fixed)
	return changed, nil
}

func (f *Field) syndromes(words []int, check int) (list []int, clean bool) {
	list, clean = make([]int, check), true
	for i := range list {
		root, sum := f.power(i+1), 0
		for _, w := range words {
			sum = f.add(f.mul(sum, root), w)
		}
		list[i] = sum
		clean = clean && sum == 0
	}
	return list, clean
}

// erasures returns the polynomial whose roots are the inverses of the erased positions.
func (f *Field) erasures(n int, erased []int) []int {
	poly := []int{1}
	for _, at := range erased {
		poly = f.times(poly, f.power(n-1-at))
	}
	return poly
}

// times multiplies a polynomial by (1 − ax).
func (f *Field) times(poly []int, a int) []int {
	out := append(append(make([]int, 0, len(poly)+1), poly...), 0)
	for i, c := range poly {
		out[i+1] = f.sub(out[i+1], f.mul(a, c))
	}
	return out
}

// locator finds the shortest register that makes the syndromes, starting from the known erasures.
func (f *Field) locator(syndromes, start []int, erased int) []int {
	now := append([]int(nil), start...)
	last := append([]int(nil), start...)
	length, gap, lastGap := erased, 1, 1
	for r := erased; r < len(syndromes); r++ {
		discrepancy := 0
		for i := 0; i < len(now) && i <= r; i++ {
			discrepancy = f.add(discrepancy, f.mul(now[i], syndromes[r-i]))
		}
		if discrepancy == 0 {
			gap++
			continue
		}
		next := f.minusShifted(now, last, f.div(discrepancy, lastGap), gap)
		if 2*length <= r+erased {
			last, lastGap, length, gap = now, discrepancy, r+erased+1-length, 1
		} else {
			gap++
		}
		now = next
	}
	for len(now) > 1 && now[len(now)-1] == 0 {
		now = now[:len(now)-1]
	}
	return now
}

// minusShifted returns a − scale·x^shift·b.
func (f *Field) minusShifted(a, b []int, scale, shift int) []int {
	out := make([]int, max(len(a), len(b)+shift))
	copy(out, a)
	for i, c := range b {
		out[i+shift] = f.sub(out[i+shift], f.mul(scale, c))
	}
	return out
}

// roots returns the positions among n words whose inverse locators are roots.
func (f *Field) roots(locator []int, n int) []int {
	var places []int
	for at := 0; at < n; at++ {
		if f.value(locator, f.power(-(n-1-at))) == 0 {
			places = append(places, at)
		}
	}
	return places
}

// repair takes the error values (Forney) off the words, and returns how many of them were not zero.
func (f *Field) repair(words, places, locator, syndromes []int) int {
	evaluator := make([]int, len(syndromes))
	for i, a := range locator {
		for j := 0; i+j < len(evaluator); j++ {
			evaluator[i+j] = f.add(evaluator[i+j], f.mul(a, syndromes[j]))
		}
	}
	changed := 0
	for _, at := range places {
		x := f.power(-(len(words) - 1 - at))
		slope := f.slope(locator, x)
		if slope == 0 {
			return 0
		}
		value := f.negate(f.div(f.value(evaluator, x), slope))
		if value != 0 {
			changed++
		}
		words[at] = f.sub(words[at], value)
	}
	return changed
}

// slope is the derivative of a polynomial at x; over a binary field the even powers' terms vanish.
func (f *Field) slope(poly []int, x int) int {
	sum := 0
	for i := len(poly) - 1; i >= 1; i-- {
		times := i % 2
		if f.prime {
			times = i % f.size
		}
		sum = f.add(f.mul(sum, x), f.mul(poly[i], times))
	}
	return sum
}

// Check returns the check words that follow data.
func (f *Field) Check(data []int, check int) []int {
	generator := []int{1} // highest coefficient first
	for i := 1; i <= check; i++ {
		root := f.power(i)
		next := append(append([]int(nil), generator...), 0)
		for j, c := range generator {
			next[j+1] = f.sub(next[j+1], f.mul(root, c))
		}
		generator = next
	}
	rest := make([]int, check)
	for _, d := range data {
		factor := f.add(d, rest[0])
		copy(rest, rest[1:])
		rest[check-1] = 0
		for j := range rest {
			rest[j] = f.sub(rest[j], f.mul(factor, generator[j+1]))
		}
	}
	for j, r := range rest {
		rest[j] = f.negate(r)
	}
	return rest
}
