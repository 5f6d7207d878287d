package picture

import (
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// Methods of compression (APPNOTE.TXT, section 4.4.5).
const (
	zipStored  = 0
	zipDeflate = 8
	zipBzip2   = 12
	zipLZMA    = 14
	zipZstd    = 93
	zipXZ      = 95
)

// unzip opens what one of the methods packed into size bytes.
func unzip(method uint16, packed []byte, size int64) (io.Reader, error) {
	source := bytes.NewReader(packed)
	switch method {
	case zipStored:
		return source, nil
	case zipDeflate:
		return flate.NewReader(source), nil
	case zipBzip2:
		return bzip2.NewReader(source), nil
	case zipLZMA:
		return zipLZMAReader(packed, size)
	case zipZstd:
		return zstdReader(source)
	case zipXZ:
		return xzReader(packed)
	}
	return nil, errMethod
}

// zipLZMAReader takes the version and the length of the properties off, and makes it what an .lzma file begins with.
func zipLZMAReader(packed []byte, size int64) (io.Reader, error) {
	const head, properties = 4, 5
	if len(packed) < head+properties || binary.LittleEndian.Uint16(packed[2:]) != properties {
		return nil, io.ErrUnexpectedEOF
	}
	return lzmaReader(packed[head:][:properties], size, bytes.NewReader(packed[head+properties:]))
}

// lzmaReader is a stream of LZMA whose properties stand elsewhere; a size below 0 is not known.
func lzmaReader(properties []byte, size int64, source io.Reader) (io.Reader, error) {
	if len(properties) < 5 {
		return nil, io.ErrUnexpectedEOF
	}
	if binary.LittleEndian.Uint32(properties[1:]) > maxDictionary {
		return nil, errWindow
	}
	head := binary.LittleEndian.AppendUint64(bytes.Clone(properties[:5]), uint64(size))
	return lzma.NewReader(io.MultiReader(bytes.NewReader(head), source))
}

func xzReader(data []byte) (io.Reader, error) {
	if window, ok := xzWindow(data); !ok || window > maxDictionary {
		return nil, errWindow
	}
	return xz.ReaderConfig{DictCap: lzma.MinDictCap}.NewReader(bytes.NewReader(data))
}

// zstdReader decodes Zstandard (RFC 8878) with one window of memory.
func zstdReader(source io.Reader) (io.Reader, error) {
	return zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxDictionary))
}

// openZstd looks into a Zstandard file.
func openZstd(v *view) {
	m := &members{view: v, carrier: v.carrier}
	m.look(member{v.unpackedName(), 0, func() (io.Reader, error) { return zstdReader(bytes.NewReader(v.part.Data)) }})
	m.end()
}
