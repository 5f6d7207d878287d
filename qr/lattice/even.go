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
