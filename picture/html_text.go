package picture

import (
	"bytes"
	"html"
	"path"
	"strings"
	"unicode/utf8"

	"quishmilter/mime"
)

// textFormats is the table of what is text. Nothing in it is dear to try, but most text holds nothing to see, so the
// daemon looks with WantedText before it asks a worker.
func textFormats() []format {
	return []format{
		{"calendar", isCalendar, openCalendar},
		{"html", isHTML, openHTML},
		{"text", isPlainText, openPlainText},
	}
}

// mayHold reports whether something inside a part is worth unpacking, by its first bytes: it may be a picture, a
// document, or a text that draws.
func mayHold(part Part) bool {
	isText, _ := Text(part.Type, part.Name, part.Data)
	return isText || Wanted(part.Type, part.Name, part.Data)
}

// openText opens a part as the first text format that it is of. A part of another known format is text only when it
// begins as HTML does.
func (v *view) openText(known bool) bool {
	if known && !looksLikeHTML(v.part.head()) {
		return false
	}
	for _, f := range textFormats() {
		if f.magic(v.part) {
			f.open(v)
			return true
		}
	}
	return false
}

// isPlainText is what a mail client or an editor shows as text. More than half of UTF-16 is not zeros.
func isPlainText(p Part) bool {
	if head := p.head(); bytes.Count(head, []byte{0})*2 > len(head)+2 {
		return false
	}
	if strings.HasPrefix(p.Type, "text/") && p.Type != "text/rtf" {
		return true
	}
	switch strings.ToLower(path.Ext(p.Name)) {
	case ".txt", ".text", ".md", ".log", ".asc", ".csv", ".nfo":
		return true
	}
	return false
}

// openPlainText shows codes made of characters, and what generators are asked for.
func openPlainText(v *view) {
	text := textOf(v.part)
	if signsOf(text, false).written() {
		v.blockPictures(plainLines(string(text)), "text-blocks")
	}
	v.generatorPayloads(string(text))
}

// textOf returns a text in UTF-8, going by its byte order mark, its declared charset, and what its bytes allow.
func textOf(p Part) []byte {
	set := p.Charset
	switch {
	case bytes.HasPrefix(p.Data, []byte("\xef\xbb\xbf")):
		return p.Data[3:]
	case bytes.HasPrefix(p.Data, []byte("\xff\xfe")):
		set = "utf-16le"
	case bytes.HasPrefix(p.Data, []byte("\xfe\xff")):
		set = "utf-16be"
	case looksWide(p.head()):
		set = "utf-16le"
		if p.Data[0] == 0 {
			set = "utf-16be"
		}
	}
	if set == "" || set == "utf-8" || set == "us-ascii" || set == "utf8" || !strings.HasPrefix(set, "utf-16") && ascii(p.Data) {
		return p.Data
	}
	text, err := mime.Text(p.Data, set)
	if err != nil || !utf8.ValidString(text) {
		return p.Data
	}
	return []byte(text)
}

// looksWide tells UTF-16 without a mark by the zeros of its ASCII.
func looksWide(head []byte) bool {
	return len(head) >= 16 && bytes.Count(head, []byte{0})*3 > len(head)
}

func ascii(data []byte) bool {
	for _, b := range data {
		if b >= 0x80 || b == 0x1b || b == '+' || b == '~' { // the last ones begin what ISO-2022, UTF-7 and HZ hide in ASCII
			return false
		}
	}
	return true
}

// unescapedMarkup is a document with its character references resolved, where URLs are looked for. The ampersands
// of "&amp;" become plain, as a client resolves them.
func unescapedMarkup(markup []byte) string {
	if bytes.IndexByte(markup, '&') < 0 {
		return string(markup)
	}
	return html.UnescapeString(string(markup))
}

// lowered is data in lower case, ASCII only.
func lowered(data []byte) []byte {
	low := make([]byte, len(data))
	for i, b := range data {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		low[i] = b
	}
	return low
}
