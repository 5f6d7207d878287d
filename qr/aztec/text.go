package aztec

import "quishmilter/qr/eci"

// table is a code table of the high-level encoding (ISO/IEC 24778, table 5).
type table int

const (
	upper table = iota
	lower
	mixed
	punct
	digit
	binary
)

// Control entries of the tables: latches and shifts to another table, and FLG(n). They lie above all characters.
const (
	latch = 0x100 // + table
	shift = 0x200 // + table
	flag  = 0x300
)

// Characters of the tables from code 2 (upper, lower, digit) or 1 (mixed, punct) on.
const (
	upperChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerChars = "abcdefghijklmnopqrstuvwxyz"
	digitChars = "0123456789,."
	mixedChars = " \x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x1b\x1c\x1d\x1e\x1f@\\^_`|~\x7f"
	punctChars = "!\"#$%&'()*+,-./:;<=>?[]{}" // from code 6 on; 1 to 5 are CR and pairs
)

// punctPairs are the punctuation codes 1 to 5.
var punctPairs = [...]string{1: "\r", 2: "\r\n", 3: ". ", 4: ", ", 5: ": "}

// entry returns what a code of a table stands for: characters, or a control entry.
func entry(t table, code int) (chars string, control int) {
	switch t {
	case upper:
		return letters(code, upperChars, [4]int{latch | int(lower), latch | int(mixed), latch | int(digit), shift | int(binary)})
	case lower:
		return letters(code, lowerChars, [4]int{shift | int(upper), latch | int(mixed), latch | int(digit), shift | int(binary)})
	case mixed:
		if code == 0 {
			return "", shift | int(punct)
		}
		if code <= len(mixedChars) {
			return mixedChars[code-1 : code], 0
		}
		return "", [...]int{latch | int(lower), latch | int(upper), latch | int(punct), shift | int(binary)}[code-28]
	case punct:
		return punctuation(code)
	}
	return digits(code)
}

func letters(code int, chars string, controls [4]int) (string, int) {
	switch {
	case code == 0:
		return "", shift | int(punct)
	case code == 1:
		return " ", 0
	case code < 28:
		return chars[code-2 : code-1], 0
	}
	return "", controls[code-28]
}

func punctuation(code int) (string, int) {
	switch {
	case code == 0:
		return "", flag
	case code < len(punctPairs):
		return punctPairs[code], 0
	case code == 31:
		return "", latch | int(upper)
	}
	return punctChars[code-6 : code-5], 0
}

func digits(code int) (string, int) {
	switch {
	case code == 0:
		return "", shift | int(punct)
	case code == 1:
		return " ", 0
	case code < 14:
		return digitChars[code-2 : code-1], 0
	case code == 14:
		return "", latch | int(upper)
	}
	return "", shift | int(upper)
}

// source hands out bits.
type source struct{ bits []bool }

// take returns the next n bits as a number; false where they have run out.
func (s *source) take(n int) (int, bool) {
	if len(s.bits) < n {
		return 0, false
	}
	v := number(s.bits[:n])
	s.bits = s.bits[n:]
	return v, true
}

// text reads the high-level encoding. Left-over bits at the end are padding. False where it holds what the standard
// does not allow, or nothing at all.
func text(bits []bool) (eci.Payload, bool) {
	var out eci.Payload
	s := source{bits}
	home, now := upper, upper // the latched table, and the one for the next code
	for {
		if now == binary {
			if !s.bytes(&out) {
				break
			}
			now = home
			continue
		}
		width := 5
		if now == digit {
			width = 4
		}
		code, ok := s.take(width)
		if !ok {
			break
		}
		chars, control := entry(now, code)
		switch control & 0x300 {
		case 0:
			out.Add([]byte(chars)...)
			now = home
		case flag:
			if !s.flag(&out) {
				return out, false
			}
			now = home
		case latch:
			home, now = table(control&0xff), table(control&0xff)
		case shift: // a shift out of a shift returns to that one (ISO/IEC 24778, 7.3.1.1)
			home, now = now, table(control&0xff)
		}
	}
	return out, len(out.Bytes()) > 0
}

// bytes reads a run of bytes with its length, one of 5 bits or a zero and one of 11; false at the end of the data.
func (s *source) bytes(out *eci.Payload) bool {
	n, ok := s.take(5)
	if ok && n == 0 {
		n, ok = s.take(11)
		n += 31
	}
	for ; ok && n > 0; n-- {
		var b int
		if b, ok = s.take(8); ok {
			out.Add(byte(b))
		}
	}
	return ok
}

// flag reads what follows FLG: 0 is FNC1, written as the group separator as scanners do, 1 to 6 the digits of a
// character set's number, 7 is reserved.
func (s *source) flag(out *eci.Payload) bool {
	n, ok := s.take(3)
	if !ok || n == 7 {
		return !ok
	}
	if n == 0 {
		out.Add(29)
		return true
	}
	number := 0
	for ; n > 0; n-- {
		d, ok := s.take(4)
		if !ok || d < 2 || d > 11 {
			return false
		}
		number = number*10 + d - 2
	}
	out.Switch(number)
	return true
}
