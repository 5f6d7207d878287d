// Package quickjpeg decodes JPEGs for a reader of codes (ITU T.81: baseline, extended sequential and progressive DCT with
// Huffman coding, 8 bits, gray or YCbCr), about three times as fast as image/jpeg.
//
// In go a file's bytes, out comes a picture whose luma is exact to two levels. Chroma that hardly changes within a block
// of 8×8 samples is drawn as one colour there, off by at most four levels: of what a code could be drawn with nothing is
// lost, and the transform of nearly all chroma of a photo is saved. What other programs show of a damaged file is shown
// here too, and said: the blocks up to where it ends, and what follows a place that is damaged.
//
// # Limits
//
// The caller says how many pixels a picture may have. Memory is 1.5 to 3 bytes a pixel, 4.5 to 9 for a progressive
// picture, and a copy of the file. Of a progressive picture at most 100 scans are decoded, since each of them may visit
// every block at the cost of a few bytes; of another as many as it has components. A context that ends is heeded within a
// row of blocks.
//
// Everything else (CMYK, RGB, 12 bits, lossless, arithmetic coding, hierarchical, odd subsampling) is ErrOther, for the
// caller to try another decoder with.
package quickjpeg

import (
	"context"
	"errors"
	"image"
)

// ErrOther says that the file is of a kind that is not decoded here, or so damaged that there is nothing to show.
var ErrOther = errors.New("not a JPEG of a usual kind")

// Picture is what was decoded.
type Picture struct {
	Image  image.Image // *image.Gray or *image.YCbCr, its bounds beginning at (0, 0)
	Broken bool        // data is missing or damaged: what could not be decoded is gray
	Cut    bool        // there were more scans than are decoded
}

// maxScans bounds the scans of a progressive picture. Encoders write about ten.
const maxScans = 100

// mostScans is how many scans are decoded. A sequential picture has one for each component at most (4.8).
func (f *frame) mostScans() int {
	if f.progressive {
		return maxScans
	}
	return len(f.components)
}

// Memory is what pictures are decoded into, one after the other: clearing new memory for each, and collecting the old,
// would cost a tenth of the decoding. The zero value is ready.
type Memory struct {
	samples, segment []byte
}

// maxKept is how many bytes of either are kept: for samples, those of eight megapixels.
const maxKept = 12 << 20

// Decode decodes a file whose picture has at most so many pixels. A missing end mark is not Broken. The picture is good
// until the next call.
func (m *Memory) Decode(ctx context.Context, data []byte, maxPixels int64) (Picture, error) {
	d := &decoder{ctx: ctx, data: data, maxPixels: maxPixels, memory: m, bits: bits{data: m.segment}}
	defer func() {
		if m.segment = d.bits.data[:0]; cap(m.segment) > maxKept {
			m.segment = nil
		}
	}()
	err := d.segments()
	if d.frame == nil || d.scans == 0 {
		return Picture{}, ErrOther
	}
	if ctx.Err() != nil {
		return Picture{}, ctx.Err()
	}
	if d.progressive {
		d.reconstruct()
	}
	complete := d.complete()
	return Picture{Image: d.image(), Broken: !complete || d.broken || err != nil, Cut: d.cut}, ctx.Err()
}

// decoder is one file being decoded.
type decoder struct {
	ctx       context.Context
	data      []byte
	maxPixels int64
	memory    *Memory

	*frame
	quant    [4][64]int32 // zigzag order
	huffman  [2][4]*table // DC and AC
	interval int          // MCUs between restart markers, 0 without
	jfif     bool
	adobeRGB bool

	bits   bits
	eobRun int32 // blocks that a progressive scan has nothing for, the present one not counted
	scans  int
	broken bool
	cut    bool
}

// Markers, table B.1.
const (
	mSOF0, mSOF1, mSOF2 = 0xc0, 0xc1, 0xc2
	mDHT, mDQT, mDRI    = 0xc4, 0xdb, 0xdd
	mRST0, mRST7        = 0xd0, 0xd7
	mSOI, mEOI, mSOS    = 0xd8, 0xd9, 0xda
	mAPP0, mAPP14       = 0xe0, 0xee
)

// segments goes through the file up to its end mark (B.1.1). An error ends it.
func (d *decoder) segments() error {
	if len(d.data) < 2 || d.data[0] != 0xff || d.data[1] != mSOI {
		return ErrOther
	}
	for at := 2; ; {
		marker, body := d.nextMarker(at)
		if marker == mEOI || marker == 0 {
			return nil
		}
		if marker >= mRST0 && marker <= mRST7 { // one too many behind a scan
			at = body
			continue
		}
		if len(d.data)-body < 2 {
			return ErrOther
		}
		end := body + int(d.data[body])<<8 + int(d.data[body+1])
		if end < body+2 || end > len(d.data) {
			return ErrOther
		}
		segment := d.data[body+2 : end]
		if marker == mSOS {
			if d.frame != nil && d.scans == d.mostScans() {
				d.cut = true
				return nil
			}
			var err error
			if end, err = d.scan(segment, end); err != nil {
				return err
			}
		} else if err := d.segment(marker, segment); err != nil {
			return err
		}
		at = end
	}
}

// nextMarker finds the next marker, past fill bytes and stray ones, and where it ends; 0 at the end of the data.
func (d *decoder) nextMarker(at int) (marker byte, end int) {
	for ; at+1 < len(d.data); at++ {
		if d.data[at] == 0xff && d.data[at+1] != 0 && d.data[at+1] != 0xff {
			return d.data[at+1], at + 2
		}
	}
	return 0, len(d.data)
}

// segment takes one that is not a scan.
func (d *decoder) segment(marker byte, body []byte) error {
	switch marker {
	case mSOF0, mSOF1, mSOF2:
		return d.startFrame(marker, body)
	case mDQT:
		return d.quantisers(body)
	case mDHT:
		return d.codes(body)
	case mDRI:
		if len(body) != 2 {
			return ErrOther
		}
		d.interval = int(body[0])<<8 | int(body[1])
	case mAPP0:
		d.jfif = len(body) >= 5 && string(body[:5]) == "JFIF\x00"
	case mAPP14: // Adobe's, whose last byte 0 means that the components are not YCbCr
		if len(body) >= 12 && string(body[:5]) == "Adobe" {
			d.adobeRGB = body[11] == 0
		}
	default:
		if marker < mAPP0 { // another kind of frame, or what belongs to one; or reserved
			return ErrOther
		}
	}
	return nil
}
