package aztec

import (
	"math"

	"quishmilter/qr/runs"
)

// centre is where the middle of a bullseye may be, with the module's length along a row and along a column, in pixels.
type centre struct{ x, y, across, down float64 }

// near tells whether a place lies within some modules of the middle.
func (c centre) near(x, y, modules float64) bool {
	return math.Abs(x-c.x) < modules*c.across && math.Abs(y-c.y) < modules*c.down
}

// rowStep is the distance of scanned rows. A row shows the rings where it passes within one and a half modules of the
// middle, so modules from 1.4 pixels on are hit by every fourth row.
const rowStep = 4

// scan looks for runs of one module around a middle of one (dark) or three (light) modules, the rings of the bullseye
// as a row through its inner three rows sees them: at any angle, because squares around one middle are crossed in
// proportion.
func (r *reader) scan() {
	var changes []int32
	bits := r.view.Bits
	for y := 1; y < bits.H && !r.spent(); y += rowStep {
		changes = runs.Append(changes[:0], bits.Row(y), bits.W)
		for i := 3; i+5 < len(changes); i++ {
			a, b, c, d, e := changes[i-1]-changes[i-2], changes[i]-changes[i-1], changes[i+1]-changes[i], changes[i+2]-changes[i+1], changes[i+3]-changes[i+2]
			if !alike(b, d) || !alike(a, e) || !alike(a+b, d+e) {
				continue
			}
			dark := i&1 == 0 // the run that begins at an even change is dark
			if dark && ones(a, b, c, d, e) && alike(changes[i-2]-changes[i-3], changes[i+4]-changes[i+3]) ||
				!dark && onesAroundThree(a, b, c, d, e) {
				r.consider(float64(changes[i]+changes[i+1])/2, float64(y)+0.5, float64(a+b+d+e)/4)
			}
		}
	}
}

// alike tells whether two lengths are within a factor of 1.6 and a pixel and a half of each other.
func alike(a, b int32) bool { return 5*a <= 8*b+7 && 5*b <= 8*a+7 }

// ones tells whether five runs are one module each. Dark and light may differ by ink gain, so pairs are compared.
func ones(a, b, c, d, e int32) bool {
	return alike(a+b, b+c) && alike(c+d, d+e) && alike(b+c, c+d) && 3*c >= a && 3*a >= c
}

// onesAroundThree tells whether the middle one of five runs is about as long as three of the others.
func onesAroundThree(a, b, c, d, e int32) bool {
	module2 := (a + b + d + e) / 2
	return 2*c >= 2*module2 && c <= 2*module2+1 && 3*a >= b && 3*b >= a
}

// consider checks a suspected middle along its column and its row and hands it on.
func (r *reader) consider(x, y, across float64) {
	if r.looked(x, y) || r.spent() {
		return
	}
	r.centres++
	x, y = math.Floor(x)+0.5, math.Floor(y)+0.5
	rows := []float64{y}
	if !r.view.Dark(x, y) { // in the light ring: the middle lies one run above or below
		up, okUp := r.walk(x, y, 0, -1, across*4)
		down, okDown := r.walk(x, y, 0, 1, across*4)
		if !okUp || !okDown {
			return
		}
		rows = []float64{y - math.Round((up[0]+up[1])/2), y + math.Round((down[0]+down[1])/2)}
	}
	for _, y := range rows {
		c, ok := r.column(x, y, across)
		if !ok {
			continue
		}
		if c, ok = r.row(c); ok && !r.looked(c.x, c.y) && r.star(c) {
			r.try(c)
			return
		}
	}
}

// looked tells whether a place belongs to a symbol that was read or to a middle that was tried.
func (r *reader) looked(x, y float64) bool {
	for _, c := range r.read {
		if c.near(x, y, 4) {
			return true
		}
	}
	for _, c := range r.tried {
		if c.near(x, y, 0.6) {
			return true
		}
	}
	return false
}

// column walks up and down from a suspected middle through its rings and returns the middle that the column shows.
func (r *reader) column(x, y, across float64) (centre, bool) {
	up, okUp := r.walk(x, y, 0, -1, across*4)
	down, okDown := r.walk(x, y, 0, 1, across*4)
	if !okUp || !okDown {
		return centre{}, false
	}
	module := (up[2] - up[0] + down[2] - down[0]) / 4
	if !even(up, module) || !even(down, module) || module > 4*across || across > 4*module {
		return centre{}, false
	}
	return centre{x: x, y: y + (down[0]-up[0])/2, across: across, down: module}, true
}

// row measures the middle again along the row that the column found.
func (r *reader) row(c centre) (centre, bool) {
	left, okLeft := r.walk(c.x, math.Floor(c.y)+0.5, -1, 0, c.across*4)
	right, okRight := r.walk(c.x, math.Floor(c.y)+0.5, 1, 0, c.across*4)
	if !okLeft || !okRight {
		return centre{}, false
	}
	module := (left[2] - left[0] + right[2] - right[0]) / 4
	if !even(left, module) || !even(right, module) || !r.view.Dark(c.x+(right[0]-left[0])/2, c.y) {
		return centre{}, false
	}
	c.x, c.across = c.x+(right[0]-left[0])/2, module
	return c, true
}

// even tells whether the runs between changes are about a module each.
func even(changes [4]float64, module float64) bool {
	for i := 1; i < len(changes); i++ {
		if run := changes[i] - changes[i-1]; run < 0.4*module-0.5 || run > 1.7*module+0.7 {
			return false
		}
	}
	return changes[0] < 2.2*module+0.7
}

// walk goes pixel by pixel from a place and returns the distances of the first four changes of colour; false where one
// run is longer than limit.
func (r *reader) walk(x, y, dx, dy, limit float64) (changes [4]float64, ok bool) {
	dark := r.view.Dark(x, y)
	last, n := 0.0, 0
	for step := 1.0; step-last < limit+3; step++ {
		if now := r.view.Dark(x+dx*step, y+dy*step); now != dark {
			dark, last = now, step
			changes[n] = step - 0.5
			if n++; n == len(changes) {
				return changes, true
			}
		}
	}
	return changes, false
}
