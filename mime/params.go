package mime

import (
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// param is one attribute of a Content-Type or Content-Disposition field.
type param struct{ name, value string }

type params []param

// parseParams reads "type; name=value; …" and never fails. The library's own parser gives up on ";;", on a parameter
// without a value, on one that stands twice and on an unquoted "="; mail clients read on, so we do.
func parseParams(field string) (kind string, list params) {
	pieces := splitOutsideQuotes(field)
	if len(pieces) == 0 {
		return "", nil
	}
	for _, piece := range pieces[1:] {
		name, value, ok := strings.Cut(piece, "=")
		if !ok || len(list) >= maxParams {
			continue
		}
		list = append(list, param{strings.ToLower(strings.TrimSpace(name)), unquote(strings.TrimSpace(value))})
	}
	kind = strings.ToLower(strings.TrimSpace(pieces[0]))
	if i := strings.IndexAny(kind, " \t"); i >= 0 {
		kind = kind[:i]
	}
	return kind, list
}

const maxParams = 64

// splitOutsideQuotes cuts at semicolons that stand outside quotes and drops comments (RFC 2045, section 5.1).
func splitOutsideQuotes(field string) []string {
	var pieces []string
	var b strings.Builder
	quoted, comment := false, 0
	for i := 0; i < len(field); i++ {
		c := field[i]
		switch {
		case c == '\\' && (quoted || comment > 0) && i+1 < len(field):
			if quoted {
				b.WriteByte(c)
				b.WriteByte(field[i+1])
			}
			i++
			continue
		case c == '"' && comment == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			comment++
			continue
		case c == ')' && comment > 0:
			comment--
			continue
		case c == ';' && !quoted && comment == 0:
			pieces = append(pieces, b.String())
			b.Reset()
			continue
		}
		if comment == 0 {
			b.WriteByte(c)
		}
	}
	return append(pieces, b.String())
}

// unquote takes a quoted string apart; of an unquoted value the first word counts.
func unquote(value string) string {
	if !strings.HasPrefix(value, `"`) {
		if i := strings.IndexAny(value, " \t"); i >= 0 {
			value = value[:i]
		}
		return value
	}
	var b strings.Builder
	for i := 1; i < len(value) && value[i] != '"'; i++ {
		if value[i] == '\\' && i+1 < len(value) {
			i++
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// text returns a parameter as people read it: RFC 2231 continuations joined and decoded, RFC 2047 words (which are
// not allowed here and used all the same) decoded.
func (list params) text(name string) string {
	for _, p := range list {
		if p.name == name && p.value != "" {
			return DecodeWords(p.value)
		}
	}
	return list.extended(name)
}

// extended joins name*, name*0, name*0*, name*1 … (RFC 2231, sections 3 and 4).
func (list params) extended(name string) string {
	type section struct {
		n     int
		value string
	}
	var sections []section
	for _, p := range list {
		rest, ok := strings.CutPrefix(p.name, name+"*")
		if !ok {
			continue
		}
		n, _ := strconv.Atoi(strings.TrimSuffix(rest, "*"))
		value := p.value
		if rest == "" || strings.HasSuffix(rest, "*") {
			value = percentDecoded(value, n == 0)
		}
		sections = append(sections, section{n, value})
	}
	sort.SliceStable(sections, func(i, j int) bool { return sections[i].n < sections[j].n })
	var b strings.Builder
	for _, s := range sections {
		b.WriteString(s.value)
	}
	return b.String()
}

// percentDecoded decodes the extended form charset'language'text.
func percentDecoded(value string, first bool) string {
	set := ""
	if pieces := strings.SplitN(value, "'", 3); first && len(pieces) == 3 {
		set, value = pieces[0], pieces[2]
	}
	decoded, err := url.PathUnescape(value)
	if err != nil {
		return value
	}
	if set != "" {
		if utf8, err := Text([]byte(decoded), set); err == nil {
			return utf8
		}
	}
	return decoded
}
