package picture

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io"
	"math/bits"
)

// dib is the header of a device-independent bitmap: what a BMP file holds behind its own header, and an icon bare.
// Sizes of headers: 12 OS/2, 16 to 64 OS/2 2.0, 40 Windows, 52 to 124 its later versions.
type dib struct {
	width, height int
	upright       bool // rows from the top
	bits          int
	packing       uint32
	masks         [4]uint32 // red, green, blue, alpha; of 16 and 32 bits
	palette       color.Palette
	headerEnd     int // where the palette ends, counted from the header
}

// Ways of packing (BITMAPINFOHEADER, biCompression).
const (
	dibRaw       = 0
	dibRLE8      = 1
	dibRLE4      = 2
	dibFields    = 3
	dibJPEG      = 4
	dibPNG       = 5
	dibAlpha     = 6
	os2HeaderMax = 64 // in headers of 16 and 64 bytes 3 and 4 are others: Huffman, RLE of 24 bits
)

var (
	errDIBBroken      = errors.New("the bitmap's header makes no sense")
	errDIBUnsupported = errors.New("a packing of bitmaps that is not read")
)

// readDIB reads a header with its palette.
func readDIB(data []byte) (d dib, err error) {
	if len(data) < 12 {
		return d, io.ErrUnexpectedEOF
	}
	le := binary.LittleEndian
	size := int64(le.Uint32(data))
	if size != 12 && (size < 16 || size > 4096) {
		return d, errDIBBroken
	}
	if int64(len(data)) < size {
		return d, io.ErrUnexpectedEOF
	}
	entry, colours := 4, 0
	if size == 12 {
		d.width, d.height, d.bits = int(le.Uint16(data[4:])), int(int16(le.Uint16(data[6:]))), int(le.Uint16(data[10:]))
		entry = 3
	} else {
		d.width, d.height, d.bits = int(int32(le.Uint32(data[4:]))), int(int32(le.Uint32(data[8:]))), int(le.Uint16(data[14:]))
		if size >= 20 {
			d.packing = le.Uint32(data[16:])
		}
		if size >= 36 {
			colours = int(min(le.Uint32(data[32:]), 256))
		}
	}
	if d.height < 0 {
		d.height, d.upright = -d.height, true
	}
	if d.width <= 0 || d.height <= 0 || d.width > 1<<24 || d.height > 1<<24 {
		return d, errDIBBroken
	}
	d.headerEnd = int(size)
	if size <= os2HeaderMax && size != 40 && size != 52 && size != 56 && d.packing >= dibFields {
		return d, errDIBUnsupported
	}
	d.readMasks(data, size)
	d.readPalette(data, entry, colours)
	return d, d.check()
}

// readMasks finds which bits of a pixel are which colour: behind a header of 40 bytes, inside a longer one.
func (d *dib) readMasks(data []byte, size int64) {
	switch d.bits {
	case 16:
		d.masks = [4]uint32{0x7c00, 0x03e0, 0x001f, 0}
	case 32:
		d.masks = [4]uint32{0xff0000, 0xff00, 0xff, 0}
	default:
		return
	}
	if d.packing != dibFields && d.packing != dibAlpha {
		return
	}
	n := 3
	if d.packing == dibAlpha || size >= 56 {
		n = 4
	}
	for i := range n {
		if at := 40 + 4*i; at+4 <= len(data) {
			d.masks[i] = binary.LittleEndian.Uint32(data[at:])
		}
	}
	d.headerEnd = max(d.headerEnd, 40+4*n)
}

// readPalette reads the colours, blue first. Indexes without one are black, as programs show them.
func (d *dib) readPalette(data []byte, entry, colours int) {
	if d.bits > 8 {
		d.headerEnd += entry * colours
		return
	}
	n := 1 << d.bits
	if colours == 0 || colours > n {
		colours = n
	}
	d.palette = make(color.Palette, n)
	for i := range d.palette {
		c := color.RGBA{A: 0xff}
		if at := d.headerEnd + i*entry; i < colours && at+3 <= len(data) {
			c.B, c.G, c.R = data[at], data[at+1], data[at+2]
		}
		d.palette[i] = c
	}
	d.headerEnd += entry * colours
}

// check tells what can be decoded.
func (d *dib) check() error {
	switch d.packing {
	case dibRaw:
		switch d.bits {
		case 1, 2, 4, 8, 16, 24, 32:
			return nil
		}
	case dibRLE8:
		if d.bits == 8 {
			return nil
		}
	case dibRLE4:
		if d.bits == 4 {
			return nil
		}
	case dibFields, dibAlpha:
		if d.bits == 16 || d.bits == 32 {
			return nil
		}
	}
	return errDIBUnsupported
}

func (d *dib) config() image.Config {
	c := image.Config{ColorModel: color.NRGBAModel, Width: d.width, Height: d.height}
	if d.palette != nil {
		c.ColorModel = d.palette
	}
	return c
}

// stride is the length of a row in bytes; rows begin at multiples of four.
func (d *dib) stride() int { return (d.width*d.bits + 31) / 32 * 4 }

// cutTo takes off the rows that so many bytes do not hold, so that no memory is asked for them.
func (d *dib) cutTo(size int) (cut bool) {
	if d.packing != dibRLE8 && d.packing != dibRLE4 && d.stride()*d.height > size {
		d.height, cut = min(d.height, (size+3)/d.stride()), true
	}
	return cut
}

// decode reads the rows, as many as there are. whole reports that none is missing.
func (d *dib) decode(rows []byte) (img image.Image, whole bool) {
	rect := image.Rect(0, 0, d.width, d.height)
	if d.palette != nil {
		p := image.NewPaletted(rect, d.palette)
		if d.packing == dibRLE8 || d.packing == dibRLE4 {
			return p, d.unpackRLE(p, rows)
		}
		return p, d.eachRow(rows, func(y int, row []byte) { indexes(p.Pix[y*p.Stride:][:d.width], row, d.bits) })
	}
	n := image.NewNRGBA(rect)
	row := d.fields
	if d.bits == 24 {
		row = triples
	}
	return n, d.eachRow(rows, func(y int, packed []byte) { row(n.Pix[y*n.Stride:][:4*d.width], packed) })
}

// eachRow gives each row that is there to do, with its place from the top.
func (d *dib) eachRow(rows []byte, do func(y int, row []byte)) (whole bool) {
	stride := d.stride()
	for i := range d.height {
		if len(rows) < (d.width*d.bits+7)/8 {
			return false
		}
		y := d.height - 1 - i
		if d.upright {
			y = i
		}
		do(y, rows)
		rows = rows[min(stride, len(rows)):]
	}
	return true
}

// indexes spreads packed indexes, the first in the highest bits.
func indexes(out, row []byte, size int) {
	per, mask := 8/size, byte(1<<size-1)
	for x := range out {
		out[x] = row[x/per] >> (8 - size - x%per*size) & mask
	}
}

// triples reads blue, green, red.
func triples(out, row []byte) {
	for i, j := 0, 0; i < len(out); i, j = i+4, j+3 {
		out[i], out[i+1], out[i+2], out[i+3] = row[j+2], row[j+1], row[j], 0xff
	}
}

// fields reads pixels of 16 or 32 bits by their masks.
func (d *dib) fields(out, row []byte) {
	for i := 0; i < len(out); i += 4 {
		var p uint32
		if d.bits == 16 {
			p = uint32(binary.LittleEndian.Uint16(row[i/2:]))
		} else {
			p = binary.LittleEndian.Uint32(row[i:])
		}
		for c, mask := range d.masks {
			out[i+c] = scaled(p, mask)
		}
		if d.masks[3] == 0 {
			out[i+3] = 0xff
		}
	}
}

// scaled makes a field of any width one of eight bits.
func scaled(p, mask uint32) byte {
	if mask == 0 {
		return 0
	}
	low := bits.TrailingZeros32(mask)
	full := uint64(mask >> low)
	return byte(uint64((p&mask)>>low) * 255 / full)
}
