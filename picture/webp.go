package picture

import (
	"encoding/binary"
	"image"
	"image/color"

	"quishmilter/mime"
)

// webpChunk is one chunk of a RIFF file.
type webpChunk struct {
	name string
	body []byte
}

func isWebP(p Part) bool {
	d := p.Data
	return len(d) >= 16 && string(d[:4]) == "RIFF" && string(d[8:12]) == "WEBP"
}

// openWebP shows a WebP picture, and of an animated one each frame as it appears (RFC 9649, section 2.7).
func openWebP(v *view) {
	a, whole := readWebP(v.part.Data)
	if len(a.frames) == 0 {
		single("webp", webpDecoder()).open(v)
		return
	}
	if !whole {
		v.problem(mime.Broken, "", "the picture ends early")
	}
	if !v.fits(image.Config{ColorModel: color.NRGBAModel, Width: a.screen.Dx(), Height: a.screen.Dy()}, 1, "") {
		return
	}
	v.play(a, webpDecoder())
}

// readWebP finds the frames of an animation; there are none in a still picture.
func readWebP(data []byte) (a animation, whole bool) {
	chunks, whole := webpChunks(data[12:])
	for _, c := range chunks {
		switch {
		case c.name == "VP8X" && len(c.body) >= 10:
			a.screen = image.Rect(0, 0, 1+uint24(c.body[4:]), 1+uint24(c.body[7:]))
		case c.name == "ANMF" && len(c.body) >= 16 && len(a.frames) < maxFrames:
			a.frames = append(a.frames, webpFrame(c.body))
		}
	}
	return a, whole
}

// webpFrame reads a frame's header: place in steps of two, size, time, flags.
func webpFrame(body []byte) animationFrame {
	x, y, w, h := 2*uint24(body), 2*uint24(body[3:]), 1+uint24(body[6:]), 1+uint24(body[9:])
	const clear, replace = 1, 2
	coded := body[16:]
	return animationFrame{bounds: image.Rect(x, y, x+w, y+h), over: body[15]&replace == 0, clear: body[15]&clear != 0,
		alone: func() []byte { return aloneWebP(coded, w, h) }}
}

// aloneWebP is one frame as a file of its own.
func aloneWebP(coded []byte, w, h int) []byte {
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	if len(coded) > 4 && string(coded[:4]) == "ALPH" {
		const alpha = 0x10
		out = append(out, "VP8X\x0a\x00\x00\x00"...)
		out = append(out, alpha, 0, 0, 0, byte(w-1), byte((w-1)>>8), byte((w-1)>>16), byte(h-1), byte((h-1)>>8), byte((h-1)>>16))
	}
	out = append(out, coded...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// webpChunks lists chunks; one that ends early is cut, and whole is false.
func webpChunks(data []byte) (chunks []webpChunk, whole bool) {
	const most = 100_000
	for len(data) >= 8 && len(chunks) < most {
		name, size := string(data[:4]), int64(binary.LittleEndian.Uint32(data[4:]))
		if size > int64(len(data)-8) {
			return append(chunks, webpChunk{name, data[8:]}), false
		}
		chunks = append(chunks, webpChunk{name, data[8 : 8+size]})
		data = data[min(8+size+size&1, int64(len(data))):]
	}
	return chunks, true
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
