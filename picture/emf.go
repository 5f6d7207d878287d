package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"quishmilter/mime"
)

// Windows metafiles are lists of drawing calls. The pictures in those calls are shown, and what is filled.

// maxMetaPictures bounds the pictures in one metafile.
const maxMetaPictures = 200

// The records of an EMF file that hold a bitmap ([MS-EMF], section 2.3.1), with the offset in the record of four
// numbers: where the bitmap's header is and how long, where its pixels are and how long.
func emfBitmapAt(kind uint32) int {
	switch kind {
	case 76, 77, 114, 116: // BITBLT, STRETCHBLT, ALPHABLEND, TRANSPARENTBLT
		return 84
	case 78, 79: // MASKBLT
		if kind == 79 { // PLGBLT: three points instead of the size
			return 96
		}
		return 84
	case 80, 81: // SETDIBITSTODEVICE, STRETCHDIBITS
		return 48
	}
	return 0
}

const emfComment = 70 // EMR_COMMENT

// isEMF looks for the header record and its signature (section 2.2.9).
func isEMF(p Part) bool {
	return len(p.Data) >= 44 && string(p.Data[:4]) == "\x01\x00\x00\x00" && string(p.Data[40:44]) == " EMF"
}

// metafile is a metafile that is being looked into.
type metafile struct {
	*view
	pictures int
	over     bool
}

func openEMF(v *view) {
	m := &metafile{view: v}
	plus, pen := &emfPlus{metafile: m}, newMetaPen()
	records := 0
	for rest := v.part.Data; len(rest) >= 8; {
		kind, size := binary.LittleEndian.Uint32(rest), int64(binary.LittleEndian.Uint32(rest[4:]))
		if size < 8 || size > int64(len(rest)) {
			v.problem(mime.Broken, "", "the metafile ends early")
			return
		}
		record := rest[:size]
		rest = rest[size:]
		if records++; records&0xffff == 0 && v.ctx.Err() != nil {
			v.problem(mime.Timeout, "", "the time was up before all of the metafile was looked at")
			return
		}
		pen.take(kind, record)
		if at := emfBitmapAt(kind); at > 0 {
			m.bitmap(record, at)
		} else if kind == emfComment && len(record) > 16 {
			plus.comment(record[12:])
		}
		if kind == 14 || m.over { // EMR_EOF
			break
		}
	}
	plus.end()
	m.drawn(pen)
}

// bitmap shows the bitmap of a record. Records without one only fill.
func (m *metafile) bitmap(record []byte, at int) {
	if at+16 > len(record) {
		return
	}
	le := binary.LittleEndian
	info := sliceOf(record, le.Uint32(record[at:]), le.Uint32(record[at+4:]))
	pixels := sliceOf(record, le.Uint32(record[at+8:]), le.Uint32(record[at+12:]))
	if len(info) < 12 || len(pixels) == 0 {
		return
	}
	m.show(bitmapFileOf(info, pixels), "image/bmp")
}

// sliceOf is the part of a record that two of its numbers tell, nil where it would lie outside.
func sliceOf(record []byte, at, size uint32) []byte {
	if int64(at)+int64(size) > int64(len(record)) {
		return nil
	}
	return record[at:][:size]
}

func (m *metafile) show(file []byte, mediaType string) {
	if len(file) == 0 {
		return
	}
	if m.pictures++; m.pictures > maxMetaPictures {
		if !m.over {
			m.over = true
			m.problem(mime.OverLimit, "", "more than %d pictures in one metafile", maxMetaPictures)
		}
		return
	}
	m.within(Part{Type: mediaType, Data: file}, fmt.Sprintf("picture %d", m.pictures), m.carrier)
}

// emfPlus collects the pictures of EMF+ records, which stand in comments of the EMF file ([MS-EMFPLUS]). A large
// object is cut into several records, each of which says the size of the whole.
type emfPlus struct {
	*metafile
	object []byte
}

const (
	emfPlusMark   = "EMF+"
	emfPlusObject = 0x4008
	emfPlusImage  = 5 // the type of object
)

// comment reads the records in a comment.
func (e *emfPlus) comment(data []byte) {
	if !bytes.HasPrefix(data, []byte(emfPlusMark)) {
		return
	}
	le := binary.LittleEndian
	for rest := data[4:]; len(rest) >= 12; {
		kind, flags, size, length := le.Uint16(rest), le.Uint16(rest[2:]), int64(le.Uint32(rest[4:])), int64(le.Uint32(rest[8:]))
		if size < 12 || size > int64(len(rest)) || length > size-12 {
			return
		}
		content := rest[12:][:length]
		rest = rest[size:]
		if kind != emfPlusObject || flags>>8&0x7f != emfPlusImage {
			e.end()
			continue
		}
		if flags>>15 != 0 && len(content) > 4 { // to be continued: the size of the whole comes first (section 2.3.5.1)
			e.object = append(e.object, content[4:]...)
			if int64(len(e.object)) >= int64(le.Uint32(content)) {
				e.end()
			}
			continue
		}
		if len(e.object) == 0 {
			e.object = content
		} else {
			e.object = append(e.object, content...)
		}
		e.end()
	}
}

// end shows the picture whose bytes were collected: version, type (1 is a bitmap), size, stride, pixel format, kind,
// and then a file in one of the common formats or, of the other kind, pixels (section 2.2.2.2).
func (e *emfPlus) end() {
	object := e.object
	e.object = nil
	if len(object) < 28 || binary.LittleEndian.Uint32(object[4:]) != 1 {
		return
	}
	if file := object[28:]; binary.LittleEndian.Uint32(object[24:]) == 1 && len(file) > 0 {
		e.show(file, "image/unknown")
		return
	}
	e.pixels(object)
}

// pixels shows a bitmap of 24 or 32 bits; its rows go from the top down.
func (e *emfPlus) pixels(object []byte) {
	le := binary.LittleEndian
	width, height, stride, format := int32(le.Uint32(object[8:])), int32(le.Uint32(object[12:])), int32(le.Uint32(object[16:])), le.Uint32(object[20:])
	bits := format >> 8 & 0xff
	if bits != 24 && bits != 32 || width <= 0 || height <= 0 || stride != (width*int32(bits)/8+3)&^3 {
		e.problem(mime.Unsupported, "", "a bitmap of this kind in a metafile is not read")
		return
	}
	info := make([]byte, 40)
	le.PutUint32(info, 40)
	le.PutUint32(info[4:], uint32(width))
	le.PutUint32(info[8:], uint32(-height))
	le.PutUint16(info[12:], 1)
	le.PutUint16(info[14:], uint16(bits))
	e.show(bitmapFileOf(info, object[28:]), "image/bmp")
}
