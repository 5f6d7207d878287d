// Package eci turns a payload's bytes into text, by the character sets that its extended channel interpretations name.
//
// In go segments of bytes, each with the number of its interpretation (AIM ITS/04-023); out comes UTF-8. Numbers that
// name no character set we know are read as if none was named.
package eci

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// None is the interpretation of bytes for which the symbol names none.
const None = -1

// Segment is a stretch of payload bytes in one interpretation.
type Segment struct {
	ECI   int
	Bytes []byte
}

// Payload collects segments while a symbol is decoded. The zero value is empty and names no interpretation yet.
type Payload struct {
	segments []Segment
}

// Add appends bytes to the current segment.
func (p *Payload) Add(bytes ...byte) {
	if len(p.segments) == 0 {
		p.segments = append(p.segments, Segment{ECI: None})
	}
	last := &p.segments[len(p.segments)-1]
	last.Bytes = append(last.Bytes, bytes...)
}

// Switch begins a segment of another interpretation.
func (p *Payload) Switch(eci int) { p.segments = append(p.segments, Segment{ECI: eci}) }

// Bytes returns all bytes as they were encoded.
func (p *Payload) Bytes() []byte {
	var all []byte
	for _, s := range p.segments {
		all = append(all, s.Bytes...)
	}
	return all
}

// Text returns the payload as a phone shows it.
func (p *Payload) Text() string {
	var b strings.Builder
	for _, s := range p.segments {
		b.WriteString(text(s))
	}
	return b.String()
}

func text(s Segment) string {
	if s.ECI == 26 || s.ECI == None || charset(s.ECI) == nil {
		return guess(s.Bytes)
	}
	out, err := charset(s.ECI).NewDecoder().Bytes(s.Bytes)
	if err != nil {
		return guess(s.Bytes)
	}
	return string(out)
}

// guess reads bytes without a usable interpretation: UTF-8 where they are that, as phones do, else ISO 8859-1, the
// default of the symbologies' standards.
func guess(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// charset returns the character set of an interpretation, nil where it is none of ours.
func charset(number int) encoding.Encoding {
	switch number {
	case 0, 2:
		return charmap.CodePage437
	case 20:
		return japanese.ShiftJIS
	case 21:
		return charmap.Windows1250
	case 22:
		return charmap.Windows1251
	case 23:
		return charmap.Windows1252
	case 24:
		return charmap.Windows1256
	case 25:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case 28:
		return traditionalchinese.Big5
	case 29, 32:
		return simplifiedchinese.GB18030
	case 30:
		return korean.EUCKR
	case 33:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	}
	return latin(number)
}

// latin returns the parts of ISO 8859: interpretation 1 and 3 are part 1, the others part n−2. Part 12 does not exist.
func latin(number int) encoding.Encoding {
	parts := map[int]encoding.Encoding{
		1: charmap.ISO8859_1, 3: charmap.ISO8859_1, 4: charmap.ISO8859_2, 5: charmap.ISO8859_3, 6: charmap.ISO8859_4,
		7: charmap.ISO8859_5, 8: charmap.ISO8859_6, 9: charmap.ISO8859_7, 10: charmap.ISO8859_8, 11: charmap.ISO8859_9,
		12: charmap.ISO8859_10, 13: charmap.Windows874, 15: charmap.ISO8859_13, 16: charmap.ISO8859_14,
		17: charmap.ISO8859_15, 18: charmap.ISO8859_16,
	}
	if set, ok := parts[number]; ok {
		return set
	}
	return nil
}
