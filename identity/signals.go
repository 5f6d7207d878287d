package identity

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

func (a Author) signal(s Signal) Author {
	if !slices.Contains(a.Signals, s) {
		a.Signals = append(a.Signals, s)
	}
	return a
}

func (a Author) withAddressSignals(address string) Author {
	if strings.ContainsFunc(address, hidden) {
		a = a.signal(HiddenCharacters)
	}
	local, domain := splitAddress(address)
	shown, _ := idna.Punycode.ToUnicode(domain)
	if slices.ContainsFunc(append(strings.Split(shown, "."), local), mixesScripts) {
		a = a.signal(MixedScript)
	}
	return a
}

// withNameSignals looks at the display name, which is all that most phones show. A name that repeats the address is
// common and harmless.
func (a Author) withNameSignals() Author {
	if strings.ContainsFunc(a.Name, hidden) {
		a = a.signal(HiddenCharacters)
	}
	for _, word := range strings.FieldsFunc(a.Name, nameSeparator) {
		key := Key(strings.Trim(word, ".:"))
		if key != "" && strings.Contains(DomainOf(key), ".") && key != Key(a.Address) {
			return a.signal(NameHoldsAddress)
		}
	}
	return a
}

func nameSeparator(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("<>()[]{}\"',;|/", r)
}

// hidden reports characters that change how text reads without being seen: controls, bidirectional overrides and
// isolates, zero-width characters (all in Unicode's Cc and Cf).
func hidden(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// lookAlikes are the scripts whose letters pass for Latin ones. Japanese, Chinese and Korean mix with Latin in good
// faith and are not here. A name all in one foreign script (Cyrillic "раура") is not seen by this.
var lookAlikes = []*unicode.RangeTable{unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic, unicode.Lisu}

// mixesScripts reports whether a label or local part mixes Latin letters with look-alikes, or two of those.
func mixesScripts(label string) bool {
	seen := map[int]bool{}
	for _, r := range label {
		switch i := slices.IndexFunc(lookAlikes, func(t *unicode.RangeTable) bool { return unicode.Is(t, r) }); {
		case i >= 0:
			seen[i] = true
		case unicode.Is(unicode.Latin, r):
			seen[-1] = true
		}
	}
	return len(seen) > 1
}
