package identity

import (
	"regexp"
	"strings"

	"quishmilter/mime"
)

// EnvelopeKey is the name under which the history of an envelope sender is kept: what forwarders, bounce tags and
// mailing lists put around an address is undone, so that each mailing of a list is not a new sender.
//
//	BATV, PRVS  prvs=1234abcdef=user@example.org                          user@example.org
//	SRS0        SRS0=HHH=TT=example.org=user@forwarder.example            user@example.org
//	SRS1        SRS1=HHH=f.example==HHH=TT=example.org=user@g.example     user@example.org
//	VERP        news-bounces+4711-user=example.com@lists.example          news-bounces@lists.example
//
// The recipients of the envelope make VERP exact; without them it is guessed. An attacker writes the envelope as they
// like: the key names a history and proves nothing. "" is the null sender, or no address.
func EnvelopeKey(mailFrom string, recipients ...string) string {
	address := mailFrom
	for range 3 { // one forwarder may wrap what another has tagged
		undone := undoSRS(undoBATV(address))
		if undone == address {
			break
		}
		address = undone
	}
	local, domain := splitAddress(address)
	if domain == "" {
		return ""
	}
	return Key(undoVERP(FoldASCII(local), recipients) + "@" + domain)
}

// The forms of tags in front of a local part: draft-levine-smtp-batv ("prvs=" with one digit of key, three of day and
// six of hash), its older order in Exim ("prvs=user/tag"), Barracuda ("btv1==tag==user"), SparkPost ("msprvs1=tag=user").
var (
	batv      = regexp.MustCompile(`(?i)^(?:prvs=[0-9a-f]{8,12}=|btv1==[0-9a-f]+==|msprvs1=[0-9a-z._-]+=)(.+)$`)
	batvFirst = regexp.MustCompile(`(?i)^prvs=([^=/]+)/[0-9a-f]{8,12}$`)
)

func undoBATV(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at > maxAddress {
		return address
	}
	for _, form := range []*regexp.Regexp{batv, batvFirst} {
		if m := form.FindStringSubmatch(address[:at]); m != nil {
			return m[1] + address[at:]
		}
	}
	return address
}

// The sender rewriting scheme (libsrs2, postsrsd): after SRS0 or SRS1 stands =, + or -; SRS1 names the first
// forwarder, whose own local part follows behind "==" (or "=+", "=-").
var (
	srs0 = regexp.MustCompile(`(?i)^SRS0[=+-][^=]{1,64}=[^=]{1,8}=([^=]+)=(.+)$`)
	srs1 = regexp.MustCompile(`(?i)^SRS1[=+-][^=]{1,64}=([^=]+)=([=+-].+)$`)
)

func undoSRS(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || len(address) > 2*maxAddress {
		return address
	}
	local := address[:at]
	if m := srs1.FindStringSubmatch(local); m != nil {
		local = "SRS0" + m[2]
	}
	if m := srs0.FindStringSubmatch(local); m != nil {
		return m[2] + "@" + m[1]
	}
	return address
}

// undoVERP takes the recipient and the numbers of a mailing out of a local part.
func undoVERP(local string, recipients []string) string {
	if base, _, tagged := strings.Cut(local, "+"); tagged && base != "" {
		return base
	}
	for _, recipient := range recipients {
		if user, domain := splitAddress(recipient); domain != "" {
			encoded := FoldASCII(user) + "=" + domain
			if at := strings.Index(local, encoded); at > 0 {
				return dropNumbers(strings.TrimRight(local[:at], "-_.=/"))
			}
		}
	}
	if at := strings.IndexByte(local, '='); at > 0 {
		if dash := strings.LastIndexAny(local[:at], "-_/"); dash > 0 {
			local = local[:dash]
		}
	}
	return dropNumbers(local)
}

// machine tells local parts that programs make for bounces from those of people, whose "anna_1984" is theirs.
var machine = regexp.MustCompile(`bounce|return|errors|owner|verp|envelope|rsps`)

// dropNumbers cuts a machine's local part in front of its first piece with four digits or more, which is the number
// of a mailing. One that begins with sixteen hexadecimal digits is nothing but a number.
func dropNumbers(local string) string {
	pieces := strings.FieldsFunc(local, func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	if len(pieces) > 1 && len(pieces[0]) >= 16 && strings.Trim(pieces[0], "0123456789abcdef") == "" {
		return "*"
	}
	if !machine.MatchString(local) {
		return local
	}
	for i, piece := range pieces {
		if i > 0 && digits(piece) >= 4 {
			return strings.TrimRight(local[:strings.Index(local, piece)], "-_.")
		}
	}
	return local
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if '0' <= r && r <= '9' {
			n++
		}
	}
	return n
}

// maxListID bounds a list's name (RFC 2919, section 3).
const maxListID = 255

// ListID is the name of the mailing list that a message says it came by (RFC 2919), lower-cased; "" without one, or
// with several. Anybody can write the field: it names a history and proves nothing.
func ListID(header []mime.Field) string { return ReadListID(mime.Values(header, "List-Id")) }

// ReadListID is ListID from the values of a message's List-Id fields, unfolded.
func ReadListID(fields []string) string {
	if len(fields) != 1 || len(fields[0]) > maxAddressField {
		return ""
	}
	name := fields[0]
	if open := strings.LastIndexByte(name, '<'); open >= 0 {
		name, _, _ = strings.Cut(name[open+1:], ">")
	}
	name = FoldDomain(strings.TrimSpace(name))
	if len(name) > maxListID || !strings.Contains(name, ".") || strings.ContainsFunc(name, notInListID) {
		return ""
	}
	return name
}

func notInListID(r rune) bool { return r <= ' ' || hidden(r) || strings.ContainsRune(`<>"(),;:@`, r) }
