package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"quishmilter/mime"
)

// rtfHex is a picture or object whose bytes stand in a group.
type rtfHex struct {
	object bool
	kind   string // the control word that says what kind of picture it is
	half   int    // the first digit of an unfinished byte, 16 for none
	data   []byte
}

func newRTFHex(object bool) *rtfHex { return &rtfHex{object: object, half: 16} }

// text takes hexadecimal digits; Word skips everything else between them.
func (h *rtfHex) text(text []byte) {
	for _, c := range text {
		digit := 16
		switch {
		case c >= '0' && c <= '9':
			digit = int(c - '0')
		case c >= 'a' && c <= 'f':
			digit = int(c-'a') + 10
		case c >= 'A' && c <= 'F':
			digit = int(c-'A') + 10
		}
		switch {
		case digit == 16:
		case h.half == 16:
			h.half = digit
		default:
			h.data = append(h.data, byte(h.half<<4|digit))
			h.half = 16
		}
	}
}

// word takes a control word.
func (r *rtfReader) word(t rtfToken, top *rtfGroup) {
	if top.star && r.deep == 0 {
		top.star = false
		top.skipped = top.skipped || t.word != "htmltag"
	}
	switch t.word {
	case "*":
		top.star = r.deep == 0
	case "pict", "objdata":
		if top.hex == nil && r.deep == 0 {
			top.hex = newRTFHex(t.word == "objdata")
		}
	case "pngblip", "jpegblip", "emfblip", "wmetafile", "pmmetafile", "dibitmap", "wbitmap", "macpict":
		if top.hex != nil {
			top.hex.kind = t.word
		}
	case "field":
		if !top.field && r.deep == 0 {
			top.field = true
			r.fields.begin()
		}
	case "fldrslt":
		r.fields.separate()
	case "u":
		r.unicode(rune(uint16(t.arg)), top)
	case "uc":
		r.width = max(0, min(t.arg, 16))
	case "ansicpg":
		r.codepage = t.arg
	case "par", "line", "tab", "~":
		r.fields.text(" ")
		r.html.control(t, top)
		r.page.control(t)
	case "fonttbl", "colortbl", "stylesheet", "info", "pntext", "mhtmltag":
		top.skipped, top.colors = true, t.word == "colortbl"
	case "fromhtml":
		if r.html == nil {
			r.html = &rtfHTML{}
		}
	default:
		r.html.control(t, top)
		r.page.control(t)
	}
}

// unicode takes a character beyond the code page; surrogates come in pairs and are rare in links.
func (r *rtfReader) unicode(c rune, top *rtfGroup) {
	r.skip = r.width
	r.fields.text(string(c))
	if r.html != nil {
		r.html.text(fmt.Appendf(nil, "&#%d;", c), top)
	}
	if !top.skipped {
		r.page.text(string(c))
	}
}

// pictureTypes are the media types of RTF's kinds of pictures.
func pictureType(kind string) string {
	switch kind {
	case "pngblip":
		return "image/png"
	case "jpegblip":
		return "image/jpeg"
	case "emfblip":
		return "image/emf"
	case "wmetafile":
		return "image/wmf"
	case "dibitmap":
		return "image/bmp"
	}
	return ""
}

// finish looks into a picture or object whose group has ended.
func (r *rtfReader) finish(h *rtfHex) {
	if len(h.data) == 0 {
		return
	}
	if r.pictures++; r.pictures > maxRTFPictures {
		if r.pictures == maxRTFPictures+1 {
			r.problem(mime.OverLimit, "", "more than %d pictures and objects", maxRTFPictures)
		}
		return
	}
	at := fmt.Sprintf("picture %d", r.pictures)
	switch {
	case h.object:
		r.object(h.data, fmt.Sprintf("object %d", r.pictures))
	case h.kind == "wbitmap", h.kind == "macpict", h.kind == "pmmetafile":
		r.problem(mime.Unsupported, at, "pictures of this old kind (%s) are not read", h.kind)
	default:
		part := Part{Type: pictureType(h.kind), Data: h.data}
		if file := bitmapFile(h.data); h.kind == "dibitmap" && file != nil {
			part.Data = file
		}
		r.within(part, at, r.carrier)
	}
}

// object looks into an embedded object ([MS-OLEDS], section 2.2.5): its bytes hold a compound file, a packaged file,
// or the file itself.
func (r *rtfReader) object(data []byte, at string) {
	if i := bytes.Index(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")); i >= 0 {
		r.within(Part{Data: data[i:]}, at, r.carrier)
		return
	}
	class, native, ok := embeddedObject(data)
	if ok && class == "Package" {
		r.native(append([]byte("size"), native...), at)
		return
	}
	r.carve(data, at, r.carrier, fileMagics())
}

// embeddedObject takes an OLE 1.0 object apart: version, kind, three texts with their lengths, and the data with its own.
func embeddedObject(data []byte) (class string, native []byte, ok bool) {
	if len(data) < 8 {
		return "", nil, false
	}
	rest := data[8:]
	for n := range 4 {
		if len(rest) < 4 {
			return "", nil, false
		}
		size := int64(binary.LittleEndian.Uint32(rest))
		if rest = rest[4:]; size > int64(len(rest)) {
			size = int64(len(rest))
		}
		if n == 0 {
			class = string(bytes.TrimRight(rest[:size], "\x00"))
		}
		if n == 3 {
			return class, rest[:size], true
		}
		rest = rest[size:]
	}
	return "", nil, false
}
