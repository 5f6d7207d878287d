package lattice

// Climb moves each corner in turn by ±step along x and y as long as the score grows, then halves the step, down to
// a quarter of a pixel or for the given number of halvings. It returns the best score; the corners are changed in place.
// Each halving costs at most 2×16 scores: plain coordinate ascent, because the surface is rough and a gradient lies.
func Climb(corners *[4]Point, step float64, halvings int, score func(*[4]Point) float64) float64 {
	best := score(corners)
	for ; halvings > 0 && step >= 0.2; halvings, step = halvings-1, step/2 {
		for pass := 0; pass < 2; pass++ {
			before := best
			best = round(corners, step, best, score)
			if best == before {
				break
			}
		}
	}
	return best
}

// round tries one step of every coordinate in both directions.
func round(corners *[4]Point, step, best float64, score func(*[4]Point) float64) float64 {
	for i := range corners {
		for axis := 0; axis < 2; axis++ {
			home := corners[i][axis]
			kept := home
			for _, delta := range [2]float64{step, -step} {
				corners[i][axis] = home + delta
				if s := score(corners); s > best {
					best, kept = s, home+delta
				}
			}
			corners[i][axis] = kept
		}
	}
	return best
}

// Unanimity tells how clearly module (x, y) is of one colour: 1 where its middle and four places around it agree, 0
// where they are split three to two,
// that is where the lattice cuts across an edge. It needs no idea of the symbol's content.
func (v View) Unanimity(m *Map, x, y int) float64 {
	const off = 0.3
	cx, cy := float64(x)+0.5, float64(y)+0.5
	dark := 0
	for _, o := range [5]Point{{0, 0}, {-off, -off}, {off, -off}, {-off, off}, {off, off}} {
		px, py := m.At(cx+o[0], cy+o[1])
		if v.Dark(px, py) {
			dark++
		}
	}
	if dark < 3 {
		dark = 5 - dark
	}
	return float64(dark-3) / 2
}
