package mime

import (
	"bytes"
	"strconv"
)

// carvedMagics are how pictures, PDF and ZIP files begin, in base64 and as they are.
var carvedMagics = []struct{ text, encoding string }{
	{"iVBORw0KGg", "base64"}, // PNG
	{"/9j/", "base64"},       // JPEG
	{"R0lGODdh", "base64"},   // GIF
	{"R0lGODlh", "base64"},
	{"JVBERi0", "base64"},  // PDF
	{"UEsDBBQA", "base64"}, // ZIP
	{"\x89PNG\r\n\x1a\n", "7bit"},
	{"\xff\xd8\xff", "7bit"},
	{"GIF87a", "7bit"},
	{"GIF89a", "7bit"},
	{"%PDF-", "7bit"},
	{"PK\x03\x04", "7bit"},
}

// mostCarved bounds the files that are found in one piece of a damaged message.
const mostCarved = 16

// carve hands out the files that begin at a line of raw bytes whose structure is lost: a multipart whose delimiters
// are not found, and what stands outside all parts.
func (w *walker) carve(raw []byte, path string) {
	found := 0
	for rest := raw; len(rest) > 0 && found < mostCarved; {
		line, after := cutLine(rest)
		content := bytes.TrimLeft(line, " \t")
		for _, m := range carvedMagics {
			if !bytes.HasPrefix(content, []byte(m.text)) {
				continue
			}
			file := rest
			if m.encoding == "base64" {
				file = base64Lines(rest)
				after = rest[len(file):]
			}
			found++
			w.leaf(Part{Type: "application/octet-stream", Encoding: m.encoding}, path+".carved"+strconv.Itoa(found), file)
			break
		}
		rest = after
	}
}

// base64Lines is how far a text goes on as base64.
func base64Lines(text []byte) []byte {
	end := 0
	for end < len(text) {
		line, _ := cutLine(text[end:])
		content := bytes.TrimSpace(line)
		for _, c := range content {
			if sextets[c] > 63 && c != '=' {
				return text[:end]
			}
		}
		if len(content) == 0 {
			break
		}
		end += len(line)
	}
	return text[:end]
}
