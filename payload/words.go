package payload

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed words/*.txt
var wordFiles embed.FS

// maxWordText is how much of a text is looked at, in bytes: what asks for a scan stands near the top.
const maxWordText = 16 << 10

// phrases are what to look for, by the topic that it belongs to, in all languages at once.
type phrases struct {
	starts map[string][]phrase // by the first word
	inside []phrase            // in scripts without blanks between words
}

type phrase struct {
	text  string
	topic string
	open  bool // the last word may go on
}

// lures are the phrases that come with the program. Topics: "scan" and "lure".
var lures = mustPhrases(wordFiles)

func mustPhrases(files fs.FS) *phrases {
	p := &phrases{starts: map[string][]phrase{}}
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
		cut, open := strings.CutSuffix(line, "*")
		words := plainWords(cut)
		if strings.ContainsFunc(words, withoutBlanks) {
			p.inside = append(p.inside, phrase{words, topic, true})
			continue
		}
		first, _, several := strings.Cut(words, " ")
		if open && !several {
			first = prefixOf(first)
		}
		p.starts[first] = append(p.starts[first], phrase{words, topic, open})
	}
}

// prefixOf is the key of a phrase that is the beginning of one word: its first four letters.
func prefixOf(word string) string {
	letters := 0
	for i := range word {
		if letters == 4 {
			return word[:i] + "*"
		}
		letters++
	}
	return word + "*"
}

// find counts how many different phrases of each topic the text holds.
func (p *phrases) find(text string) map[string]int {
	words := plainWords(text)
	var found []string
	count := map[string]int{}
	hit := func(f phrase) {
		if !slices.Contains(found, f.text) {
			found = append(found, f.text)
			count[f.topic]++
		}
	}
	for at := 0; at < len(words); {
		end := len(words)
		if blank := strings.IndexByte(words[at:], ' '); blank >= 0 {
			end = at + blank
		}
		for _, key := range []string{words[at:end], prefixOf(words[at:end])} {
			for _, f := range p.starts[key] {
				if rest, ok := strings.CutPrefix(words[at:], f.text); ok && (f.open || rest == "" || rest[0] == ' ') {
					hit(f)
				}
			}
		}
		at = end + 1
	}
	if strings.ContainsFunc(words, withoutBlanks) {
		together := strings.ReplaceAll(words, " ", "")
		for _, f := range p.inside {
			if strings.Contains(together, f.text) {
				hit(f)
			}
		}
	}
	return count
}

// withoutBlanks knows the scripts of Chinese and Japanese.
func withoutBlanks(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// plainWords is the text in lower case, its words apart by one blank, without marks; letters in their usual form, so
// that wide, styled and mathematical letters are read as what they look like. Invisible characters fall away, which
// are put into words to hide them.
func plainWords(text string) string {
	if len(text) > maxWordText {
		text = strings.ToValidUTF8(text[:maxWordText], "")
	}
	text = strings.ToLower(norm.NFKC.String(text))
	var b strings.Builder
	b.Grow(len(text))
	blank := true
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
			b.WriteRune(r)
			blank = false
		case r == '\'' || r == '’': // "l'appareil" is one word here
			if !blank {
				b.WriteByte('\'')
			}
		case r == 0xad || unicode.Is(unicode.Cf, r):
		case !blank:
			b.WriteByte(' ')
			blank = true
		}
	}
	return strings.TrimSuffix(b.String(), " ")
}
