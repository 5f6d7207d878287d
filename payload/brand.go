package payload

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed brands/brands.txt
var brandsText string

// brands are names that attackers borrow, with whose they are.
type brands struct {
	owner  map[string]*owner // by name, as in a host or as words of a display name
	looks  map[string]string // how a name looks (see looksLike) → the name
	long   []string          // names of six letters and more, which are looked for inside words too
	phrase []string          // names of several words
}

// owner has the domains on which a name is in its place.
type owner struct {
	domains map[string]bool
	labels  map[string]bool // "amazon" for "amazon.*"
}

// owns tells whether a registrable domain, or the host itself, is the owner's.
func (o *owner) owns(host string) bool {
	domain := registrable(host)
	label, _, _ := strings.Cut(domain, ".")
	return o.domains[domain] || o.domains[host] || o.labels[label]
}

// known are the brands that come with the program.
var known = mustBrands(brandsText)

func mustBrands(text string) *brands {
	b, err := readBrands(text)
	if err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	return b
}

func readBrands(text string) (*brands, error) {
	b := &brands{owner: map[string]*owner{}, looks: map[string]string{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		names, domains, ok := strings.Cut(line, "=")
		if !ok || strings.TrimSpace(domains) == "" {
			return nil, fmt.Errorf("brands: line %d: write \"name, another name = domain domain\"", n)
		}
		o := &owner{domains: map[string]bool{}, labels: map[string]bool{}}
		for domain := range strings.FieldsSeq(domains) {
			if label, any := strings.CutSuffix(domain, ".*"); any {
				o.labels[label] = true
			} else {
				o.domains[domain] = true
			}
		}
		for name := range strings.SplitSeq(names, ",") {
			b.add(strings.TrimSpace(name), o)
		}
	}
	return b, nil
}

func (b *brands) add(name string, o *owner) {
	if strings.ContainsAny(name, " .") {
		name, _ = plainWords(name)
		b.phrase = append(b.phrase, name)
		b.owner[name] = o
		return
	}
	b.owner[name] = o
	b.looks[looksLike(name)] = name
	if len(name) >= 6 {
		b.long = append(b.long, name)
	}
}

// inHost looks for a name in the labels of a host below its public suffix. misspelt: only how it looks is the name's.
func (b *brands) inHost(host string) (plain, misspelt bool) {
	for label := range strings.SplitSeq(withoutSuffix(host), ".") {
		label = shownLabel(label)
		for _, word := range append(strings.Split(label, "-"), strings.ReplaceAll(label, "-", "")) {
			name, exact := b.inWord(word)
			if name == "" || b.owner[name].owns(host) {
				continue
			}
			if exact {
				plain = true
			} else {
				misspelt = true
			}
		}
	}
	return plain, misspelt
}

// inWord finds the name that a word is, looks like, begins or ends with, or is one typing error away from.
func (b *brands) inWord(word string) (name string, exact bool) {
	if len(word) < 3 {
		return "", false
	}
	if b.owner[word] != nil {
		return word, true
	}
	look := looksLike(word)
	if name := b.looks[look]; name != "" && len(name) >= 4 {
		return name, false
	}
	for _, name := range b.long {
		if strings.HasPrefix(word, name) || strings.HasSuffix(word, name) {
			return name, true
		}
	}
	for _, name := range b.long {
		if len(name) >= 7 && word[0] == name[0] && oneTypo(word, name) {
			return name, false
		}
	}
	return "", false
}

// oneTypo tells whether one letter was left out, put in, changed, or swapped with its neighbour.
func oneTypo(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// inSender looks for a name in a display name or a domain that is not the name's.
func (b *brands) inSender(display, domain string) bool {
	plain, misspelt := b.inHost(domain)
	if plain || misspelt {
		return true
	}
	words, _ := plainWords(display)
	for word := range strings.FieldsSeq(words) {
		if o := b.owner[word]; o != nil && !o.owns(domain) {
			return true
		}
		if name := b.looks[looksLike(word)]; len(name) >= 5 && !b.owner[name].owns(domain) {
			return true
		}
	}
	padded := " " + words + " "
	return slices.ContainsFunc(b.phrase, func(name string) bool {
		return strings.Contains(padded, " "+name+" ") && !b.owner[name].owns(domain)
	})
}
