package datamatrix

import (
	"math"
	"math/bits"
	"slices"

	"quishmilter/qr/bitmap"
	"quishmilter/qr/lattice"
)

// minSide is the shortest solid side, in pixels.
const minSide = 14

// Rows in which the thickness of a side is measured, at the first look and at the second.
const (
	fewRows = 16
	maxRows = 32
)

// A steep edge is taken for the outer edge of a solid side by what lies behind it: dark of one module's thickness at
// least, and of more where the data module behind is dark too.
type leg struct {
	points []lattice.Point // from the top down, on a straight line
	line   lattice.Line
	side   side
	module float64 // thickness of the side, in pixels
}

// maxStretches is how many straight stretches of one edge are examined: the outline of a symbol that stands on its corner
// is one edge around two sides.
const maxStretches = 3

// leg examines an edge, stretch by stretch.
func (r *reader) leg(points []lattice.Point, seed int, s side) {
	for n := 0; n < maxStretches && len(points) >= minSide; n++ {
		lo, hi, line := straight(points, min(seed, len(points)-1))
		r.stretch(leg{points: points[lo:hi], line: line, side: s})
		above, below := points[:lo], points[hi:]
		if points = below; len(above) > len(below) {
			points = above
		}
		seed = len(points) / 2
	}
}

// stretch examines a straight piece of an edge and looks for the other solid side at both its ends. The cheap questions
// come first: most edges belong to no symbol.
func (r *reader) stretch(l leg) {
	points, s := l.points, l.side
	if len(points) < minSide || !r.thickness(&l, fewRows) || r.quiet(points, s, l.module) < r.room() || !r.even(points, s, l.module) || !r.thickness(&l, maxRows) {
		return
	}
	l.module *= math.Abs(l.line.Nx) // measured along rows, wanted across the side
	r.corner(l, l.points[len(l.points)-1], 1)
	r.corner(l, l.points[0], -1)
}

// straight returns the stretch of points around the seed that lies along one line, within a pixel and a fiftieth of
// its length, and the line.
func straight(points []lattice.Point, seed int) (lo, hi int, line lattice.Line) {
	lo, hi = max(seed-block, 0), min(seed+block/2, len(points))
	for {
		line, _ = lattice.FitLine(points[lo:hi])
		slack := 1.2 + 0.02*float64(hi-lo)
		fits := func(i int) bool { return math.Abs(line.Distance(points[i])) <= slack }
		reach := 2 * (hi - lo)
		newHi := hi
		for newHi < len(points) && newHi < hi+reach && fits(newHi) {
			newHi++
		}
		newLo := lo
		for newLo > 0 && newLo > lo-reach && fits(newLo-1) {
			newLo--
		}
		if newLo == lo && newHi == hi {
			return lo, hi, line
		}
		lo, hi = newLo, newHi
	}
}

// thickness measures the dark behind the edge in up to the given number of rows, and tells whether it could be a solid
// side with data behind it: a sixth of the rows and more show the bare side, some show more, and they change.
func (r *reader) thickness(l *leg, most int) bool {
	var space [maxRows]int32
	limit, rows := max(len(l.points)/3, 6), min(len(l.points), most)
	widths := space[:rows]
	for i := range widths {
		p := l.points[(2*i+1)*len(l.points)/(2*rows)]
		widths[i] = int32(darkRun(r.view.Bits, p, l.side, limit))
	}
	bare, long := lowSixth(widths), float64(len(l.points))
	if bare < 1 || long < 5.5*bare || long > 170*bare {
		return false
	}
	thick, changes, before := 0, 0, false
	for i, w := range widths {
		is := float64(w) > 1.5*bare+0.5
		if is {
			thick++
		}
		if i > 0 && is != before {
			changes++
		}
		before = is
	}
	l.module = bare
	return thick*16 >= rows && changes >= 1
}

// quiet counts in fewRows rows where it is light half a module and a little outside the edge, where the quiet zone is.
// Textures have edges, but seldom so much room beside them.
func (r *reader) quiet(points []lattice.Point, s side, module float64) (light int) {
	away := float64(s) * (module/2 + 0.7)
	for i := 0; i < fewRows; i++ {
		p := points[(2*i+1)*len(points)/(2*fewRows)]
		if !r.view.Dark(p[0]+away, p[1]) {
			light++
		}
	}
	return light
}

// room is in how many of those rows it must be light. Light on dark, where symbols are rarest, it must be so in nearly all.
func (r *reader) room() int {
	if r.view.Inverted {
		return fewRows * 15 / 16
	}
	return fewRows * 3 / 4
}

// even tells whether three quarters of fewRows rows have about the same contrast in the gray picture, half a module outside
// the edge against half a module inside: within three times. Ink on paper has, folds and threads have not.
func (r *reader) even(points []lattice.Point, s side, module float64) bool {
	var steps [fewRows]int
	pix, stride, w := r.view.Gray.Pix, r.view.Gray.Stride, r.view.Bits.W
	outside, inside := float64(s)*(module/2+0.7), -float64(s)*max(module/2, 0.5)
	most := 0
	for i := range steps {
		p := points[(2*i+1)*len(points)/(2*fewRows)]
		row := pix[int(p[1])*stride:][:w]
		out, in := min(max(int(p[0]+outside), 0), w-1), min(max(int(p[0]+inside), 0), w-1)
		steps[i] = max(int(row[out])-int(row[in]), int(row[in])-int(row[out]))
		most = max(most, steps[i])
	}
	n := 0
	for _, step := range steps {
		if 3*step >= most {
			n++
		}
	}
	return n >= fewRows*3/4
}

// hopeless tells whether a stretch of edge cannot hold a solid side: the dark behind it is of one thickness all along, or for
// twelve times that and more, a bar, a frame, where a solid side has data behind it, some of which is dark; or it
// has no quiet zone in half of its rows. It asks that of the stretch as it was first followed, around corners or not.
func (r *reader) hopeless(points []lattice.Point, s side) bool {
	limit := len(points)
	least, most := limit, 0
	for i := 0; i < fewRows; i++ {
		n := darkRun(r.view.Bits, points[(2*i+1)*len(points)/(2*fewRows)], s, limit)
		least, most = min(least, n), max(most, n)
	}
	whole := len(r.up) < firstRows && len(r.down) < firstRows
	return 2*most <= 3*least+1 && (whole || 12*most <= len(points)) || r.quiet(points, s, float64(least)) < r.room()-fewRows/4
}

// lowSixth returns the value below which a sixth of the values lie, by keeping the lowest in order.
func lowSixth(values []int32) float64 {
	var space [maxRows/6 + 1]int32
	low := space[:0]
	for _, v := range values {
		if len(low) == len(values)/6+1 {
			if v >= low[len(low)-1] {
				continue
			}
			low = low[:len(low)-1]
		}
		i := len(low)
		low = append(low, v)
		for ; i > 0 && low[i-1] > v; i-- {
			low[i] = low[i-1]
		}
		low[i] = v
	}
	return float64(low[len(low)-1])
}

// darkRun is how many dark pixels, limit at most, follow on an edge into the dark.
func darkRun(b *bitmap.Bitmap, p lattice.Point, s side, limit int) int {
	x, y, n := int(p[0]), int(p[1]), 0
	if s == rightEdge {
		x--
	}
	row := b.Row(y)
	for n < limit && x >= 0 && x < b.W {
		w, room := row[x>>6], 0
		if s == leftEdge {
			w, room = ^(w >> (x & 63)), 64-x&63
			w = uint64(min(bits.TrailingZeros64(w), room))
		} else {
			w, room = ^(w << (63 - x&63)), x&63+1
			w = uint64(min(bits.LeadingZeros64(w), room))
		}
		n += int(w)
		if int(w) < room {
			break
		}
		x -= int(s) * room
	}
	return min(n, limit)
}

// corner follows the edge that leaves the leg's end inwards; vertical is on which side of it is light, below (1) or
// above (−1). A good one makes a pair of legs.
func (r *reader) corner(l leg, end lattice.Point, vertical int) {
	if first := r.across(l, end, vertical, glance); !l.turns(first, end) {
		return
	}
	across := r.across(l, end, vertical, maxLength)
	lo, hi, _ := straight(across, min(len(across)/4, 12))
	if across = across[lo:hi]; len(across) < minSide {
		return
	}
	l.line, _ = lattice.FitTrimmed(l.points)
	line, rms := lattice.FitTrimmed(across)
	if rms > 1+0.01*float64(len(across)) {
		return
	}
	meet, ok := l.meets(line, end, across[0], 1)
	if !ok {
		return
	}
	up := slices.Clone(l.points)
	if vertical > 0 {
		slices.Reverse(up)
	}
	first, second := tip(up, l.line, l.module), tip(across, line, l.module)
	r.between(meet, l.module, first, second)
	if up[len(up)-1] != first || across[len(across)-1] != second {
		r.between(meet, l.module, up[len(up)-1], across[len(across)-1])
	}
}

// glance is how far along a second side is followed to see whether there is one, in pixels.
const glance = minSide + 4

// turns tells whether the beginning of a second side may be one: straight, and meeting the leg near its end.
func (l *leg) turns(first []lattice.Point, end lattice.Point) bool {
	if len(first) < minSide {
		return false
	}
	line, rms := lattice.FitLine(first)
	_, ok := l.meets(line, end, first[0], 1.5)
	return rms <= 1.5 && ok
}

// meets returns where the leg meets the other side's line; false where that is farther from the ends of both than the
// corner of a symbol, slack times as far.
func (l *leg) meets(line lattice.Line, end, first lattice.Point, slack float64) (lattice.Point, bool) {
	meet, ok := l.line.Meet(line)
	ok = ok && lattice.Apart(meet, end) <= slack*(2*l.module+2) && lattice.Apart(meet, first) <= slack*(3*l.module+3)
	return meet, ok
}

// between looks for a symbol between two solid sides. The pixels' edges end half a pixel before the modules do.
func (r *reader) between(corner lattice.Point, module float64, first, second lattice.Point) {
	tips := [2]lattice.Point{beyond(corner, first), beyond(corner, second)}
	if r.solid(corner, tips[0], tips[1], module) && r.solid(corner, tips[1], tips[0], module) {
		r.border(corner, tips, module)
	}
}

// tip is the last of the points that lies close to the line. The few points after it have gone around the corner of a
// turned symbol; where there are more the side is bent, and its end is the last point.
func tip(points []lattice.Point, line lattice.Line, module float64) lattice.Point {
	last := len(points) - 1
	for i := last; i > last-len(points)/20-4 && i > 0; i-- {
		if math.Abs(line.Distance(points[i])) < max(0.8, 0.2*module) {
			return points[i]
		}
	}
	return points[last]
}

// beyond lengthens a stretch by half a pixel.
func beyond(from, to lattice.Point) lattice.Point {
	k := 0.5 / max(lattice.Apart(from, to), 1)
	return lattice.Point{to[0] + k*(to[0]-from[0]), to[1] + k*(to[1]-from[1])}
}

// across walks inwards from the end of a leg, column by column along the edge there, most columns at most.
func (r *reader) across(l leg, end lattice.Point, vertical, most int) []lattice.Point {
	b, dx := r.view.Bits, -int(l.side)
	x := int(end[0] + float64(dx)*(0.5+l.module/2))
	y := int(end[1] - float64(vertical)*l.module/2)
	for n := 0; !b.At(x, y) || b.At(x, y+vertical); n++ { // from inside the leg out to its end
		if y += vertical; float64(n) > 2*l.module+3 {
			return nil
		}
	}
	points := r.inward[:0]
	put := func() {
		at := y
		if vertical > 0 {
			at++
		}
		points = append(points, lattice.Point{float64(x) + 0.5, float64(at)})
	}
	put()
	for missed := 0; missed < 2 && len(points) < most; {
		x += dx
		found := false
		for _, dy := range [5]int{0, 1, -1, 2, -2} {
			if b.At(x, y+dy) && !b.At(x, y+dy+vertical) {
				y, found = y+dy, true
				break
			}
		}
		if missed++; found {
			missed = 0
			put()
		}
	}
	r.inward = points
	return points
}

// solid tells whether the stretch from the corner to a tip is dark half a module inside, on the other tip's side, and
// light as far outside.
func (r *reader) solid(corner, tip, inner lattice.Point, module float64) bool {
	const probes = 24
	depth := lattice.Apart(corner, inner)
	in, out := module/2/depth, (module/2+0.7)/depth
	dx, dy := inner[0]-corner[0], inner[1]-corner[1]
	dark, light := 0, 0
	for i := 0; i < probes; i++ {
		k := (float64(i) + 0.5) / probes
		x, y := corner[0]+k*(tip[0]-corner[0]), corner[1]+k*(tip[1]-corner[1])
		if r.view.Dark(x+in*dx, y+in*dy) {
			dark++
		}
		if !r.view.Dark(x-out*dx, y-out*dy) {
			light++
		}
	}
	return dark >= probes*8/10 && light >= probes*8/10
}
