package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf16"

	"quishmilter/mime"
)

// The kinds of pictures in Office's drawings ([MS-ODRAW], section 2.2.23): the low byte of the record's type.
const (
	blipEMF  = 0x1A
	blipPICT = 0x1C
	blipDIB  = 0x1F
	blipLast = 0x2A
)

// maxBlips bounds the pictures of one stream.
const maxBlips = 1000

// art shows the pictures in a stream of drawing records. They are looked for by the marks of their records instead of
// walking the tree of records around them, which differs with the program and its year. What stands between is
// searched for pictures that are stored without a record.
func (v *view) art(data []byte, at string) {
	rest, found := 0, 0
	for i := 0; i+8 < len(data); i++ {
		next := bytes.IndexByte(data[i+3:], 0xF0)
		if next < 0 {
			break
		}
		i += next
		payload, end, ok := blip(data[i:])
		if !ok {
			continue
		}
		v.carve(data[rest:i], at, v.carrier, pictureMagics())
		if found++; found > maxBlips {
			v.problem(mime.OverLimit, at, "more than %d pictures in one stream", maxBlips)
			return
		}
		v.blip(data[i+2], payload, fmt.Sprintf("%s picture %d", at, found))
		rest = i + end
		i = rest - 1
	}
	v.carve(data[rest:], at, v.carrier, pictureMagics())
}

// blip reads the record of a picture: its header (section 2.2.1), one or two digests, and what depends on its kind.
func blip(data []byte) (payload []byte, end int, ok bool) {
	if len(data) < 8 || data[3] != 0xF0 || data[2] < blipEMF || data[2] > blipLast {
		return nil, 0, false
	}
	instance, size := binary.LittleEndian.Uint16(data)>>4, int64(binary.LittleEndian.Uint32(data[4:]))
	head := blipHead(data[2], instance)
	if head == 0 || size < int64(head) || size > int64(len(data)-8) {
		return nil, 0, false
	}
	return data[8+head : 8+size], int(8 + size), true
}

// blipHead is how many bytes stand before the picture, 0 for an instance that the kind does not have. The last bit
// of an instance tells of a second digest.
func blipHead(kind byte, instance uint16) int {
	digests := 16
	if instance&1 != 0 {
		digests = 32
	}
	switch instance &^ 1 {
	case 0x3D4, 0x216, 0x542: // EMF, WMF, PICT
		if kind <= blipPICT {
			return digests + 34
		}
	case 0x46A, 0x6E2, 0x6E0, 0x7A8, 0x6E4: // JPEG in RGB and in CMYK, PNG, DIB, TIFF
		if kind > blipPICT {
			return digests + 1
		}
	}
	return 0
}

// blip shows one picture of a drawing.
func (v *view) blip(kind byte, payload []byte, at string) {
	switch {
	case kind == blipDIB:
		payload = bitmapFile(payload)
	case kind <= blipPICT && len(payload) > 2 && payload[0] == 0x78: // compressed by zlib, as they nearly all are
		payload = v.inflated(payload, at)
	}
	if len(payload) > 0 && Wanted("", "", payload[:min(len(payload), headSize)]) {
		v.within(Part{Data: payload}, at, "office")
	}
}

// inflated unpacks a zlib stream as far as it goes and the budget allows.
func (v *view) inflated(data []byte, at string) []byte {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		v.problem(mime.Broken, at, "this does not unpack")
		return nil
	}
	limit := min(v.room(), maxMember)
	out, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(out)) > limit {
		v.problem(mime.OverLimit, at, "more than %d MB unpacked", min(v.limits.Unpacked, maxMember)>>20)
		return nil
	}
	v.spend(int64(len(out)))
	if err != nil {
		v.problem(mime.Broken, at, "this does not unpack to its end")
	}
	return out
}

// The records of Excel's stream that matter here ([MS-XLS], section 2.3).
const (
	excelFilePass     = 0x002F
	excelContinue     = 0x003C
	excelDrawingGroup = 0x00EB
)

// excel puts the drawings together, which are cut into records of 8,224 bytes.
func (v *view) excel(data []byte, at string) {
	var drawings []byte
	previous := uint16(0)
	for rest := data; len(rest) >= 4; {
		kind, size := binary.LittleEndian.Uint16(rest), int(binary.LittleEndian.Uint16(rest[2:]))
		content := rest[4:min(len(rest), 4+size)]
		rest = rest[4+len(content):]
		switch {
		case kind == excelFilePass:
			v.problem(mime.Encrypted, "", "the workbook needs a password")
			return
		case kind == excelContinue && previous == excelDrawingGroup, kind == excelDrawingGroup:
			drawings = append(drawings, content...)
			previous = excelDrawingGroup
			continue
		}
		previous = kind
	}
	v.art(drawings, at)
}

// storedFields looks for the barcode fields in the text of a .doc file, which stands in it as Windows-1252 or UTF-16.
// A field's instruction ends at the mark 0x14 or 0x15 ([MS-DOC], section 2.8.25).
func (v *view) storedFields(data []byte) {
	for n, rest := 0, data; n < maxPayloads; n++ {
		i := bytes.Index(rest, []byte("DISPLAYBARCODE"))
		if i < 0 {
			break
		}
		rest = rest[i:]
		code := rest[:min(len(rest), maxFieldText)]
		if end := bytes.IndexAny(code, "\x14\x15"); end >= 0 {
			code = code[:end]
		}
		v.storedField(string(code))
		rest = rest[1:]
	}
	wide := []byte("D\x00I\x00S\x00P\x00L\x00A\x00Y\x00B\x00A\x00R\x00C\x00O\x00D\x00E\x00")
	for n, rest := 0, data; n < maxPayloads; n++ {
		i := bytes.Index(rest, wide)
		if i < 0 {
			break
		}
		rest = rest[i:]
		var code []uint16
		for k := 0; k+1 < len(rest) && k < maxFieldText; k += 2 {
			c := binary.LittleEndian.Uint16(rest[k:])
			if c == 0x14 || c == 0x15 {
				break
			}
			code = append(code, c)
		}
		v.storedField(string(utf16.Decode(code)))
		rest = rest[2:]
	}
}

func (v *view) storedField(code string) {
	if text, ok := barcodeOf(code); ok {
		v.payload(text, "WordDocument", "office")
	}
}
