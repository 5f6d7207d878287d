package picture

import (
	"bytes"
	"encoding/binary"
)

// isHEIF knows the brands of HEIF and AVIF (ISO/IEC 23008-12, annex B; AV1 Image File Format, section 5).
func isHEIF(p Part) bool {
	if len(p.Data) < 12 || string(p.Data[4:8]) != "ftyp" {
		return false
	}
	switch string(p.Data[8:12]) {
	case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis":
		return true
	}
	return false
}

// heifSize is the size of the largest picture that the file speaks of (ISO/IEC 23008-12, 6.5.3): a photo is often made of
// tiles, and its size is another item's property.
func heifSize(data []byte) (width, height int64) {
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("ispe"))
		if i < 0 || at+i+16 > len(data) {
			return width, height
		}
		at += i + 4
		w, h := int64(binary.BigEndian.Uint32(data[at+4:])), int64(binary.BigEndian.Uint32(data[at+8:]))
		if binary.BigEndian.Uint32(data[at:]) == 0 && w*h > width*height && w < 1<<31 && h < 1<<31 {
			width, height = w, h
		}
	}
}

// jxlSize reads the size at the beginning of the codestream (ISO/IEC 18181-1, annex D), which may lie in a file of
// boxes.
func jxlSize(data []byte) (width, height int64) {
	stream := data
	if !bytes.HasPrefix(data, []byte("\xff\x0a")) {
		stream = jxlStream(data)
	}
	if !bytes.HasPrefix(stream, []byte("\xff\x0a")) {
		return 0, 0
	}
	b := bitReader{data: stream[2:]}
	small := b.bits(1) == 1
	side := func() int64 {
		if small {
			return 8 * (1 + b.bits(5))
		}
		return 1 + b.bits([4]int{9, 13, 18, 30}[b.bits(2)])
	}
	height = side()
	switch ratio := b.bits(3); ratio {
	case 0:
		width = side()
	default:
		r := [8][2]int64{{}, {1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}}[ratio]
		width = height * r[0] / r[1]
	}
	if b.over {
		return 0, 0
	}
	return width, height
}

// jxlStream is the first box with a codestream, or a part of one.
func jxlStream(data []byte) []byte {
	const most = 64 // boxes before it
	for range most {
		if len(data) < 8 {
			break
		}
		size, head := int64(binary.BigEndian.Uint32(data)), int64(8)
		if size == 1 && len(data) >= 16 {
			size, head = int64(binary.BigEndian.Uint64(data[8:])), 16
		}
		if size == 0 || size > int64(len(data)) {
			size = int64(len(data))
		}
		if size < head {
			break
		}
		switch body := data[head:size]; string(data[4:8]) {
		case "jxlc":
			return body
		case "jxlp":
			return body[min(4, len(body)):]
		}
		data = data[size:]
	}
	return nil
}

// bitReader reads bits, the lowest of each byte first.
type bitReader struct {
	data []byte
	at   int
	over bool
}

func (b *bitReader) bits(n int) (value int64) {
	for i := range n {
		if b.at/8 >= len(b.data) {
			b.over = true
			return 0
		}
		value |= int64(b.data[b.at/8]>>(b.at%8)&1) << i
		b.at++
	}
	return value
}
