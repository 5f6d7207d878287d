package picture

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Details are places on a page that are drawn a second time, larger: small codes drawn module by module (or, in a
// Type 3 font, row by row), and codes cut into dense pictures that lie side by side.
const (
	shortestSide = 4.0       // pixels on the page: a module of fewer may be lost
	longestSide  = 700.0     // pixels on the page: a row of a code of small modules is no longer
	wantedSide   = 6.0       // pixels that a module gets
	zoomMost     = 8.0       // times the page's size
	pathSide     = 260.0     // pixels: a code that is one path, no larger than this, may have small modules
	leastShapes  = 12        // rows of text; modules are more
	leastPath    = 80        // segments of a path: runs of modules of the smallest code, four each, with some to spare
	detailPixels = 2_000_000 // of one detail
	pageDetails  = 4
	mostDetails  = 24 // of a document
	cell         = 16 // pixels: what is so near belongs together
)

// imageGroup is a picture, or several that touch each other.
type imageGroup struct {
	box   box
	dpi   float64 // of the densest
	count int
}

// grouped puts pictures together that lie side by side: strips of a scan, halves of a code.
func grouped(images []pdfImage) []imageGroup {
	const mostGrouped, gap = 256, 1.5 // points
	var groups []imageGroup
	for _, i := range images[:min(len(images), mostGrouped)] {
		g := imageGroup{i.box, i.dpi, 1}
		kept := groups[:0]
		for _, other := range groups {
			if g.box.grown(gap).clip(other.box).empty() {
				kept = append(kept, other)
				continue
			}
			g = imageGroup{g.box.union(other.box), math.Max(g.dpi, other.dpi), g.count + other.count}
		}
		groups = append(kept, g)
	}
	return groups
}

// chooseDetails picks what is worth a larger drawing, the fullest places first.
func (d *document) chooseDetails(page frame, s survey, groups []imageGroup, drawnDPI float64) []frame {
	var details []frame
	for _, g := range groups {
		if g.count > 1 && g.dpi >= denser*drawnDPI && !math.IsInf(g.dpi, 0) {
			if p, on := page.sheet.pixels(g.box, page.width, page.height); on && squarish(p) {
				details = append(details, page.zoomed(p, g.dpi/drawnDPI))
			}
		}
	}
	for _, c := range clusters(page, s.shapes) {
		details = append(details, page.zoomed(c.box.grown(cell/2), wantedSide/math.Max(c.side, 0.5)))
	}
	details = slices.DeleteFunc(details, func(f frame) bool { return f.w < leastPx || f.h < leastPx })
	details = details[:min(len(details), pageDetails, max(mostDetails-d.details, 0))]
	d.details += len(details)
	return details
}

func squarish(b box) bool { return b.width() < 2*b.height() && b.height() < 2*b.width() }

// zoomed is the frame that shows a place of this one larger, as far as its pixels allow.
func (f frame) zoomed(place box, zoom float64) frame {
	p := place.clip(box{0, 0, float64(f.width), float64(f.height)})
	if p.empty() {
		return frame{}
	}
	zoom = math.Min(math.Min(math.Max(zoom, 1.5), zoomMost), math.Sqrt(detailPixels/(p.width()*p.height())))
	return frame{f.sheet, int(float64(f.width) * zoom), int(float64(f.height) * zoom),
		int(p.x0 * zoom), int(p.y0 * zoom), int(p.width() * zoom), int(p.height() * zoom)}
}

// cluster is a place where many small shapes are.
type cluster struct {
	box   box
	count int
	side  float64 // the shorter one of the smallest shape
}

// clusters finds the places on the page, in pixels of the frame, that look like small codes.
func clusters(page frame, shapes []shape) []cluster {
	cells := map[[2]int]*cluster{}
	var found []cluster
	for _, s := range shapes {
		p, on := page.sheet.pixels(s.box, page.width, page.height)
		if !on {
			continue
		}
		short, long := math.Min(p.width(), p.height()), math.Max(p.width(), p.height())
		switch {
		case s.segments >= leastPath && long <= pathSide:
			if squarish(p) {
				found = append(found, cluster{box: p, count: s.segments / 4, side: wantedSide / 3})
			}
		case short < shortestSide && long < longestSide:
			addTo(cells, p, short)
		}
	}
	for _, c := range connected(cells) {
		if c.count >= leastShapes && squarish(c.box) && math.Min(c.box.width(), c.box.height()) >= 8 {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b cluster) int { return cmp.Compare(b.count, a.count) })
	return found
}

// addTo counts a shape in the cell of its middle.
func addTo(cells map[[2]int]*cluster, p box, short float64) {
	at := [2]int{int(p.x0+p.x1) / 2 / cell, int(p.y0+p.y1) / 2 / cell}
	if c := cells[at]; c != nil {
		c.box, c.count, c.side = c.box.union(p), c.count+1, math.Min(c.side, math.Max(short, 0.5))
		return
	}
	cells[at] = &cluster{box: p, count: 1, side: math.Max(short, 0.5)}
}

// connected joins cells that touch, over a corner too.
func connected(cells map[[2]int]*cluster) []cluster {
	var found []cluster
	for _, start := range slices.SortedFunc(maps.Keys(cells), compareCells) {
		c := cells[start]
		if c == nil {
			continue
		}
		delete(cells, start)
		whole := *c
		for queue := [][2]int{start}; len(queue) > 0; {
			at := queue[0]
			queue = queue[1:]
			for i := range 9 {
				next := [2]int{at[0] + i%3 - 1, at[1] + i/3 - 1}
				n := cells[next]
				if n == nil {
					continue
				}
				delete(cells, next)
				whole.box, whole.count, whole.side = whole.box.union(n.box), whole.count+n.count, math.Min(whole.side, n.side)
				queue = append(queue, next)
			}
		}
		found = append(found, whole)
	}
	return found
}

func compareCells(a, b [2]int) int { return cmp.Or(cmp.Compare(a[1], b[1]), cmp.Compare(a[0], b[0])) }
