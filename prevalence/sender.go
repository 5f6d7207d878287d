package prevalence

import (
	"io"
	stdmime "mime"
	"net/mail"
	"strings"
)

// Sender picks the address that history is kept of from the values of a message's From fields, and returns its
// Key. It is "" for anything that leaves room for doubt: no field, several fields, several addresses, a group, or
// a value in which one can read two addresses. RFC 5322 section 3.6 allows one field and several mailboxes; mail
// clients disagree on which of them they show.
func Sender(from []string) string {
	if len(from) != 1 || len(from[0]) > maxField {
		return ""
	}
	value := unfold(from[0])
	parser := mail.AddressParser{WordDecoder: &stdmime.WordDecoder{CharsetReader: anyCharset}}
	if list, err := parser.ParseList(value); err == nil {
		if len(list) != 1 || strings.HasSuffix(value, ";") { // the parser takes a group apart
			return ""
		}
		return Key(list[0].Address)
	}
	return Key(salvage(value))
}

// anyCharset lets display names in unknown charsets pass: only the address is wanted.
func anyCharset(_ string, input io.Reader) (io.Reader, error) { return input, nil }

// salvage reads the address of a value that breaks the grammar (an unquoted dot or bracket in the display name,
// raw bytes) as clients do: what stands in the one pair of angle brackets, or the one word with an @.
func salvage(value string) string {
	if before, rest, found := strings.Cut(value, "<"); found {
		address, after, closed := strings.Cut(rest, ">")
		if !closed || strings.ContainsAny(after, "<@") || strings.ContainsAny(address, "<, ") || strings.Contains(before, ",") && strings.Contains(before, "@") {
			return ""
		}
		return address
	}
	var found string
	for _, word := range strings.Fields(value) {
		if !strings.Contains(word, "@") {
			continue
		}
		if found != "" || strings.ContainsAny(word, ",;:\"") {
			return ""
		}
		found = word
	}
	return found
}

func unfold(value string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(value))
}
