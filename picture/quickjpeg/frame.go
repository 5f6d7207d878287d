package quickjpeg

import "image"

// frame is the picture as its header describes it (B.2.2), and the memory for it.
type frame struct {
	width, height int
	baseline      bool
	progressive   bool
	components    []component
	ratio         image.YCbCrSubsampleRatio
	mcusX, mcusY  int
}

// component is one of a frame: luma, Cb or Cr.
type component struct {
	id       byte
	h, v     int // sampling factors
	quant    byte
	columns  int // blocks in a row that hold a part of the picture; there may be more in the last MCU
	rows     int
	stride   int // samples in a row, those of the last MCU included
	height   int // the same for a column
	samples  []uint8
	scaled   [64]int64 // quantisers as the transform wants them, zigzag order
	prepared bool
	coefs    [][64]int16 // of a progressive picture, zigzag order
	seen     bool        // a scan had it
}

// startFrame reads the header of the frame.
func (d *decoder) startFrame(marker byte, body []byte) error {
	if d.frame != nil || len(body) < 6 || body[0] != 8 || len(body) != 6+3*int(body[5]) {
		return ErrOther
	}
	f := &frame{height: int(body[1])<<8 | int(body[2]), width: int(body[3])<<8 | int(body[4]), baseline: marker == mSOF0, progressive: marker == mSOF2}
	if f.width == 0 || f.height == 0 || int64(f.width)*int64(f.height) > d.maxPixels {
		return ErrOther
	}
	for rest := body[6:]; len(rest) > 0; rest = rest[3:] {
		c := component{id: rest[0], h: int(rest[1] >> 4), v: int(rest[1] & 15), quant: rest[2]}
		if c.quant > 3 {
			return ErrOther
		}
		f.components = append(f.components, c)
	}
	if !f.subsampled() || len(f.components) == 3 && d.isRGB(f) {
		return ErrOther
	}
	f.lay()
	d.frame = f
	return nil
}

// isRGB follows image/jpeg and libjpeg: where nothing else is said, three components are YCbCr.
func (d *decoder) isRGB(f *frame) bool {
	return !d.jfif && (d.adobeRGB || f.components[0].id == 'R' && f.components[1].id == 'G' && f.components[2].id == 'B')
}

// subsampled finds out how chroma is, false for a kind that the image package has no type for.
func (f *frame) subsampled() bool {
	if len(f.components) == 1 { // one component is never interleaved, whatever its factors (A.2.2)
		f.components[0].h, f.components[0].v = 1, 1
		return true
	}
	if len(f.components) != 3 {
		return false
	}
	y, cb, cr := f.components[0], f.components[1], f.components[2]
	if cb.h != cr.h || cb.v != cr.v || cb.h == 0 || cb.v == 0 || y.h%cb.h != 0 || y.v%cb.v != 0 || y.h*y.v+2*cb.h*cb.v > 10 {
		return false
	}
	if y.id == cb.id || y.id == cr.id || cb.id == cr.id {
		return false
	}
	ratios := map[[2]int]image.YCbCrSubsampleRatio{
		{1, 1}: image.YCbCrSubsampleRatio444, {1, 2}: image.YCbCrSubsampleRatio440, {2, 1}: image.YCbCrSubsampleRatio422,
		{2, 2}: image.YCbCrSubsampleRatio420, {4, 1}: image.YCbCrSubsampleRatio411, {4, 2}: image.YCbCrSubsampleRatio410,
	}
	ratio, ok := ratios[[2]int{y.h / cb.h, y.v / cb.v}]
	f.ratio = ratio
	return ok
}

// lay computes the sizes of the planes (A.1.1, A.2).
func (f *frame) lay() {
	most := f.components[0] // subsampled saw to it
	f.mcusX, f.mcusY = up(f.width, 8*most.h), up(f.height, 8*most.v)
	for i := range f.components {
		c := &f.components[i]
		c.columns, c.rows = up(f.width*c.h, 8*most.h), up(f.height*c.v, 8*most.v)
		c.stride, c.height = 8*f.mcusX*c.h, 8*f.mcusY*c.v
	}
}

// size is how many samples there are, those that only fill up the MCUs included.
func (c *component) size() int { return c.stride * c.height }

// up divides, rounding up.
func up(a, b int) int { return (a + b - 1) / b }

// allocate gets the memory at the first scan. Every sample is written later, so what is in it does not matter.
func (f *frame) allocate(m *Memory) {
	size := 0
	for i := range f.components {
		size += f.components[i].size()
	}
	samples := m.samples
	if cap(samples) < size {
		samples = make([]byte, size)
	}
	if m.samples = nil; cap(samples) <= maxKept {
		m.samples = samples
	}
	for i := range f.components {
		c := &f.components[i]
		c.samples, samples = samples[:c.size():c.size()], samples[c.size():cap(samples)]
		if f.progressive {
			c.coefs = make([][64]int16, c.size()/64)
		}
	}
}

// complete reports whether there was a scan for each component; what had none is made gray.
func (f *frame) complete() bool {
	all := true
	for i := range f.components {
		if c := &f.components[i]; !c.seen {
			all = false
			for n := range c.samples {
				c.samples[n] = 128
			}
		}
	}
	return all
}

// image is the frame as a picture of the image package.
func (f *frame) image() image.Image {
	rect, y := image.Rect(0, 0, f.width, f.height), f.components[0]
	if len(f.components) == 1 {
		return &image.Gray{Pix: y.samples, Stride: y.stride, Rect: rect}
	}
	cb, cr := f.components[1], f.components[2]
	return &image.YCbCr{Y: y.samples, Cb: cb.samples, Cr: cr.samples, YStride: y.stride, CStride: cb.stride, SubsampleRatio: f.ratio, Rect: rect}
}
