package qr

import (
	"image"
	"math"
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
	// closerSide bounds the window in pixels.
	closerSide = 1000
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
		if f.taken || len(p.left) == maxLeft || p.scale != 1 || f.rings < ringsLeast {
			continue
		}
		if f.axes(p.bits).right >= hintMatches {
			p.left = append(p.left, left{Point{f.x, f.y}, max(f.w, f.h)})
		}
	}
}

// closer looks at the windows around what is left.
func (r *reader) closer(gray *image.Gray) {
	all := r.left
	r.left = nil
	for _, l := range all {
		if r.ended() || r.within(l.Point) {
			continue
		}
		reach := int(min(closerReach*l.size, closerSide/2))
		window := image.Rect(int(l.X)-reach, int(l.Y)-reach, int(l.X)+reach, int(l.Y)+reach).Intersect(gray.Rect)
		if window.Dx() < leastSide || window.Dy() < leastSide {
			continue
		}
		r.origin = Point{float64(window.Min.X), float64(window.Min.Y)}
		part := crop(gray, window)
		if module := l.size / 7; module < closerMost {
			r.scaled[2] = resized(r.scaled[2], 2*window.Dx(), 2*window.Dy())
			double(r.scaled[2], part)
			p := r.pass(r.scaled[2], 0.5)
			p.step = 2
			p.search()
		} else {
			sharpened := newGray(window.Dx(), window.Dy())
			unsharp(sharpened, part, int(1.2*module+0.5))
			r.pass(sharpened, 1).search()
		}
		if !r.within(l.Point) && !r.ended() {
			lift(part)
			r.pass(part, 1).search()
		}
	}
	r.origin = Point{}
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
func lift(gray *image.Gray) {
	for i, v := range gray.Pix {
		gray.Pix[i] = lifted[v]
	}
}

// unsharpStrength is how many times what differs from the mean around a pixel is added to it.
const unsharpStrength = 2

// unsharp adds to each pixel what the mean of the square around it lacks of it: what a blur of about that radius took away.
func unsharp(dst, src *image.Gray, radius int) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	columns := make([]int, w+1) // sums over the rows of the square, then over all columns before
	add := func(y, sign int) {
		row := src.Pix[min(max(y, 0), h-1)*src.Stride:][:w]
		for x, v := range row {
			columns[x] += sign * int(v)
		}
	}
	for y := -radius; y <= radius; y++ {
		add(y, 1)
	}
	sums := make([]int, w+1)
	n := 2*radius + 1
	for y := range h {
		for x, v := range columns[:w] {
			sums[x+1] = sums[x] + v
		}
		in, out := src.Pix[y*src.Stride:][:w], dst.Pix[y*dst.Stride:][:w]
		for x, v := range in {
			from, to := max(x-radius, 0), min(x+radius+1, w)
			mean := (sums[to] - sums[from]) / ((to - from) * n)
			out[x] = uint8(min(max(int(v)+unsharpStrength*(int(v)-mean), 0), 255))
		}
		add(y-radius, -1)
		add(y+radius+1, 1)
	}
	padRight(dst)
}
