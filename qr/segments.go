package qr

import "errors"

// errBroken says that the corrected bits are no message: a segment runs over the end, or a value is out of its range.
// It ends a candidate like a failed error correction does.
var errBroken = errors.New("qr: broken segment")

// mode is what a segment holds (ISO/IEC 18004, table 2).
type mode int

const (
	modeEnd mode = iota
	modeNumeric
	modeAlphanumeric
	modeByte
	modeKanji
	modeHanzi // GB/T 18284
	modeECI
	modeAppend
	modeFNC1First
	modeFNC1Second
	modeBad
)

// coding is how a symbology and version writes segments.
type coding struct {
	modeBits int
	modes    []mode // by mode indicator
	counts   [6]int // bits of the character count, by mode
	zeroEnds bool   // Micro QR: a numeric segment of no digits is the terminator
}

// segment is a stretch of the payload in one charset.
type segment struct {
	bytes []byte
	eci   int // the charset's ECI number, or one of those below
}

const (
	eciGuess = -1 // byte mode without an ECI: the reader guesses
	eciASCII = -2
	eciSJIS  = 20
	eciGB    = 29
)

// message is the parsed payload.
type message struct {
	segments     []segment
	index, total int // structured append: this is symbol index of total; total is 0 for a single symbol
	parity       int
	fnc1         mode // modeFNC1First, modeFNC1Second or 0
	eci          int  // in force for the byte segments that follow
	usedBits     int
}

const alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// parseSegments reads segments until the terminator or the end of the bits.
func parseSegments(data []byte, bits int, c coding) (message, error) {
	m := message{eci: eciGuess}
	in := &bitstream{data: data, end: bits}
	for in.left() >= c.modeBits {
		v, _ := in.take(c.modeBits)
		kind := c.modes[v]
		if kind == modeEnd {
			break
		}
		done, err := m.segment(in, kind, c)
		if err != nil {
			return m, err
		}
		if done {
			break
		}
	}
	m.usedBits = in.at
	return m, nil
}

// segment reads one segment; done is true for Micro QR's terminator.
func (m *message) segment(in *bitstream, kind mode, c coding) (done bool, err error) {
	switch kind {
	case modeBad:
		return false, errBroken
	case modeECI:
		return false, m.readECI(in)
	case modeAppend:
		return false, m.readAppend(in)
	case modeFNC1First:
		m.fnc1 = kind
		return false, nil
	case modeFNC1Second:
		return false, m.readIndicator(in)
	}
	if kind == modeHanzi {
		// The subset indicator; 1 is GB 2312, the only one defined.
		if v, ok := in.take(4); !ok || v != 1 {
			return false, errBroken
		}
	}
	if c.zeroEnds && in.left() < c.counts[kind] {
		return true, nil
	}
	count, ok := in.take(c.counts[kind])
	if !ok {
		return false, errBroken
	}
	if c.zeroEnds && kind == modeNumeric && count == 0 {
		return true, nil
	}
	return false, m.readText(in, kind, count)
}

func (m *message) readText(in *bitstream, kind mode, count int) error {
	switch kind {
	case modeNumeric:
		return m.readNumeric(in, count)
	case modeAlphanumeric:
		return m.readAlphanumeric(in, count)
	case modeByte:
		return m.readBytes(in, count)
	case modeKanji:
		return m.readPairs(in, count, 0xc0, 0x1f00, 0x8140, 0xc140, eciSJIS)
	}
	return m.readPairs(in, count, 0x60, 0x0a00, 0xa1a1, 0xa6a1, eciGB)
}

// add appends bytes, joining them with the segment before where the charset is the same: phones guess over the whole.
func (m *message) add(b []byte, eci int) {
	if n := len(m.segments); n > 0 && m.segments[n-1].eci == eci {
		m.segments[n-1].bytes = append(m.segments[n-1].bytes, b...)
		return
	}
	m.segments = append(m.segments, segment{b, eci})
}

func (m *message) readNumeric(in *bitstream, count int) error {
	if in.left() < count/3*10 {
		return errBroken
	}
	units := []int{100, 10, 1}
	out := make([]byte, 0, count)
	for count > 0 {
		digits := min(count, 3)
		v, ok := in.take([...]int{0, 4, 7, 10}[digits])
		if !ok || v >= [...]int{0, 10, 100, 1000}[digits] {
			return errBroken
		}
		for _, unit := range units[3-digits:] {
			out = append(out, '0'+byte(v/unit%10))
		}
		count -= digits
	}
	m.add(out, eciASCII)
	return nil
}

func (m *message) readAlphanumeric(in *bitstream, count int) error {
	if in.left() < count/2*11 {
		return errBroken
	}
	out := make([]byte, 0, count)
	for ; count >= 2; count -= 2 {
		v, ok := in.take(11)
		if !ok || v >= 45*45 {
			return errBroken
		}
		out = append(out, alphanumerics[v/45], alphanumerics[v%45])
	}
	if count == 1 {
		v, ok := in.take(6)
		if !ok || v >= 45 {
			return errBroken
		}
		out = append(out, alphanumerics[v])
	}
	if m.fnc1 != 0 {
		out = separators(out)
	}
	m.add(out, eciASCII)
	return nil
}

// separators puts a group separator for a single % and % for a double one (ISO/IEC 18004, 7.4.8.2).
func separators(text []byte) []byte {
	out := text[:0]
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '%':
			out = append(out, text[i])
		case i+1 < len(text) && text[i+1] == '%':
			out = append(out, '%')
			i++
		default:
			out = append(out, 0x1d)
		}
	}
	return out
}

func (m *message) readBytes(in *bitstream, count int) error {
	if in.left() < 8*count {
		return errBroken
	}
	out := make([]byte, count)
	for i := range out {
		v, _ := in.take(8)
		out[i] = byte(v)
	}
	m.add(out, m.eci)
	return nil
}

// readPairs reads characters of 13 bits, each two bytes of a double-byte charset: v = high·base + low, shifted by one
// of two offsets.
func (m *message) readPairs(in *bitstream, count, base, split, below, above, eci int) error {
	if in.left() < 13*count {
		return errBroken
	}
	out := make([]byte, 0, 2*count)
	for range count {
		v, _ := in.take(13)
		pair := v/base<<8 | v%base
		if pair < split {
			pair += below
		} else {
			pair += above
		}
		out = append(out, byte(pair>>8), byte(pair))
	}
	m.add(out, eci)
	return nil
}

// readECI reads an extended channel interpretation's number: one to three bytes, the first telling how many.
func (m *message) readECI(in *bitstream) error {
	v, ok := in.take(8)
	more := 0
	switch {
	case !ok || v >= 0xe0:
		return errBroken
	case v >= 0xc0:
		v, more = v&0x1f, 16
	case v >= 0x80:
		v, more = v&0x3f, 8
	}
	low, ok := in.take(more)
	if !ok {
		return errBroken
	}
	m.eci = v<<more | low
	return nil
}

// readAppend reads the structured append header (ISO/IEC 18004, 8): place, count less one, and parity.
func (m *message) readAppend(in *bitstream) error {
	v, ok := in.take(16)
	if !ok {
		return errBroken
	}
	m.index, m.total, m.parity = v>>12, v>>8&15+1, v&255
	if m.index >= m.total {
		return errBroken
	}
	return nil
}

// readIndicator reads the application indicator of FNC1 in second position: two digits, or a letter's code plus 100.
func (m *message) readIndicator(in *bitstream) error {
	v, ok := in.take(8)
	switch {
	case !ok:
		return errBroken
	case v < 100:
		m.add([]byte{'0' + byte(v/10), '0' + byte(v%10)}, eciASCII)
	case v >= 'A'+100 && v <= 'Z'+100 || v >= 'a'+100 && v <= 'z'+100:
		m.add([]byte{byte(v - 100)}, eciASCII)
	default:
		return errBroken
	}
	m.fnc1 = modeFNC1Second
	return nil
}
