package mime

import (
	"strings"
)

// Part is a leaf of the MIME tree.
type Part struct {
	Path        string // place in the tree, as IMAP numbers it: "2.1"
	Type        string // declared media type, lower case, "text/plain" when there is none
	Charset     string // declared charset, lower case, "" when there is none
	Name        string // file name, decoded; a hint, may hold anything
	ContentID   string // without angle brackets
	Disposition string // "attachment", "inline" or ""
	Encoding    string // "base64", "quoted-printable", "uuencode", "yenc", or "7bit" for everything else
	Raw         []byte // as transferred: a slice of the message's body

	boundaries []string
}

func (p *Part) isMultipart() bool { return strings.HasPrefix(p.Type, "multipart/") }

// isMessage tells whether the part holds a message as it is. One in base64 is against RFC 2046, section 5.2.1, and
// is a leaf here: it has to be decoded first.
func (p *Part) isMessage() bool {
	return (p.Type == "message/rfc822" || p.Type == "message/global" || p.Type == "message/news") && p.Encoding == "7bit"
}

// describe reads what a part's header says about it. Of repeated fields the first that says something counts, except
// that the boundaries of all of them are believed: mail clients disagree, and each may show what another hides.
func describe(header []Field, defaultType string) Part {
	p := Part{Type: defaultType, Encoding: "7bit"}
	typed := false
	for _, f := range header {
		switch strings.ToLower(f.Name) {
		case "content-type":
			p.contentType(unfold(f.Value), &typed)
		case "content-transfer-encoding":
			if e := encodingOf(unfold(f.Value)); p.Encoding == "7bit" {
				p.Encoding = e
			}
		case "content-disposition":
			kind, params := parseParams(unfold(f.Value))
			if p.Disposition == "" {
				p.Disposition = kind
			}
			if name := params.text("filename"); name != "" {
				p.Name = name
			}
		case "content-id":
			p.ContentID = strings.Trim(unfold(f.Value), "<> \t")
		}
	}
	return p
}

func (p *Part) contentType(value string, typed *bool) {
	kind, params := parseParams(value)
	// Of several fields the first counts, but a multipart is one wherever it is said: some clients take the last.
	if strings.Contains(kind, "/") && (!*typed || strings.HasPrefix(kind, "multipart/")) {
		p.Type, *typed = kind, true
	}
	if p.Charset == "" {
		p.Charset = strings.ToLower(params.text("charset"))
	}
	if p.Name == "" {
		p.Name = params.text("name")
	}
	for _, param := range params {
		if param.name == "boundary" && param.value != "" && len(param.value) <= maxBoundary && len(p.boundaries) < 4 {
			p.boundaries = append(p.boundaries, strings.TrimRight(param.value, " \t"))
		}
	}
}

// encodingOf reduces a Content-Transfer-Encoding field to what is done about it. Parameters, comments and spaces are
// against RFC 2045, section 6.1, and every mail client ignores them.
func encodingOf(value string) string {
	token := strings.ToLower(value)
	if i := strings.IndexAny(token, "; \t(,"); i >= 0 {
		token = token[:i]
	}
	switch strings.Trim(token, `"'`) {
	case "base64":
		return "base64"
	case "quoted-printable":
		return "quoted-printable"
	case "uuencode", "x-uuencode", "x-uue":
		return "uuencode"
	}
	return "7bit"
}
