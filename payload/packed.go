package payload

import (
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"
)

// maxEncodings is how many encodings inside one another hide a target.
const maxEncodings = 3

// wholeLink is the link that a text is, plain, percent-encoded, with character references, in base64 (also of zlib), in hexadecimal or in JSON; only with a scheme, or every file
// name would be one.
func wholeLink(text string, depth int) string {
	lines := trim(referenced(text))
	text = folded(lines)
	if hasScheme(text) {
		return asLink(lines)
	}
	if target := appTarget(text); target != "" {
		return target
	}
	if depth == 0 || len(text) < 10 {
		return ""
	}
	if decoded := percentDecode(text); decoded != text {
		return wholeLink(decoded, depth-1)
	}
	if text[0] == '{' || text[0] == '[' {
		return jsonLink(text, depth-1)
	}
	if decoded, err := hex.DecodeString(text); err == nil && utf8.Valid(decoded) {
		return wholeLink(string(decoded), depth-1)
	}
	decoded := fromBase64(text)
	if strings.HasPrefix(decoded, "\x78") {
		decoded = inflated(decoded)
	}
	if decoded != "" && utf8.ValidString(decoded) {
		return wholeLink(decoded, depth-1)
	}
	return ""
}

// inflated is the beginning of what zlib packed (RFC 1950), as long as a link may be; the text itself where it did not.
func inflated(text string) string {
	packed, err := zlib.NewReader(strings.NewReader(text))
	if err != nil {
		return text
	}
	link, _ := io.ReadAll(io.LimitReader(packed, maxLink)) // of a torn one what is there
	return string(link)
}

// jsonLink is the first link among the strings of a JSON text, at most 64 of them.
func jsonLink(text string, depth int) string {
	tokens := json.NewDecoder(strings.NewReader(text))
	for range 64 {
		token, err := tokens.Token()
		if err != nil {
			break
		}
		if value, ok := token.(string); ok {
			if target := wholeLink(value, depth); target != "" {
				return target
			}
		}
	}
	return ""
}

func hasScheme(text string) bool {
	rest, scheme := cutScheme(trim(text))
	return scheme != "" && rest != ""
}

// fromBase64 decodes both alphabets, with or without padding; "" for anything else.
func fromBase64(text string) string {
	if len(text) < 10 {
		return ""
	}
	if strings.ContainsAny(text, "-_ ") {
		text = strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(text)
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return ""
	}
	return string(decoded)
}
