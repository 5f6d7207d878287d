package datamatrix

// charset is the basic set of an encodation that packs three values of 0 to 39 into two codewords, from value 3 on, and
// its third shift set (ISO/IEC 16022, 5.2.5, 5.2.6 and table C.1).
type charset struct {
	basic  string
	shift3 string
}

var (
	c40 = charset{
		basic:  " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		shift3: "`abcdefghijklmnopqrstuvwxyz{|}~\x7f",
	}
	lowercase = charset{
		basic:  " 0123456789abcdefghijklmnopqrstuvwxyz",
		shift3: "`ABCDEFGHIJKLMNOPQRSTUVWXYZ{|}~\x7f",
	}
)

const (
	shift2Chars = "!\"#$%&'()*+,-./:;<=>?@[\\]^_"
	shift2FNC1  = 27
	shift2Upper = 30
)

// values calls with one value after the other until the stretch ends: at an unlatch, or where a single codeword is left,
// which is ASCII again. A value that is not allowed ends it with false.
func (s *stream) values(each func(int) bool) bool {
	for s.left() >= 2 {
		first := s.next()
		if first == unlatch {
			return true
		}
		packed := first<<8 + s.next() - 1
		if packed < 0 || packed >= 64000 {
			return false
		}
		for _, v := range [3]int{packed / 1600, packed / 40 % 40, packed % 40} {
			if !each(v) {
				return false
			}
		}
	}
	if s.left() == 1 && s.data[s.at] == unlatch {
		s.at++
	}
	return true
}

// triplets reads a C40 or text stretch.
func (s *stream) triplets(set *charset) bool {
	shift, raised := 0, byte(0)
	put := func(c byte) bool {
		s.out.Add(c + raised)
		shift, raised = 0, 0
		return true
	}
	return s.values(func(v int) bool {
		switch {
		case shift == 0 && v < 3:
			shift = v + 1
			return true
		case shift == 0:
			return put(set.basic[v-3])
		case shift == 1:
			return v < 32 && put(byte(v))
		case shift == 3:
			return v < len(set.shift3) && put(set.shift3[v])
		case v < len(shift2Chars):
			return put(shift2Chars[v])
		case v == shift2FNC1:
			return put(groupSeparator)
		case v == shift2Upper:
			shift, raised = 0, 128
			return true
		}
		return false
	})
}

// x12 reads a stretch of ANSI X12 (ISO/IEC 16022, 5.2.7).
func (s *stream) x12() bool {
	const chars = "\r*> 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return s.values(func(v int) bool {
		s.out.Add(chars[v])
		return true
	})
}

// edifact reads a stretch of four six-bit values in three codewords, until the unlatch value 31, or where fewer than
// three codewords are left, which are ASCII again (ISO/IEC 16022, 5.2.8).
func (s *stream) edifact() {
	for s.left() >= 3 {
		start := s.at
		packed := s.next()<<16 | s.next()<<8 | s.next()
		for i := 0; i < 4; i++ {
			v := packed >> (18 - 6*i) & 0x3f
			if v == 31 {
				s.at = start + min(i+1, 3) // the rest of that codeword is filling
				return
			}
			if v&0x20 == 0 {
				v |= 0x40
			}
			s.out.Add(byte(v))
		}
	}
}
