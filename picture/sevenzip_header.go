package picture

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
)

// The structure of 7z archives, after 7-Zip's own description (DOC/7zFormat.txt): a fixed header leads to the list of
// streams and files, which is mostly compressed itself.

// Bounds of 7z archives.
const (
	maxSevenFolders = 10_000
	maxSevenCoders  = 32
	sevenFixed      = 32 // bytes of the fixed header
)

// sevenArchive is what the list says.
type sevenArchive struct {
	packed  [][]byte // the compressed streams
	folders []sevenFolder
	files   []sevenFile // those with content, in the order of the folders
}

// sevenFolder is how a stream is unpacked.
type sevenFolder struct {
	method    string // of its only coder; "" for chains of them
	props     []byte
	encrypted bool
	packed    int // index of its first compressed stream
	streams   int // compressed streams that it takes
	coders    int
	size      int64 // unpacked
	digest    bool  // it has a checksum
	files     int
}

type sevenFile struct {
	name string
	size int64
}

// sevenReader reads the list; once something does not fit, all that follows is zero.
type sevenReader struct {
	rest   []byte
	failed bool
}

func (r *sevenReader) byte() byte {
	if b := r.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (r *sevenReader) bytes(n int64) []byte {
	if r.failed || n < 0 || n > int64(len(r.rest)) {
		r.failed = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// number reads a number of variable length: the leading ones of the first byte count the bytes that follow.
func (r *sevenReader) number() int64 {
	first := r.byte()
	value := uint64(0)
	for i := range 8 {
		mask := byte(0x80) >> i
		if first&mask == 0 {
			value |= uint64(first&(mask-1)) << (8 * i)
			break
		}
		value |= uint64(r.byte()) << (8 * i)
	}
	if value > 1<<40 { // nothing here is so large
		r.failed = true
		return 0
	}
	return int64(value)
}

// count reads a number of things, of which there are at most limit.
func (r *sevenReader) count(limit int) int {
	n := r.number()
	if n > int64(limit) {
		r.failed = true
		return 0
	}
	return int(n)
}

// bits reads n booleans.
func (r *sevenReader) bits(n int) []bool {
	packed := r.bytes(int64(n+7) / 8)
	out := make([]bool, 0, n)
	for i := 0; i < n && !r.failed; i++ {
		out = append(out, packed[i/8]>>(7-i%8)&1 != 0)
	}
	return out
}

// digests passes over checksums: which of n there are, and four bytes for each.
func (r *sevenReader) digests(n int) (defined []bool) {
	if r.byte() != 0 {
		defined = make([]bool, n)
		for i := range defined {
			defined[i] = true
		}
	} else {
		defined = r.bits(n)
	}
	for _, is := range defined {
		if is {
			r.bytes(4)
		}
	}
	return defined
}

// readSevenZip reads the list of an archive; unpacked it has at most limit bytes.
func readSevenZip(data []byte, limit int64) (*sevenArchive, error) {
	if len(data) < sevenFixed {
		return nil, io.ErrUnexpectedEOF
	}
	at, size := binary.LittleEndian.Uint64(data[12:]), binary.LittleEndian.Uint64(data[20:])
	body := data[sevenFixed:]
	if size == 0 {
		return &sevenArchive{}, nil
	}
	if at > uint64(len(body)) || size > uint64(len(body))-at {
		return nil, io.ErrUnexpectedEOF
	}
	list := body[at:][:size]
	for range 4 { // a list may be compressed more than once
		r := &sevenReader{rest: list}
		a := &sevenArchive{}
		switch kind := r.byte(); kind {
		case 0x01:
			a.header(r, body)
			if r.failed {
				return nil, io.ErrUnexpectedEOF
			}
			return a, nil
		case 0x17:
			a.streams(r, body)
			if r.failed || len(a.folders) == 0 || a.folders[0].size > limit {
				return nil, io.ErrUnexpectedEOF
			}
			stream, err := a.unpack(0)
			if err != nil {
				return nil, err
			}
			if list, err = io.ReadAll(io.LimitReader(stream, a.folders[0].size)); err != nil {
				return nil, err
			}
		default:
			return nil, io.ErrUnexpectedEOF
		}
	}
	return nil, io.ErrUnexpectedEOF
}

// header reads the list proper.
func (a *sevenArchive) header(r *sevenReader, body []byte) {
	var sizes []int64
	for !r.failed {
		switch r.byte() {
		case 0x00:
			return
		case 0x02: // properties of the archive, which nobody writes
			for r.byte() != 0 && !r.failed {
				r.bytes(r.number())
			}
		case 0x04:
			sizes = a.streams(r, body)
		case 0x05:
			a.names(r, sizes)
		default:
			r.failed = true
		}
	}
}

// streams reads where the streams are, how they are unpacked, and the sizes of the files in them.
func (a *sevenArchive) streams(r *sevenReader, body []byte) (sizes []int64) {
	divided := false
	for !r.failed {
		switch r.byte() {
		case 0x00:
			if !divided {
				for i := range a.folders {
					a.folders[i].files = 1
					sizes = append(sizes, a.folders[i].size)
				}
			}
			return sizes
		case 0x06:
			a.packInfo(r, body)
		case 0x07:
			a.unpackInfo(r)
		case 0x08:
			divided = true
			sizes = a.division(r)
		default:
			r.failed = true
		}
	}
	return nil
}

func (a *sevenArchive) packInfo(r *sevenReader, body []byte) {
	at, n := r.number(), r.count(maxSevenFolders)
	for !r.failed {
		switch r.byte() {
		case 0x00:
			return
		case 0x09:
			for range n {
				size := r.number()
				if at+size > int64(len(body)) {
					r.failed = true
				}
				if r.failed {
					return
				}
				a.packed = append(a.packed, body[at:at+size])
				at += size
			}
		case 0x0A:
			r.digests(n)
		default:
			r.failed = true
		}
	}
}

func (a *sevenArchive) unpackInfo(r *sevenReader) {
	if r.byte() != 0x0B {
		r.failed = true
	}
	n := r.count(maxSevenFolders)
	if r.byte() != 0 { // the folders are somewhere else: nobody writes that
		r.failed = true
	}
	packed := 0
	for i := 0; i < n && !r.failed; i++ {
		f := readSevenFolder(r)
		f.packed = packed
		packed += f.streams
		a.folders = append(a.folders, f)
	}
	for !r.failed {
		switch r.byte() {
		case 0x00:
			return
		case 0x0C:
			for i := range a.folders {
				for range a.folders[i].coders {
					a.folders[i].size = r.number() // of a chain the last is not always what comes out; it is not read
				}
			}
		case 0x0A:
			for i, is := range r.digests(len(a.folders)) {
				a.folders[i].digest = is
			}
		default:
			r.failed = true
		}
	}
}

// readSevenFolder reads the coders of a folder.
func readSevenFolder(r *sevenReader) sevenFolder {
	f := sevenFolder{coders: r.count(maxSevenCoders)}
	ins, outs := 0, 0
	for range f.coders {
		flags := r.byte()
		method := string(r.bytes(int64(flags & 0x0f)))
		in, out := 1, 1
		if flags&0x10 != 0 {
			in, out = r.count(maxSevenCoders), r.count(maxSevenCoders)
		}
		ins, outs = ins+in, outs+out
		var props []byte
		if flags&0x20 != 0 {
			props = r.bytes(r.number())
		}
		f.encrypted = f.encrypted || method == sevenAES
		if f.coders == 1 && in == 1 && out == 1 {
			f.method, f.props = method, props
		}
	}
	for range max(outs-1, 0) {
		r.number()
		r.number()
	}
	f.streams = ins - max(outs-1, 0)
	if f.streams > 1 {
		for range f.streams {
			r.number()
		}
	}
	if f.streams < 1 {
		r.failed = true
	}
	f.coders = outs // each has a size
	return f
}

// division reads how the folders' streams are divided into files.
func (a *sevenArchive) division(r *sevenReader) (sizes []int64) {
	for i := range a.folders {
		a.folders[i].files = 1
	}
	kind := r.byte()
	if kind == 0x0D {
		total := 0
		for i := range a.folders {
			a.folders[i].files = r.count(maxMembers)
			if total += a.folders[i].files; total > maxMembers {
				r.failed = true
				return nil
			}
		}
		kind = r.byte()
	}
	for _, f := range a.folders {
		left := f.size
		for i := range f.files {
			size := left
			if i < f.files-1 {
				if size = 0; kind == 0x09 {
					size = r.number()
				}
			}
			left -= size
			sizes = append(sizes, max(size, 0))
		}
	}
	if kind == 0x09 {
		kind = r.byte()
	}
	if kind == 0x0A {
		r.digests(a.undigested())
		kind = r.byte()
	}
	if kind != 0 {
		r.failed = true
	}
	return sizes
}

// undigested counts the files that have no checksum yet: one alone has that of its folder.
func (a *sevenArchive) undigested() int {
	n := 0
	for _, f := range a.folders {
		if f.files != 1 || !f.digest {
			n += f.files
		}
	}
	return n
}

// names reads the list of files. Those without content, folders among them, are left out.
func (a *sevenArchive) names(r *sevenReader, sizes []int64) {
	n := r.count(2 * maxMembers)
	var names []string
	var empty []bool
	for !r.failed {
		kind := r.byte()
		if kind == 0 {
			break
		}
		property := &sevenReader{rest: r.bytes(r.number())}
		switch kind {
		case 0x0E:
			empty = property.bits(n)
		case 0x11:
			if property.byte() == 0 {
				names = wideNames(property.rest, n)
			}
		}
	}
	for i := range n {
		if i < len(empty) && empty[i] {
			continue
		}
		if len(a.files) >= len(sizes) {
			return
		}
		f := sevenFile{size: sizes[len(a.files)]}
		if i < len(names) {
			f.name = names[i]
		}
		a.files = append(a.files, f)
	}
}

// wideNames splits names in UTF-16, each of which ends with a zero.
func wideNames(data []byte, n int) []string {
	var names []string
	var name []uint16
	for ; len(data) >= 2 && len(names) < n; data = data[2:] {
		if u := binary.LittleEndian.Uint16(data); u != 0 {
			name = append(name, u)
			continue
		}
		names = append(names, string(utf16.Decode(name)))
		name = name[:0]
	}
	return names
}
