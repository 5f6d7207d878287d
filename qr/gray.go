package qr

import (
	"encoding/binary"
	"image"
	"image/draw"
)

// opaque is the alpha from which a pixel counts as solid; scanners and editors leave 250–254 by rounding.
const opaque = 250

// Layers is a picture with its gray layers computed: what Read looks at. Read makes them itself for any other picture;
// a caller that wants the conversion apart (to time it, or to do it once) calls Prepare.
//
// A picture with transparent pixels has two layers, as seen on white and on black paper, because a mail client's
// background decides which of them the phone sees. All others have one.
type Layers struct {
	image.Image
	Gray   []*image.Gray // origin 0,0; Stride is a multiple of 64, the padding repeats the last column
	Planes []*image.Gray // red, green and blue, where they show contrast that the gray hides; mostly nil
}

// Prepare computes the gray layers (Rec. 601 luma) of a picture.
func Prepare(img image.Image) *Layers {
	if done, ok := img.(*Layers); ok {
		return done
	}
	layers := &Layers{Image: img}
	switch p := img.(type) {
	case *image.Gray:
		layers.Gray = []*image.Gray{copyPlane(p.Pix, p.Stride, p.Rect.Dx(), p.Rect.Dy())}
	case *image.YCbCr:
		layers.Gray = []*image.Gray{copyPlane(p.Y, p.YStride, p.Rect.Dx(), p.Rect.Dy())}
		if chromatic(p) {
			rgba := toRGBA(p)
			layers.Planes = countHidden(rgba).planes(rgba)
		}
	case *image.Gray16:
		layers.Gray = []*image.Gray{stretched(p)}
	case *image.RGBA:
		layers.colour(p)
	case *image.NRGBA:
		layers.colour(premultiplied(p))
	case *image.Paletted:
		layers.palette(p)
	default:
		layers.colour(toRGBA(img))
	}
	return layers
}

// premultiplied converts, and where nothing is transparent only gives the same pixels another name.
func premultiplied(p *image.NRGBA) *image.RGBA {
	if !p.Opaque() {
		return toRGBA(p)
	}
	return &image.RGBA{Pix: p.Pix, Stride: p.Stride, Rect: p.Rect}
}

// palette computes the layers of a picture with a palette, from the palette's gray levels.
func (l *Layers) palette(p *image.Paletted) {
	strip := image.NewRGBA(image.Rect(0, 0, 256, 1))
	plain := true
	for i, c := range p.Palette {
		strip.Set(i, 0, c)
		r, g, b, a := c.RGBA()
		if m, n := max(r, g, b), min(r, g, b); m-n > planeLeast<<8 || a < opaque<<8 {
			plain = false // a colour that the gray may hide, or a transparent one
		}
	}
	if !plain {
		l.colour(toRGBA(p))
		return
	}
	var levels [256]uint8
	for i := range p.Palette {
		levels[i] = luma(strip.Pix[4*i], strip.Pix[4*i+1], strip.Pix[4*i+2])
	}
	w, h := p.Rect.Dx(), p.Rect.Dy()
	gray := newGray(w, h)
	for y := range h {
		src, dst := p.Pix[y*p.Stride:][:w], gray.Pix[y*gray.Stride:][:w]
		for x, i := range src {
			dst[x] = levels[i]
		}
	}
	padRight(gray)
	l.Gray = []*image.Gray{gray}
}

// colour computes the layers of a picture that may be coloured and transparent.
func (l *Layers) colour(p *image.RGBA) {
	l.Gray = lumaLayers(p)
	if n := countHidden(p); n.colourful() {
		l.Planes = n.planes(p)
	}
}

// newGray returns a gray picture whose rows start every 64 bytes, so that eight pixels can be read as one word
// anywhere in a row.
func newGray(w, h int) *image.Gray {
	stride := (w + 63) &^ 63
	return &image.Gray{Pix: make([]uint8, stride*h), Stride: stride, Rect: image.Rect(0, 0, w, h)}
}

func copyPlane(pix []uint8, stride, w, h int) *image.Gray {
	gray := newGray(w, h)
	for y := range h {
		copy(gray.Pix[y*gray.Stride:][:w], pix[y*stride:][:w])
	}
	padRight(gray)
	return gray
}

// stretched turns 16-bit samples to 8 bits. A picture that uses only the lower values, such as an 8-bit one stored in
// 16, would be black.
func stretched(p *image.Gray16) *image.Gray {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	most := uint32(0)
	for y := range h {
		row := p.Pix[y*p.Stride:][:2*w]
		for x := range w {
			most = max(most, uint32(row[2*x])<<8|uint32(row[2*x+1]))
		}
	}
	if most > 0x3fff {
		most = 0xffff
	}
	gray := newGray(w, h)
	for y := range h {
		row := p.Pix[y*p.Stride:][:2*w]
		for x := range w {
			gray.Pix[y*gray.Stride+x] = uint8((uint32(row[2*x])<<8 | uint32(row[2*x+1])) * 255 / max(most, 1))
		}
	}
	padRight(gray)
	return gray
}

// resized gives a gray picture of the size, in the old one's memory where that suffices; its pixels are whatever they were.
func resized(old *image.Gray, w, h int) *image.Gray {
	stride := (w + 63) &^ 63
	if old == nil || cap(old.Pix) < stride*h {
		return newGray(w, h)
	}
	return &image.Gray{Pix: old.Pix[:stride*h], Stride: stride, Rect: image.Rect(0, 0, w, h)}
}

// padRight repeats the last pixel of each row in its padding, so that tiles at the edge see no contrast that is not there.
func padRight(gray *image.Gray) {
	w := gray.Rect.Dx()
	if w == 0 || w == gray.Stride {
		return
	}
	for y := range gray.Rect.Dy() {
		padRow(gray.Pix[y*gray.Stride:][:gray.Stride], w)
	}
}

// padRow repeats the last of a row's w pixels behind them.
func padRow(row []uint8, w int) {
	last := row[w-1]
	for x := w; x < len(row); x++ {
		row[x] = last
	}
}

// toRGBA converts any picture; 16-bit samples keep their upper byte.
func toRGBA(img image.Image) *image.RGBA {
	b := img.Bounds()
	rgba := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(rgba, rgba.Rect, img, b.Min, draw.Src)
	return rgba
}

// lumaLayers computes luma on black, and where the picture is transparent somewhere, on white before it.
func lumaLayers(p *image.RGBA) []*image.Gray {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	black := newGray(w, h)
	clear := false
	for y := range h {
		src := p.Pix[y*p.Stride:][:4*w]
		dst := black.Pix[y*black.Stride:][:w]
		for x := range dst {
			px := src[4*x : 4*x+4 : 4*x+4]
			dst[x] = luma(px[0], px[1], px[2])
			clear = clear || px[3] < opaque
		}
	}
	padRight(black)
	if !clear {
		return []*image.Gray{black}
	}
	white := newGray(w, h)
	for y := range h {
		src := p.Pix[y*p.Stride:][:4*w]
		at := y * white.Stride
		for x := range w {
			// The colours are premultiplied: white paper adds what the pixel lets through.
			white.Pix[at+x] = black.Pix[at+x] + 255 - max(src[4*x+3], black.Pix[at+x])
		}
	}
	padRight(white)
	return []*image.Gray{white, black}
}

// luma is Rec. 601 luma in 16-bit fixed point.
func luma(r, g, b uint8) uint8 {
	return uint8((uint32(r)*19595 + uint32(g)*38470 + uint32(b)*7471 + 0x8000) >> 16)
}

// halve writes the rows, up to one and no more than there are, of a picture at half its size, each pixel the mean of four.
func halve(dst, src *image.Gray, from, to int) {
	for y := from; y < min(to, dst.Rect.Dy()); y++ {
		a := src.Pix[2*y*src.Stride:][:src.Stride]
		b := src.Pix[(2*y+1)*src.Stride:][:src.Stride]
		out := dst.Pix[y*dst.Stride:][:dst.Stride]
		for x := 0; x < len(a) && x/2+32 <= len(out); x += 64 {
			p, q, into := (*[64]uint8)(a[x:]), (*[64]uint8)(b[x:]), (*[32]uint8)(out[x/2:])
			store8(into[:], meansOfFour(load8(p[:]), load8(q[:]), load8(p[8:]), load8(q[8:])))
			store8(into[8:], meansOfFour(load8(p[16:]), load8(q[16:]), load8(p[24:]), load8(q[24:])))
			store8(into[16:], meansOfFour(load8(p[32:]), load8(q[32:]), load8(p[40:]), load8(q[40:])))
			store8(into[24:], meansOfFour(load8(p[48:]), load8(q[48:]), load8(p[56:]), load8(q[56:])))
		}
		padRow(out, dst.Rect.Dx())
	}
}

// meansOfFour gives the means of eight squares of 2×2 pixels, four of which lie in p and in q below it, and four in r and s.
func meansOfFour(p, q, r, s uint64) uint64 {
	t := (p&lanes + p>>8&lanes + q&lanes + q>>8&lanes) >> 2 & lanes
	u := (r&lanes + r>>8&lanes + s&lanes + s>>8&lanes) >> 2 & lanes
	// Close the gaps between the lanes: bytes 0, 2, 4, 6 become bytes 0–3.
	const pairs = 0x0000ffff0000ffff
	t, u = (t|t>>8)&pairs, (u|u>>8)&pairs
	return (t|t>>16)&0xffffffff | (u|u>>16)<<32
}

// double writes a picture at twice its size. New pixels lie a quarter of a pixel off the old ones, so each takes nine
// sixteenths of the nearest old pixel, three of each neighbour and one of the pixel across.
func double(dst, src *image.Gray) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	for y := range 2 * h {
		near := src.Pix[y/2*src.Stride:][:src.Stride]
		far := src.Pix[min(max(y/2+y&1*2-1, 0), h-1)*src.Stride:][:src.Stride]
		doubleRow(dst.Pix[y*dst.Stride:][:dst.Stride], near, far)
		dst.Pix[y*dst.Stride+2*w-1] = uint8((4*(3*int(near[w-1])+int(far[w-1])) + 8) >> 4)
	}
	padRight(dst)
}

// doubleRow writes one row, four old pixels at a time, in lanes of 16 bits. What follows the last pixel is its padding.
func doubleRow(out, near, far []uint8) {
	mixed := func(x int) uint64 { return 3*laned(near[x:]) + laned(far[x:]) }
	const rounding = 0x0008000800080008
	at := mixed(0)
	before := at << 48 // the lane before the first is the first
	for x := 0; 2*x+8 <= len(out); x += 4 {
		after := at >> 48
		if x+8 <= len(near) {
			after = mixed(x + 4)
		}
		left := (3*at + (at<<16 | before>>48) + rounding) >> 4 & lanes
		right := (3*at + (at>>16 | after<<48) + rounding) >> 4 & lanes
		store8(out[2*x:], left|right<<8)
		before, at = at, after
	}
}

// laned puts four pixels into lanes of 16 bits.
func laned(p []uint8) uint64 {
	v := uint64(binary.LittleEndian.Uint32(p))
	v = (v | v<<16) & 0x0000ffff0000ffff
	return (v | v<<8) & lanes
}

// smooth writes each pixel as the mean of the 3×3 around it.
func smooth(dst, src *image.Gray) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	sums := make([]int, w)
	for y := range h {
		a := src.Pix[max(y-1, 0)*src.Stride:][:w]
		b := src.Pix[y*src.Stride:][:w]
		c := src.Pix[min(y+1, h-1)*src.Stride:][:w]
		for x := range sums {
			sums[x] = int(a[x]) + int(b[x]) + int(c[x])
		}
		out := dst.Pix[y*dst.Stride:][:w]
		for x := range out {
			out[x] = uint8((sums[max(x-1, 0)] + sums[x] + sums[min(x+1, w-1)]) / 9)
		}
	}
	padRight(dst)
}
