package qr

import "image"

// Two colours of equal luma are one gray: a code printed red on green is there for the eye, and for a phone whose sensor
// weighs colours otherwise, but not in the gray layer. Where many tiles have far more contrast in a colour plane
// than in gray, the planes are read too.
const (
	planeTile  = 16 // pixels along a side of a tile
	planeRatio = 2  // how many times the gray's contrast a plane's must be
	planeLeast = 24 // levels of contrast below which colours are noise
	planeShare = 50 // one tile in so many must be like that
	planeOwn   = 3  // of those, one in so many must be like that in a plane for it to be read
)

// planeSamples are the rows and columns of a tile that are looked at. The last one is the next tile's: modules as large as
// the tiles, and lying on them, have their contrast between tiles alone.
var planeSamples = [...]int{0, 3, 6, 9, 12, 15, planeTile + 7}

// planeHits counts the tiles of a picture, and those in which the red, the green and the blue plane hold what the gray
// hides.
type planeHits struct {
	tiles, any int
	of         [3]int
}

// countHidden looks at all tiles.
func countHidden(p *image.RGBA) *planeHits {
	var n planeHits
	w, h := p.Rect.Dx(), p.Rect.Dy()
	for y := 0; y+planeTile <= h; y += planeTile {
		for x := 0; x+planeTile <= w; x += planeTile {
			n.tile(p, x, y)
		}
	}
	return &n
}

// colourful tells whether the planes together hold what the gray hides.
func (n *planeHits) colourful() bool { return n.any > 0 && n.any*planeShare >= n.tiles }

// planes returns the planes that hold a share of what the gray hides. A plane may be left out with little risk: two
// colours of equal luma differ in two planes at least, and more in red or blue than in green, which weighs most in luma.
func (n *planeHits) planes(p *image.RGBA) (worth []*image.Gray) {
	for k, plane := range planesOf(p) {
		if planeOwn*n.of[k] >= n.any {
			worth = append(worth, plane)
		}
	}
	return worth
}

// tile compares the contrasts of one tile.
func (n *planeHits) tile(p *image.RGBA, x0, y0 int) {
	lo, hi := [4]uint8{255, 255, 255, 255}, [4]uint8{}
	for _, dy := range planeSamples {
		if y0+dy >= p.Rect.Dy() {
			break
		}
		row := p.Pix[(y0+dy)*p.Stride:][:4*p.Rect.Dx()]
		for _, dx := range planeSamples {
			i := 4 * (x0 + dx)
			if i >= len(row) {
				break
			}
			v := [4]uint8{row[i], row[i+1], row[i+2], luma(row[i], row[i+1], row[i+2])}
			for k := range v {
				lo[k], hi[k] = min(lo[k], v[k]), max(hi[k], v[k])
			}
		}
	}
	n.tiles++
	gray, hidden := int(hi[3])-int(lo[3]), false
	for k := range n.of {
		if c := int(hi[k]) - int(lo[k]); c >= planeLeast && c > planeRatio*gray {
			n.of[k]++
			hidden = true
		}
	}
	if hidden {
		n.any++
	}
}

// chromatic tells whether the chroma of a picture has stretches of more contrast than its luma, looked at in every
// eighth row.
func chromatic(p *image.YCbCr) bool {
	stretches, hits := 0, 0
	for y := p.Rect.Min.Y; y < p.Rect.Max.Y; y += 8 {
		for x := p.Rect.Min.X; x+planeTile <= p.Rect.Max.X; x += planeTile {
			stretches++
			wide := min(planeTile+planeTile/2, p.Rect.Max.X-x) // into the next one, as tiles are
			c, n := p.COffset(x, y), p.COffset(x+wide-1, y)+1-p.COffset(x, y)
			chroma := max(contrast(p.Cb[c:c+n]), contrast(p.Cr[c:c+n]))
			at := p.YOffset(x, y)
			if chroma >= planeLeast && chroma > planeRatio*contrast(p.Y[at:at+wide]) {
				hits++
			}
		}
	}
	return hits > 0 && hits*planeShare >= stretches
}

// contrast is the range of some samples.
func contrast(samples []uint8) int {
	lo, hi := uint8(255), uint8(0)
	for _, v := range samples {
		lo, hi = min(lo, v), max(hi, v)
	}
	return int(hi) - int(lo)
}

// planesOf splits a picture into red, green and blue.
func planesOf(p *image.RGBA) []*image.Gray {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	planes := []*image.Gray{newGray(w, h), newGray(w, h), newGray(w, h)}
	for y := range h {
		src := p.Pix[y*p.Stride:][:4*w]
		at := y * planes[0].Stride
		for x := range w {
			planes[0].Pix[at+x] = src[4*x]
			planes[1].Pix[at+x] = src[4*x+1]
			planes[2].Pix[at+x] = src[4*x+2]
		}
	}
	for _, plane := range planes {
		padRight(plane)
	}
	return planes
}
