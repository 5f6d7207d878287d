package picture

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
)

// Mail clients show the rows of a picture that ends early, and do not mind a missing end mark or a wrong checksum:
// cutting the last byte off would be the cheapest of disguises. So what Go's decoders refuse is mended and tried again.

// decodeMendedPNG decodes what mendPNG makes.
func decodeMendedPNG(data []byte, _ image.Config) (image.Image, bool) {
	mended, whole := mendPNG(data)
	img, err := png.Decode(bytes.NewReader(mended))
	if err != nil {
		return nil, false
	}
	return img, whole
}

// mendPNG rebuilds a PNG from the chunks that are there, with right checksums and rows of zeros for missing ones.
// whole reports that no row was missing.
func mendPNG(data []byte) (mended []byte, whole bool) {
	const signature, headerEnd = 8, 33
	if len(data) < headerEnd {
		return nil, false
	}
	out := append([]byte(nil), data[:signature]...)
	header := data[16:29]
	out = appendChunk(out, "IHDR", header)
	var packed []byte
	for rest := data[headerEnd:]; len(rest) >= 8; {
		size, name := int64(binary.BigEndian.Uint32(rest)), string(rest[4:8])
		body := rest[8:][:min(size, int64(len(rest)-8))]
		switch name {
		case "IDAT":
			packed = append(packed, body...)
		case "PLTE", "tRNS":
			out = appendChunk(out, name, body)
		}
		rest = rest[8:][min(size+4, int64(len(rest)-8)):]
	}
	raw := make([]byte, pngRawSize(header))
	n := 0
	if len(packed) > 2 { // behind zlib's two bytes; its checksum is at the end
		n, _ = io.ReadFull(flate.NewReader(bytes.NewReader(packed[2:])), raw)
	}
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.NoCompression) // the level is valid
	w.Write(raw)
	w.Close()
	return appendChunk(appendChunk(out, "IDAT", b.Bytes()), "IEND", nil), n == len(raw)
}

func appendChunk(out []byte, name string, body []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
	start := len(out)
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
}

// pngRawSize is how many bytes the rows take unpacked, a filter byte for each (PNG, section 7; passes: section 8).
// The header was checked against the limits before.
func pngRawSize(header []byte) int {
	width, height := int(binary.BigEndian.Uint32(header)), int(binary.BigEndian.Uint32(header[4:]))
	bits := int(header[8])
	switch header[9] {
	case 2:
		bits *= 3
	case 4:
		bits *= 2
	case 6:
		bits *= 4
	}
	if header[12] == 0 {
		return height * (1 + (width*bits+7)/8)
	}
	total := 0
	for _, p := range [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		w, h := (width-p[0]+p[2]-1)/p[2], (height-p[1]+p[3]-1)/p[3]
		if w > 0 && h > 0 {
			total += h * (1 + (w*bits+7)/8)
		}
	}
	return total
}

// jpegPad is how many bytes of zeros stand for one missing pixel: an all-zero block of 64 takes at most 32 bytes with
// the usual code tables, and there are up to three components.
const jpegPad = 1.5

// decodeMendedJPEG reads a JPEG again with an end mark behind it, and failing that with zeros before the mark, which decode
// as grey. whole reports that the end mark was all that was missing.
func decodeMendedJPEG(data []byte, config image.Config) (img image.Image, whole bool) {
	if img, err := jpeg.Decode(io.MultiReader(bytes.NewReader(data), bytes.NewReader([]byte("\xff\xd9")))); err == nil {
		return img, true
	}
	pad := int64(float64(config.Width)*float64(config.Height)*jpegPad) + 4096
	img, err := jpeg.Decode(io.MultiReader(bytes.NewReader(data), io.LimitReader(zeros{}, pad), bytes.NewReader([]byte("\xff\xd9"))))
	if err != nil {
		return nil, false
	}
	return img, false
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
