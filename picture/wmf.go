package picture

import (
	"encoding/binary"

	"quishmilter/mime"
)

// The records of a WMF file that hold a device-independent bitmap ([MS-WMF], section 2.3.1), with the offset of the
// bitmap behind the record's head, in bytes.
func wmfBitmapAt(function uint16, words int) int {
	switch function {
	case 0x0F43: // STRETCHDIB
		return 22
	case 0x0D33: // SETDIBTODEV
		return 18
	case 0x0B41: // DIBSTRETCHBLT
		if words > 12 {
			return 20
		}
	case 0x0940: // DIBBITBLT
		if words > 10 {
			return 16
		}
	case 0x0142: // DIBCREATEPATTERNBRUSH
		return 4
	}
	return 0
}

const (
	wmfPlaceable = "\xd7\xcd\xc6\x9a" // before the header of files that say their size
	wmfEscape    = 0x0626
)

// isWMF knows placeable files, and others by a header that makes sense (section 2.3.2.2).
func isWMF(p Part) bool {
	return starts(wmfPlaceable, "\x01\x00\x09\x00\x00\x03", "\x02\x00\x09\x00\x00\x03", "\x01\x00\x09\x00\x00\x01")(p)
}

func openWMF(v *view) {
	m, pen := &metafile{view: v}, newMetaPen()
	data := v.part.Data
	if starts(wmfPlaceable)(v.part) {
		data = data[min(22, len(data)):]
	}
	var inner []byte // an EMF file that stands in comments (section 2.3.6.1)
	records := 0
	for rest := data[min(18, len(data)):]; len(rest) >= 6; {
		size, function := 2*int64(binary.LittleEndian.Uint32(rest)), binary.LittleEndian.Uint16(rest[4:])
		if function == 0 || m.over {
			break
		}
		if size < 6 || size > int64(len(rest)) {
			v.problem(mime.Broken, "", "the metafile ends early")
			break
		}
		record := rest[6:size]
		rest = rest[size:]
		if records++; records&0xffff == 0 && v.ctx.Err() != nil {
			v.problem(mime.Timeout, "", "the time was up before all of the metafile was looked at")
			return
		}
		pen.takeWMF(function, record)
		if function == wmfEscape {
			inner = append(inner, enhancedIn(record)...)
		} else if at := wmfBitmapAt(function, int(size/2)); at > 0 && at < len(record) {
			m.show(bitmapFile(record[at:]), "image/bmp")
		}
	}
	if isEMF(Part{Data: inner}) {
		v.within(Part{Data: inner}, "enhanced", v.carrier)
	}
	m.drawn(pen)
}

// enhancedIn is the piece of an EMF file in a comment, nil in other escapes.
func enhancedIn(record []byte) []byte {
	const head = 4 + 34 // function and size, and what the comment says of itself
	if len(record) < head || binary.LittleEndian.Uint16(record) != 0x000F || string(record[4:8]) != "WMFC" {
		return nil
	}
	return record[head:]
}
