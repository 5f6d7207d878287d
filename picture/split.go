package picture

import (
	"fmt"
	"image"
	"image/draw"
	"math"
	"sort"

	xdraw "golang.org/x/image/draw"
)

// A code may be cut into pieces that only the page puts together: two halves in the cells of a table, strips below
// each other, four quarters.

// Bounds of what is put together.
const (
	splitPieces   = 64 // in one picture
	splitPictures = 8  // pictures of one document
	splitGap      = 12.0
)

// splits shows pictures that lie side by side or below each other, as one.
func (v *view) splits(l *layouter) {
	var pieces []item
	for _, it := range l.items {
		if it.image != nil && it.w >= 12 && it.h >= 4 && len(pieces) < 4*splitPieces {
			pieces = append(pieces, it)
		}
	}
	shown := 0
	for _, group := range neighbours(pieces) {
		if shown >= splitPictures || v.ended("") {
			return
		}
		if img := v.compose(group); img != nil {
			shown++
			v.picture(img, fmt.Sprintf("%d pictures put together", len(group)), "image", "split")
		}
	}
}

// neighbours groups pieces that touch, or nearly so, along a whole side.
func neighbours(pieces []item) [][]item {
	group := make([]int, len(pieces))
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	for i := range pieces {
		for j := range i {
			if touch(pieces[i], pieces[j]) || touch(pieces[j], pieces[i]) || covers(pieces[i], pieces[j]) {
				group[root(i)] = root(j)
			}
		}
	}
	members := map[int][]item{}
	var order []int
	for i := range pieces {
		r := root(i)
		if members[r] == nil {
			order = append(order, r)
		}
		members[r] = append(members[r], pieces[i])
	}
	var groups [][]item
	for _, r := range order {
		if n := len(members[r]); n > 1 && n <= splitPieces {
			groups = append(groups, members[r])
		}
	}
	return groups
}

// touch tells whether b lies to the right of a with the same height, or below a with the same width.
func touch(a, b item) bool {
	near := func(p, q, size float64) bool { return math.Abs(p-q) <= math.Max(2, size/50) }
	right := b.x-(a.x+a.w) >= -2 && b.x-(a.x+a.w) <= splitGap && near(a.y, b.y, a.h) && near(a.h, b.h, a.h)
	below := b.y-(a.y+a.h) >= -2 && b.y-(a.y+a.h) <= splitGap && near(a.x, b.x, a.w) && near(a.w, b.w, a.w)
	return right || below
}

// covers tells whether the upper one of two pictures lies over the other, which shows through it.
func covers(upper, lower item) bool {
	near := func(p, q, size float64) bool { return math.Abs(p-q) <= math.Max(2, size/50) }
	if !near(upper.x, lower.x, lower.w) || !near(upper.y, lower.y, lower.h) || !near(upper.w, lower.w, lower.w) || !near(upper.h, lower.h, lower.h) {
		return false
	}
	o, ok := upper.image.(interface{ Opaque() bool })
	return ok && upper.image != lower.image && !o.Opaque()
}

// compose puts pieces together without the gaps between them: attackers cut through modules. nil when they were
// put together before, or would be too large.
func (v *view) compose(pieces []item) image.Image {
	xs, ys := tightAxis(pieces, func(it item) (float64, float64) { return it.x, it.w }), tightAxis(pieces, func(it item) (float64, float64) { return it.y, it.h })
	if !v.shelf.fresh(pieces) {
		return nil
	}
	scale := 0.0 // the finest piece decides
	for _, p := range pieces {
		scale = math.Max(scale, float64(p.image.Bounds().Dx())/p.w)
	}
	scale = math.Min(scale, 8)
	w, h := xs.end*scale, ys.end*scale
	if w*h > canvasPixels {
		scale *= math.Sqrt(canvasPixels / (w * h))
	}
	img := whitePicture(int(math.Ceil(xs.end*scale)), int(math.Ceil(ys.end*scale)))
	for _, p := range pieces {
		x, y := xs.of(p.x), ys.of(p.y)
		r := image.Rect(int(math.Round(x*scale)), int(math.Round(y*scale)), int(math.Round((x+p.w)*scale)), int(math.Round((y+p.h)*scale)))
		xdraw.NearestNeighbor.Scale(img, r, p.image, p.image.Bounds(), draw.Over, nil)
	}
	return img
}

func whitePicture(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, max(1, w), max(1, h)))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	return img
}

// tight maps places along one axis to places without gaps.
type tight struct {
	from, to []float64
	end      float64
}

func tightAxis(pieces []item, side func(item) (at, size float64)) tight {
	type span struct{ at, size float64 }
	var spans []span
	for _, p := range pieces {
		at, size := side(p)
		spans = append(spans, span{at, size})
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].at < spans[j].at })
	var t tight
	last := math.Inf(-1)
	for _, s := range spans {
		if s.at-last > 3 {
			t.from, t.to = append(t.from, s.at), append(t.to, t.end)
			last = s.at
			t.end += s.size
		}
	}
	return t
}

func (t tight) of(at float64) float64 {
	for i := len(t.from) - 1; i > 0; i-- {
		if at >= t.from[i]-3 {
			return t.to[i]
		}
	}
	return 0
}
