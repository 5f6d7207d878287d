package payload

import (
	"iter"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Pages that steal passwords fill the victim's address in, and take it from the link. So a link that names a recipient
// was made for that recipient. The link is read in every way that such pages unpack it (reading.go); here is what is
// looked for in the readings.
//
// With a thousand recipients it would cost too much to look for each one in each reading. Instead every "@" in a
// reading is taken as the middle of an address, and what stands before it is looked up.

// maxLocal is the longest local part (RFC 5321, section 4.5.3.1.1).
const maxLocal = 64

// naming is how a link names a recipient.
type naming int

const (
	unnamed naming = iota
	hinted         // by the domain alone, or by a local part that few people have
	apart          // by local part and domain, in different components
	whole          // by the address, or by both parts in one component
)

// inLink tells how one of the links that are judged names a recipient. Parts of an address count in a link that the phone
// opens alone: in what stands beside it they are too common.
func inLink(p Payload, recipients []string) naming {
	people := newBook(recipients)
	if len(people.locals) == 0 {
		return unnamed
	}
	var opened []string
	var read []reading
	for n, l := range p.links() {
		readings := readingsOf(l.url)
		if slices.ContainsFunc(readings, people.named) || people.spelt(readings) {
			return whole
		}
		if p.URL != "" && n < 2 {
			opened, read = append(opened, l.url), append(read, readings...)
		}
	}
	if p.URL == "" || !people.mayHoldParts(read) {
		return unnamed
	}
	return people.inParts(opened, read, p.Domain)
}

// book is the recipients, by local part.
type book struct {
	locals map[string][]string // local part, lower case → domains, lower case
}

func newBook(recipients []string) book {
	b := book{locals: make(map[string][]string, len(recipients))}
	for _, address := range recipients {
		address = strings.ToLower(strings.TrimSpace(address))
		at := strings.LastIndexByte(address, '@')
		if at < 1 || at > maxLocal || len(address) > 320 || at == len(address)-1 {
			continue
		}
		local, domain := address[:at], address[at+1:]
		b.add(local, domain)
		if plain, _, tagged := strings.Cut(local, "+"); tagged && plain != "" { // claire+news@ is Claire
			b.add(plain, domain)
		}
	}
	return b
}

func (b book) add(local, domain string) {
	spellings := []string{domain, asciiHost(domain)}
	if strings.Contains(domain, "xn--") {
		if unicode, err := idna.Display.ToUnicode(domain); err == nil {
			spellings = append(spellings, unicode)
		}
	}
	for _, spelling := range spellings {
		if !slices.Contains(b.locals[local], spelling) {
			b.locals[local] = append(b.locals[local], spelling)
		}
	}
}

// named tells whether a reading holds one of the addresses.
func (b book) named(r reading) bool {
	text := r.text
	for at := strings.IndexByte(text, '@'); at >= 0; {
		for start := at - 1; start >= max(0, at-maxLocal) && text[start] != '@'; start-- {
			plain, _, _ := strings.Cut(text[start:at], "+") // claire+x@ is Claire
			domains, known := b.locals[plain]
			if !known || !r.loose && at-start < 5 && start > 0 && isWord(text[start-1]) {
				continue // "susanna@" does not name "anna@"
			}
			for _, domain := range domains {
				if strings.HasPrefix(text[at+1:], domain) { // whatever follows: the page cuts off what its maker put there
					return true
				}
			}
		}
		next := strings.IndexByte(text[at+1:], '@')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return false
}

func isWord(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// inParts tells how a recipient's local part, domain or both stand in the links as words of their own. Links into the
// recipient's own domain do not count, nor local parts that many domains have. Both in one component of a link, or a
// local part that few people have with its domain anywhere, are as good as the address: "?u=claire&d=example.org".
func (b book) inParts(links []string, readings []reading, ownDomain string) naming {
	all := words{}
	for _, r := range readings {
		all.addRuns(r.text)
	}
	var components []words
	found := unnamed
	for local, domains := range b.locals {
		for _, domain := range domains {
			if registrable(domain) == ownDomain {
				continue
			}
			both := stands(all, domain) && stands(all, local) || dashed(all, local, domain)
			switch {
			case len(local) >= 4 && !generic[local] && both:
				if components == nil {
					components = componentsOf(links)
				}
				if rare(local) || slices.ContainsFunc(components, func(w words) bool { return w.holdBoth(local, domain) }) {
					return whole
				}
				found = apart
			case found < hinted && (stands(all, domain) || rare(local) && (stands(all, local) || all[dashes.Replace(local)])):
				found = hinted
			}
		}
	}
	return found
}

// spellings are a part of an address as it is, reversed and turned by 13 letters.
func spellings(part string) [3]string { return [3]string{part, reversed(part), rot13(part)} }

func stands(among words, part string) bool {
	for _, spelling := range spellings(part) {
		if among[spelling] {
			return true
		}
	}
	return false
}

// dashes makes a name fit into one label of a host.
var dashes = strings.NewReplacer(".", "-", "_", "-", "+", "-")

// dashed tells whether the address stands in the link as one word: "claire-dupont--example-org".
func dashed(among words, local, domain string) bool {
	for _, between := range []string{"--", "-", "-at-", "_", "__", "."} {
		if among[dashes.Replace(local)+between+dashes.Replace(domain)] || among[local+between+domain] {
			return true
		}
	}
	return false
}

// rare tells a local part that few people have: "claire.dupont".
func rare(local string) bool {
	return len(local) >= 8 && strings.ContainsAny(local, "._-") && !generic[local]
}

// mayHoldParts spares nearly all links the search for words. Of many recipients it cannot tell quickly.
func (b book) mayHoldParts(readings []reading) bool {
	if len(b.locals) > 8 {
		return true
	}
	var parts []string
	for local, domains := range b.locals {
		if rare(local) {
			all := spellings(local)
			parts = append(append(parts, all[:]...), dashes.Replace(local))
		}
		for _, domain := range domains {
			all := spellings(domain)
			parts = append(append(parts, all[:]...), dashes.Replace(domain))
		}
	}
	for _, r := range readings {
		if slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(r.text, part) }) {
			return true
		}
	}
	return false
}

// words are those of a text, lower case.
type words map[string]bool

// maxWords bounds the words of all readings of a link.
const maxWords = 4096

// componentsOf are the words of each component of the links, in every reading of it.
func componentsOf(links []string) (all []words) {
	for _, link := range links {
		p := split(link)
		host := words{}
		for _, r := range readingsOf(p.host) {
			host.addRuns(r.text)
		}
		all = append(all, host)
		for _, component := range []string{p.path, p.query, p.fragment} {
			w := words{}
			for _, r := range readingsOf(component) {
				w.add(r.text)
			}
			all = append(all, w)
		}
	}
	return all
}

// holdBoth tells whether a component names an address by its parts.
func (w words) holdBoth(local, domain string) bool {
	return stands(w, local) && stands(w, domain) || dashed(w, local, domain)
}

// wordsOfText are its letters and digits, with the signs that stand inside names.
func wordsOfText(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r < 0x80 && !isWord(byte(r)) && !strings.ContainsRune("._-+", r) }) {
			if word = strings.Trim(word, "._-+"); len(word) >= 3 && len(word) <= 253 && !yield(word) {
				return
			}
		}
	}
}

func (w words) add(text string) {
	for word := range wordsOfText(text) {
		if len(w) < maxWords {
			w[word] = true
		}
	}
}

// addRuns adds the words of a text, and of names with dots every run of labels: "claire.letsdefend.io.evil.example"
// holds "letsdefend.io".
func (w words) addRuns(text string) {
	for word := range wordsOfText(text) {
		ends := 0
		for from := 0; from < len(word) && ends < 64; from = after(word, from) {
			for to := after(word, from); len(w) < maxWords && ends < 64; to = after(word, to) {
				w[strings.TrimSuffix(word[from:to], ".")] = true
				if ends++; to >= len(word) {
					break
				}
			}
		}
	}
}

// after is where the label that begins at i ends, its dot included.
func after(name string, i int) int {
	if dot := strings.IndexByte(name[i:], '.'); dot >= 0 {
		return i + dot + 1
	}
	return len(name)
}

// generic are local parts that say nothing about who is meant (RFC 2142, and what companies use).
var generic = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(`abuse account accounting accounts admin administration administrator ap apply ar billing
		booking bookings buchhaltung career careers checkout commercial compta compras contact contacto contato customer customers
		direction einkauf email enquiries events export facturation facturas feedback finance fiscal formation help helpdesk
		hello hola home hostmaster hotel import index info infos information inquiry invoice invoices it jobs kontakt legal
		list login logistics mail mailbox mailer main manager market marketing media member membership news newsletter noreply
		no-reply office online operations order orders page partner partners payroll personal portal post postmaster press
		privacy procurement production profile project projects purchase purchasing rechnung reception register registration
		reply request reservation reservations root sales secretary security sekretariat service services shop signin signup
		staff store student subscribe support team tech test ticket tickets travel unsubscribe user users vendor verkauf view
		webmail webmaster website welcome`) {
		words[word] = true
	}
	return words
}()
