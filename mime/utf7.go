package mime

import (
	"strings"
	"unicode/utf16"
)

// isUTF7 knows the names of a charset that no library reads any more, and that Outlook still shows.
func isUTF7(set string) bool {
	switch strings.ToLower(set) {
	case "utf-7", "utf7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7":
		return true
	}
	return false
}

// fromUTF7 decodes UTF-7 (RFC 2152): between "+" and what is no base64 stands UTF-16. What is none stays as it is.
func fromUTF7(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			out.WriteByte(b[i])
			continue
		}
		end := i + 1
		for end < len(b) && sextets[b[end]] < 64 {
			end++
		}
		if end == i+1 { // "+-" is a plus
			out.WriteByte('+')
		} else {
			out.WriteString(utf16Text(b[i+1 : end]))
		}
		if i = end - 1; end < len(b) && b[end] == '-' {
			i = end
		}
	}
	return out.String()
}

// utf16Text is a text whose UTF-16 stands in base64 without padding.
func utf16Text(encoded []byte) string {
	var units []uint16
	bits, n := uint32(0), 0
	for _, c := range encoded {
		bits, n = bits<<6|uint32(sextets[c]), n+6
		if n >= 16 {
			n -= 16
			units = append(units, uint16(bits>>n))
		}
	}
	return string(utf16.Decode(units))
}
