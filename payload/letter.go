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
	SignalBareCode    = "bare-document"      // a document that holds a code and hardly a word
)

// Letter is what a reader sees of a message beside its code.
type Letter struct {
	Subject     string
	Text        string   // the body as shown, without quoted history where that is known
	From        string   // the address of the header From
	Name        string   // its display name, decoded
	ReplyTo     []string // addresses
	Attachments int      // parts that are not the body
}

// minLures is how many different phrases make a lure: one alone ("urgent") stands in much wanted mail.
const minLures = 2

// bareWords is how many words a document may hold beside its code and still say nothing.
const bareWords = 12

// Signals says what is remarkable about the letter. Of a long text the first 16 KiB count.
func (l Letter) Signals() []string {
	var found []string
	add := func(signal string, is bool) {
		if is {
			found = append(found, signal)
		}
	}
	count := lures.find(l.Subject + "\n" + l.Text)
	add(SignalAsksToScan, count["scan"] > 0)
	add(SignalLureWords, count["lure"] >= minLures)
	domain := domainOf(l.From)
	add(SignalBrandSender, domain != "" && known.inSender(l.Name, domain))
	add(SignalNameAddress, holdsOtherAddress(l.Name, domain))
	add(SignalReplyTo, domain != "" && slices.ContainsFunc(l.ReplyTo, func(address string) bool {
		reply := domainOf(address)
		return reply != "" && registrable(reply) != registrable(domain)
	}))
	add(SignalEmptyBody, l.Attachments == 1 && !strings.ContainsFunc(l.Text, isLetter))
	return found
}

// DocumentSignals says what is remarkable about the text of a document that holds a code.
func DocumentSignals(text string) []string {
	var found []string
	if lures.find(text)["scan"] > 0 {
		found = append(found, SignalAsksToScan)
	}
	if len(text) < maxWordText && len(strings.Fields(plainWords(text))) <= bareWords {
		found = append(found, SignalBareCode)
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

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
