package picture

import "image"

// unpackRLE reads runs of indexes, from the bottom row up; what is skipped stays the first colour. It reports whether
// the end was marked or all rows were filled.
func (d *dib) unpackRLE(p *image.Paletted, data []byte) (whole bool) {
	x, y := 0, d.height-1
	put := func(index byte) {
		if x < d.width && y >= 0 {
			p.Pix[y*p.Stride+x] = index
		}
		x++
	}
	pair := func(b byte, i int) byte {
		if d.packing == dibRLE8 {
			return b
		}
		return b >> (4 - 4*(i&1)) & 0xf
	}
	for len(data) >= 2 && y >= 0 {
		count, value := int(data[0]), data[1]
		data = data[2:]
		if count > 0 {
			for i := range count {
				put(pair(value, i))
			}
			continue
		}
		switch value {
		case 0: // end of the row
			x, y = 0, y-1
		case 1: // end of the picture
			return true
		case 2: // skip
			if len(data) < 2 {
				return false
			}
			x, y, data = x+int(data[0]), y-int(data[1]), data[2:]
		default: // indexes as they are, in words of two bytes
			n := int(value)
			size := n
			if d.packing == dibRLE4 {
				size = (n + 1) / 2
			}
			if size > len(data) {
				return false
			}
			for i := range n {
				at := i
				if d.packing == dibRLE4 {
					at = i / 2
				}
				put(pair(data[at], i))
			}
			data = data[min(size+size&1, len(data)):]
		}
	}
	return y < 0
}
