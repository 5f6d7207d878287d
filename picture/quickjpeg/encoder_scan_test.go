package quickjpeg

import mathbits "math/bits"

// scanWriter turns coefficients into marks.
type scanWriter struct {
	*encoder
	scanOf
	marks   []mark
	before  [3]int
	run     int    // blocks that ended
	pending []mark // bits that follow the run
}

// walk goes through the MCUs.
func (w *scanWriter) walk() {
	mcusX, mcusY := w.mcusX, w.mcusY
	if len(w.components) == 1 {
		s := w.sampling[w.components[0]]
		mcusX, mcusY = up(w.width*s[0], 8*w.sampling[0][0]), up(w.height*s[1], 8*w.sampling[0][1])
	}
	for mcu := range mcusX * mcusY {
		if mcu > 0 && w.restart > 0 && mcu%w.restart == 0 {
			w.endRun()
			w.marks = append(w.marks, mark{class: 3})
			w.before = [3]int{}
		}
		for _, c := range w.components {
			s := w.sampling[c]
			if len(w.components) == 1 {
				w.block(c, &w.coefs[c][mcu/mcusX*w.mcusX*s[0]+mcu%mcusX])
				continue
			}
			for i := range s[0] * s[1] {
				x, y := mcu%mcusX*s[0]+i%s[0], mcu/mcusX*s[1]+i/s[0]
				w.block(c, &w.coefs[c][y*w.mcusX*s[0]+x])
			}
		}
	}
	w.endRun()
}

// block writes what the scan has of a block.
func (w *scanWriter) block(c int, coefs *[64]int) {
	start := w.start
	if start == 0 {
		start = 1
		if w.high > 0 {
			w.marks = append(w.marks, mark{2, 0, coefs[0] >> w.low & 1, 1})
		} else {
			v := coefs[0] >> w.low
			w.value(0, 0, v-w.before[c])
			w.before[c] = v
		}
	}
	switch {
	case w.end == 0:
	case w.high > 0:
		w.further(start, coefs)
	default:
		w.first(start, coefs)
	}
}

// value writes a symbol for zeros and a value, and the value's bits (F.1.2.1).
func (w *scanWriter) value(class, zeros, v int) {
	size := mathbits.Len(uint(max(v, -v)))
	if v < 0 {
		v += 1<<size - 1
	}
	w.marks = append(w.marks, mark{class, byte(zeros<<4 | size), v, size})
}

// first writes the upper bits of coefficients (F.1.2.2, G.1.2.2).
func (w *scanWriter) first(start int, coefs *[64]int) {
	zeros := 0
	for k := start; k <= w.end; k++ {
		v := coefs[k] / (1 << w.low) // towards zero
		if v == 0 {
			zeros++
			continue
		}
		w.endRun()
		for ; zeros > 15; zeros -= 16 {
			w.marks = append(w.marks, mark{1, 0xf0, 0, 0})
		}
		w.value(1, zeros, v)
		zeros = 0
	}
	if zeros > 0 {
		w.run++
		if w.sequential || w.run == 0x7fff {
			w.endRun()
		}
	}
}

// endRun writes how many blocks ended (G.1.2.2) and what was put off.
func (w *scanWriter) endRun() {
	if w.run > 0 {
		n := mathbits.Len(uint(w.run)) - 1
		w.marks = append(w.marks, mark{1, byte(n << 4), w.run - 1<<n, n})
	}
	w.marks = append(w.marks, w.pending...)
	w.run, w.pending = 0, nil
}

// further writes one more bit of coefficients (G.1.2.3).
func (w *scanWriter) further(start int, coefs *[64]int) {
	size := func(k int) int { return max(coefs[k], -coefs[k]) >> w.low }
	last := 0
	for k := start; k <= w.end; k++ {
		if size(k) == 1 {
			last = k
		}
	}
	var corrections []mark
	zeros := 0
	for k := start; k <= w.end; k++ {
		v := size(k)
		if v == 0 {
			zeros++
			continue
		}
		for ; zeros > 15 && k <= last; zeros -= 16 {
			w.endRun()
			w.marks = append(append(w.marks, mark{1, 0xf0, 0, 0}), corrections...)
			corrections = nil
		}
		if v > 1 {
			corrections = append(corrections, mark{2, 0, v & 1, 1})
			continue
		}
		w.endRun()
		w.value(1, zeros, coefs[k]/(1<<w.low))
		w.marks = append(w.marks, corrections...)
		zeros, corrections = 0, nil
	}
	if zeros > 0 || len(corrections) > 0 {
		w.run++
		w.pending = append(w.pending, corrections...)
		if w.run == 0x7fff || len(w.pending) > 900 {
			w.endRun()
		}
	}
}
