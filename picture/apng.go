package picture

import (
	"encoding/binary"
	"image"
	"image/color"
)

// pngChunk is one chunk of a PNG.
type pngChunk struct {
	name string
	body []byte
}

// openPNG shows a PNG, and of an animated one each frame as it appears (PNG third edition, section 11.3.6).
func openPNG(v *view) {
	a, hidden := readAPNG(v.part.Data)
	if len(a.frames) < 2 {
		single("png", pngDecoder()).open(v)
		return
	}
	if !v.fits(image.Config{ColorModel: color.NRGBAModel, Width: a.screen.Dx(), Height: a.screen.Dy()}, 1, "") {
		return
	}
	if hidden { // programs that know no animation show another picture
		if img := v.decode(pngDecoder(), v.part.Data, ""); img != nil {
			v.picture(img, "", "image")
		}
	}
	v.play(a, pngDecoder())
}

// readAPNG finds the frames. hidden reports that the still picture is none of them.
func readAPNG(data []byte) (a animation, hidden bool) {
	chunks, _ := pngChunks(data)
	if len(chunks) == 0 || chunks[0].name != "IHDR" || len(chunks[0].body) != 13 {
		return a, false
	}
	header := chunks[0].body
	a.screen = image.Rect(0, 0, int(int32(binary.BigEndian.Uint32(header))), int(int32(binary.BigEndian.Uint32(header[4:]))))
	var shared []pngChunk
	var bodies [][][]byte
	for _, c := range chunks[1:] {
		switch {
		case c.name == "PLTE" || c.name == "tRNS":
			shared = append(shared, c)
		case c.name == "fcTL" && len(c.body) == 26 && len(a.frames) < maxFrames:
			a.frames = append(a.frames, apngFrame(c.body, len(a.frames) == 0))
			bodies = append(bodies, nil)
		case c.name == "IDAT" && len(a.frames) == 0:
			hidden = true
		case c.name == "IDAT" && len(a.frames) == 1:
			bodies[0] = append(bodies[0], c.body)
		case c.name == "fdAT" && len(a.frames) > 0 && len(c.body) >= 4:
			last := len(bodies) - 1
			bodies[last] = append(bodies[last], c.body[4:])
		}
	}
	for i := range a.frames {
		f := &a.frames[i]
		f.alone = func() []byte { return alonePNG(header, f.bounds.Size(), shared, bodies[i]) }
	}
	return a, hidden
}

// apngFrame reads a frame control chunk: sequence number, size, place, delay, disposal, blending.
func apngFrame(body []byte, first bool) animationFrame {
	u := func(at int) int { return int(min(binary.BigEndian.Uint32(body[at:]), 1<<30)) }
	w, h, x, y := u(4), u(8), u(12), u(16)
	const disposeClear, disposeRestore, blendOver = 1, 2, 1
	f := animationFrame{bounds: image.Rect(x, y, x+w, y+h), over: body[25] == blendOver,
		clear: body[24] == disposeClear, restore: body[24] == disposeRestore}
	if first && f.restore { // there is nothing to restore yet
		f.clear, f.restore = true, false
	}
	return f
}

// alonePNG is one frame as a PNG of its own.
func alonePNG(header []byte, size image.Point, shared []pngChunk, bodies [][]byte) []byte {
	own := append([]byte(nil), header...)
	binary.BigEndian.PutUint32(own, uint32(size.X))
	binary.BigEndian.PutUint32(own[4:], uint32(size.Y))
	out := appendChunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", own)
	for _, c := range shared {
		out = appendChunk(out, c.name, c.body)
	}
	for _, b := range bodies {
		out = appendChunk(out, "IDAT", b)
	}
	return appendChunk(out, "IEND", nil)
}

// pngChunks lists the chunks up to IEND, and where they end; checksums are not looked at.
func pngChunks(data []byte) (chunks []pngChunk, end int) {
	const signature, most = 8, 100_000
	for end = signature; end+12 <= len(data) && len(chunks) < most; {
		size := int64(binary.BigEndian.Uint32(data[end:]))
		if int64(end)+12+size > int64(len(data)) {
			break
		}
		c := pngChunk{string(data[end+4 : end+8]), data[end+8 : end+8+int(size)]}
		chunks = append(chunks, c)
		end += 12 + int(size)
		if c.name == "IEND" {
			break
		}
	}
	return chunks, end
}
