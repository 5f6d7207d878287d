package datamatrix

import (
	"math"

	"quishmilter/qr/lattice"
)

// maxTurn is how far, in radians, an alternating side may point away from the solid side opposite.
const maxTurn = 0.35

// minSteps is how many modules of one side at least must alternate before sizes are tried at all.
const minSteps = 6

// fourths returns where the corner opposite the solid sides' may be: where the lines along which the two other sides
// alternate best cross, and the end of the parallelogram. Where no side alternates there is no symbol, and no place.
func (r *reader) fourths(corner, left, bottom lattice.Point, module float64) []lattice.Point {
	flat := lattice.Point{left[0] + bottom[0] - corner[0], left[1] + bottom[1] - corner[1]}
	top, topSteps := r.alternation(left, bottom, corner, module)
	right, rightSteps := r.alternation(bottom, left, corner, module)
	if max(topSteps, rightSteps) < minSteps {
		return nil
	}
	points := []lattice.Point{flat}
	if p, ok := top.Meet(right); ok && min(topSteps, rightSteps) >= minSteps && lattice.Apart(p, flat) < 0.5*lattice.Apart(left, bottom) {
		points = append(points, p)
	}
	return points
}

// alternation turns a ray around the tip of a solid side, about parallel to the other one, and returns the line on which
// the most modules alternate half a module inside, and how many. The middle of equally good angles is taken.
func (r *reader) alternation(tip, other, corner lattice.Point, module float64) (lattice.Line, int) {
	length := lattice.Apart(other, corner)
	ux, uy := (other[0]-corner[0])/length, (other[1]-corner[1])/length
	side := lattice.Apart(tip, corner)
	inX, inY := (corner[0]-tip[0])/side*module*0.45, (corner[1]-tip[1])/side*module*0.45
	inside := lattice.Point{tip[0] + inX, tip[1] + inY}
	step := min(0.3*module/length, 0.05)
	if most, _ := r.sweep(inside, ux, uy, module, 2*step); most < minSteps-1 {
		return lattice.Line{}, 0
	}
	best, turn := r.sweep(inside, ux, uy, module, step)
	sin, cos := math.Sincos(turn)
	dx, dy := ux*cos-uy*sin, ux*sin+uy*cos
	return lattice.Line{Nx: -dy, Ny: dx, D: -dy*tip[0] + dx*tip[1]}, best
}

// sweep turns the ray step by step, and returns the most modules that alternate and the middle of the angles at which
// they do.
func (r *reader) sweep(from lattice.Point, ux, uy, module, step float64) (best int, middle float64) {
	first, last := 0.0, 0.0
	for turn := -maxTurn; turn <= maxTurn; turn += step {
		sin, cos := math.Sincos(turn)
		dx, dy := ux*cos-uy*sin, ux*sin+uy*cos
		n := r.steps(from, dx, dy, module)
		if n > best {
			best, first = n, turn
		}
		if n == best {
			last = turn
		}
	}
	return best, (first + last) / 2
}

// steps counts the runs of about a module's length along a ray, from the dark module at its start on.
func (r *reader) steps(from lattice.Point, dx, dy, module float64) int {
	const stride = 0.5
	n, dark, run := 0, true, module/2
	mean := module
	x, y := from[0]+dx*module/2, from[1]+dy*module/2
	for ; run < 1.9*mean+1; run += stride {
		x, y = x+dx*stride, y+dy*stride
		if r.view.Dark(x, y) == dark {
			continue
		}
		if run < 0.4*mean-0.5 {
			break
		}
		if n++; n > 144 {
			break
		}
		if n > 1 {
			mean += (run - mean) / 8
		}
		dark, run = !dark, 0
	}
	return n
}
