package payload

import (
	"strings"
	"unicode/utf8"
)

// A phrase may be half of a pair: what one does, and what one does it to, of which one has to stand near the other. That
// is how "scan the code" is told from "your discount code" and from a scanned document, in any order of words.

// word is a word or some of them, in the form of plainWords. open: the last one may go on.
type word struct {
	text string
	open bool
}

// pairReach is how far apart the two may stand, in bytes.
const pairReach = 80

// wordsOf reads "scan, barcode*".
func wordsOf(list string) (all []word) {
	for item := range strings.SplitSeq(list, ",") {
		text, open := strings.CutSuffix(strings.TrimSpace(item), "*")
		if text, _ = plainWords(text); text != "" {
			all = append(all, word{text, open})
		}
	}
	return all
}

// near tells whether one of the things stands around what is found at a place of a text in the form of plainWords.
func near(text string, at, size int, things []word) bool {
	around := text[max(0, at-pairReach):min(len(text), at+size+pairReach)]
	for _, thing := range things {
		if thing.in(around) {
			return true
		}
	}
	return false
}

// in tells whether the word stands in a text. A word of Latin letters begins and, if it is not open, ends where words
// do; in other scripts it may stand anywhere.
func (w word) in(text string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], w.text)
		if i < 0 {
			return false
		}
		at, end := from+i, from+i+len(w.text)
		if w.text[0] >= utf8.RuneSelf ||
			(at == 0 || !joins(text[at-1])) && (w.open || end == len(text) || !joins(text[end])) {
			return true
		}
		from = end
	}
}

// joins tells a byte that makes what stands beside it part of its word. Letters without blanks between words do not:
// in "QRコード" the first two are a word.
func joins(c byte) bool { return c != ' ' && c < utf8.RuneSelf }
