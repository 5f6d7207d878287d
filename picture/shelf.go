package picture

import (
	"image"
	"image/draw"
)

// shelf keeps the small pictures of a message for its HTML, which may put several of them together to one code. A
// message inside a message has a shelf of its own.
type shelf struct {
	pictures []shelved
	pixels   int
	composed map[string]bool // what was put together already
	guesses  int             // how often without HTML that says how
}

// shelved is a picture with the names by which HTML may ask for it.
type shelved struct {
	cid, name string
	image     image.Image
}

// Bounds of a shelf. The halves of a split code that were seen have 54,000 pixels; a photo is no piece of a code.
const (
	shelfPictures = 256
	shelfPixels   = 8_000_000 // of all together
	shelvedPixels = 1_000_000 // of one
)

// pieces tells whether two pictures have a side in common, as pieces of a code that was cut have.
func (s *shelf) pieces() bool {
	for i, a := range s.pictures {
		for _, b := range s.pictures[:i] {
			p, q := a.image.Bounds().Size(), b.image.Bounds().Size()
			if p.X == q.X || p.Y == q.Y {
				return true
			}
		}
	}
	return false
}

func newShelf() *shelf { return &shelf{} }

// put keeps a copy, since the picture's own pixels may be used again for the next one; false when it does not.
func (s *shelf) put(part Part, img image.Image) bool {
	size := img.Bounds().Size()
	pixels := size.X * size.Y
	if part.CID == "" && part.Name == "" || pixels > shelvedPixels || s.pixels+pixels > shelfPixels || len(s.pictures) >= shelfPictures {
		return false
	}
	kept := image.NewNRGBA(image.Rectangle{Max: size})
	draw.Draw(kept, kept.Rect, img, img.Bounds().Min, draw.Src)
	s.pixels += pixels
	s.pictures = append(s.pictures, shelved{part.CID, part.Name, kept})
	return true
}
