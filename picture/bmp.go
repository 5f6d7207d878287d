package picture

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"

	"quishmilter/mime"
)

// bmpHead is the file header before the bitmap's own.
const bmpHead = 14

// isBMP wants a sane header too, since two letters begin many a text.
func isBMP(p Part) bool {
	d := p.Data
	return len(d) >= 18 && d[0] == 'B' && d[1] == 'M' && d[16] == 0 && d[17] == 0 && (d[14] >= 12 || d[15] != 0) && d[15] < 2
}

// openBMP shows a bitmap file.
func openBMP(v *view) {
	if v.ended("") {
		return
	}
	data := v.part.Data
	d, err := readDIB(data[bmpHead:])
	if err != nil {
		v.openOddDIB(d, err, data[bmpHead:])
		return
	}
	start := int64(binary.LittleEndian.Uint32(data[10:]))
	if start < bmpHead || start > int64(len(data)) { // programs that write nonsense put the rows behind the header
		start = min(int64(bmpHead+d.headerEnd), int64(len(data)))
	}
	cut := d.cutTo(len(data) - int(start))
	if d.height == 0 || !v.fits(d.config(), 1, "") {
		if d.height == 0 {
			v.problem(mime.Broken, "", "the picture ends early")
		}
		return
	}
	img, whole := d.decode(data[start:])
	if cut || !whole {
		v.problem(mime.Broken, "", "the picture ends early")
	}
	v.picture(img, "", "image")
}

// openOddDIB deals with a bitmap that is not read: a JPEG or PNG may be all that is in it.
func (v *view) openOddDIB(d dib, err error, data []byte) {
	switch {
	case (d.packing == dibJPEG || d.packing == dibPNG) && d.headerEnd > 0 && d.headerEnd < len(data):
		v.inside(Part{Name: "picture in bitmap", Data: data[d.headerEnd:]}, "image")
	case errors.Is(err, errDIBUnsupported):
		v.problem(mime.Unsupported, "", "a variant of this picture format that is not read")
	default:
		v.problem(mime.Broken, "", "the picture's header does not parse")
	}
}

// isICO knows icons and cursors by a directory of pictures of which the first lies inside the file.
func isICO(p Part) bool {
	d := p.Data
	if len(d) < 22 || d[0] != 0 || d[1] != 0 || d[3] != 0 || d[2] != 1 && d[2] != 2 {
		return false
	}
	count := binary.LittleEndian.Uint16(d[4:])
	start := binary.LittleEndian.Uint32(d[18:])
	return count > 0 && count <= 256 && d[9] == 0 && start >= 6+16*uint32(count) && start < 1<<26
}

// openICO shows each picture of an icon or cursor: a PNG, or a bitmap with a mask.
func openICO(v *view) {
	data := v.part.Data
	count := int(binary.LittleEndian.Uint16(data[4:]))
	for i := range count {
		entry := data[6+16*i:]
		if len(entry) < 16 {
			v.problem(mime.Broken, "", "the icon ends early")
			return
		}
		size, start := int64(binary.LittleEndian.Uint32(entry[8:])), int64(binary.LittleEndian.Uint32(entry[12:]))
		at := "icon"
		if start >= int64(len(data)) {
			v.problem(mime.Broken, at, "the icon ends early")
			continue
		}
		if v.ended(at) {
			return
		}
		body := data[start:min(start+size, int64(len(data)))]
		if pngDecoder().magic(Part{Data: body}) {
			if img := v.decode(pngDecoder(), body, at); img != nil {
				v.picture(img, at, "image")
			}
			continue
		}
		v.iconBitmap(body, at)
	}
}

// iconBitmap shows a bitmap with a mask of one bit for each pixel below it, which its height includes.
func (v *view) iconBitmap(body []byte, at string) {
	d, err := readDIB(body)
	if err != nil {
		v.problem(mime.Broken, at, "the icon's header does not parse")
		return
	}
	d.height /= 2
	rows := body[min(d.headerEnd, len(body)):]
	d.cutTo(len(rows))
	if d.height == 0 {
		v.problem(mime.Broken, at, "the icon ends early")
		return
	}
	if !v.fits(image.Config{ColorModel: color.NRGBAModel, Width: d.width, Height: d.height}, 2, at) {
		return
	}
	if d.bits == 32 {
		d.masks[3] = 0xff000000
	}
	img, whole := d.decode(rows)
	if !whole {
		v.problem(mime.Broken, at, "the icon ends early")
	}
	mask := dib{width: d.width, height: d.height, bits: 1, palette: color.Palette{color.Black, color.White}}
	v.picture(masked(img, d.bits, mask, rows[min(d.stride()*d.height, len(rows)):]), at, "image")
}

// masked makes transparent what the mask says; size is the bitmap's bits per pixel. A bitmap whose own alpha is nowhere set has none.
func masked(img image.Image, size int, mask dib, rows []byte) image.Image {
	rect := img.Bounds()
	out := image.NewNRGBA(rect)
	opaque := true
	if n, ok := img.(*image.NRGBA); ok && size == 32 {
		for i := 3; i < len(n.Pix) && opaque; i += 4 {
			opaque = n.Pix[i] == 0
		}
	}
	m, whole := mask.decode(rows)
	for y := range rect.Dy() {
		for x := range rect.Dx() {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			if opaque {
				c.A = 0xff
				if whole && m.(*image.Paletted).ColorIndexAt(x, y) == 1 {
					c.A = 0
				}
			}
			out.SetNRGBA(x, y, c)
		}
	}
	return out
}
