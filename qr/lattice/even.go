package lattice

import "image"

// Even tells whether neighbouring runs of a row, given by their ends, differ in the gray picture by about as much each:
// none by more than ratio times what another one does. Ink on paper does; the threads of cloth and the grain of wood,
// which look like it once they are black and white, seldom do.
func Even(gray *image.Gray, y int, ends []int32, ratio int) bool {
	row := gray.Pix[y*gray.Stride:][:gray.Rect.Dx()]
	least, most := 255, 0
	before := int(row[(ends[0]+ends[1])>>1])
	for k := 1; k < len(ends)-1; k++ {
		level := int(row[(ends[k]+ends[k+1])>>1])
		step := max(level-before, before-level)
		least, most = min(least, step), max(most, step)
		before = level
	}
	return ratio*least >= most
}

// EvenAlong is Even for runs along a row, a column or a diagonal: (x, y) is the first pixel of the first run, and (dx, dy)
// leads to the next.
func EvenAlong(gray *image.Gray, x, y, dx, dy int, lengths []int32, ratio int) bool {
	at, step := y*gray.Stride+x, dy*gray.Stride+dx
	least, most, before, from := 255, 0, -1, 0
	for _, n := range lengths {
		level := int(gray.Pix[at+(from+int(n)/2)*step])
		if from += int(n); before >= 0 {
			change := max(level-before, before-level)
			least, most = min(least, change), max(most, change)
		}
		before = level
	}
	return ratio*least >= most
}
