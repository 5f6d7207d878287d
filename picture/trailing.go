package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// A file may go on behind its end: an MPO has a second picture behind the first, a polyglot another document behind a
// picture, and a tolerant program shows that one.

// mostCarved bounds the files that Carve looks for.
const mostCarved = 16

// carvedMagics are what files begin with that are told from other bytes by that alone.
var carvedMagics = []string{"\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF87a", "GIF89a", "%PDF-", "PK\x03\x04", "RIFF"}

// Carve finds pictures, PDF and ZIP files inside raw bytes, wherever they stand: for parts that are damaged or
// nothing that is known. Each reaches to its end where that can be told, and else to the end of the data. It returns
// at most 16, and nothing that begins at the first byte.
func Carve(data []byte) []Part {
	var parts []Part
	for at := 1; at < len(data) && len(parts) < mostCarved; {
		start := nextMagic(data, at)
		if start < 0 {
			break
		}
		end := start + fileEnd(data[start:])
		parts = append(parts, Part{Name: fmt.Sprint("found at ", start), Data: data[start:end]})
		at = end
		if end == len(data) { // its end was not found: others may stand in the same bytes
			at = start + 1
		}
	}
	return parts
}

// nextMagic is where the next file may begin, negative without one.
func nextMagic(data []byte, from int) int {
	next := -1
	for _, m := range carvedMagics {
		rest := data[from:]
		if next >= 0 {
			rest = data[from:min(len(data), next+len(m)-1)]
		}
		for skip := 0; ; {
			i := bytes.Index(rest[skip:], []byte(m))
			if i < 0 {
				break
			}
			i += skip
			if plausible(data[from+i:]) {
				next = from + i
				break
			}
			skip = i + 1
		}
	}
	return next
}

// plausible looks at more than the first three bytes of a JPEG, and at a RIFF file's kind.
func plausible(data []byte) bool {
	switch {
	case data[0] == 0xff:
		if len(data) < 12 || data[3] < 0xc0 || data[3] == 0xff {
			return false
		}
		next := 4 + int(binary.BigEndian.Uint16(data[4:])) // the second marker
		return next+1 >= len(data) || data[next] == 0xff
	case data[0] == 'R':
		return isWebP(Part{Data: data})
	}
	return true
}

// fileEnd is how long the file at the beginning of data is; all of data when that cannot be told.
func fileEnd(data []byte) int {
	switch head := (Part{Data: data}); {
	case pngDecoder().magic(head):
		if chunks, end := pngChunks(data); len(chunks) > 0 && chunks[len(chunks)-1].name == "IEND" {
			return end
		}
	case jpegDecoder().magic(head):
		return jpegLength(data)
	case starts("GIF87a", "GIF89a")(head):
		return gifEnd(data)
	case isWebP(head):
		if size := 8 + int64(binary.LittleEndian.Uint32(data[4:])); size >= 12 && size < int64(len(data)) {
			return int(size)
		}
	case isBMP(head):
		if size := int64(binary.LittleEndian.Uint32(data[2:])); size >= 26 && size < int64(len(data)) {
			return int(size)
		}
	case isPDF(head):
		if i := bytes.LastIndex(data, []byte("%%EOF")); i >= 0 {
			return i + len("%%EOF")
		}
	}
	return len(data)
}

// gifEnd skips the blocks of a GIF up to its trailer.
func gifEnd(data []byte) int {
	if len(data) < 13 {
		return len(data)
	}
	at := 13 + gifTable(data[10])
	for at < len(data) {
		switch data[at] {
		case 0x3b:
			return at + 1
		case 0x21:
			at = gifBlocks(data, at+2)
		case 0x2c:
			if at+10 > len(data) {
				return len(data)
			}
			at = gifBlocks(data, at+10+gifTable(data[at+9])+1)
		default:
			return len(data)
		}
		if at < 0 {
			return len(data)
		}
	}
	return len(data)
}

// trailingGap is how many bytes may lie between a file's end and the next one's beginning.
const trailingGap = 64

// trailing looks at what begins behind the end of the file.
func (v *view) trailing() {
	end := fileEnd(v.part.Data)
	rest := v.part.Data[end:]
	if len(rest) < 4 {
		return
	}
	if i := nextMagic(rest[:min(len(rest), trailingGap+headSize)], 0); i >= 0 && i <= trailingGap {
		v.inside(Part{Name: "behind the end", Data: rest[i:]}, v.carrier)
	}
}
