package payload

import (
	"slices"
	"strconv"
	"strings"
)

// maxFurther is how many further links of a payload are judged. Nobody chooses a code with more by accident, and a code
// that has more is said to.
const maxFurther = 16

// further notes the links of a payload beside its own: those on other lines or behind other words, and those inside a
// contact, an event, a message or a place. A phone shows them beside the first, and attackers wrap the link that they
// mean in a payload that nobody holds.
func (p *Payload) further(text string) {
	own := append([]string{p.URL, p.Target}, p.Links...)
	if p.URL != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return // one link and nothing else, as nearly all are
	}
	for _, reading := range insides(p.Kind, text) {
		reading += schemelessIn(p.Kind, reading)
		for _, found := range linksInside(reading) {
			for _, l := range []string{found, unwrapped(found)} {
				if l != "" && !standsIn(l, own) {
					own = append(own, l)
				}
			}
		}
	}
	p.Links = own[2:]
	if len(p.Links) > maxFurther {
		p.Unjudged, p.Links = len(p.Links)-maxFurther, p.Links[:maxFurther]
	}
	if len(p.Links) > 0 && p.Kind == Invoice && p.URL != "" {
		p.Kind = URL // the tax authority's page is not all that stands there
	}
}

// standsIn tells whether a link is one of those, or the first half of one that a line break cuts.
func standsIn(link string, those []string) bool {
	return slices.ContainsFunc(those, func(one string) bool { return strings.HasPrefix(one, link) })
}

// insides are the ways to read what stands in a payload: as it is, and as its format writes texts.
func insides(kind Kind, text string) []string {
	if strings.HasPrefix(text, emvBegin) {
		return []string{emvValues(text)}
	}
	switch kind {
	case Contact, Event:
		if strings.HasPrefix(asciiLower(text), "begin:") {
			return []string{linkLines(propertyText(text))}
		}
		return []string{linkLines(fieldText(text))}
	case WiFi:
		return []string{fieldText(text)}
	case Payment, Mail, SMS, Geo, Phone, Crypto, AppLink, OTPAuth:
		list := []string{text}
		if decoded := unescaped(text); decoded != text {
			list = append(list, decoded)
		}
		if strings.HasPrefix(asciiLower(text), "matmsg:") {
			return []string{fieldText(text)}
		}
		if strings.ContainsAny(text, "&;") { // a link ends where the next parameter begins, or was meant to go on
			list = append(list, unescaped(strings.NewReplacer("&", "\n", ";", "\n").Replace(text)))
		}
		return list
	}
	return []string{text}
}

// inFields are the kinds that hold fields and texts, which phones show with their links underlined.
var inFields = []Kind{WiFi, Contact, Event, Payment, Mail, SMS, Geo, Phone, Crypto, AppLink, OTPAuth}

// schemelessIn puts what looks like a link without a scheme in a field of its own on a line of its own: the name of the
// field would be read as part of its host, as in "S:evil.example/login". Words with a scheme have been seen.
func schemelessIn(kind Kind, text string) string {
	if !slices.Contains(inFields, kind) || strings.IndexByte(text, '/') < 0 {
		return ""
	}
	var b strings.Builder
	for word := range strings.FieldsSeq(text) {
		if lower := asciiLower(word); strings.Contains(lower, "http:") || strings.Contains(lower, "https:") {
			continue
		}
		for field := range strings.FieldsFuncSeq(word, func(r rune) bool { return strings.ContainsRune(":=?&;*|,", r) }) {
			if dot, slash := strings.IndexByte(field, '.'), strings.IndexByte(field, '/'); dot > 0 && dot < slash {
				b.WriteString("\n" + field)
			}
		}
	}
	return b.String()
}

// emvBegin is the first field of an EMVCo code (EMV QRCPS, merchant-presented mode, table 3.1): the format's version.
const emvBegin = "000201"

// emvValues puts the values of an EMVCo code on lines of their own, those inside templates too: the two digits of a
// length would be read as part of a host that follows them. What does not keep the format is left as it is. A host in a
// template, as PIX has it for the bill's page, is a link without a path too.
func emvValues(text string) string { return emvFields(text, false) }

func emvFields(text string, within bool) string {
	var b strings.Builder
	for len(text) >= 4 {
		size, err := strconv.Atoi(text[2:4])
		if err != nil || size > len(text)-4 {
			break
		}
		id, value := text[:2], text[4:4+size]
		switch template := id >= "26" && id <= "51" || id == "62" || id == "64" || id >= "80"; {
		case template && len(value) < len(text):
			value = emvFields(value, true)
		case within && id != "00" && isDomain(hostOf(value)): // "00" is the name of the scheme: "com.visa"
			if link := asLink(value); link != "" {
				value = link
			}
		}
		b.WriteString(value + "\n")
		text = text[4+size:]
	}
	b.WriteString(text)
	return b.String()
}

// propertyText takes folded lines and escapes out of a vCard or a calendar entry (RFC 6350, sections 3.2 and 4; RFC
// 5545, section 3.1), and the quoted-printable of vCard 2.1.
func propertyText(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	if strings.Contains(asciiLower(text), "quoted-printable") {
		text = strings.ReplaceAll(text, "=\n", "")
		text = percentDecode(strings.ReplaceAll(strings.ReplaceAll(text, "%", "%25"), "=", "%"))
	}
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text)
	return strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\:`, ":", `\\`, `\`).Replace(text)
}

// fieldText puts the fields of NTT DoCoMo's formats on lines of their own.
func fieldText(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == ';':
			b.WriteByte('\n')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// linkLines gives the value of every URL property a scheme: "URL:example.com" is a link too.
func linkLines(text string) string {
	if !strings.Contains(asciiLower(text), "url") {
		return text
	}
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		name, _, _ = strings.Cut(name, ";")
		if i := strings.LastIndexByte(name, '.'); i >= 0 { // a group: "item1.URL"
			name = name[i+1:]
		}
		if strings.EqualFold(strings.TrimSpace(name), "url") {
			if link := asLink(value); link != "" {
				lines[n] = link
			}
		}
	}
	return strings.Join(lines, "\n")
}
