package mailmaker

import (
	"encoding/binary"
	"fmt"
)

// Metafiles that draw a code. kind says with which records.

// DrawnEMF is an enhanced metafile: kind is "rectangles", "polygons", "region", "pattern", "text" or "path".
func DrawnEMF(kind string, rows [][]bool, ink Ink) []byte {
	le := binary.LittleEndian
	record := func(number uint32, values ...uint32) []byte {
		out := le.AppendUint32(le.AppendUint32(nil, number), uint32(8+4*len(values)))
		for _, v := range values {
			out = le.AppendUint32(out, v)
		}
		return out
	}
	bounds := []uint32{0, 0, 0, 0}
	size := uint32(len(rows) * ink.Module)
	records := record(39, 1, 0, colorOf(ink.Light), 0)                                    // CREATEBRUSHINDIRECT
	records = append(records, record(37, 1)...)                                           // SELECTOBJECT
	records = append(records, record(43, 0, 0, size, size)...)                            // RECTANGLE
	records = append(records, record(39, 2, 0, colorOf(ink.Dark), 0)...)                  // for the modules
	records = append(append(records, record(37, 2)...), record(25, colorOf(ink.Dark))...) // SETBKCOLOR
	var corners, lengths, rectangles []uint32
	boxes := 0
	darkBoxes(rows, ink, func(x, y, w uint32) {
		x1, y1 := x+w, y+w
		boxes++
		lengths = append(lengths, 4)
		corners = append(corners, x|y<<16, x1|y<<16, x1|y1<<16, x|y1<<16)
		rectangles = append(rectangles, x, y, x1, y1)
		switch kind {
		case "rectangles":
			records = append(records, record(43, x, y, x1, y1)...)
		case "pattern":
			records = append(records, record(76, append(bounds, x, y, w, w, 0x00F00021, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)...)...)
		case "text":
			records = append(records, record(84, append(bounds, 1, 0, 0, 0, 0, 0, 0, 2, x, y, x1, y1, 0)...)...)
		}
	})
	switch kind {
	case "polygons":
		records = append(records, record(91, append(append(append(bounds, uint32(boxes), uint32(4*boxes)), lengths...), corners...)...)...)
	case "region":
		records = append(records, record(71, append(append(bounds, uint32(32+16*boxes), 2, 32, 1, uint32(boxes), uint32(16*boxes), 0, 0, 0, 0), rectangles...)...)...)
	case "path":
		records = append(records, record(59)...)
		for n := 0; n < len(rectangles); n += 4 {
			x, y, x1, y1 := rectangles[n], rectangles[n+1], rectangles[n+2], rectangles[n+3]
			records = append(records, record(27, x, y)...)
			records = append(records, record(89, append(bounds, 3, x1|y<<16, x1|y1<<16, x|y1<<16)...)...)
			records = append(records, record(61)...)
		}
		records = append(append(records, record(60)...), record(62, bounds...)...)
	}
	return emf(records)
}

// DrawnWMF is a metafile of the older kind: "rectangles", "polygons" or "pattern".
func DrawnWMF(kind string, rows [][]bool, ink Ink) []byte {
	le := binary.LittleEndian
	record := func(function uint16, values ...uint16) []byte {
		out := le.AppendUint16(le.AppendUint32(nil, uint32(3+len(values))), function)
		for _, v := range values {
			out = le.AppendUint16(out, v)
		}
		return out
	}
	brush := func(css string) []byte {
		c := colorOf(css)
		return record(0x02FC, 0, uint16(c), uint16(c>>16), 0)
	}
	size := uint16(len(rows) * ink.Module)
	out := make([]byte, 22+18)
	copy(out, "\xd7\xcd\xc6\x9a")
	copy(out[22:], "\x01\x00\x09\x00\x00\x03")
	out = append(out, record(0x02FA, 5, 0, 0, 0, 0)...) // a pen is the first object
	out = append(append(out, brush(ink.Light)...), record(0x012D, 1)...)
	out = append(out, record(0x041B, size, size, 0, 0)...)
	out = append(append(append(out, record(0x01F0, 0)...), brush(ink.Dark)...), record(0x012D, 0)...)
	var lengths, corners []uint16
	darkBoxes(rows, ink, func(left, top, side uint32) {
		x, y, w := uint16(left), uint16(top), uint16(side)
		lengths = append(lengths, 4)
		corners = append(corners, x, y, x+w, y, x+w, y+w, x, y+w)
		switch kind {
		case "rectangles":
			out = append(out, record(0x041B, y+w, x+w, y, x)...)
		case "pattern":
			out = append(out, record(0x061D, 0x0021, 0x00F0, w, w, y, x)...)
		}
	})
	if kind == "polygons" {
		out = append(out, record(0x0538, append(append([]uint16{uint16(len(lengths))}, lengths...), corners...)...)...)
	}
	return append(out, 3, 0, 0, 0, 0, 0)
}

// darkBoxes tells the place and side of each dark module.
func darkBoxes(rows [][]bool, ink Ink, box func(x, y, side uint32)) {
	for y, row := range rows {
		for x, dark := range row {
			if dark {
				box(uint32(x*ink.Module), uint32(y*ink.Module), uint32(ink.Module))
			}
		}
	}
}

// colorOf is a COLORREF: red in the lowest byte.
func colorOf(css string) uint32 {
	var r, g, b uint32
	if _, err := fmt.Sscanf(css, "#%02x%02x%02x", &r, &g, &b); err != nil {
		panic(err) // an ink of a test's own
	}
	return r | g<<8 | b<<16
}
