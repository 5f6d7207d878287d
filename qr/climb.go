package qr

import "quishmilter/qr/bitmap"

// climb moves the four corners of the frame, one coordinate at a time, as long as the function patterns are seen better.
// The steps go down from half a module to a tenth.
func (f *frame) climb(bits *bitmap.Bitmap) {
	quad := f.corners(f.cols, f.rows)
	size := (dist(quad[0], quad[1]) + dist(quad[0], quad[3])) / float64(f.cols+f.rows)
	for _, step := range [...]float64{0.6, 0.3, 0.12} {
		for round := 0; round < 4; round++ {
			if !f.climbRound(bits, &quad, step*size) {
				break
			}
		}
	}
}

// climbed climbs and tells whether that made anything better.
func (f *frame) climbed(bits *bitmap.Bitmap) bool {
	before := f.score
	f.climb(bits)
	return f.score > before
}

// climbRound tries each corner in each direction once and tells whether one helped.
func (f *frame) climbRound(bits *bitmap.Bitmap, quad *[4]Point, step float64) bool {
	better := false
	// The corner opposite the middle finder is the least sure: it goes first.
	for _, i := range [...]int{2, 1, 3, 0} {
		for _, d := range [...]Point{{step, 0}, {-step, 0}, {0, step}, {0, -step}} {
			moved := *quad
			moved[i].X += d.X
			moved[i].Y += d.Y
			g := *f
			var ok bool
			if g.warp, ok = quadWarp(moved, float64(f.cols), float64(f.rows)); !ok || !g.finite(f.cols, f.rows) {
				continue
			}
			if g.score = g.rate(bits); g.score > f.score {
				*f, *quad, better = g, moved, true
			}
		}
	}
	return better
}

// quadWarp is the homography from a rectangle of w×h modules to four corners (Heckbert, Fundamentals of Texture Mapping and
// Image Warping, 1989, 2.2.3).
func quadWarp(q [4]Point, cols, rows float64) (warp, bool) {
	sx := q[0].X - q[1].X + q[2].X - q[3].X
	sy := q[0].Y - q[1].Y + q[2].Y - q[3].Y
	dx1, dy1 := q[1].X-q[2].X, q[1].Y-q[2].Y
	dx2, dy2 := q[3].X-q[2].X, q[3].Y-q[2].Y
	det := dx1*dy2 - dx2*dy1
	if det > -1e-9 && det < 1e-9 {
		return warp{}, false
	}
	g, h := (sx*dy2-dx2*sy)/det, (dx1*sy-sx*dy1)/det
	return warp{
		(q[1].X - q[0].X + g*q[1].X) / cols, (q[3].X - q[0].X + h*q[3].X) / rows, q[0].X,
		(q[1].Y - q[0].Y + g*q[1].Y) / cols, (q[3].Y - q[0].Y + h*q[3].Y) / rows, q[0].Y,
		g / cols, h / rows,
	}, true
}
