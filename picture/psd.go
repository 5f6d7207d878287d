package picture

import (
	"encoding/binary"
	"image"
	"image/color"

	"quishmilter/mime"
)

// psd is the header of a Photoshop file, and where its merged picture begins (Adobe Photoshop File Formats
// Specification, 2019). Layers are not looked at: the merged picture is what previews show.
type psd struct {
	large         bool // a PSB, with longer lengths
	channels      int
	width, height int
	depth, mode   int
	palette       []byte
	packing       int
	data          []byte
}

// Colour modes.
const (
	psdBitmap  = 0
	psdIndexed = 2
	psdRGB     = 3
	psdCMYK    = 4
)

func openPSD(v *view) {
	if v.ended("") {
		return
	}
	p, ok := readPSD(v.part.Data)
	switch {
	case !ok:
		v.problem(mime.Broken, "", "the picture's header does not parse")
		return
	case p.packing > 1, p.depth != 1 && p.depth != 8 && p.depth != 16, p.channels < p.planes():
		v.problem(mime.Unsupported, "", "a variant of this picture format that is not read")
		return
	case !v.fits(image.Config{ColorModel: color.NRGBAModel, Width: p.width, Height: p.height}, 1, ""):
		return
	}
	planes, whole := p.decode()
	if !whole {
		v.problem(mime.Broken, "", "the picture ends early")
		if planes == nil {
			return
		}
	}
	v.picture(p.image(planes), "", "image")
}

func readPSD(data []byte) (p psd, ok bool) {
	be := binary.BigEndian
	if len(data) < 34 {
		return p, false
	}
	p = psd{large: be.Uint16(data[4:]) == 2, channels: int(be.Uint16(data[12:])), height: int(be.Uint32(data[14:])),
		width: int(be.Uint32(data[18:])), depth: int(be.Uint16(data[22:])), mode: int(be.Uint16(data[24:]))}
	const side = 300_000 // the format's own limit
	if p.width < 1 || p.height < 1 || p.width > side || p.height > side || p.channels < 1 || p.channels > 56 {
		return p, false
	}
	at := int64(26)
	for section := range 3 { // colours, resources, layers
		if at+8 > int64(len(data)) {
			return p, false
		}
		size, head := int64(be.Uint32(data[at:])), int64(4)
		if section == 2 && p.large {
			size, head = int64(be.Uint64(data[at:])), 8
		}
		if size < 0 || size > int64(len(data)) {
			return p, false
		}
		if end := at + head + size; section == 0 && p.mode == psdIndexed && size == 768 && end <= int64(len(data)) {
			p.palette = data[at+head : end]
		}
		at += head + size
	}
	if at+2 > int64(len(data)) || p.mode == psdIndexed && p.palette == nil {
		return p, false
	}
	p.packing, p.data = int(be.Uint16(data[at:])), data[at+2:]
	return p, true
}

// planes is how many channels make the picture; of modes without a meaning for a code, the first.
func (p psd) planes() int {
	switch p.mode {
	case psdRGB:
		return 3
	case psdCMYK:
		return 4
	}
	return 1
}

func (p psd) stride() int { return (p.width*p.depth + 7) / 8 }

// decode unpacks the channels, one after the other; nil when there is not a row of each.
func (p psd) decode() (planes [][]byte, whole bool) {
	stride, rest, rows := p.stride(), p.data, []byte(nil)
	size := 2
	if p.large {
		size = 4
	}
	if p.packing == 1 {
		table := size * p.channels * p.height
		if table > len(rest) {
			return nil, false
		}
		rows, rest = rest[:table], rest[table:]
	} else if len(rest) < stride*p.height {
		return nil, false
	}
	whole = true
	for range p.planes() {
		plane := make([]byte, p.width*p.height)
		raw := make([]byte, stride)
		for y := range p.height {
			n := stride
			if rows != nil {
				n, rows = int(binary.BigEndian.Uint16(rows[size-2:])), rows[size:]
			}
			if n > len(rest) {
				n, whole = len(rest), false
			}
			if p.packing == 1 {
				unpackBits(raw, rest[:n])
			} else {
				clear(raw[copy(raw, rest[:n]):])
			}
			rest = rest[n:]
			p.spread(plane[y*p.width:][:p.width], raw)
		}
		planes = append(planes, plane)
	}
	return planes, whole
}

// spread makes bytes of samples; in a bitmap a set bit is black.
func (p psd) spread(out, raw []byte) {
	switch p.depth {
	case 1:
		for x := range out {
			out[x] = ^-(raw[x/8] >> (7 - x%8) & 1)
		}
	case 16:
		for x := range out {
			out[x] = raw[2*x]
		}
	default:
		copy(out, raw)
	}
}

// unpackBits fills a row with runs and literals (Apple's PackBits); what is missing is zero.
func unpackBits(out, packed []byte) {
	for len(packed) > 1 && len(out) > 0 {
		n := int(int8(packed[0]))
		packed = packed[1:]
		if n >= 0 {
			n = min(n+1, len(packed), len(out))
			copy(out, packed[:n])
			out, packed = out[n:], packed[n:]
		} else if n != -128 {
			n = min(1-n, len(out))
			for i := range n {
				out[i] = packed[0]
			}
			out, packed = out[n:], packed[1:]
		}
	}
	clear(out)
}

// image puts the channels together. CMYK is stored with 255 for no ink.
func (p psd) image(planes [][]byte) image.Image {
	rect := image.Rect(0, 0, p.width, p.height)
	switch {
	case p.mode == psdIndexed:
		colours := make(color.Palette, 256)
		for i := range colours {
			colours[i] = color.RGBA{p.palette[i], p.palette[256+i], p.palette[512+i], 0xff}
		}
		return &image.Paletted{Pix: planes[0], Stride: p.width, Rect: rect, Palette: colours}
	case len(planes) == 1:
		return &image.Gray{Pix: planes[0], Stride: p.width, Rect: rect}
	}
	out := image.NewNRGBA(rect)
	for i := range planes[0] {
		for c := range 3 {
			light := uint32(planes[c][i])
			if p.mode == psdCMYK {
				light = light * uint32(planes[3][i]) / 255
			}
			out.Pix[4*i+c] = byte(light)
		}
		out.Pix[4*i+3] = 0xff
	}
	return out
}
