package picture

import (
	"bytes"
	"slices"

	"quishmilter/mime"
)

// dictionarySize is how many bytes before and behind /Width the rest of a picture's dictionary is looked for.
const dictionarySize = 1500

// giant is how many times Limits.Pixels a picture inside a PDF may have: the renderer needs a byte for each pixel
// and 70 ns. One document that was seen hides a mask of 151 megapixels behind a picture of four: 10 seconds.
const giant = 2

// withoutGiants makes the pictures in a PDF that are too large to be drawn pictures of one pixel. Their dictionaries stand in the file as plain text, since those of streams cannot be compressed
// (ISO 32000-1, 7.5.7). The part's own bytes stay as they are.
func (v *view) withoutGiants(data []byte) []byte {
	own := data
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("/Width"))
		if i < 0 {
			return own
		}
		at += i + len("/Width")
		width, ok := pdfNumber(data[at:])
		if !ok {
			continue
		}
		from, to := dictionaryAround(data, at)
		height, ok := entry(data[from:to], "/Height")
		if !ok || width <= 0 || height <= giant*v.limits.Pixels/width {
			continue
		}
		if &own[0] == &data[0] {
			own = slices.Clone(data)
		}
		shrink(own[at:])
		shrink(own[from+bytes.Index(data[from:to], []byte("/Height"))+len("/Height"):])
		v.problem(mime.OverLimit, "", "a picture of %d×%d pixels in the PDF was not drawn", width, height)
	}
}

// dictionaryAround is about where the dictionary around data[at] begins and ends.
func dictionaryAround(data []byte, at int) (from, to int) {
	from, to = max(0, at-dictionarySize), min(len(data), at+dictionarySize)
	if i := bytes.LastIndex(data[from:at], []byte("obj")); i >= 0 {
		from += i
	}
	if i := bytes.Index(data[at:to], []byte("stream")); i >= 0 {
		to = at + i
	}
	return from, to
}

// entry is the number behind a name in a dictionary.
func entry(dictionary []byte, name string) (int64, bool) {
	i := bytes.Index(dictionary, []byte(name))
	if i < 0 {
		return 0, false
	}
	return pdfNumber(dictionary[i+len(name):])
}

// shrink makes the number behind white space 1, in as many digits.
func shrink(data []byte) {
	last := -1
	for i, c := range data {
		if c >= '0' && c <= '9' {
			data[i], last = '0', i
		} else if last >= 0 {
			break
		}
	}
	if last >= 0 {
		data[last] = '1'
	}
}

// pdfNumber reads a whole number behind white space.
func pdfNumber(data []byte) (int64, bool) {
	rest := bytes.TrimLeft(data[:min(len(data), 64)], "\x00\t\n\f\r ")
	n, digits := int64(0), 0
	for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' && digits < 12 {
		n = n*10 + int64(rest[digits]-'0')
		digits++
	}
	return n, digits > 0
}
