package mailmaker

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
)

// Negative is the picture with light and dark exchanged.
func Negative(img *image.Gray) *image.Gray {
	out := image.NewGray(img.Rect)
	for i, y := range img.Pix {
		out.Pix[i] = 255 - y
	}
	return out
}

// Halves are the upper and the lower half of a picture, each as large as the whole with the rest transparent.
func Halves(img *image.Gray) []image.Image {
	side := img.Rect.Dx()
	var halves []image.Image
	for i := range 2 {
		half := image.NewNRGBA(img.Rect)
		for y := i * side / 2; y < (i+1)*side/2; y++ {
			for x := range side {
				half.Set(x, y, img.At(x, y))
			}
		}
		halves = append(halves, half)
	}
	return halves
}

// pngParts are the header's body and the coded rows of a picture.
func pngParts(img image.Image) (header, rows []byte) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a buffer takes everything
	}
	for data := b.Bytes()[8:]; len(data) >= 12; {
		size := binary.BigEndian.Uint32(data)
		switch body := data[8 : 8+size]; string(data[4:8]) {
		case "IHDR":
			header = body
		case "IDAT":
			rows = append(rows, body...)
		}
		data = data[12+size:]
	}
	return header, rows
}

func pngChunk(out []byte, name string, body []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
	start := len(out)
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
}

// APNG is an animation of pictures of one size. Behind each frame is disposed of as that byte says; over draws it
// over the one before. With still, another picture is what programs without animations show.
func APNG(frames []image.Image, dispose byte, over bool, still image.Image) []byte {
	header, _ := pngParts(frames[0])
	out := pngChunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", header)
	out = pngChunk(out, "acTL", binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(len(frames))), 0))
	if still != nil {
		_, rows := pngParts(still)
		out = pngChunk(out, "IDAT", rows)
	}
	sequence := uint32(0)
	for i, frame := range frames {
		control := binary.BigEndian.AppendUint32(nil, sequence)
		control = append(control, header[:8]...)
		control = append(control, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, dispose, byte(one(over)))
		out = pngChunk(out, "fcTL", control)
		sequence++
		if _, rows := pngParts(frame); i == 0 && still == nil {
			out = pngChunk(out, "IDAT", rows)
		} else {
			out = pngChunk(out, "fdAT", append(binary.BigEndian.AppendUint32(nil, sequence), rows...))
			sequence++
		}
	}
	return pngChunk(out, "IEND", nil)
}

// BitmapOf is a bitmap without a file header: of 1, 4, 8, 16, 24 or 32 bits, with a header of 12 (OS/2), 40 or 124 bytes,
// with runs of pixels packed or not; rows is what its header says of its height, negative for rows from the top.
func BitmapOf(img *image.Gray, bits, header, rows int, packed bool) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	le := binary.LittleEndian
	out := make([]byte, header)
	le.PutUint32(out, uint32(header))
	if header == 12 {
		le.PutUint16(out[4:], uint16(w))
		le.PutUint16(out[6:], uint16(rows))
		out[8], out[10] = 1, byte(bits)
	} else {
		le.PutUint32(out[4:], uint32(w))
		le.PutUint32(out[8:], uint32(rows))
		out[12], out[14] = 1, byte(bits)
		if packed {
			out[16] = byte(map[int]int{8: 1, 4: 2}[bits])
		}
	}
	if bits <= 8 {
		for i := range 1 << bits {
			entry := []byte{0, 0, 0, 0}
			if i == 1 {
				entry = []byte{255, 255, 255, 0}
			}
			out = append(out, entry[:map[bool]int{true: 3, false: 4}[header == 12]]...)
		}
	}
	for i := range h {
		y := h - 1 - i
		if rows < 0 {
			y = i
		}
		row := img.Pix[y*img.Stride:][:w]
		if packed {
			out = append(dibRuns(out, row, bits), 0, 0)
		} else {
			out = dibRow(out, row, bits)
		}
	}
	if packed {
		out = append(out, 0, 1)
	}
	return out
}

func dibRow(out, row []byte, bits int) []byte {
	start := len(out)
	out = append(out, make([]byte, (len(row)*bits+31)/32*4)...)
	for x, y := range row {
		if y < 128 {
			continue
		}
		switch at := start + x*bits/8; bits {
		case 1, 4, 8:
			out[at] |= 1 << (8 - bits - x*bits%8)
		case 16:
			out[at], out[at+1] = 0xff, 0x7f
		default:
			out[at], out[at+1], out[at+2] = 255, 255, 255
		}
	}
	return out
}

// dibRuns packs runs, and each first pixel of a row as it is where that is allowed (three at least).
func dibRuns(out, row []byte, bits int) []byte {
	index := func(y byte) byte { return y >> 7 * byte(map[int]int{8: 1, 4: 0x11}[bits]) }
	if bits == 8 {
		out = append(out, 0, 3, index(row[0]), index(row[1]), index(row[2]), 0)
		row = row[3:]
	}
	for len(row) > 0 {
		n := 1
		for n < len(row) && n < 255 && row[n] == row[0] {
			n++
		}
		out = append(out, byte(n), index(row[0]))
		row = row[n:]
	}
	return out
}

// BMP puts the file header before a bitmap whose rows begin at that place.
func BMP(dib []byte, rows int) []byte {
	out := binary.LittleEndian.AppendUint32([]byte("BM"), uint32(14+len(dib)))
	out = binary.LittleEndian.AppendUint32(append(out, 0, 0, 0, 0), uint32(14+rows))
	return append(out, dib...)
}

// ICO is an icon or cursor with one picture: a PNG, or a bitmap whose height in its header is twice its own, with a
// mask behind it.
func ICO(picture []byte, kind byte) []byte {
	out := []byte{0, 0, kind, 0, 1, 0, 0, 0, 0, 0, 1, 0, 32, 0}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(picture)))
	return append(binary.LittleEndian.AppendUint32(out, 22), picture...)
}

// AnimatedWebP makes still WebP pictures of one size the frames of an animation.
func AnimatedWebP(width, height int, stills ...[]byte) []byte {
	size := []byte{byte(width - 1), byte((width - 1) >> 8), 0, byte(height - 1), byte((height - 1) >> 8), 0}
	chunk := func(out []byte, name string, body []byte) []byte {
		out = append(binary.LittleEndian.AppendUint32(append(out, name...), uint32(len(body))), body...)
		return append(out, make([]byte, len(body)&1)...)
	}
	out := chunk([]byte("RIFF\x00\x00\x00\x00WEBP"), "VP8X", append([]byte{2, 0, 0, 0}, size...))
	out = chunk(out, "ANIM", make([]byte, 6))
	for _, still := range stills {
		frame := append(make([]byte, 6), size...)
		frame = append(frame, 100, 0, 0, 0) // time, flags
		out = chunk(out, "ANMF", append(frame, still[12:]...))
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// InterlacedPNG has the pixels in the seven passes of Adam7 (PNG, section 8.1).
func InterlacedPNG(img *image.Gray) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var rows bytes.Buffer
	z := zlib.NewWriter(&rows)
	for _, p := range [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		for y := p[1]; y < h; y += p[3] {
			row := []byte{0}
			for x := p[0]; x < w; x += p[2] {
				row = append(row, img.GrayAt(x, y).Y)
			}
			z.Write(row)
		}
	}
	z.Close()
	header, _ := pngParts(img)
	header = append(append([]byte(nil), header[:12]...), 1)
	out := pngChunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", header)
	return pngChunk(pngChunk(out, "IDAT", rows.Bytes()), "IEND", nil)
}

// PNM is a portable anymap of the kind 1 to 6, with samples up to full.
func PNM(img *image.Gray, kind, full int) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := fmt.Appendf(nil, "P%d\n# a comment\n%d %d\n", kind, w, h)
	if kind != 1 && kind != 4 {
		out = fmt.Appendf(out, "%d\n", full)
	}
	samples := 1
	if kind == 3 || kind == 6 {
		samples = 3
	}
	for y := range h {
		row := make([]byte, (w+7)/8)
		for x := range w {
			dark := img.GrayAt(x, y).Y < 128
			if dark {
				row[x/8] |= 0x80 >> (x % 8)
			}
			for range samples {
				switch n := full * one(!dark); {
				case kind == 1:
					out = fmt.Append(out, one(dark))
				case kind < 4:
					out = fmt.Appendf(out, "%d ", n)
				case kind > 4 && full > 255:
					out = binary.BigEndian.AppendUint16(out, uint16(n))
				case kind > 4:
					out = append(out, byte(n))
				}
			}
		}
		if kind == 4 {
			out = append(out, row...)
		} else if kind < 4 {
			out = append(out, '\n')
		}
	}
	return out
}

// PSD is a Photoshop file with a merged picture only: mode 1 gray, 3 RGB, 4 CMYK; 8 or 16 bits; packed or not.
func PSD(img *image.Gray, mode, depth int, packed bool) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	channels := map[int]int{1: 1, 3: 3, 4: 4}[mode]
	be := binary.BigEndian
	out := append([]byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00"), 0, byte(channels))
	out = be.AppendUint32(be.AppendUint32(out, uint32(h)), uint32(w))
	out = append(out, 0, byte(depth), 0, byte(mode), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(one(packed)))
	var rows []byte
	for range channels {
		for y := range h {
			var row []byte
			for _, light := range img.Pix[y*img.Stride:][:w] {
				row = append(row, light)
				if depth == 16 {
					row = append(row, light)
				}
			}
			if packed {
				row = packBits(row)
				out = be.AppendUint16(out, uint16(len(row)))
			}
			rows = append(rows, row...)
		}
	}
	return append(out, rows...)
}

func packBits(row []byte) (out []byte) {
	for len(row) > 0 {
		n := 1
		for n < len(row) && n < 128 && row[n] == row[0] {
			n++
		}
		if n == 1 {
			out = append(out, 0, row[0])
		} else {
			out = append(out, byte(1-n), row[0])
		}
		row = row[n:]
	}
	return out
}
