package pdf417

import "quishmilter/qr/eci"

// table is a sub-mode of text compaction (ISO/IEC 15438, 5.4.2 and table 5).
type table int

const (
	alpha table = iota
	lower
	mixed
	punctuation
)

// Characters of the mixed and the punctuation sub-mode by value; values beyond are switches.
const (
	mixedChars       = "0123456789&\r\t,:#-.$/+%*=^"
	punctuationChars = ";<>@[\\]_`~!\r\t,:\n-.$/\"|*()?{}'"
)

// texter reads values of text compaction, two of which make a codeword.
type texter struct {
	out   *eci.Payload
	table table // for the next value
	back  table // after a shift
}

// value reads one value of 0 to 29.
func (t *texter) value(v int) {
	now := t.table
	t.table = t.back
	switch now {
	case alpha:
		t.letter(v, 'A', lower)
	case lower:
		t.letter(v, 'a', alpha)
	case mixed:
		t.mixed(v)
	case punctuation:
		if v < len(punctuationChars) {
			t.out.Add(punctuationChars[v])
		} else {
			t.latch(alpha)
		}
	}
}

// letter reads a value of the sub-mode of capitals or of small letters. Value 27 leads to the other one: from capitals
// for good, from small letters for one character.
func (t *texter) letter(v int, first byte, other table) {
	switch {
	case v < 26:
		t.out.Add(first + byte(v))
	case v == 26:
		t.out.Add(' ')
	case v == 27 && other == lower:
		t.latch(lower)
	case v == 27:
		t.table = alpha
	case v == 28:
		t.latch(mixed)
	default:
		t.table = punctuation
	}
}

func (t *texter) mixed(v int) {
	switch {
	case v < len(mixedChars):
		t.out.Add(mixedChars[v])
	case v == 25:
		t.latch(punctuation)
	case v == 26:
		t.out.Add(' ')
	case v == 27:
		t.latch(lower)
	case v == 28:
		t.latch(alpha)
	default:
		t.table = punctuation
	}
}

func (t *texter) latch(to table) { t.table, t.back = to, to }
