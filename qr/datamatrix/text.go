package datamatrix

import "quishmilter/qr/eci"

// Codewords of the ASCII encodation with a meaning of their own (ISO/IEC 16022, table 2).
const (
	pad        = 129
	toC40      = 230
	toBytes    = 231
	fnc1       = 232
	appended   = 233 // structured append: three codewords follow
	programmed = 234
	upper      = 235
	macro5     = 236
	macro6     = 237
	toX12      = 238
	toText     = 239
	toEdifact  = 240
	toECI      = 241
	unlatch    = 254
)

// groupSeparator stands for FNC1 in the payload, as scanners write it.
const groupSeparator = 29

// stream is a symbol's data codewords being read.
type stream struct {
	data []byte
	at   int
	out  eci.Payload
}

// text reads the data codewords; false where they hold what the standard does not allow, or nothing at all.
func text(data []byte) (eci.Payload, bool) {
	s := stream{data: data}
	tail, ok := s.ascii()
	s.out.Add([]byte(tail)...)
	return s.out, ok && len(s.out.Bytes()) > 0
}

func (s *stream) left() int { return len(s.data) - s.at }

func (s *stream) next() int {
	c := int(s.data[s.at])
	s.at++
	return c
}

// ascii reads until the padding, with the stretches of other encodations between. It returns what a macro puts at the
// end.
func (s *stream) ascii() (tail string, ok bool) {
	raised := 0
	for s.left() > 0 {
		c := s.next()
		switch {
		case c == 0 || c > toECI:
			return tail, c == unlatch && s.left() == 0 // some encoders end with a needless unlatch
		case c <= 128:
			s.out.Add(byte(c - 1 + raised))
			raised = 0
		case c == pad:
			return tail, true
		case c < toC40:
			s.out.Add('0'+byte((c-130)/10), '0'+byte((c-130)%10))
		case c == upper:
			raised = 128
		case c == macro5 || c == macro6:
			s.out.Add([]byte("[)>\x1e0" + string(rune('5'+c-macro5)) + "\x1d")...)
			tail = "\x1e\x04"
		default:
			if !s.special(c) {
				return tail, false
			}
		}
	}
	return tail, true
}

// special reads what a control codeword begins.
func (s *stream) special(c int) bool {
	switch c {
	case toC40:
		return s.triplets(&c40)
	case toText:
		return s.triplets(&lowercase)
	case toX12:
		return s.x12()
	case toEdifact:
		s.edifact()
		return true
	case toBytes:
		return s.bytes()
	case fnc1:
		s.out.Add(groupSeparator)
		return true
	case appended:
		if s.left() < 3 {
			return false
		}
		s.at += 3
		return true
	case programmed:
		return true
	}
	return s.eci()
}

// eci reads the number of a character set in one to three codewords (ISO/IEC 16022, 5.4.2).
func (s *stream) eci() bool {
	if s.left() < 1 {
		return false
	}
	c := s.next()
	switch {
	case c == 0:
		return false
	case c <= 127:
		s.out.Switch(c - 1)
	case c <= 191:
		if s.left() < 1 {
			return false
		}
		s.out.Switch((c-128)*254 + s.next() - 1 + 127)
	default:
		if s.left() < 2 {
			return false
		}
		a, b := s.next(), s.next()
		s.out.Switch((c-192)*64516 + (a-1)*254 + b - 1 + 16383)
	}
	return true
}

// bytes reads a stretch of bytes, whose codewords are mixed with a pseudo-random row (ISO/IEC 16022, 5.2.9 and B.2).
func (s *stream) bytes() bool {
	plain := func() int {
		mask := 149*(s.at+1)%255 + 1
		return (s.next() - mask + 256) % 256
	}
	if s.left() < 1 {
		return false
	}
	n := plain()
	if n == 0 {
		n = s.left()
	} else if n >= 250 {
		if s.left() < 1 {
			return false
		}
		n = (n-249)*250 + plain()
	}
	if n > s.left() {
		return false
	}
	for ; n > 0; n-- {
		s.out.Add(byte(plain()))
	}
	return true
}
