package payload

import (
	"regexp"
	"slices"
	"strings"
)

// A secret may also stand inside something that is written down: the activation code of an eSIM in the link that opens
// its page, a Wi-Fi password on the line behind a link, the key of one-time passwords in a redirector. There it is cut
// out of what is written; what is judged keeps it.

// HiddenPart stands in the place of a secret.
const HiddenPart = "(hidden)"

// secretForm is how a secret begins inside another text, and how it ends; without an end it reaches to the text's. One of
// the words stands in every beginning: most texts hold none, and are not searched further.
type secretForm struct {
	words      []string
	begin, end *regexp.Regexp
}

// secretForms are those of the formats whose kind is secret. Signs may be percent-encoded, any number of times, or have
// a backslash before them; line ends may have been dropped.
var secretForms = func() []secretForm {
	signs := strings.NewReplacer("<:>", `\\?(?::|%(?:25)*3a)`, "</>", `(?:\\?/|%(?:25)*2f)`, "<$>", `(?:\$|%(?:25)*24)`, "<;>", `(?:\\?;|%(?:25)*3b)`,
		"<*>", `(?:\*|%(?:25)*2a)`, "<|>", `(?:\||%(?:25)*7c)`, "<n>", `(?:\s|%(?:25)*(?:0[ad]|20))*`)
	form := func(words, begin, end string) secretForm {
		f := secretForm{words: strings.Fields(words), begin: regexp.MustCompile("(?i)" + signs.Replace(begin))}
		if end != "" {
			f.end = regexp.MustCompile("(?i)" + signs.Replace(end))
		}
		return f
	}
	const word, parameter = `[\s"<>]`, `[\s"<>&]`
	return []secretForm{
		form("wifi", `wifi<:><n>[a-z][a-z0-9]{0,2}<:>`, `<;><n><;>`),
		form("otp", `(?:otpauth(?:-migration)?|motp)<:><n></>`, word),
		form("lpa", `lpa<:><n>1<$>`, parameter),
		form("payto bank upi", `payto<:></></>|bank<:></></>(?:single|periodic)|upi<:></></>pay`, word),
		form("spd", `spd<*>[0-9.]+<*>`, `[\r\n]`),
		form("bcd spc", `bcd<n>00[12]<n>[1-8]<n>(?:sct|inst)|spc<n>0[12][0-9]{2}<n>1<n>(?:ch|li)[0-9]{2}`, ""),
		form("hrvhub30 upnqr hct st0001 pr", `hrvhub30|upnqr<n>|hct<n>00|st0001[0-9]<|>|k<:>pr<|>`, ""),
		form("000201", `0002010102(?:11|12)|000201(?:2[6-9]|[345][0-9])[0-9]{2}00[0-9]{2}`, `[\r\n&]`),
	}
}()

// Hidden is a text without the secrets in it: keys, passwords, activation codes, payments and account numbers that stand
// inside a link or behind other words. HiddenPart stands in their place.
func Hidden(text string) string {
	lower := asciiLower(text)
	for _, form := range secretForms {
		if slices.ContainsFunc(form.words, func(word string) bool { return strings.Contains(lower, word) }) {
			text = form.hide(text)
		}
	}
	return hideIBANs(text)
}

// WrittenURL is the payload's URL as it may be written down.
func (p Payload) WrittenURL() string { return Hidden(p.URL) }

func (f secretForm) hide(text string) string {
	found := f.begin.FindStringIndex(text)
	if found == nil {
		return text
	}
	var b strings.Builder
	for ; found != nil; found = f.begin.FindStringIndex(text) {
		b.WriteString(text[:found[0]] + HiddenPart)
		encoded := strings.IndexByte(text[found[0]:found[1]], '%') >= 0
		text = text[f.ends(text, found[1], encoded):]
	}
	return b.String() + text
}

// ends is where a secret ends; an encoded one in any case where the next parameter begins.
func (f secretForm) ends(text string, from int, encoded bool) int {
	end := len(text)
	if next := strings.IndexByte(text[from:], '&'); encoded && next >= 0 {
		end = from + next
	}
	if f.end != nil {
		if found := f.end.FindStringIndex(text[from:end]); found != nil {
			end = from + found[0]
		}
	}
	return end
}

// hideIBANs takes account numbers out, also those with signs between the groups.
func hideIBANs(text string) string {
	var b strings.Builder
	done := 0
	for i := 0; i+15 <= len(text); i++ {
		if end := ibanAt(text, i); end > 0 {
			b.WriteString(text[done:i] + HiddenPart)
			done, i = end, end-1
		}
	}
	return b.String() + text[done:]
}

// ibanAt is where the IBAN that begins at i ends; 0 where there is none.
func ibanAt(text string, i int) int {
	size := ibanLength[strings.ToUpper(text[i:i+2])]
	if size == 0 {
		return 0
	}
	iban := make([]byte, 0, size)
	for ; i < len(text) && len(iban) < size; i++ {
		switch c := text[i] | 0x20; {
		case isWord(c):
			iban = append(iban, text[i])
		case strings.HasPrefix(text[i:], "%20"):
			i += 2
		case !strings.ContainsRune(" +-.", rune(text[i])):
			return 0
		}
	}
	if len(iban) < size || !isIBAN(string(iban)) {
		return 0
	}
	return i
}
