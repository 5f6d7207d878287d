package picture

import (
	"bytes"
	"fmt"
	"strings"

	"quishmilter/mime"
)

// maxCardPictures bounds the pictures in one file of business cards.
const maxCardPictures = 200

// isVCard knows business cards (RFC 6350) by content, so that a card under another type is one too.
func isVCard(p Part) bool {
	head := bytes.TrimLeft(p.Data[:min(len(p.Data), 64)], "\xef\xbb\xbf \t\r\n")
	return len(head) >= 11 && strings.EqualFold(string(head[:11]), "BEGIN:VCARD")
}

// openVCard shows the pictures in the cards: as base64 in versions 2.1 and 3, as "data:" URLs in version 4.
func openVCard(v *view) {
	found := 0
	for line, rest := cardLine(v.part.Data); line != nil; line, rest = cardLine(rest) {
		head, value, ok := bytes.Cut(line, []byte(":"))
		name, params, _ := strings.Cut(strings.ToUpper(string(head[:min(len(head), 200)])), ";")
		if _, grouped, in := strings.Cut(name, "."); in {
			name = grouped
		}
		if !ok || name != "PHOTO" && name != "LOGO" {
			continue
		}
		if found++; found > maxCardPictures {
			v.problem(mime.OverLimit, "", "more than %d pictures in business cards", maxCardPictures)
			return
		}
		at := fmt.Sprintf("%s %d", strings.ToLower(name), found)
		if bytes.HasPrefix(value, []byte("data:")) {
			if mediaType, data, ok := dataURL(value); ok {
				v.within(Part{Type: mediaType, Data: data}, at, v.carrier)
			}
		} else if strings.Contains(params, "ENCODING=B") || strings.Contains(params, "BASE64") {
			v.within(Part{Type: "image/unknown", Data: looseBase64(value)}, at, v.carrier)
		}
	}
}

// cardLine reads one line with those that continue it, which begin with a space (RFC 6350, section 3.2). nil is the end.
func cardLine(data []byte) (line, rest []byte) {
	if len(data) == 0 {
		return nil, nil
	}
	end := 0
	for {
		i := bytes.IndexByte(data[end:], '\n')
		if i < 0 {
			return data, nil
		}
		if end += i + 1; end >= len(data) || data[end] != ' ' && data[end] != '\t' {
			return data[:end], data[end:]
		}
	}
}
