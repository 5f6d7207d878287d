package payload

import (
	"regexp"
	"slices"
	"strings"
)

// reading is one way to read a link, lower case. loose says that it was decoded out of the middle of something, so
// that what stands around an address in it may be noise.
type reading struct {
	text  string
	loose bool
}

// Limits of the readings of one link.
const (
	maxDepth    = 3         // encodings inside one another
	maxDecoded  = 512 << 10 // bytes of all readings
	maxReadings = 2048
)

// reader collects readings.
type reader struct {
	all     []reading
	decoded int // bytes
}

// readingsOf returns the link as it is, percent-decoded as often as that changes it, and everything in it that decodes
// as base64, base32 or hexadecimal, at every alignment and inside one another; and of all that holds an "@", or names
// the recipient in parts, also the text reversed and turned by 13 letters.
func readingsOf(link string) []reading {
	plain := unescaped(link)
	r := &reader{}
	r.add(plain, false)
	if tight := strings.Map(dropBlank, plain); tight != plain { // browsers drop line ends, and pages blanks
		r.add(tight, false)
	}
	r.decode([]string{plain}, 0, codings)
	r.decode([]string{reversed(plain), rot13(plain)}, maxDepth-1, codings[:1]) // base64 alone is hidden like this
	if rest := afterScheme(plain); strings.IndexByte(rest, '/') >= 0 {         // a slash is a digit of base64, and ends a segment of the path
		r.decode([]string{strings.ReplaceAll(rest, "/", " ")}, maxDepth-1, codings[:1])
		r.decode([]string{splitters.Replace(rest[len(authority(rest)):])}, maxDepth-1, codings[:1])
	}
	if pairs := hexPairs.FindString(plain); pairs != "" {
		r.decode([]string{pairSigns.Replace(pairs)}, maxDepth-1, codings[2:3])
	}
	for _, text := range r.all {
		if strings.IndexByte(text.text, '@') >= 0 {
			r.all = append(r.all, reading{reversed(text.text), text.loose}, reading{rot13(text.text), text.loose}, reading{rot13(reversed(text.text)), text.loose})
		}
	}
	return r.all
}

// hexPairs is hexadecimal with signs between the bytes, as in "63:6c:61:69:72:65".
var (
	hexPairs  = regexp.MustCompile(`(?i)[0-9a-f]{2}(?:[:.,_-][0-9a-f]{2}){4,}`)
	pairSigns = strings.NewReplacer(":", "", ".", "", ",", "", "_", "", "-", "")
)

// splitters are signs that cut base64 into pieces, which the page puts together.
var splitters = strings.NewReplacer("/", "", "-", "", "_", "", ".", "", "~", "", ",", "", "!", "", ":", "", "*", "", "|", "", " ", "", "\n", "", "\t", "", "\r", "")

func dropBlank(r rune) rune {
	if r <= ' ' || r == 0x7f {
		return -1
	}
	return r
}

func (r *reader) add(text string, loose bool) {
	r.all = append(r.all, reading{strings.ToLower(text), loose})
}

// decode works in rounds, so that the outer readings are complete before the limits cut the inner ones off.
func (r *reader) decode(texts []string, depth int, codings []coding) {
	var buffer []byte
	for ; depth < maxDepth && len(texts) > 0; depth++ {
		var inner []string
		for _, text := range texts {
			for i := range codings {
				c := &codings[i]
				for run := range c.runs(text) {
					for skip := 0; skip < c.group && len(run)-skip >= c.shortest; skip++ { // it may start anywhere in a longer run
						buffer = c.decode(buffer[:0], run[skip:])
						if r.decoded += len(buffer); r.decoded > maxDecoded || len(r.all) > maxReadings {
							return
						}
						buffer = narrowed(buffer)
						if worth(buffer) {
							decoded := unescaped(string(buffer))
							r.add(decoded, true)
							inner = append(inner, decoded)
						}
					}
				}
			}
		}
		texts = inner
	}
}

// worth tells whether a decoded text may hold something: an "@", or 8 printable characters in a row, or nothing else.
// Of noise one text in fifty passes.
func worth(text []byte) bool {
	run, longest := 0, 0
	for _, c := range text {
		switch {
		case c == '@':
			return true
		case c > ' ' && c < 0x7f:
			run++
			longest = max(longest, run)
		default:
			run = 0
		}
	}
	return longest >= 8 || longest == len(text) && longest >= 3
}

// narrowed is ASCII that was written in UTF-16 as a byte a character: of either order of bytes, every other one is 0.
func narrowed(text []byte) []byte {
	for first := range 2 { // where the characters are
		if len(text) < 6 || text[first] == 0 || text[1-first] != 0 {
			continue
		}
		n := 0
		for i := 0; i+1 < len(text) && text[i+1-first] == 0; i += 2 {
			text[n] = text[i+first]
			n++
		}
		if n >= len(text)/2 {
			return text[:n]
		}
	}
	return text
}

// coding is a way to write bytes in letters and digits.
type coding struct {
	value    [256]byte // of a character; 255 for those that are none of it
	bits     int       // that a character stands for
	group    int       // characters after which the pattern repeats: the number of alignments
	shortest int       // characters that are worth a look: for three bytes of a part, or six, "a@b.co"
}

// codings are base64 in both alphabets, base32 (RFC 4648), hexadecimal in either case, and base32 in the order of
// hexadecimal (RFC 4648, section 7).
var codings = []coding{
	{values("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "-_", 62), 6, 4, 6},
	{values("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijklmnopqrstuvwxyz", 0), 5, 8, 10},
	{values("0123456789abcdef", "ABCDEF", 10), 4, 2, 10},
	{values("0123456789ABCDEFGHIJKLMNOPQRSTUV", "abcdefghijklmnopqrstuv", 10), 5, 8, 10},
}

// values numbers the letters from 0, and other spellings of some from a number that is given.
func values(letters, others string, from byte) (value [256]byte) {
	for i := range value {
		value[i] = 255
	}
	for i := range len(letters) {
		value[letters[i]] = byte(i)
	}
	for i := range len(others) {
		value[others[i]] = from + byte(i)
	}
	return value
}

// runs are the longest stretches of the alphabet in the text that are long enough.
func (c *coding) runs(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i := 0; i <= len(text); i++ {
			if i < len(text) && c.value[text[i]] != 255 {
				continue
			}
			if i-start >= c.shortest && !yield(text[start:i]) {
				return
			}
			start = i + 1
		}
	}
}

// decode appends the bytes that the run stands for; bits that are left over are padding.
func (c *coding) decode(to []byte, run string) []byte {
	pending, n := uint32(0), 0
	for i := range len(run) {
		pending = pending<<c.bits | uint32(c.value[run[i]])
		if n += c.bits; n >= 8 {
			n -= 8
			to = append(to, byte(pending>>n))
		}
	}
	return to
}

// unescaped is the text percent-decoded, and without character references, until that changes nothing, at most 5 times.
func unescaped(text string) string {
	for range 5 {
		decoded := referenced(percentDecode(text))
		if decoded == text {
			break
		}
		text = decoded
	}
	if !strings.ContainsAny(text, "([{＠") {
		return text
	}
	return written.Replace(text)
}

func reversed(text string) string {
	b := []byte(text)
	slices.Reverse(b)
	return string(b)
}

func rot13(text string) string {
	b := []byte(text)
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z':
			b[i] = 'a' + (c-'a'+13)%26
		case c >= 'A' && c <= 'Z':
			b[i] = 'A' + (c-'A'+13)%26
		}
	}
	return string(b)
}
