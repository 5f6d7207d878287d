package picture

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// crossing is where an outline crosses the middle of a row of pixels.
type crossing struct {
	x    float32
	turn int32 // +1 downwards, -1 upwards
}

// fillCrossings bounds the crossings of one outline; fillWork those of a drawing, and its pixels.
const (
	fillCrossings = 4_000_000
	fillWork      = 60_000_000
)

// fill paints the inside of rings, in pixels. It reports the work that was done, and false when that would be too
// much.
func fill(img *image.RGBA, cover *image.Alpha, rings [][]point, evenOdd bool, c color.NRGBA) (work int, ok bool) {
	height := img.Rect.Dy()
	rows := make([][]crossing, height)
	for _, ring := range rings {
		for i, p := range ring {
			q := ring[(i+1)%len(ring)]
			turn := int32(1)
			if p.y > q.y {
				p, q, turn = q, p, -1
			}
			from, to := rowOf(p.y, height), rowOf(q.y, height)
			if work += to - from; work > fillCrossings {
				return work, false
			}
			for y := from; y < to; y++ {
				x := p.x + (float64(y)+0.5-p.y)*(q.x-p.x)/(q.y-p.y)
				rows[y] = append(rows[y], crossing{float32(x), turn})
			}
		}
	}
	for y, row := range rows {
		if len(row) == 0 {
			continue
		}
		slices.SortFunc(row, func(a, b crossing) int {
			switch {
			case a.x < b.x:
				return -1
			case a.x > b.x:
				return 1
			}
			return 0
		})
		work += fillRow(img, cover, y, row, evenOdd, c)
	}
	return work, true
}

// rowOf is the first row whose middle is at y or below.
func rowOf(y float64, height int) int {
	return int(math.Ceil(math.Max(0, math.Min(float64(height), y-0.5))))
}

func fillRow(img *image.RGBA, cover *image.Alpha, y int, row []crossing, evenOdd bool, c color.NRGBA) (pixels int) {
	width := img.Rect.Dx()
	winding := int32(0)
	for i := 0; i+1 < len(row); i++ {
		winding += row[i].turn
		if winding == 0 || evenOdd && winding&1 == 0 {
			continue
		}
		from, to := rowOf(float64(row[i].x), width), rowOf(float64(row[i+1].x), width)
		for x := from; x < to; x++ {
			paintPixel(img, cover, x, y, c)
		}
		pixels += max(0, to-from)
	}
	return pixels
}

// paintPixel lays a colour over a pixel, as far as the cover lets it; no cover lets everything through.
func paintPixel(img *image.RGBA, cover *image.Alpha, x, y int, c color.NRGBA) {
	a := uint32(c.A)
	if cover != nil {
		a = a * uint32(cover.Pix[cover.PixOffset(x, y)]) / 255
	}
	p := img.Pix[img.PixOffset(x, y):]
	p[0] = byte((uint32(c.R)*a + uint32(p[0])*(255-a)) / 255)
	p[1] = byte((uint32(c.G)*a + uint32(p[1])*(255-a)) / 255)
	p[2] = byte((uint32(c.B)*a + uint32(p[2])*(255-a)) / 255)
	p[3] = 255
}

// strokeRings returns what a pen of some width covers along an outline, as quadrangles. Joins are left out.
func strokeRings(o outline, width float64, caps string, dashes []float64) (rings [][]point) {
	for k, ring := range o.rings {
		if o.closed[k] && len(ring) > 1 {
			ring = append(slices.Clip(ring), ring[0])
		}
		phase := 0.0
		for i := 0; i+1 < len(ring); i++ {
			for _, s := range dashed(ring[i], ring[i+1], dashes, &phase) {
				if q := pen(s[0], s[1], width, caps); q != nil {
					rings = append(rings, q)
				}
			}
			if len(rings) > pathPoints/4 {
				return rings
			}
		}
	}
	return rings
}

// dashed cuts a line into the dashes that are drawn. phase is how far along the pattern it begins.
func dashed(a, b point, dashes []float64, phase *float64) [][2]point {
	length, period := math.Hypot(b.x-a.x, b.y-a.y), total(dashes)
	if period <= 0 || length/period > 10_000 {
		return [][2]point{{a, b}}
	}
	var list [][2]point
	at := 0.0
	along := func(t float64) point { return point{a.x + (b.x-a.x)*t/length, a.y + (b.y-a.y)*t/length} }
	for at < length && len(list) < 20_000 {
		offset, index := math.Mod(*phase+at, period), 0
		for index < len(dashes)-1 && offset >= dashes[index] {
			offset -= dashes[index]
			index++
		}
		end := math.Min(length, at+math.Max(1e-3, dashes[index]-offset))
		if index%2 == 0 {
			list = append(list, [2]point{along(at), along(end)})
		}
		at = end
	}
	*phase = math.Mod(*phase+length, period)
	return list
}

// pen is the quadrangle that a line of some width covers.
func pen(a, b point, width float64, caps string) []point {
	dx, dy := b.x-a.x, b.y-a.y
	length := math.Hypot(dx, dy)
	if length == 0 {
		if caps != "square" && caps != "round" {
			return nil
		}
		dx, length = 1, 1
		b.x += 1e-6
	}
	ux, uy := dx/length*width/2, dy/length*width/2
	if caps == "square" || caps == "round" {
		a, b = point{a.x - ux, a.y - uy}, point{b.x + ux, b.y + uy}
	}
	return []point{{a.x - uy, a.y + ux}, {b.x - uy, b.y + ux}, {b.x + uy, b.y - ux}, {a.x + uy, a.y - ux}}
}
