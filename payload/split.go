package payload

import "strings"

// parts are the parts of a link, as written. net/url refuses links that every browser opens (a bad escape, a blank, a
// semicolon in the query), and what it refuses would not be unwrapped.
type parts struct{ host, path, query, fragment string }

// split takes a link with a scheme apart (RFC 3986, section 3, with the browsers' backslashes).
func split(link string) parts {
	rest := afterScheme(link)
	p := parts{host: hostOf(rest)}
	rest = rest[len(authority(rest)):]
	rest, p.fragment, _ = strings.Cut(rest, "#")
	p.path, p.query, _ = strings.Cut(rest, "?")
	if strings.Contains(p.path, `\`) {
		p.path = strings.ReplaceAll(p.path, `\`, "/")
	}
	return p
}

// all is path, query and fragment, as written.
func (p parts) all() string {
	text := p.path
	if p.query != "" {
		text += "?" + p.query
	}
	if p.fragment != "" {
		text += "#" + p.fragment
	}
	return text
}

// pair is one parameter of a query: its name in lower case, both decoded.
type pair struct{ name, value string }

// params are the parameters in their order. At most 128.
type params []pair

func pairs(query string) params {
	var list params
	for field := range strings.SplitSeq(query, "&") {
		if field == "" {
			continue
		}
		if len(list) == 128 {
			break
		}
		name, value, _ := strings.Cut(field, "=")
		name = strings.TrimPrefix(asciiLower(plusDecode(name)), "amp;") // a link copied out of HTML
		list = append(list, pair{name, plusDecode(value)})
	}
	return list
}

// get is the first value that is not empty.
func (list params) get(name string) string {
	for _, p := range list {
		if p.name == name && p.value != "" {
			return p.value
		}
	}
	return ""
}

// plusDecode decodes a form's value: "+" is a blank.
func plusDecode(s string) string {
	if strings.IndexByte(s, '+') >= 0 {
		s = strings.ReplaceAll(s, "+", " ")
	}
	return percentDecode(s)
}

// percentDecode decodes valid escapes and leaves the rest alone.
func percentDecode(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi < 16 && lo < 16 {
				b = append(b, hi<<4|lo)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}
