package payload

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// spelling is what is remarkable about how a host is written.
func spelling(host string) []string {
	if isIP(host) {
		return nil
	}
	var found []string
	if strings.HasPrefix(host, "xn--") || strings.Contains(host, ".xn--") {
		found = append(found, SignalPunycode)
		for label := range strings.SplitSeq(host, ".") {
			if mixedScript(shownLabel(label)) {
				found = append(found, SignalMixedScript)
				break
			}
		}
	}
	plain, misspelt := known.inHost(host)
	if misspelt {
		found = append(found, SignalLookAlike)
	}
	if plain {
		found = append(found, SignalBrandHost)
	}
	return found
}

// shownLabel is a label of a host as a browser would show it.
func shownLabel(label string) string {
	if !strings.HasPrefix(label, "xn--") {
		return label
	}
	if shown, err := idna.Punycode.ToUnicode(label); err == nil {
		return shown
	}
	return label
}

// withoutSuffix removes the public suffix: what is left was chosen by somebody.
func withoutSuffix(host string) string {
	suffix, _ := publicsuffix.PublicSuffix(host)
	return strings.TrimSuffix(strings.TrimSuffix(host, suffix), ".")
}

// scripts are those that host names are mostly written in.
var scripts = []*unicode.RangeTable{
	unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Hebrew, unicode.Arabic, unicode.Devanagari, unicode.Thai,
	unicode.Georgian, unicode.Cherokee, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
}

const (
	latin    = 0
	han      = 10
	hiragana = 11
	katakana = 12
	hangul   = 13
	bopomofo = 14
	other    = 15
)

// mixedScript tells whether a label mixes scripts that no language mixes (UTS 39, section 5.2, "highly restrictive":
// Latin goes with Japanese, Korean, and Chinese, and with nothing else).
func mixedScript(label string) bool {
	var used uint
	for _, r := range label {
		if r < 0x80 && !unicode.IsLetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		script := other
		for i, table := range scripts {
			if unicode.Is(table, r) {
				script = i
				break
			}
		}
		used |= 1 << script
	}
	if used&(used-1) == 0 {
		return false
	}
	for _, together := range []uint{1<<latin | 1<<han | 1<<hiragana | 1<<katakana, 1<<latin | 1<<han | 1<<bopomofo, 1<<latin | 1<<han | 1<<hangul} {
		if used&^together == 0 {
			return false
		}
	}
	return true
}

// lookAlikes are letters that look like an ASCII letter in the fonts of browsers and mail clients.
var lookAlikes = func() map[rune]rune {
	m := map[rune]rune{'0': 'o', '1': 'l', 'i': 'l', '|': 'l', '3': 'e', '4': 'a', '5': 's', '8': 'b', '9': 'g', 'q': 'g'}
	pairs := "аaеeоoрpсcхxуyіlѕsјjһhԁdԛgԝwкkмmтtвbнhгrпnиuзeбbьbӏlєe" + // Cyrillic
		"αaοoρpνvτtιlκkυuεeηnωwχxγyβbσoδdμu" + // Greek
		"ıl ɡg łl øo đd ħh ŧt ɑa ɩl ǀl ƅb ʏy" + "օo սu հh ոn ցg" // Latin, Armenian
	letters := []rune(strings.ReplaceAll(pairs, " ", ""))
	for i := 0; i+1 < len(letters); i += 2 {
		m[letters[i]] = letters[i+1]
	}
	return m
}()

// looksLike is how a word looks at a glance: letters that are taken for one another become one, marks above and below
// fall away.
func looksLike(word string) string {
	for i := range len(word) {
		if word[i] >= 0x80 {
			word = norm.NFKD.String(word)
			break
		}
	}
	var b strings.Builder
	for _, r := range word {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if like, ok := lookAlikes[r]; ok {
			r = like
		}
		b.WriteRune(r)
	}
	look := b.String()
	for _, two := range []struct{ letters, one string }{{"rn", "m"}, {"vv", "w"}, {"cl", "d"}} {
		if strings.Contains(look, two.letters) {
			look = strings.ReplaceAll(look, two.letters, two.one)
		}
	}
	return look
}
