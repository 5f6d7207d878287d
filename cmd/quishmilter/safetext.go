package main

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	scheme = regexp.MustCompile(`(?i)\b(ht|f)tp(s?)://`)
	dotted = regexp.MustCompile(`[\pL\pN_-]+(?:[.。．｡][\pL\pN_-]+)+`) // with the dots that IDNA takes for one (RFC 3490, 3.1)
)

// safe shows a text that came in a message, in quotes: nothing in it can steer the terminal, nothing can be clicked, and
// it has an end. Every command shows what is not its own through safe, shown, defanged or oneLine.
func safe(text string) string { return strconv.Quote(defangedText(text)) }

// maxShown is how much of a link or a text is shown.
const maxShown = 200

func cut(text string) string {
	if len(text) > maxShown {
		return strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}

// defangedText makes links, hosts and addresses within a text useless: hxxps://evil[.]example.
func defangedText(text string) string {
	text = cut(text)
	if strings.Contains(text, "://") {
		text = scheme.ReplaceAllStringFunc(text, func(s string) string {
			if strings.EqualFold(s[:1], "f") {
				return "fxp" + strings.ToLower(s[3:])
			}
			return "hxxp" + strings.ToLower(s[4:])
		})
	}
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return dotted.ReplaceAllStringFunc(text, undotted)
	}
	return undottedASCII(text)
}

// undotted makes a name useless as one.
func undotted(name string) string {
	if _, err := netip.ParseAddr(name); err == nil {
		return name // nothing makes a link of it without a scheme
	}
	return dots.Replace(name)
}

// undottedASCII does what the expression dotted does, for a list of 50,000 messages.
func undottedASCII(text string) string {
	if strings.IndexByte(text, '.') < 0 {
		return text
	}
	var b strings.Builder
	for at := 0; at < len(text); {
		start := at
		for at < len(text) && (nameByte(text[at]) || text[at] == '.' && at > start && nameByte(text[at-1]) && at+1 < len(text) && nameByte(text[at+1])) {
			at++
		}
		if at == start {
			at++
			b.WriteByte(text[start])
			continue
		}
		name := text[start:at]
		if strings.IndexByte(name, '.') >= 0 {
			name = undotted(name)
		}
		b.WriteString(name)
	}
	return b.String()
}

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// defanged shows a link in one word of a table, so that nothing makes it one again: hxxps://evil[.]example/x.
func defanged(link string) string { return shown(defangedLink(link)) }

var aLink = regexp.MustCompile(`^(?:([A-Za-z][A-Za-z0-9+.-]*)://)?([^\s/?#]*)([/?#][^\s]*)?$`)

// defangedLink leaves the dots of a path as they are, so that it can be read, unless there is another link in it.
func defangedLink(link string) string {
	parts := aLink.FindStringSubmatch(cut(link))
	if parts == nil || strings.Contains(parts[3], "://") || strings.Contains(strings.ToLower(parts[3]), "www.") || strings.ContainsAny(parts[3], "@。．｡") {
		return defangedText(link)
	}
	name, host, path := parts[1], dots.Replace(parts[2]), parts[3]
	switch {
	case name == "":
		return host + path
	case len(name) >= 4 && strings.EqualFold(name[:4], "http"):
		name = "hxxp" + strings.ToLower(name[4:])
	}
	return name + "://" + host + path
}

var dots = strings.NewReplacer(".", "[.]", "。", "[.]", "．", "[.]", "｡", "[.]")

// defangedCell is a text of a message in one word of a table.
func defangedCell(text string) string { return shown(defangedText(text)) }

// oneLine keeps an error, or the name of a file, to its line and to characters that a terminal shows: suggestions of the
// command library have several lines, and names of files that came by mail may hold anything.
func oneLine(text string) string {
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, line)
}
