package picture

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/richardlehane/mscfb"

	"quishmilter/mime"
)

// OLE compound files ([MS-CFB]) are small file systems: Word's, Excel's and PowerPoint's files before 2007, Outlook's
// messages, and the envelope around encrypted ones of today.

// Bounds of compound files.
const (
	maxStreams = 4000     // of one file
	oleChunk   = 64 << 10 // bytes read at once; the library's work grows with the square of the sectors in one read
)

// stream is a file in a compound file.
type stream struct {
	name string
	path []string // the storages around it
	file *mscfb.File
}

// oleFile is a compound file that is being looked into.
type oleFile struct {
	*view
	streams []stream
}

func openOLE(v *view) {
	f, err := v.oleStreams()
	if err != nil {
		v.problem(mime.Broken, "", "the OLE file's directory is damaged; only pictures in its bytes were looked for")
		v.carve(v.part.Data, "", "office", fileMagics())
		return
	}
	switch {
	case f.has("EncryptedPackage"), f.has("EncryptedSummary"):
		v.problem(mime.Encrypted, "", "the document needs a password")
	case f.has("__properties_version1.0"):
		f.outlook(nil)
	default:
		f.view = v.carriedBy("office")
		for _, s := range f.streams {
			if v.ctx.Err() != nil {
				v.problem(mime.Timeout, s.name, "the time was up before this was looked at")
				return
			}
			f.look(s)
		}
	}
}

// oleStreams lists the streams. The library recurses and was fuzzed by few: a panic in it is a damaged file.
func (v *view) oleStreams() (f *oleFile, err error) {
	defer func() {
		if recover() != nil {
			f, err = nil, io.ErrUnexpectedEOF
		}
	}()
	reader, err := mscfb.New(bytes.NewReader(v.part.Data))
	if err != nil {
		return nil, err
	}
	f = &oleFile{view: v}
	for _, entry := range reader.File {
		if entry.FileInfo().IsDir() || entry.Size == 0 {
			continue
		}
		if len(f.streams) >= maxStreams {
			v.problem(mime.OverLimit, "", "more than %d streams in one OLE file", maxStreams)
			break
		}
		f.streams = append(f.streams, stream{name: entry.Name, path: entry.Path, file: entry})
	}
	return f, nil
}

func (f *oleFile) has(name string) bool {
	return slices.ContainsFunc(f.streams, func(s stream) bool { return s.name == name && len(s.path) == 0 })
}

// read reads a stream, as far as its chain of sectors goes.
func (f *oleFile) read(s stream) (data []byte) {
	defer func() {
		if recover() != nil {
			f.problem(mime.Broken, s.name, "this stream does not read")
		}
	}()
	size := min(s.file.Size, int64(len(f.part.Data)))
	if size > f.room() {
		f.problem(mime.OverLimit, s.name, "more than %d MB unpacked", f.limits.Unpacked>>20)
		return nil
	}
	f.spend(size)
	data = make([]byte, 0, size)
	for int64(len(data)) < size {
		chunk := data[len(data):min(len(data)+oleChunk, int(size))]
		n, err := s.file.Read(chunk)
		data = data[:len(data)+n]
		if n == 0 || err != nil && err != io.EOF {
			if int64(len(data)) < size {
				f.problem(mime.Broken, s.name, "this stream ends early")
			}
			break
		}
	}
	return data
}

// look looks into one stream of a document.
func (f *oleFile) look(s stream) {
	data := f.read(s)
	switch s.name {
	case "WordDocument":
		f.word(data)
	case "Workbook", "Book":
		f.excel(data, s.name)
	case "Current User":
		if len(data) >= 16 && binary.LittleEndian.Uint32(data[12:]) == encryptedPowerPoint {
			f.problem(mime.Encrypted, "", "the presentation needs a password")
		}
	case "Ole10Native":
		f.native(data, strings.Join(append(slices.Clone(s.path), s.name), "/"))
	default:
		if Wanted("", "", data[:min(len(data), headSize)]) {
			f.within(Part{Data: data}, s.name, "office")
			return
		}
		if s.name == "PowerPoint Document" { // records of any length around its texts, so these begin anywhere
			f.writtenText(wideText(data, '\r', '\v'), "text")
			f.writtenText(wideText(data[min(1, len(data)):], '\r', '\v'), "text")
		}
		f.art(data, s.name)
	}
}

// encryptedPowerPoint is the mark of encrypted presentations ([MS-PPT], section 2.3.2).
const encryptedPowerPoint = 0xF3D1C4DF

// word looks into the main stream of a .doc file ([MS-DOC], section 2.5.2 for the flags).
func (f *oleFile) word(data []byte) {
	const fEncrypted = 1 << 8
	if len(data) >= 12 && binary.LittleEndian.Uint16(data) == 0xA5EC && binary.LittleEndian.Uint16(data[10:])&fEncrypted != 0 {
		f.problem(mime.Encrypted, "", "the document needs a password")
		return
	}
	f.storedFields(data)
	f.writtenText(wideText(data, '\r', '\v', '\a'), "text")
	f.art(data, "WordDocument")
}

// wideText is UTF-16 with the characters that end lines made such ends. What is no text becomes strange characters,
// which end no code.
func wideText(data []byte, ends ...uint16) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(data[2*i:])
		switch {
		case slices.Contains(ends, units[i]):
			units[i] = '\n'
		case units[i] < ' ' && units[i] != '\t':
			units[i] = ' '
		}
	}
	return string(utf16.Decode(units))
}

// native looks into an embedded file as the Object Packager wraps it: size, flags, three names, and the file.
func (v *view) native(data []byte, at string) {
	name, file, ok := packaged(data)
	if !ok {
		v.carve(data, at, v.carrier, fileMagics())
		return
	}
	part := Part{Name: name, Type: typeByName(name), Data: file}
	if mayHold(Part{Type: part.Type, Name: name, Data: file[:min(len(file), headSize)]}) {
		v.inside(part, v.carrier)
	}
}

func packaged(data []byte) (name string, file []byte, ok bool) {
	if len(data) < 6 {
		return "", nil, false
	}
	rest := data[6:]
	label, rest, ok := bytes.Cut(rest, []byte{0})
	if !ok {
		return "", nil, false
	}
	_, rest, ok = bytes.Cut(rest, []byte{0})
	if !ok || len(rest) < 8 {
		return "", nil, false
	}
	temporary := int64(binary.LittleEndian.Uint32(rest[4:]))
	if rest = rest[8:]; temporary > int64(len(rest))-4 {
		return "", nil, false
	}
	rest = rest[temporary:]
	size := int64(binary.LittleEndian.Uint32(rest))
	rest = rest[4:]
	return string(label), rest[:min(size, int64(len(rest)))], size > 0
}
