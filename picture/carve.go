package picture

import (
	"bytes"
	"fmt"
	"slices"

	"quishmilter/mime"
)

// maxCarved bounds the pictures that are looked for in the bytes of something that does not parse.
const maxCarved = 200

// pictureMagics are the beginnings of pictures that are looked for among other bytes: long enough not to stand there
// by chance.
func pictureMagics() [][]byte {
	return [][]byte{[]byte("\x89PNG\r\n\x1a\n"), []byte("\xff\xd8\xff\xe0"), []byte("\xff\xd8\xff\xe1"), []byte("\xff\xd8\xff\xdb"), []byte("\xff\xd8\xff\xee")}
}

// fileMagics are pictureMagics and those of other files that hold pictures.
func fileMagics() [][]byte {
	return append(pictureMagics(), []byte("GIF87a"), []byte("GIF89a"), []byte("%PDF-1."), []byte("PK\x03\x04"))
}

// carve looks for pictures and documents in bytes whose format is damaged or not known. That what begins like one is
// none, or is damaged, is not said: the bytes are no file by themselves.
func (v *view) carve(data []byte, at, carrier string, magics [][]byte) {
	said := len(v.problems)
	for n := 1; len(data) > 0; n++ {
		i := nextCarved(data, magics)
		if i < 0 {
			break
		}
		if n > maxCarved || v.ctx.Err() != nil {
			v.problem(mime.OverLimit, at, "more than %d pictures in damaged or unknown content", maxCarved)
			break
		}
		data = data[i:]
		end := carvedEnd(data, magics)
		v.within(Part{Data: data[:end]}, join(at, fmt.Sprintf("found %d", n)), carrier)
		data = data[end:]
	}
	later := slices.DeleteFunc(slices.Clone(v.problems[said:]), func(p mime.Problem) bool { return p.Kind == mime.Broken })
	v.problems = append(v.problems[:said], later...)
}

// nextCarved finds the first beginning of any kind.
func nextCarved(data []byte, magics [][]byte) int {
	first := -1
	for _, magic := range magics {
		window := data
		if first >= 0 {
			window = data[:min(len(data), first+len(magic))]
		}
		if i := bytes.Index(window, magic); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}

// carvedEnd is how long the file at the start of data is: up to its end mark, or up to what begins behind it.
// Documents go on to the end of the data, since they hold pictures themselves.
func carvedEnd(data []byte, magics [][]byte) int {
	end := -1
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG")):
		if i := bytes.Index(data, []byte("IEND\xaeB`\x82")); i >= 0 {
			return i + 8
		}
		end = nextCarved(data[4:], magics)
	case bytes.HasPrefix(data, []byte("GIF8")):
		end = nextCarved(data[4:], magics)
	case data[0] == 0xff:
		return jpegLength(data)
	}
	if end < 0 {
		return len(data)
	}
	return end + 4
}

// jpegLength walks the segments of a JPEG to its end mark (ISO/IEC 10918-1, annex B.1): thumbnails inside it have
// end marks too.
func jpegLength(data []byte) int {
	for i := 2; i+4 <= len(data); {
		marker := data[i+1]
		switch {
		case data[i] != 0xff, marker == 0: // the bytes of a scan
			next := bytes.IndexByte(data[i+1:], 0xff)
			if next < 0 {
				return len(data)
			}
			i += 1 + next
		case marker == 0xd9:
			return i + 2
		case marker == 0xff:
			i++
		case marker >= 0xd0 && marker <= 0xd8, marker == 1:
			i += 2
		default:
			i += 2 + max(2, int(data[i+2])<<8|int(data[i+3]))
		}
	}
	return len(data)
}
