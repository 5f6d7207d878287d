package payload

import (
	"slices"
	"strings"
	"unicode"
)

// The signals of the words around a code. Each is weak: wanted mail has them too, newsletters most of all. They are
// worth something together, or beside a strong signal of the link.
const (
	SignalAsksToScan  = "asks-to-scan"       // the text asks the reader to scan a code
	SignalLureWords   = "lure-words"         // at least two phrases that mail which steals passwords is written with
	SignalBrandSender = "brand-in-sender"    // a well-known name in the sender's name or domain, which is not the name's owner
	SignalNameAddress = "address-in-name"    // the display name holds an address of another domain
	SignalReplyTo     = "reply-to-elsewhere" // answers go to another registrable domain
	SignalEmptyBody   = "empty-body"         // nothing but one attachment
	SignalBareCode    = "bare-document"      // a document that holds a code and hardly a word, or just words that ask to scan it
	SignalBlankCode   = "blank-document"     // a document that holds a code and no words
)

// Letter is what a reader sees of a message beside its code.
type Letter struct {
	Subject     string
	Texts       []string // the body as shown, each form of it
	From        string   // the address of the header From
	Name        string   // its display name, decoded
	ReplyTo     []string // addresses
	Attachments int      // parts that are not the body
}

// minLures is how many different phrases make a lure: one alone ("urgent") stands in much wanted mail.
const minLures = 2

// How many words a document may hold beside its code and still say nothing: hardly any, or somewhat more where all that
// they do is to ask for a scan. A badge has names on it, a ticket has place and seat, an invoice has its lines.
const (
	bareWords   = 12
	askingWords = 30
)

// Signals says what is remarkable about the words of the letter. Of a long text the first 16 KiB count.
func (l Letter) Signals() []string {
	var found []string
	add := func(signal string, is bool) {
		if is {
			found = append(found, signal)
		}
	}
	count := lures.find(append([]string{l.Subject}, l.Texts...)...)
	add(SignalAsksToScan, count["scan"] > 0)
	add(SignalLureWords, count["lure"] >= minLures)
	add(SignalEmptyBody, l.Attachments == 1 && !slices.ContainsFunc(l.Texts, hasLetters))
	return found
}

// SenderSignals says what is remarkable about who writes.
func (l Letter) SenderSignals() []string {
	var found []string
	add := func(signal string, is bool) {
		if is {
			found = append(found, signal)
		}
	}
	domain := domainOf(l.From)
	add(SignalBrandSender, domain != "" && known.inSender(l.Name, domain))
	add(SignalNameAddress, holdsOtherAddress(l.Name, domain))
	add(SignalReplyTo, domain != "" && slices.ContainsFunc(l.ReplyTo, func(address string) bool {
		reply := domainOf(address)
		return reply != "" && registrable(reply) != registrable(domain)
	}))
	return found
}

// AsksToScan tells whether a text asks its reader to hold a phone to a code.
func AsksToScan(text string) bool { return lures.find(text)["scan"] > 0 }

// DocumentSignals says what is remarkable about the text of a document that holds a code.
func DocumentSignals(text string) []string {
	var found []string
	asks := AsksToScan(text)
	if asks {
		found = append(found, SignalAsksToScan)
	}
	words, _ := plainWords(text)
	count := len(strings.Fields(words))
	if len(text) < maxWordText && (count <= bareWords || asks && count <= askingWords) {
		found = append(found, SignalBareCode)
	}
	if !hasLetters(text) {
		found = append(found, SignalBlankCode)
	}
	return found
}

// domainOf is the domain of an address, in ASCII and lower case; "" where there is none.
func domainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || len(address) > 320 {
		return ""
	}
	return hostOf(strings.Trim(address[at+1:], " <>"))
}

// holdsOtherAddress finds "security@microsoft.com" as the display name of an address elsewhere: mail clients on phones
// show the name alone.
func holdsOtherAddress(name, domain string) bool {
	if len(name) > 1024 {
		name = name[:1024]
	}
	name = strings.Map(fullWidth, name)
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`<>()[]"',;:`, r) }) {
		at := strings.LastIndexByte(word, '@')
		if at < 1 {
			continue
		}
		other := hostOf(strings.TrimRight(word[at+1:], "."))
		if strings.Contains(other, ".") && registrable(other) != registrable(domain) {
			return true
		}
	}
	return false
}

func hasLetters(text string) bool { return strings.ContainsFunc(text, isLetter) }

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
