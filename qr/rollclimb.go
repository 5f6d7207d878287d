package qr

import "quishmilter/qr/bitmap"

// A surface from three finders alone is off by a module at the far end of its sides. Turning and stretching the modules'
// sides a little at each finder corrects that: first until the function patterns are seen best, then, which is dearer,
// until all modules are of one colour each.

// climb changes the modules' sides and the fourth corner as long as the function patterns are seen better.
func (r *rolled) climb(f *frame, bits *bitmap.Bitmap) bool {
	best := *f
	best.score = -1
	straight := *r
	for _, off := range [2]complex128{0, r.aslant()} {
		s, g := straight, *f
		s.off = off
		if !s.lay(&g) {
			continue
		}
		g.score = g.rate(bits)
		s.seek(&g, bits)
		if g.score > best.score {
			*r, best = s, g
		}
	}
	*f = best
	r.improve(f, []float64{0.1, 0.05, 0.02}, func(f *frame) float64 { return f.rate(bits) })
	f.surface = r
	return best.score > 0
}

// improve changes the surface in smaller and smaller steps as long as its frame is rated better.
func (r *rolled) improve(f *frame, steps []float64, rate func(*frame) float64) {
	for _, step := range steps {
		for range 3 {
			if !r.climbRound(f, complex(step, 0), rate) {
				break
			}
		}
	}
}

// rollOn goes on with what roll found: now all modules are looked at, each of which is of one colour where the surface
// is right. It is dearer, and sees the sides that have no function patterns.
func (f *frame) rollOn(bits *bitmap.Bitmap) bool {
	if f.surface == nil {
		return false
	}
	r, g := *f.surface, *f
	rate := func(f *frame) float64 { return f.rate(bits) + 2*f.uniformity(bits) }
	g.score = rate(&g)
	before := g.score
	r.free = true
	r.improve(&g, []float64{0.06, 0.02}, rate)
	if g.score <= before {
		return false
	}
	g.score = g.rate(bits)
	*f = g
	return true
}

// uniformMost is how many modules are looked at, spread over the code.
const uniformMost = 400

// uniformity is how much of one colour the modules are, from 0 to 1.
func (f *frame) uniformity(bits *bitmap.Bitmap) float64 {
	step := 1 + f.n*f.n/uniformMost
	sum, n := 0, 0
	for k := 0; k < f.n*f.n; k += step {
		x, y := float64(k%f.n)+0.5, float64(k/f.n)+0.5
		dark := 0
		for _, d := range fivePoints {
			px, py := f.place(x+d.X, y+d.Y)
			if bits.At(int(px), int(py)) {
				dark++
			}
		}
		sum += absInt(2*dark - 5)
		n++
	}
	return float64(sum) / float64(5*n)
}

// seek moves the fourth corner so that the alignment pattern there lies where it is seen.
func (r *rolled) seek(f *frame, bits *bitmap.Bitmap) {
	if len(f.centres) == 0 {
		return
	}
	last := f.n - 7
	seen, ok := f.seekAround(bits, last, last, 2+float64(f.n)/12)
	if !ok {
		return
	}
	x, y := f.place(float64(last)+0.5, float64(last)+0.5)
	share := float64(f.n-10) / float64(f.n-7)
	moved := *r
	moved.off += complex((seen.X-x)/(share*share), (seen.Y-y)/(share*share))
	moved.keep(r, f, func(f *frame) float64 { return f.rate(bits) })
}

// seekAround is seek with the modules' sides as the net has them.
func (f *frame) seekAround(bits *bitmap.Bitmap, cx, cy int, radius float64) (Point, bool) {
	at := func(x, y float64) Point { x, y = f.place(x, y); return Point{x, y} }
	x, y := float64(cx)+0.5, float64(cy)+0.5
	o, right, down := at(x, y), at(x+1, y), at(x, y+1)
	p, n := f.seekRing(bits, o, Point{right.X - o.X, right.Y - o.Y}, Point{down.X - o.X, down.Y - o.Y}, radius)
	return p, n >= alignLeast
}

// climbRound turns and stretches each side once either way and tells whether that helped.
func (r *rolled) climbRound(f *frame, step complex128, rate func(*frame) float64) bool {
	better := false
	try := func(change func(*rolled)) {
		moved := *r
		change(&moved)
		better = moved.keep(r, f, rate) || better
	}
	for _, d := range [...]complex128{step, -step, step * 1i, -step * 1i} {
		for i := range 3 {
			try(func(r *rolled) { r.e1[i] *= 1 + d })
			try(func(r *rolled) { r.e2[i] *= 1 + d })
		}
		try(func(r *rolled) { r.off += 10 * d * r.e1[0] })
		if r.free {
			try(func(r *rolled) { r.turn1 += d })
			try(func(r *rolled) { r.turn2 += d })
		}
	}
	return better
}

// keep takes the surface instead of another where its frame is rated better.
func (r *rolled) keep(instead *rolled, f *frame, rate func(*frame) float64) bool {
	g := *f
	if !r.spread(&g) {
		return false
	}
	if g.score = rate(&g); g.score <= f.score {
		return false
	}
	*instead, *f = *r, g
	return true
}
