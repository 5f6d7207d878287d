package picture

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"quishmilter/mime"
)

// Bounds of data: URIs in one document.
const (
	dataURIs      = 512
	shortestCut   = 2 << 10
	placeholder   = "@cut"
	maxDataHeader = 200
)

// cutter takes the long base64 runs out of a document before it is parsed, so that the parser neither copies nor
// limits them. A run is replaced by its number.
type cutter struct{ runs [][]byte }

// cut returns the document without the runs; it is the same slice when there are none.
func (c *cutter) cut(data []byte) []byte {
	var out []byte
	copied := 0
	for from := 0; ; {
		i := bytes.Index(data[from:], []byte("base64,"))
		if i < 0 {
			break
		}
		start := from + i + len("base64,")
		end := start
		for end < len(data) && base64Byte(data[end]) {
			end++
		}
		from = end
		if end-start < shortestCut || len(c.runs) >= dataURIs {
			continue
		}
		out = append(out, data[copied:start]...)
		out = fmt.Appendf(out, "%s%d@", placeholder, len(c.runs))
		c.runs = append(c.runs, data[start:end])
		copied = end
	}
	if copied == 0 {
		return data
	}
	return append(out, data[copied:]...)
}

func base64Byte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=' || c == '\r' || c == '\n' || c == '%' || c == '-' || c == '_'
}

// body returns the bytes of what stands behind "base64,".
func (c *cutter) body(s string) []byte {
	if number, ok := strings.CutPrefix(s, placeholder); ok {
		number, _, _ = strings.Cut(number, "@")
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < len(c.runs) {
			return c.runs[n]
		}
	}
	return []byte(s)
}

// dataURI takes a data: URI apart (RFC 2397). What browsers forgive is forgiven: white space, a missing padding, the
// URL alphabet of base64.
func (c *cutter) dataURI(uri string) (mediaType string, data []byte, ok bool) {
	uri = strings.TrimLeft(uri, " \t\r\n\"'")
	if len(uri) < 6 || !strings.EqualFold(uri[:5], "data:") {
		return "", nil, false
	}
	header, body, ok := strings.Cut(uri[5:], ",")
	if !ok || len(header) > maxDataHeader {
		return "", nil, false
	}
	mediaType, parameters, _ := strings.Cut(strings.ToLower(header), ";")
	if strings.HasSuffix(strings.TrimSpace(";"+parameters), "base64") {
		return strings.TrimSpace(mediaType), decodeBase64(c.body(body)), true
	}
	return strings.TrimSpace(mediaType), percentDecoded([]byte(body)), true
}

// percentDecoded decodes what is percent-encoded and leaves a percent sign that begins nothing, as browsers do.
func percentDecoded(s []byte) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := hexValue(s[i+1]), hexValue(s[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

// decodeBase64 skips what is no base64 and needs no padding.
func decodeBase64(s []byte) []byte {
	if bytes.IndexByte(s, '%') >= 0 {
		s = percentDecoded(s)
	}
	clean := make([]byte, 0, len(s))
	for _, b := range s {
		switch {
		case b == '-':
			clean = append(clean, '+')
		case b == '_':
			clean = append(clean, '/')
		case b != '=' && b != '%' && base64Byte(b) && b > ' ':
			clean = append(clean, b)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	n, _ := base64.RawStdEncoding.Decode(clean, clean)
	return clean[:n]
}

// dataName is by what name the shelf knows a data: URI.
func dataName(uri string) string {
	const long = 400
	if len(uri) > long {
		return fmt.Sprintf("%s…%d…%s", uri[:100], len(uri), uri[len(uri)-100:])
	}
	return uri
}

// readData opens what a data: URI holds, once.
func (v *view) readData(c *cutter, uri string, seen map[string]bool) {
	uri = strings.TrimSpace(uri)
	name := dataName(uri)
	if seen[name] {
		return
	}
	if len(seen) >= dataURIs {
		if !seen["…"] {
			seen["…"] = true
			v.problem(mime.OverLimit, "", "more than %d data: URIs", dataURIs)
		}
		return
	}
	mediaType, data, ok := c.dataURI(uri)
	if !ok || len(data) == 0 {
		return
	}
	seen[name] = true
	if part := (Part{Type: mediaType, Data: data}); !mayHold(part) {
		return // a font, a style sheet
	}
	v.within(Part{CID: name, Type: mediaType, Data: data}, "data: URI "+strconv.Itoa(len(seen)), v.carrier)
}
