package picture

import "encoding/binary"

// bitmapFile puts the header of a BMP file before a device-independent bitmap, as it lies in metafiles, OLE streams
// and RTF: a BITMAPINFOHEADER or BITMAPCOREHEADER, palette and pixels. nil when it is none.
func bitmapFile(dib []byte) []byte {
	table, ok := paletteSize(dib)
	if !ok {
		return nil
	}
	header := int(binary.LittleEndian.Uint32(dib))
	return bitmapFileOf(dib[:header+table], dib[header+table:])
}

// bitmapFileOf is bitmapFile where header with palette and pixels lie apart.
func bitmapFileOf(info, pixels []byte) []byte {
	const fileHeader = 14
	total := fileHeader + len(info) + len(pixels)
	out := make([]byte, fileHeader, total)
	out[0], out[1] = 'B', 'M'
	binary.LittleEndian.PutUint32(out[2:], uint32(total))
	binary.LittleEndian.PutUint32(out[10:], uint32(fileHeader+len(info)))
	return append(append(out, info...), pixels...)
}

// paletteSize is how many bytes lie between a bitmap's header and its pixels: colour masks and palette.
func paletteSize(dib []byte) (int, bool) {
	if len(dib) < 12 {
		return 0, false
	}
	header := binary.LittleEndian.Uint32(dib)
	if header == 12 { // BITMAPCOREHEADER: entries of three bytes
		bits := binary.LittleEndian.Uint16(dib[10:])
		if bits > 8 {
			return 0, bits <= 32
		}
		n := 3 << bits
		return n, 12+n <= len(dib)
	}
	if header < 40 || header > 124 || int(header) > len(dib) {
		return 0, false
	}
	bits, compression, used := binary.LittleEndian.Uint16(dib[14:]), binary.LittleEndian.Uint32(dib[16:]), binary.LittleEndian.Uint32(dib[32:])
	n := int64(used) * 4
	switch {
	case bits <= 8 && bits > 0 && (used == 0 || used > 256):
		n = 4 << bits
	case bits > 8 && header == 40 && compression == 3: // BI_BITFIELDS: three masks
		n += 12
	}
	return int(n), int64(header)+n <= int64(len(dib))
}
