package payload

import "strings"

// Addresses are also written without their signs: "claire_at_example_org", "claire.dupontATexample.org". To find these,
// text and addresses are made alike: whatever is no letter or digit becomes one hyphen.

// spelt tells whether one of the readings holds an address that is written so. Local parts that many domains have, and
// short ones, are too common among words.
func (b book) spelt(readings []reading) bool {
	var people map[string][]string
	for _, r := range readings {
		if !strings.Contains(r.text, "at") && strings.IndexByte(r.text, '@') < 0 {
			continue
		}
		if people == nil {
			people = b.alike()
		}
		if len(people) == 0 {
			return false
		}
		if speltIn(alike(r.text), people) {
			return true
		}
	}
	return false
}

// alike are the recipients with the signs in their addresses made alike.
func (b book) alike() map[string][]string {
	people := make(map[string][]string, len(b.locals))
	for local, domains := range b.locals {
		if len(local) < 5 || generic[local] {
			continue
		}
		for _, domain := range domains {
			people[alike(local)] = append(people[alike(local)], alike(domain))
		}
	}
	return people
}

// speltIn takes every "@" and "at" of a text as the middle of an address, as named does.
func speltIn(text string, people map[string][]string) bool {
	for at := 1; at < len(text); at++ {
		behind := text[at:]
		if behind[0] == '@' {
			behind = behind[1:]
		} else if rest, is := strings.CutPrefix(behind, "at"); is {
			behind = rest
		} else {
			continue
		}
		before, behind := strings.TrimSuffix(text[:at], "-"), strings.TrimPrefix(behind, "-")
		for start := len(before) - 5; start >= max(0, len(before)-maxLocal); start-- {
			for _, domain := range people[before[start:]] {
				if strings.HasPrefix(behind, domain) {
					return true
				}
			}
		}
	}
	return false
}

// alike makes one hyphen of every row of signs, but of an "@".
func alike(text string) string {
	b := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; {
		case isWord(c) || c == '@' || c >= 0x80:
			b = append(b, c)
		case len(b) > 0 && b[len(b)-1] != '-':
			b = append(b, '-')
		}
	}
	return strings.TrimSuffix(string(b), "-")
}
