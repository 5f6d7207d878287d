package picture

import (
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"errors"
	"io"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"

	"quishmilter/mime"
)

// 7z archives are read by code of our own on top of an LZMA library: what there is for the whole format brings a dozen
// modules and takes the size of its window from the archive.

const sevenZipMark = "7z\xbc\xaf\x27\x1c"

// The identifiers of methods (7-Zip's Methods.txt).
const (
	sevenCopy    = "\x00"
	sevenLZMA2   = "\x21"
	sevenLZMA    = "\x03\x01\x01"
	sevenDeflate = "\x04\x01\x08"
	sevenBzip2   = "\x04\x02\x02"
	sevenZstd    = "\x04\xf7\x11\x01"
	sevenAES     = "\x06\xf1\x07\x01"
)

// errWindow is what an archive gives that needs too much memory to unpack.
var errWindow = errors.New("needs too large a window")

// openSevenZip looks into a 7z archive: folders, each of which is several files in one compressed stream.
func openSevenZip(v *view) {
	m := &members{view: v, carrier: v.carrier}
	archive, err := readSevenZip(v.part.Data, min(v.room(), maxMember))
	if err == nil {
		archive.look(m)
	}
	m.end()
	switch {
	case err == nil:
	case errors.Is(err, errEncrypted):
		v.problem(mime.Encrypted, "", "the 7z archive needs a password")
	case errors.Is(err, errMethod):
		v.problem(mime.Unsupported, "", "the 7z archive's list of files is compressed by a method that is not read")
	case errors.Is(err, errWindow):
		v.problem(mime.OverLimit, "", "the 7z archive needs more than %d MB to unpack", maxDictionary>>20)
	default:
		v.problem(mime.Broken, "", "the 7z archive is damaged")
	}
}

// look goes over the folders, and over the files in each.
func (a *sevenArchive) look(m *members) {
	files := a.files
	for n, folder := range a.folders {
		count := min(folder.files, len(files))
		mine := files[:count]
		files = files[count:]
		stream, err := a.unpack(n)
		if errors.Is(err, errWindow) {
			m.problem(mime.OverLimit, "", "files in the 7z archive need more than %d MB to unpack", maxDictionary>>20)
			continue
		}
		for _, f := range mine {
			if err != nil {
				if !m.look(member{f.name, f.size, func() (io.Reader, error) { return nil, err }}) {
					return
				}
				continue
			}
			one := &io.LimitedReader{R: stream, N: f.size}
			if !m.look(member{f.name, f.size, func() (io.Reader, error) { return one, nil }}) {
				return
			}
			if !m.spend(one.N) { // what was not looked at has to be unpacked for the next file's sake
				m.over(f.name)
				return
			}
			if _, err := io.Copy(io.Discard, one); err != nil {
				m.failed(f.name)
				break
			}
		}
	}
}

// unpack opens the stream of a folder.
func (a *sevenArchive) unpack(n int) (io.Reader, error) {
	f := a.folders[n]
	if f.encrypted {
		return nil, errEncrypted
	}
	if f.method == "" || f.packed < 0 || f.packed >= len(a.packed) {
		return nil, errMethod
	}
	return sevenStream(f, a.packed[f.packed])
}

func sevenStream(f sevenFolder, packed []byte) (io.Reader, error) {
	source := bytes.NewReader(packed)
	switch f.method {
	case sevenCopy:
		return source, nil
	case sevenDeflate:
		return flate.NewReader(source), nil
	case sevenBzip2:
		return bzip2.NewReader(source), nil
	case sevenLZMA:
		return lzmaReader(f.props, f.size, source)
	case sevenZstd:
		return zstdReader(source)
	case sevenLZMA2:
		if len(f.props) < 1 || f.props[0] > 40 {
			return nil, io.ErrUnexpectedEOF
		}
		window := lzma2Window(f.props[0])
		if window > maxDictionary {
			return nil, errWindow
		}
		return lzma.Reader2Config{DictCap: int(window)}.NewReader2(source)
	}
	return nil, errMethod
}

// openXZ looks into an xz file.
func openXZ(v *view) {
	if window, ok := xzWindow(v.part.Data); !ok || window > maxDictionary {
		v.problem(mime.OverLimit, "", "the xz file needs more than %d MB to unpack", maxDictionary>>20)
		return
	}
	m := &members{view: v, carrier: v.carrier}
	m.look(member{v.unpackedName(), 0, func() (io.Reader, error) {
		return xz.ReaderConfig{DictCap: lzma.MinDictCap}.NewReader(bytes.NewReader(v.part.Data))
	}})
	m.end()
}

// xzWindow is the window that the first block asks for, where that has a single filter (The .xz File Format, 3.1):
// the library would take as much as the file says.
func xzWindow(data []byte) (int64, bool) {
	const block = 12
	if len(data) < block+8 {
		return 0, false
	}
	flags, rest := data[block+1], data[block+2:]
	for _, has := range []byte{0x40, 0x80} { // the sizes, of variable length
		for flags&has != 0 && len(rest) > 4 && rest[0]&0x80 != 0 {
			rest = rest[1:]
		}
		if flags&has != 0 {
			rest = rest[1:]
		}
	}
	if flags&3 != 0 || len(rest) < 3 || rest[0] != 0x21 || rest[1] != 1 || rest[2] > 40 {
		return 0, false
	}
	return lzma2Window(rest[2]), true
}

// lzma2Window is the size that a byte stands for: 2 or 3 times a power of two.
func lzma2Window(b byte) int64 { return int64(2|b&1) << (b/2 + 11) }
