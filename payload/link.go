package payload

import (
	"iter"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// maxLink is the longest text that is looked at as anything but text: a QR code holds at most 7,089 characters.
const maxLink = 8 << 10

// webLink tells whether a phone would open the text in a browser. Links are found in every spelling that the cameras
// of iOS and Android open: any case of the scheme, white space or control characters inside it, one or many slashes,
// backslashes, no scheme at all; and where the whole text is percent-encoded.
func webLink(text string) (link, host string, ok bool) {
	if text == "" || len(text) > maxLink {
		return "", "", false
	}
	text, compact := compacted(text)
	rest, scheme := cutScheme(compact)
	if scheme == "" {
		return schemeless(text, compact)
	}
	host = hostOf(rest)
	if first, its, ok := firstLine(text, host); ok {
		return first, its, true
	}
	if host == "" {
		return "", "", false
	}
	return scheme + "://" + rest, host, true
}

// compacted is the text, and the text without what browsers remove from it and what readers put before it. Where the
// whole text is percent-encoded, both are decoded.
func compacted(text string) (decoded, compact string) {
	for range maxEncodings {
		compact = folded(text)
		for _, start := range []string{"url:", "urlto:"} { // ZXing's and Apple's forms
			if len(compact) > len(start) && strings.EqualFold(compact[:len(start)], start) {
				compact = strings.TrimLeft(compact[len(start):], " ")
				break
			}
		}
		if len(compact) <= 7 || !strings.EqualFold(compact[:4], "http") {
			break
		}
		colon := strings.TrimLeft(compact[4:], "sS")
		if !strings.HasPrefix(colon, "%3") && !strings.HasPrefix(colon, "%25") {
			break
		}
		text = percentDecode(compact)
	}
	return text, compact
}

// cutScheme removes "http:" or "https:" and the slashes behind it.
func cutScheme(text string) (rest, scheme string) {
	for _, s := range []string{"https", "http"} {
		if len(text) > len(s) && strings.EqualFold(text[:len(s)], s) && text[len(s)] == ':' {
			return strings.TrimLeft(text[len(s)+1:], "/\\ \u00a0\u3000"), s
		}
	}
	return text, ""
}

// schemeless finds "www.example.com/x" and "example.com/x". Only a name under a real top-level domain counts, or an
// address with a path or port, and only where no blank stands in the text, or every sentence would be a link.
func schemeless(text, compact string) (link, host string, ok bool) {
	if strings.ContainsAny(text, " \t\r\n") {
		return "", "", false
	}
	rest := strings.TrimLeft(compact, `/\`)
	auth := authority(rest)
	host = hostOf(rest)
	if !strings.Contains(host, ".") || strings.ContainsAny(host, "=&;,!$'()*+~") || strings.Contains(auth, "@") || !isPort(auth) {
		return "", "", false
	}
	if isIP(host) {
		return "http://" + rest, host, auth != rest && strings.Count(auth, ".") == 3 || strings.Contains(auth, ":")
	}
	suffix, icann := publicsuffix.PublicSuffix(host)
	switch {
	case icann && suffix != host, strings.HasPrefix(host, "www."):
		return "http://" + rest, host, true
	case !strings.Contains(suffix, "."): // no top-level domain of that name
		return "", "", false
	}
	return "http://" + rest, host, auth != rest // a private suffix (github.io) is fine with a path
}

// isPort tells whether what stands behind the host, if anything, is a port. "tel:example.com" has none.
func isPort(auth string) bool {
	_, port, has := strings.Cut(auth, ":")
	return !has || digits(port) && len(port) <= 5
}

// authority is what stands between the slashes and the path (RFC 3986, section 3.2); browsers end it at a backslash too.
func authority(rest string) string {
	if i := strings.IndexAny(rest, `/?#\`); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// needsFolding tells quickly that a text is printable ASCII, as nearly all links are.
func needsFolding(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f {
			return true
		}
	}
	return false
}

// folded is the text as browsers take it: without what nobody sees, and narrow.
func folded(text string) string {
	if needsFolding(text) {
		return strings.Map(dropInvisible, text)
	}
	return text
}

func dropInvisible(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r': // URL standard, section 4.4: removed
		return -1
	case r == 0x200b || r == 0x200c || r == 0x200d || r == 0x2060 || r == 0xfeff || r == 0xad || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		return -1 // nothing to see, or only the direction of writing
	}
	return fullWidth(r)
}

// fullWidth makes the wide forms of East Asian typing what they stand for, as IDNA and browsers do.
func fullWidth(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e:
		return r - 0xfee0
	case r == 0x3002 || r == 0xff61 || r == 0xff0e: // full stops
		return '.'
	case r == 0x3000:
		return ' '
	}
	return r
}

// linkInside is the first web link in a longer text; "" where there is none.
func linkInside(text string) string {
	for link := range linksIn(text) {
		return link
	}
	return ""
}

// linksInside are the web links in a longer text, more than are judged at most.
func linksInside(text string) (all []string) {
	for link := range linksIn(text) {
		if all = append(all, link); len(all) > 4*maxFurther {
			break
		}
	}
	return all
}

// linksIn finds the web links in a longer text: what a phone that shows the text underlines. A link without a scheme
// must begin with "www." or have a path.
func linksIn(text string) iter.Seq[string] {
	if needsFolding(text) {
		text = strings.Map(fullWidth, text)
	}
	return func(yield func(string) bool) {
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r <= ' ' || strings.ContainsRune("\"<>|\u00a0\u2028\u2029", r) }) {
			if link := linkInWord(word); link != "" && !yield(link) {
				return
			}
		}
	}
}

// maxTries is how many beginnings of a link are tried in one word: "www.www.www.…" has one every four characters.
const maxTries = 32

func linkInWord(word string) string {
	lower := asciiLower(word)
	for _, start := range []string{"https:", "http:", "www."} {
		for from, tries := 0, 0; tries < maxTries; tries++ {
			i := strings.Index(lower[from:], start)
			if i < 0 {
				break
			}
			from += i
			if link := asLink(strings.TrimRight(word[from:], ".,;:!?)]}'*")); link != "" {
				return link
			}
			from += len(start)
		}
	}
	if bare := strings.Trim(word, ".,;:!?()[]{}'*"); strings.IndexByte(bare, '/') > 3 {
		return asLink(bare)
	}
	return ""
}

// asciiLower keeps every byte where it is, which strings.ToLower does not.
func asciiLower(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
