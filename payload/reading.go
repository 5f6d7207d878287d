package payload

import (
	"encoding/base32"
	"encoding/base64"
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
	plain := atSigns(unescaped(link))
	r := &reader{}
	r.add(plain, false)
	r.decode([]string{plain}, 0)
	r.decode([]string{reversed(plain), rot13(plain)}, maxDepth-1)
	for _, text := range r.all {
		if strings.IndexByte(text.text, '@') >= 0 {
			r.all = append(r.all, reading{reversed(text.text), text.loose}, reading{rot13(text.text), text.loose}, reading{rot13(reversed(text.text)), text.loose})
		}
	}
	return r.all
}

func (r *reader) add(text string, loose bool) {
	r.all = append(r.all, reading{strings.ToLower(text), loose})
}

// decode works in rounds, so that the outer readings are complete before the limits cut the inner ones off.
func (r *reader) decode(texts []string, depth int) {
	for ; depth < maxDepth && len(texts) > 0; depth++ {
		var inner []string
		for _, text := range texts {
			for _, c := range codings {
				for run := range c.runs(text) {
					for _, decoded := range c.decodings(run) {
						if r.decoded += len(decoded); r.decoded > maxDecoded || len(r.all) > maxReadings {
							return
						}
						if worth(decoded) {
							decoded = unescaped(decoded)
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

// worth tells whether a decoded text may hold something: an "@", or 6 printable characters in a row, or nothing else.
// Of noise one text in a hundred passes.
func worth(text string) bool {
	run, longest := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
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

// coding is a way to write bytes in letters and digits.
type coding struct {
	alphabet [256]bool
	shortest int // for six bytes, "a@b.co", or three of a part
	group    int // characters after which the pattern repeats: the number of alignments
	decode   func(string) string
}

var codings = []coding{
	{alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"), 6, 4, decode64},
	{alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567"), 10, 8, decode32},
	{alphabet("0123456789abcdefABCDEF"), 10, 2, decode16},
}

func alphabet(letters string) (set [256]bool) {
	for i := range len(letters) {
		set[letters[i]] = true
	}
	return set
}

// runs are the longest stretches of the alphabet in the text that are long enough.
func (c *coding) runs(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i := 0; i <= len(text); i++ {
			if i < len(text) && c.alphabet[text[i]] {
				continue
			}
			if i-start >= c.shortest && !yield(text[start:i]) {
				return
			}
			start = i + 1
		}
	}
}

// decodings reads the run from each alignment: what is packed may start anywhere in a longer run.
func (c *coding) decodings(run string) []string {
	list := make([]string, 0, c.group)
	for skip := 0; skip < c.group && len(run)-skip >= c.shortest; skip++ {
		if decoded := c.decode(run[skip:]); decoded != "" {
			list = append(list, decoded)
		}
	}
	return list
}

// decode64 decodes both alphabets; a last character that is no whole byte is left out.
func decode64(run string) string {
	if strings.ContainsAny(run, "-_") {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
	}
	if len(run)%4 == 1 {
		run = run[:len(run)-1]
	}
	decoded, _ := base64.RawStdEncoding.DecodeString(run)
	return string(decoded)
}

// decode32 decodes RFC 4648's alphabet in either case; what is left over of the last group is left out.
func decode32(run string) string {
	if strings.ToUpper(run) != run && asciiLower(run) != run {
		return ""
	}
	run = strings.ToUpper(run)
	if left := len(run) % 8; left == 1 || left == 3 || left == 6 {
		run = run[:len(run)-1]
	}
	decoded, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(run)
	return string(decoded)
}

func decode16(run string) string {
	decoded := make([]byte, len(run)/2)
	for i := range decoded {
		decoded[i] = unhex(run[2*i])<<4 | unhex(run[2*i+1])
	}
	return string(decoded)
}

// unescaped is the text percent-decoded until that changes nothing, at most 5 times.
func unescaped(text string) string {
	for range 5 {
		decoded := percentDecode(text)
		if decoded == text {
			break
		}
		text = decoded
	}
	return text
}

// written are ways to write an "@" so that filters do not see an address.
var written = strings.NewReplacer("&#64;", "@", "&#x40;", "@", "&commat;", "@", `\u0040`, "@", `\x40`, "@", "(at)", "@", "[at]", "@", "{at}", "@", "＠", "@")

func atSigns(text string) string {
	if !strings.ContainsAny(text, "&([{\\＠") {
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
