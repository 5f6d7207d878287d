package payload

import (
	"html"
	"regexp"
	"strconv"
	"strings"
)

// Pages take what a link tells them apart by scripts, and often write it into HTML: so "&#64;" or "\u0040" in a link
// becomes an "@" there, though no phone or browser decodes it on the way.

// Character references of HTML: numbers, also without the semicolon (HTML standard, section 13.2.5.80), and names with
// one. Names without are left alone, or "&copy=1" would not be a parameter.
var entity = regexp.MustCompile(`&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[a-zA-Z][a-zA-Z0-9]{1,31};)`)

// scriptEscape is a character as JavaScript writes it in a text, and as its old escape() does.
var scriptEscape = regexp.MustCompile(`(?:\\u|%u)[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{1,6}\}|\\x[0-9a-fA-F]{2}`)

// written are ways to write an "@" so that filters do not see an address.
var written = strings.NewReplacer("(at)", "@", "[at]", "@", "{at}", "@", "＠", "@")

// referenced is a text with its character references and script escapes decoded, once.
func referenced(text string) string {
	if strings.IndexByte(text, '&') >= 0 {
		text = entity.ReplaceAllStringFunc(text, html.UnescapeString)
	}
	if strings.IndexByte(text, '\\') >= 0 || strings.Contains(text, "%u") {
		text = scriptEscape.ReplaceAllStringFunc(text, ofEscape)
	}
	return text
}

func ofEscape(escape string) string {
	digits := strings.Trim(escape[2:], "{}")
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || n == 0 || n > 0x10ffff {
		return escape
	}
	return string(rune(n))
}
