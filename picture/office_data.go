package picture

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"strings"

	"quishmilter/mime"
)

// rawCharset lets a document in another charset through as it is: the marks that are looked for are ASCII.
func rawCharset(_ string, in io.Reader) (io.Reader, error) { return in, nil }

// maxLinks bounds the pictures that are looked for in the text of one file.
const maxLinks = 200

// dataLinks shows the pictures that stand in attributes as "data:" URLs (RFC 2397).
func (v *view) dataLinks(text []byte, name string) {
	for n := 1; ; n++ {
		i := bytes.Index(text, []byte("data:image/"))
		if i < 0 {
			return
		}
		text = text[i:]
		link := text
		if end := bytes.IndexAny(link, `"'<>`); end >= 0 {
			link = link[:end]
		}
		text = text[len("data:image/"):]
		if n > maxLinks {
			v.problem(mime.OverLimit, name, "more than %d pictures in the text", maxLinks)
			return
		}
		if mediaType, data, ok := dataURL(link); ok && v.spend(int64(len(data))) {
			v.inside(Part{Name: fmt.Sprintf("%s data %d", name, n), Type: mediaType, Data: data}, v.carrier)
		}
	}
}

// dataURL decodes a "data:" URL; spaces and line breaks in it are skipped, as browsers do.
func dataURL(link []byte) (mediaType string, data []byte, ok bool) {
	head, body, ok := bytes.Cut(bytes.TrimPrefix(link, []byte("data:")), []byte(","))
	if !ok {
		return "", nil, false
	}
	mediaType, params, _ := strings.Cut(strings.ToLower(string(head)), ";")
	if strings.Contains(params, "base64") {
		return mediaType, looseBase64(body), true
	}
	text, err := url.PathUnescape(string(body))
	return mediaType, []byte(text), err == nil
}

// looseBase64 decodes what there is of base64 among other bytes.
func looseBase64(text []byte) []byte {
	kept := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '%' && i+2 < len(text): // %2B and its kin in a URL
			if b, err := url.PathUnescape(string(text[i : i+3])); err == nil {
				kept = append(kept, b...)
				i += 2
			}
		case c == '&': // a line break as &#10; or &#xA; in XML
			if end := bytes.IndexByte(text[i:min(len(text), i+8)], ';'); end > 0 {
				i += end
			}
		case c == '-':
			kept = append(kept, '+')
		case c == '_':
			kept = append(kept, '/')
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			kept = append(kept, c)
		}
	}
	if len(kept)%4 == 1 {
		kept = kept[:len(kept)-1]
	}
	data := make([]byte, base64.RawStdEncoding.DecodedLen(len(kept)))
	n, _ := base64.RawStdEncoding.Decode(data, bytes.TrimRight(kept, "\n")) // what is kept is of the alphabet
	return data[:n]
}

// binaryElements shows the files that stand between an element's tags as base64.
func (v *view) binaryElements(text []byte, element, name string) {
	for n := 1; ; n++ {
		i := bytes.Index(text, []byte(element))
		if i < 0 {
			return
		}
		start := bytes.IndexByte(text[i:], '>')
		if start < 0 {
			return
		}
		text = text[i+start+1:]
		end := bytes.IndexByte(text, '<')
		if end < 0 || !bytes.HasPrefix(text[end:], []byte("</")) {
			continue
		}
		if n > maxLinks {
			v.problem(mime.OverLimit, name, "more than %d files in the text", maxLinks)
			return
		}
		data := looseBase64(text[:end])
		text = text[end+2:]
		if skip := bytes.IndexByte(text, '>'); skip >= 0 {
			text = text[skip+1:]
		}
		if Wanted("", "", data[:min(len(data), headSize)]) && v.spend(int64(len(data))) {
			v.inside(Part{Name: fmt.Sprintf("%s data %d", name, n), Data: data}, v.carrier)
		}
	}
}

// isFlatOffice knows documents that are a single XML file: Word 2003's, flat OPC and flat OpenDocument.
func isFlatOffice(p Part) bool {
	head := bytes.TrimLeft(p.head(), "\xef\xbb\xbf \t\r\n")
	if !bytes.HasPrefix(head, []byte("<?xml")) && !bytes.HasPrefix(head, []byte("<")) {
		return false
	}
	for _, mark := range []string{"mso-application", "schemas.microsoft.com/office/word/2003", "schemas.microsoft.com/office/2006/xmlPackage", "office:document"} {
		if bytes.Contains(head, []byte(mark)) {
			return true
		}
	}
	return false
}

func openFlatOffice(v *view) {
	v = v.carriedBy("office")
	v.xmlText(v.part.Data, "")
	v.page(v.part.Data, "", nil)
}
