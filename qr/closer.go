package qr

import (
	"image"
	"math"
	"slices"
)

// A finder that no code took is often part of one whose other finders were lost: between scanned rows or in noise where
// the code is small or far away, or in blur that closes the light gaps around them. A window around it is looked at
// again, small modules at twice their size and in every second row, large ones sharpened by what blurred them, and then with
// the shadows lifted. That costs as much as the window is large, wherever in the picture it is.

const (
	// maxLeft is how many such places are looked at closer in one picture.
	maxLeft = 4
	// closerMost is the module size in pixels from which doubling shows nothing new, and sharpening does.
	closerMost = 5
	// closerReach is how far around the finder is looked, in its own sizes: version 10 has 57 modules along a side.
	closerReach = 8.5
	// closerSide bounds a window in pixels, and closerPixels all of them together.
	closerSide   = 1200
	closerPixels = 4 << 20
)

// leftRings and leftMatches say how right a finder must look for that, a little less than one that leads to another look at
// the whole picture; but it must have the corners of a finder too. In 173 pictures without a code that leaves five places,
// which are finders.
const (
	leftRings   = 12
	leftMatches = 38
)

// left is a finder that no code took, in the picture's pixels.
type left struct {
	Point
	size float64 // of its seven modules
}

// remember keeps the finders that are left and look right.
func (p *pass) remember(finders []finder) {
	for i := range finders {
		f := &finders[i]
		if f.taken || len(p.left) == maxLeft || p.scale != 1 || f.rings < leftRings {
			continue
		}
		if f.axes(p.bits).right < leftMatches {
			continue
		}
		if _, ok := f.quadAxes(p.bits); ok {
			p.left = append(p.left, left{Point{f.x, f.y}, max(f.w, f.h)})
		}
	}
}

// closer looks at the windows around what is left.
func (r *reader) closer(gray *image.Gray) {
	all := r.left
	r.left = nil
	if slices.Contains(r.cut, "candidates") {
		return // a picture full of finders is not looked at even closer
	}
	room := closerPixels
	seen := make([]image.Rectangle, 0, maxLeft)
	for i, l := range all {
		window := l.window(all[i+1:]).Intersect(gray.Rect)
		if window.Dx() < leastSide || window.Dy() < leastSide || r.within(Point{l.X + r.base.X, l.Y + r.base.Y}) || covered(window, seen) {
			continue
		}
		seen = append(seen, window)
		r.origin = Point{r.base.X + float64(window.Min.X), r.base.Y + float64(window.Min.Y)}
		glances := l.glances()
		if gray.Rect.Dx()*gray.Rect.Dy() <= smallPicture && glances[0].scale < 1 {
			glances = glances[1:2] // again has looked at all of it at twice its size, and it has no room for shadows
		}
		for _, g := range glances {
			part := g.of(gray, window)
			if room -= part.Rect.Dx() * part.Rect.Dy(); room < 0 || r.ended() {
				break
			}
			p := r.pass(part, g.scale)
			p.step = min(p.step, g.step)
			if p.search(); r.within(Point{l.X + r.base.X, l.Y + r.base.Y}) {
				break
			}
		}
	}
	r.origin = r.base
}

// covered tells whether nearly all of a window lies in another that was looked at: the finders of one code share theirs.
func covered(window image.Rectangle, seen []image.Rectangle) bool {
	for _, s := range seen {
		if common := window.Intersect(s); 8*common.Dx()*common.Dy() >= 7*window.Dx()*window.Dy() {
			return true
		}
	}
	return false
}

// window is the square in which the finder's code must be; another finder of like size tells how large that is.
func (l left) window(others []left) image.Rectangle {
	reach := closerReach * l.size
	for _, o := range others {
		if d := dist(l.Point, o.Point); d < 25*l.size && o.size < 1.5*l.size && l.size < 1.5*o.size {
			reach = max(reach, 1.3*d)
		}
	}
	k := int(min(reach, closerSide/2))
	return image.Rect(int(l.X)-k, int(l.Y)-k, int(l.X)+k, int(l.Y)+k)
}

// glance is one way to look at a window.
type glance struct {
	scale float64
	step  int // rows from one that is scanned to the next, at most
	of    func(gray *image.Gray, window image.Rectangle) *image.Gray
}

// glances lists the ways for a finder's size.
func (l left) glances() []glance {
	module := l.size / 7
	lifted := glance{1, 4, func(gray *image.Gray, window image.Rectangle) *image.Gray { return lift(crop(gray, window)) }}
	if module >= closerMost {
		return []glance{{1, 4, func(gray *image.Gray, window image.Rectangle) *image.Gray {
			return unsharp(crop(gray, window), int(1.2*module+0.5))
		}}, lifted}
	}
	return []glance{{0.5, 2, func(gray *image.Gray, window image.Rectangle) *image.Gray {
		return doubled(crop(gray, window))
	}}, {0.5, 2, func(gray *image.Gray, window image.Rectangle) *image.Gray {
		return doubled(unsharp(crop(gray, window), int(module+0.5)))
	}}, lifted}
}

func doubled(gray *image.Gray) *image.Gray {
	large := newGray(2*gray.Rect.Dx(), 2*gray.Rect.Dy())
	double(large, gray)
	return large
}

// within tells whether a place lies in a code that was read.
func (r *reader) within(p Point) bool {
	for i := range r.codes {
		if inside(r.codes[i].Corners, p) {
			return true
		}
	}
	return false
}

// inside tells whether a place lies in a convex quadrilateral, whichever way around its corners go.
func inside(q [4]Point, p Point) bool {
	signs := [2]bool{}
	for i, a := range q {
		b := q[(i+1)%4]
		if (b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X) < 0 {
			signs[0] = true
		} else {
			signs[1] = true
		}
	}
	return !signs[0] || !signs[1]
}

// crop copies a part of a picture.
func crop(gray *image.Gray, window image.Rectangle) *image.Gray {
	return copyPlane(gray.Pix[window.Min.Y*gray.Stride+window.Min.X:], gray.Stride, window.Dx(), window.Dy())
}

// further gives the finders that best left out because there were too many, without those in codes that were read
// meanwhile: forty codes have 120 finders, and hundreds of places in their data look a little like one.
func (p *pass) further() []finder {
	var rest []finder
	for i := range p.scan.found {
		f := p.scan.found[i]
		if f.taken || p.within(Point{f.x*p.scale + p.origin.X, f.y*p.scale + p.origin.Y}) {
			continue
		}
		if rest = append(rest, f); len(rest) == maxFinders {
			break
		}
	}
	return rest
}

// lifted is how bright each level is to the eye, which sees ratios: in a shadow the same ink is darker by fewer levels.
var lifted = func() (levels [256]uint8) {
	for i := range levels {
		levels[i] = uint8(255 * math.Log1p(float64(i)/4) / math.Log1p(255.0/4))
	}
	return levels
}()

// lift brightens what lies in the shadow.
func lift(gray *image.Gray) *image.Gray {
	for i, v := range gray.Pix {
		gray.Pix[i] = lifted[v]
	}
	return gray
}

// unsharpStrength is how many times what differs from the mean around a pixel is added to it.
const unsharpStrength = 2

// unsharp adds to each pixel what the mean of the square around it lacks of it: what a blur of about that radius took away.
func unsharp(src *image.Gray, radius int) *image.Gray {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dst := newGray(w, h)
	row := func(y int) []uint8 { return src.Pix[min(max(y, 0), h-1)*src.Stride:][:w] }
	columns := make([]int32, w) // sums over the rows of the square
	for y := -radius - 1; y < radius; y++ {
		for x, v := range row(y) {
			columns[x] += int32(v)
		}
	}
	sums := make([]int32, w+1) // of all columns before
	parts := partsOf(2*radius + 1)
	for y := range h {
		before, after := row(y-radius-1), row(y+radius)
		sum := int32(0)
		for x, c := range columns {
			c += int32(after[x]) - int32(before[x])
			columns[x] = c
			sum += c
			sums[x+1] = sum
		}
		in, out := row(y), dst.Pix[y*dst.Stride:][:w]
		edge := min(radius, w)
		for x := range edge {
			to := min(x+radius+1, w)
			out[x] = sharpened(in[x], sums[to], parts[to])
		}
		for x := max(edge, w-radius); x < w; x++ {
			from := x - radius
			out[x] = sharpened(in[x], sums[w]-sums[from], parts[w-from])
		}
		if n := w - 2*radius; n > 0 {
			from, to, part := sums[:n], sums[2*radius+1:][:n], parts[2*radius+1]
			in, out = in[radius:][:n], out[radius:][:n]
			for x, v := range in {
				out[x] = sharpened(v, to[x]-from[x], part)
			}
		}
	}
	padRight(dst)
	return dst
}

// sharpened is a pixel with what the mean lacks of it, which is given as a sum and the part of it.
func sharpened(v uint8, sum int32, part uint64) uint8 {
	mean := int(uint64(sum) * part >> partBits)
	return uint8(min(max(int(v)+unsharpStrength*(int(v)-mean), 0), 255))
}

// partBits are the binary places of a part: so many that sums of bytes multiplied by it are what a division would give,
// of up to a million bytes.
const partBits = 48

// partsOf gives, for the means of 1 to n columns of n bytes each, what their sums are to be multiplied with.
func partsOf(n int) []uint64 {
	parts := make([]uint64, n+1)
	for k := 1; k <= n; k++ {
		parts[k] = (1<<partBits + uint64(k*n) - 1) / uint64(k*n)
	}
	return parts
}
