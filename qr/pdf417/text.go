package pdf417

import (
	"math/big"

	"quishmilter/qr/eci"
)

// Codewords with a meaning of their own (ISO/IEC 15438, 5.4.1.5 and table 3).
const (
	latchText    = 900
	latchBytes   = 901
	latchNumbers = 902
	shiftByte    = 913
	macroField   = 923
	latchBytes6  = 924
	eciUser      = 925
	eciGeneral   = 926
	eciCharset   = 927
	macroBegin   = 928
	macroEnd     = 922
	readerInit   = 921
)

// decoder reads data codewords.
type decoder struct {
	words []int
	at    int
	out   eci.Payload
}

func (d *decoder) left() int { return len(d.words) - d.at }

// run returns the codewords below 900 that follow.
func (d *decoder) run() []int {
	from := d.at
	for d.left() > 0 && d.words[d.at] < latchText {
		d.at++
	}
	return d.words[from:d.at]
}

// read goes from latch to latch; text compaction is what a symbol begins in. False where it holds what the standard does
// not allow.
func (d *decoder) read() bool {
	mode := latchText
	t := texter{out: &d.out}
	for d.left() > 0 {
		switch w := d.words[d.at]; {
		case w < latchText:
			if !d.stretch(mode, &t) {
				return false
			}
			continue
		case w == latchText || w == latchBytes || w == latchNumbers || w == latchBytes6:
			mode = w
			t.table, t.back = alpha, alpha
		case w == shiftByte:
			d.at++
			if d.left() < 1 || d.words[d.at] > 255 {
				return false
			}
			d.out.Add(byte(d.words[d.at]))
			t.table = t.back // a shift just before was filling
		case w == eciCharset || w == eciGeneral || w == eciUser:
			if !d.eci(w) {
				return false
			}
		case w == macroBegin: // what follows tells which part of a file this is
			return true
		case w != readerInit:
			return false
		}
		d.at++
	}
	return true
}

// eci reads the numbers of an interpretation; the last of them is left to be skipped.
func (d *decoder) eci(w int) bool {
	n := 1
	if w == eciGeneral {
		n = 2
	}
	if d.left() <= n {
		return false
	}
	d.at++
	switch number := d.words[d.at]; w {
	case eciCharset:
		d.out.Switch(number)
	case eciGeneral:
		d.at++
		d.out.Switch(900*(number+1) + d.words[d.at])
	default:
		d.out.Switch(810900 + number)
	}
	return true
}

// stretch reads the codewords up to the next latch.
func (d *decoder) stretch(mode int, t *texter) bool {
	switch mode {
	case latchText:
		for _, w := range d.run() {
			t.value(w / 30)
			t.value(w % 30)
		}
		return true
	case latchNumbers:
		return d.numbers(d.run())
	}
	d.bytes(mode == latchBytes6)
	return true
}

// bytes reads groups of five codewords as six bytes. What is left over is one byte a codeword; so is, unless the latch
// said that the number of bytes is a multiple of six, a last whole group (ISO/IEC 15438, 5.4.3).
func (d *decoder) bytes(full bool) {
	words := d.run()
	for len(words) > 5 || len(words) == 5 && full {
		var n uint64
		for _, w := range words[:5] {
			n = n*900 + uint64(w)
		}
		for shift := 40; shift >= 0; shift -= 8 {
			d.out.Add(byte(n >> shift))
		}
		words = words[5:]
	}
	for _, w := range words {
		d.out.Add(byte(w))
	}
}

// groupWords is the length of a group of codewords that holds up to 44 digits.
const groupWords = 15

// numbers reads groups of codewords as numbers to the base of 900, whose digits follow a leading 1.
func (d *decoder) numbers(words []int) bool {
	base := big.NewInt(900)
	for len(words) > 0 {
		n := new(big.Int)
		group := words[:min(len(words), groupWords)]
		for _, w := range group {
			n.Add(n.Mul(n, base), big.NewInt(int64(w)))
		}
		digits := n.String()
		if digits[0] != '1' {
			return false
		}
		d.out.Add([]byte(digits[1:])...)
		words = words[len(group):]
	}
	return true
}
