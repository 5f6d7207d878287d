package mailmaker

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"

	"golang.org/x/image/bmp"
)

// DIB is the picture as a device-independent bitmap: a BMP file without the file's header.
func DIB(img image.Image) []byte {
	var out bytes.Buffer
	if err := bmp.Encode(&out, img); err != nil {
		panic(err)
	}
	return out.Bytes()[14:]
}

// bitmapHead is how long header and palette of the bitmap are.
func bitmapHead(dib []byte) int {
	head := int(binary.LittleEndian.Uint32(dib))
	if bits := binary.LittleEndian.Uint16(dib[14:]); bits <= 8 {
		head += 4 << bits
	}
	return head
}

// EMF is an enhanced metafile that shows the bitmap.
func EMF(img image.Image) []byte {
	dib := DIB(img)
	head := bitmapHead(dib)
	record := make([]byte, 80, 80+len(dib))
	put(record, 81)
	put(record[4:], uint32(80+len(padded(dib, 4))))
	put(record[48:], 80)
	put(record[52:], uint32(head))
	put(record[56:], uint32(80+head))
	put(record[60:], uint32(len(dib)-head))
	record = append(record, padded(dib, 4)...)
	return emf(record)
}

// EMFPlus is an enhanced metafile that shows the picture file in a comment of EMF+, in pieces of the given size.
func EMFPlus(file []byte, piece int) []byte {
	object := make([]byte, 28)
	put(object[4:], 1)
	put(object[24:], 1)
	object = append(object, file...)
	total := uint32(len(object))
	var records []byte
	for len(object) > 0 {
		chunk := object[:min(piece, len(object))]
		object = object[len(chunk):]
		flags := uint32(0x0500)
		content := append([]byte(nil), chunk...)
		if int(total) > piece {
			flags |= 0x8000
			content = binary.LittleEndian.AppendUint32(nil, total)
			content = append(content, chunk...)
		}
		plus := binary.LittleEndian.AppendUint32(nil, 0x4008|flags<<16)
		plus = binary.LittleEndian.AppendUint32(plus, uint32(12+len(padded(content, 4))))
		plus = binary.LittleEndian.AppendUint32(plus, uint32(len(content)))
		plus = append([]byte("EMF+"), append(plus, padded(content, 4)...)...)
		record := binary.LittleEndian.AppendUint32(nil, 70)
		record = binary.LittleEndian.AppendUint32(record, uint32(12+len(plus)))
		record = binary.LittleEndian.AppendUint32(record, uint32(len(plus)))
		records = append(records, append(record, plus...)...)
	}
	return emf(records)
}

func emf(records []byte) []byte {
	header := make([]byte, 88)
	put(header, 1)
	put(header[4:], 88)
	copy(header[40:], " EMF")
	end := make([]byte, 20)
	put(end, 14)
	put(end[4:], 20)
	return append(append(header, records...), end...)
}

// WMF is a placeable metafile that shows the bitmap.
func WMF(img image.Image) []byte {
	dib := padded(DIB(img), 2)
	out := make([]byte, 22+18)
	copy(out, "\xd7\xcd\xc6\x9a")
	copy(out[22:], "\x01\x00\x09\x00\x00\x03")
	record := make([]byte, 28)
	put(record, uint32(len(record)+len(dib))/2)
	copy(record[4:], "\x43\x0f")
	out = append(append(out, record...), dib...)
	return append(out, 3, 0, 0, 0, 0, 0)
}

// Blip is a picture in a drawing record of Office before 2007: PNG, or an EMF that is compressed.
func Blip(file []byte) []byte {
	instance, kind, head := uint16(0x6E0), uint16(0xF01E), make([]byte, 17)
	if bytes.HasPrefix(file, []byte("\x01\x00\x00\x00")) {
		instance, kind, head = 0x3D4, 0xF01A, make([]byte, 16+34)
		var packed bytes.Buffer
		w := zlib.NewWriter(&packed)
		_, _ = w.Write(file) // a bytes.Buffer takes everything
		_ = w.Close()
		file = packed.Bytes()
	}
	out := binary.LittleEndian.AppendUint16(nil, instance<<4)
	out = binary.LittleEndian.AppendUint16(out, kind)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)+len(file)))
	return append(append(out, head...), file...)
}

// DOC, XLS and PPT are documents of Office before 2007 with a picture in their drawings.
func DOC(file []byte) []byte {
	text := append([]byte("\xec\xa5\xc1\x00"), make([]byte, 1500)...)
	return Compound(Entry{Name: "WordDocument", Data: text}, Entry{Name: "Data", Data: append(make([]byte, 68), Blip(file)...)})
}

// XLS cuts the drawings into records, as Excel does.
func XLS(file []byte) []byte {
	book := []byte("\x09\x08\x04\x00\x00\x06\x05\x00")
	kind := uint16(0x00EB)
	for rest := append(make([]byte, 8), Blip(file)...); len(rest) > 0; kind = 0x003C {
		n := min(len(rest), 500)
		book = binary.LittleEndian.AppendUint16(book, kind)
		book = binary.LittleEndian.AppendUint16(book, uint16(n))
		book = append(book, rest[:n]...)
		rest = rest[n:]
	}
	return Compound(Entry{Name: "Workbook", Data: append(book, 0x0A, 0, 0, 0)})
}

// PPT has the drawings in a stream of their own.
func PPT(file []byte) []byte {
	return Compound(Entry{Name: "PowerPoint Document", Data: []byte("slides")}, Entry{Name: "Pictures", Data: Blip(file)})
}

// RTF is a rich text with a picture of the given kind ("pngblip").
func RTF(kind string, file []byte) []byte {
	return fmt.Appendf(nil, "{\\rtf1\\ansi Scan this: {\\*\\shppict{\\pict{\\*\\picprop}\\%s\\picw100\\pich100 %s}}\\par}", kind, hex.EncodeToString(file))
}

// Package is a file as the Object Packager wraps it in a document.
func Package(f File) []byte {
	out := append([]byte{2, 0}, f.Name...)
	out = append(append(append(out, 0), "C:\\"+f.Name...), 0, 0, 0, 3, 0)
	out = binary.LittleEndian.AppendUint32(out, 4)
	out = append(out, "C:\\\x00"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(f.Data)))
	out = append(out, f.Data...)
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(out))), out...)
}
