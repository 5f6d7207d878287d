package qr

import (
	"quishmilter/qr/bitmap"
)

// Micro QR and rMQR codes have one finder. Its four borders give a homography that holds for the modules near it, and
// those hold the format information, which names the version and so the size: reading it in all eight orientations is
// cheap, and a timing pattern that fits is then needed for anything dearer.

// ringsLeast is in how many of 16 directions a finder must look like one before a code with one finder is tried: without a
// second and a third to confirm it, it has to be good itself.
const ringsLeast = 13

// singleLeast is the score that a code with one finder needs: it has fewer fixed modules to go by, and its error
// correction is weaker.
const singleLeast = 0.75

// singles tries the finders that no QR code took.
func (p *pass) singles(finders []finder) {
	tries := maxSingles
	for i := range finders {
		f := &finders[i]
		if f.taken || f.rings < ringsLeast {
			continue
		}
		if tries--; tries < 0 {
			if p.hints(finders[i:]) > 0 {
				p.giveUp("candidates")
			}
			return
		}
		if p.ended() {
			return
		}
		p.single(f)
	}
}

// maxSingles is how many finders are tried alone.
const maxSingles = 24

// single tries one finder in the eight orientations.
func (p *pass) single(f *finder) {
	corners, ok := cornersOf(p.bits, f)
	if !ok {
		return
	}
	for turn := range 8 {
		// The modules' plane is turned by quarters; the second four are mirrored.
		q := [4]Point{corners[turn%4], corners[(turn+1)%4], corners[(turn+2)%4], corners[(turn+3)%4]}
		if turn >= 4 {
			q[1], q[3] = q[3], q[1]
		}
		near, ok := quadWarp(q, 7, 7)
		if !ok {
			continue
		}
		level := parallel(&near)
		if p.micro(f, level) || p.micro(f, near) || p.rmqr(f, level) {
			f.taken = true
			return
		}
	}
}

// parallel gives the affine map nearest to a finder's homography: seven modules tell the axes well and the tilt badly.
func parallel(w *warp) warp {
	c, m := w.corners(7, 7), w.point(3.5, 3.5)
	for _, p := range c {
		m.X += p.X
		m.Y += p.Y
	}
	m.X, m.Y = m.X/5, m.Y/5
	e1 := Point{(c[1].X + c[2].X - c[0].X - c[3].X) / 14, (c[1].Y + c[2].Y - c[0].Y - c[3].Y) / 14}
	e2 := Point{(c[3].X + c[2].X - c[0].X - c[1].X) / 14, (c[3].Y + c[2].Y - c[0].Y - c[1].Y) / 14}
	return warp{a: e1.X, b: e2.X, c: m.X - 3.5*(e1.X+e2.X), d: e1.Y, e: e2.Y, f: m.Y - 3.5*(e1.Y+e2.Y)}
}

// cornersOf finds the four outer corners of a finder whose axes are not known yet.
func cornersOf(bits *bitmap.Bitmap, f *finder) ([4]Point, bool) {
	own := f.axes(bits)
	if !own.ok || own.right < finderLeast+6 {
		return [4]Point{}, false
	}
	return own.corners(bits)
}

// corners gives the outer corners: those at −e1−e2, +e1−e2, +e1+e2, −e1+e2.
func (l *local) corners(bits *bitmap.Bitmap) (c [4]Point, ok bool) {
	lines, ok := l.borders(bits)
	if !ok {
		return c, false
	}
	for i, k := range [4][2]int{{0, 2}, {1, 2}, {1, 3}, {0, 3}} {
		if c[i], ok = meet(lines[k[0]], lines[k[1]]); !ok {
			return c, false
		}
	}
	return c, true
}

// readAt reads modules through a homography, the first in the highest bit.
func readAt(bits *bitmap.Bitmap, w *warp, dark bool, places []place) int {
	v := 0
	for _, c := range places {
		x, y := w.at(float64(c.x)+0.5, float64(c.y)+0.5)
		v <<= 1
		if bits.At(int(x), int(y)) == dark {
			v |= 1
		}
	}
	return v
}
