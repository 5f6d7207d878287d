package payload

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:embed words/*.txt
var wordFiles embed.FS

// maxWordText is how much of a text is looked at, in bytes: what asks for a scan stands near the top.
const maxWordText = 16 << 10

// phrases are what to look for, by the topic that it belongs to, in all languages at once.
type phrases struct {
	starts   map[string][]phrase // by the first word
	prefixes map[string][]phrase // by the first letters, of those that are the beginning of one word
	inside   []phrase            // in scripts without blanks between words
	anywhere []phrase            // what one does, in scripts that join words or bend them at both ends
}

type phrase struct {
	text   string
	topic  string
	open   bool   // the last word may go on
	things []word // one of them has to stand near; nil: none has to
}

func newPhrases() *phrases {
	return &phrases{starts: map[string][]phrase{}, prefixes: map[string][]phrase{}}
}

// lures are the phrases that come with the program. Topics: "scan" and "lure".
var lures = mustPhrases(wordFiles)

func mustPhrases(files fs.FS) *phrases {
	p := newPhrases()
	names, _ := fs.Glob(files, "words/*.txt") // the pattern is a constant
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err) // the files are part of the program, and a test reads them
		}
		p.add(string(text))
	}
	return p
}

func (p *phrases) add(text string) {
	topic := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			topic = strings.Trim(line, "[]")
			continue
		}
		text, list, _ := strings.Cut(line, "+")
		things := wordsOf(list)
		for _, w := range wordsOf(text) {
			p.put(phrase{w.text, topic, w.open, things})
		}
	}
}

func (p *phrases) put(f phrase) {
	first, _, several := strings.Cut(f.text, " ")
	switch {
	case f.things != nil && f.text[0] >= utf8.RuneSelf:
		p.anywhere = append(p.anywhere, f)
	case strings.ContainsFunc(f.text, withoutBlanks):
		f.open = true
		p.inside = append(p.inside, f)
	case f.open && !several:
		first = prefixOf(first)
		p.prefixes[first] = append(p.prefixes[first], f)
	default:
		p.starts[first] = append(p.starts[first], f)
	}
}

// prefixOf is the key of a phrase that is the beginning of one word: its first four letters.
func prefixOf(word string) string {
	letters := 0
	for i := range word {
		if letters == 4 {
			return word[:i]
		}
		letters++
	}
	return word
}

// find counts how many different phrases of each topic the texts hold.
func (p *phrases) find(texts ...string) map[string]int {
	found := finding{count: map[string]int{}}
	for _, text := range texts {
		words, ascii := plainWords(text)
		p.findWords(words, &found)
		if !ascii {
			p.findAnywhere(words, &found)
		}
	}
	return found.count
}

// finding counts each phrase once.
type finding struct {
	texts []string
	count map[string]int
}

func (f *finding) hit(text, topic string) {
	if !slices.Contains(f.texts, text) {
		f.texts = append(f.texts, text)
		f.count[topic]++
	}
}

// findWords goes from word to word.
func (p *phrases) findWords(words string, found *finding) {
	for at := 0; at < len(words); {
		end := len(words)
		if blank := strings.IndexByte(words[at:], ' '); blank >= 0 {
			end = at + blank
		}
		word := words[at:end]
		for _, list := range [2][]phrase{p.starts[word], p.prefixes[prefixOf(word)]} {
			for i := range list {
				if list[i].standsAt(words, at) {
					found.hit(list[i].text, list[i].topic)
				}
			}
		}
		at = end + 1
	}
}

func (f *phrase) standsAt(words string, at int) bool {
	rest, ok := strings.CutPrefix(words[at:], f.text)
	return ok && (f.open || rest == "" || rest[0] == ' ') && (f.things == nil || near(words, at, len(f.text), f.things))
}

// findAnywhere looks for what need not stand at the beginning of a word.
func (p *phrases) findAnywhere(words string, found *finding) {
	if strings.ContainsFunc(words, withoutBlanks) {
		together := strings.ReplaceAll(words, " ", "")
		for _, f := range p.inside {
			if strings.Contains(together, f.text) {
				found.hit(f.text, f.topic)
			}
		}
	}
	for _, f := range p.anywhere {
		for from := 0; ; {
			i := strings.Index(words[from:], f.text)
			if i < 0 {
				break
			}
			if near(words, from+i, len(f.text), f.things) {
				found.hit(f.text, f.topic)
				break
			}
			from += i + len(f.text)
		}
	}
}

// withoutBlanks knows the scripts of Chinese and Japanese.
func withoutBlanks(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// plainWords is the text in lower case, its words apart by one blank, without marks; letters in their usual form, so
// that wide, styled and mathematical letters are read as what they look like. Invisible characters fall away, which
// are put into words to hide them.
func plainWords(text string) (words string, ascii bool) {
	if len(text) > maxWordText {
		text = strings.ToValidUTF8(text[:maxWordText], "")
	}
	b := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			return plainRunes(text), false
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b = append(b, c)
		case c >= 'A' && c <= 'Z':
			b = append(b, c|0x20)
		default:
			b = part(b, c)
		}
	}
	return strings.TrimSuffix(string(b), " "), true
}

// part ends a word; an apostrophe is part of one: "l'appareil".
func part(b []byte, c byte) []byte {
	if len(b) == 0 || b[len(b)-1] == ' ' {
		return b
	}
	if c == '\'' {
		return append(b, c)
	}
	return append(b, ' ')
}

// plainRunes is plainWords for a text that is not all ASCII.
func plainRunes(text string) string {
	text = strings.ToLower(norm.NFKC.String(text))
	b := make([]byte, 0, len(text))
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
			b = utf8.AppendRune(b, r)
		case r == '’':
			b = part(b, '\'')
		case r == 0xad || unicode.Is(unicode.Cf, r):
		default:
			b = part(b, byte(min(r, utf8.RuneSelf)))
		}
	}
	return strings.TrimSuffix(string(b), " ")
}
