package main

import (
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// code is the modules of a QR code and what it says.
type code struct {
	text string
	n    int
	dark []bool
}

func (c *code) at(x, y int) bool { return c.dark[y*c.n+x] }

// levels are gozxing's names of the error-correction levels.
var levels = map[string]decoder.ErrorCorrectionLevel{
	"L": decoder.ErrorCorrectionLevel_L, "M": decoder.ErrorCorrectionLevel_M,
	"Q": decoder.ErrorCorrectionLevel_Q, "H": decoder.ErrorCorrectionLevel_H,
}

// newCode makes a code of a version, filled with text as far as share says: what does not fit is shortened until it does.
func (m *maker) newCode(version int, level string, share float64) *code {
	for chars := int(share * 2.3 * float64(version*version+6*version)); ; chars = chars * 9 / 10 {
		if c := encode(m.text(max(chars, 6)), version, level); c != nil {
			return c
		}
	}
}

// text makes up an address of about so many characters.
func (m *maker) text(chars int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-._~/?=&%ABCDEFGHIJ"
	var b strings.Builder
	if chars > 16 {
		b.WriteString("https://")
	}
	for b.Len() < chars {
		b.WriteByte(letters[m.IntN(len(letters))])
	}
	return b.String()
}

func encode(text string, version int, level string) *code {
	c, err := encoder.Encoder_encode(text, levels[level], map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_QR_VERSION: version})
	if err != nil {
		return nil // too long
	}
	rows := c.GetMatrix()
	out := &code{text, rows.GetWidth(), make([]bool, rows.GetWidth()*rows.GetWidth())}
	for i := range out.dark {
		out.dark[i] = rows.Get(i%out.n, i/out.n) == 1
	}
	return out
}

// readable tells whether modules as they are seen still decode to the text.
func (c *code) readable(seen func(x, y int) bool) bool {
	bits, err := gozxing.NewBitMatrix(c.n, c.n)
	if err != nil {
		return false
	}
	for y := range c.n {
		for x := range c.n {
			if seen(x, y) {
				bits.Set(x, y)
			}
		}
	}
	got, err := decoder.NewDecoder().Decode(bits, nil)
	return err == nil && got.GetText() == c.text
}
