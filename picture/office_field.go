package picture

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// Word draws a QR code of a field's text by itself (ECMA-376-1, section 17.16; [MS-OI29500]: DISPLAYBARCODE), so there
// is no picture of it in the file:
//
//	DISPLAYBARCODE "https://example.com" QR \q 3

// Bounds of fields.
const (
	maxFieldNest = 20 // Word's own limit of nested fields
	maxFieldText = 16 << 10
)

// field is a field that is being read.
type field struct {
	code   strings.Builder // its instruction
	result bool            // what comes now is what it shows
}

// fields are the open fields, the innermost last: the result of one in another's instruction is part of that.
type fields struct {
	open    []*field
	skipped int // that are open beyond the limit
	barcode func(text string)
	picture func(url string)
}

func (f *fields) begin() {
	if len(f.open) >= maxFieldNest {
		f.skipped++
		return
	}
	f.open = append(f.open, &field{})
}

func (f *fields) separate() {
	if n := len(f.open); n > 0 && f.skipped == 0 {
		f.open[n-1].result = true
	}
}

// text takes what stands between a field's marks: its instruction, or what it shows. The latter belongs to the field
// around it.
func (f *fields) text(s string) {
	if f.skipped > 0 {
		return
	}
	for n := len(f.open) - 1; n >= 0; n-- {
		if top := f.open[n]; !top.result {
			if top.code.Len()+len(s) <= maxFieldText {
				top.code.WriteString(s)
			}
			return
		}
	}
}

func (f *fields) end() {
	if f.skipped > 0 {
		f.skipped--
		return
	}
	if n := len(f.open); n > 0 {
		code := f.open[n-1].code.String()
		f.open = f.open[:n-1]
		if text, ok := barcodeOf(code); ok {
			f.barcode(text)
		}
		if words := fieldWords(code); len(words) > 1 && strings.EqualFold(words[0], "INCLUDEPICTURE") {
			f.picture(words[1])
		}
	}
}

// barcodeOf is the text of a field that draws a QR code.
func barcodeOf(code string) (string, bool) {
	words := fieldWords(code)
	if len(words) < 3 || !strings.EqualFold(words[0], "DISPLAYBARCODE") || !strings.EqualFold(words[2], "QR") {
		return "", false
	}
	return words[1], true
}

// fieldWords splits an instruction as Word does: at spaces, except within quotes, in which a backslash makes the next
// quote or backslash a letter. Word takes typographic quotes for straight ones.
func fieldWords(code string) []string {
	var words []string
	var word strings.Builder
	quoted, open, escaped := false, false, false
	for _, r := range strings.TrimSpace(code) {
		switch {
		case escaped:
			escaped = false
			if r != '"' && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
		case r == '\\' && quoted:
			escaped = true
		case r == '"' || r == '“' || r == '”' || r == '„':
			quoted, open = !quoted, true
		case !quoted && strings.ContainsRune(" \t\r\n\u00a0", r):
			if open || word.Len() > 0 {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
		}
	}
	if open || word.Len() > 0 {
		words = append(words, word.String())
	}
	return words
}

// wordFields follows the fields in WordprocessingML: <w:fldSimple w:instr="…">, or runs between w:fldChar marks, over
// which Word and phishers may spread the instruction letter by letter.
func (v *view) wordFields(text []byte, name string) {
	f := &fields{barcode: func(payload string) { v.payload(payload, name, "office") }, picture: func(url string) { v.link(url, text) }}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.Strict = false
	decoder.CharsetReader = rawCharset
	inText := false
	for n := 0; n%4096 != 4095 || v.ctx.Err() == nil; n++ {
		token, err := decoder.RawToken()
		if err != nil {
			return
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "instrText", "t":
				inText = true
			case "fldChar":
				f.mark(attribute(t, "fldCharType"))
			case "fldSimple":
				if payload, ok := barcodeOf(attribute(t, "instr")); ok {
					f.barcode(payload)
				}
			}
		case xml.EndElement:
			inText = inText && t.Name.Local != "instrText" && t.Name.Local != "t"
		case xml.CharData:
			if inText {
				f.text(string(t))
			}
		}
	}
}

func (f *fields) mark(kind string) {
	switch kind {
	case "begin":
		f.begin()
	case "separate":
		f.separate()
	case "end":
		f.end()
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
