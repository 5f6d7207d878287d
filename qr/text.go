package qr

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"quishmilter/qr/eci"
)

// payload gives the message's bytes as encoded and its text as a phone shows it.
func (m *message) payload() ([]byte, string) {
	var raw []byte
	var text []byte
	for _, s := range m.segments {
		raw = append(raw, s.bytes...)
		text = append(text, textOf(s)...)
	}
	return raw, string(text)
}

// textOf turns one segment into UTF-8. Interpretations that name no charset are read as if there were none.
func textOf(s segment) []byte {
	switch {
	case s.eci == eciASCII:
		return s.bytes
	case s.eci == eciGuess:
		return guess(s.bytes)
	}
	var named eci.Payload
	named.Switch(s.eci)
	named.Add(s.bytes...)
	return []byte(named.Text())
}

// guess reads bytes without a charset as phones do: UTF-8 where it is valid, else Shift-JIS where every byte fits and
// a character of two bytes or two half-width kana in a row are seen, else Windows-1252 (a superset of ISO/IEC
// 8859-1's printable characters, which is the standard's default).
func guess(b []byte) []byte {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if utf8.Valid(b) {
		return b
	}
	if looksShiftJIS(b) {
		return decodeAs(japanese.ShiftJIS, b)
	}
	return decodeAs(charmap.Windows1252, b)
}

func decodeAs(enc encoding.Encoding, b []byte) []byte {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	return out
}

// looksShiftJIS walks the bytes as Shift-JIS.
func looksShiftJIS(b []byte) bool {
	pairs, kana, kanaRun := 0, 0, 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < 0x80:
			kana = 0
		case c >= 0xa1 && c <= 0xdf:
			kana++
			kanaRun = max(kanaRun, kana)
		case c >= 0x81 && c <= 0x9f || c >= 0xe0 && c <= 0xfc:
			if i++; i == len(b) || b[i] < 0x40 || b[i] == 0x7f || b[i] > 0xfc {
				return false
			}
			pairs++
			kana = 0
		default:
			return false
		}
	}
	return pairs > 1 || kanaRun > 1 || pairs > 0 && len(b) <= 4
}
