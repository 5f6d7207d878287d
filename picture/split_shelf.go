package picture

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
)

// Bounds of what is put together without a page that says how.
const (
	shelfGuesses = 12 // pictures of one message
	longestStrip = 16 // pieces
)

// fresh reports that these pieces were not put together before in this message.
func (s *shelf) fresh(pieces []item) bool {
	var key strings.Builder
	for _, p := range pieces {
		fmt.Fprintf(&key, "%p %.0f %.0f;", p.image, p.x-pieces[0].x, p.y-pieces[0].y)
	}
	if s.composed == nil {
		s.composed = map[string]bool{}
	}
	if s.composed[key.String()] || len(s.composed) >= shelfPictures {
		return false
	}
	s.composed[key.String()] = true
	return true
}

// guess puts the newest picture of the shelf together with those before it, where they have the same size and
// together are about square, as a code is: two attachments may be the halves of one.
func (v *view) guess() {
	list := v.shelf.pictures
	last := list[len(list)-1].image
	size := last.Bounds().Size()
	for n := 2; n <= longestStrip && n <= len(list); n++ {
		run := list[len(list)-n:]
		if run[0].image.Bounds().Size() != size || v.shelf.guesses >= shelfGuesses {
			return
		}
		if along := lineUp(size, n); along.X+along.Y > 0 {
			v.shelf.guesses++
			v.together(run, along)
			if n == 2 { // the second may be the first
				v.together([]shelved{run[1], run[0]}, along)
			}
		}
	}
}

// lineUp is the step from one piece to the next: to the right or downwards, whichever makes n of them a square. A
// square of four squares is left to the page that shows it: logos come in fours.
func lineUp(size image.Point, n int) image.Point {
	w, h := float64(size.X), float64(size.Y)
	square := func(w, h float64) bool { return math.Abs(math.Log(w/h)) < 0.2 && w*h >= 40*40 }
	switch {
	case square(w*float64(n), h):
		return image.Point{X: size.X}
	case square(w, h*float64(n)):
		return image.Point{Y: size.Y}
	}
	return image.Point{}
}

func (v *view) together(run []shelved, step image.Point) {
	var pieces []item
	for i, p := range run {
		size := p.image.Bounds().Size()
		pieces = append(pieces, item{x: float64(i * step.X), y: float64(i * step.Y), w: float64(size.X), h: float64(size.Y), image: p.image})
	}
	if v.ended("") {
		return
	}
	if img := v.compose(pieces); img != nil {
		v.shown++
		v.show(Picture{Image: img, At: fmt.Sprintf("with %d pictures before", len(run)-1), Name: v.part.Name, Carrier: "image", Tricks: []string{"split"}})
	}
}

// find returns the picture of the shelf that HTML calls by this name: a Content-ID, a file name, a Content-Location
// or a data: URI that was read before.
func (s *shelf) find(src string) image.Image {
	id, isCID := strings.CutPrefix(src, "cid:")
	if i := slices.IndexFunc(s.pictures, func(p shelved) bool { return isCID && p.cid == id || p.name == src || p.cid == src }); i >= 0 {
		return s.pictures[i].image
	}
	base := src[strings.LastIndexByte(src, '/')+1:]
	if i := slices.IndexFunc(s.pictures, func(p shelved) bool {
		return base != "" && (p.name == base || p.cid == base || strings.EqualFold(p.cid, id))
	}); i >= 0 && !strings.Contains(src, "://") {
		return s.pictures[i].image
	}
	return nil
}

// mayBeSplit tells whether there are pictures enough to be put together.
func (s *shelf) mayBeSplit() bool { return len(s.pictures) >= 2 }
