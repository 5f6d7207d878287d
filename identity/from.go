// Package identity says who is writing: the author that a mail client shows, and whether the message comes from
// outside or from our own users.
package identity

import (
	"strings"

	"github.com/emersion/go-message/mail"

	"quishmilter/mime"
)

// From returns the address of the header From as a mail client shows it: of several fields the first, of several
// addresses the first. It is lower-cased nowhere, since the rules that count it compare as written. "" means that
// there is no address; such a sender is never prevalent.
func From(header []mime.Field) string {
	value := mime.Value(header, "From")
	if value == "" || len(value) > maxFrom {
		return ""
	}
	if list, err := mail.ParseAddressList(value); err == nil && len(list) > 0 {
		return list[0].Address
	}
	return lenientAddress(value)
}

// maxFrom bounds what is parsed; RFC 5321, section 4.5.3.1, allows an address 320 octets.
const maxFrom = 64 << 10

// lenientAddress finds the address in a field that RFC 5322 does not allow: what stands in the last angle brackets,
// or the first word with an "@".
func lenientAddress(value string) string {
	if open := strings.LastIndexByte(value, '<'); open >= 0 {
		inner, _, _ := strings.Cut(value[open+1:], ">")
		if inner = strings.TrimSpace(inner); looksLikeAddress(inner) {
			return inner
		}
	}
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t,;<>()\"", r) }) {
		if looksLikeAddress(word) {
			return word
		}
	}
	return ""
}

func looksLikeAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && len(s) <= 1024 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// Addresses returns the addresses of a To or Cc field, as many as can be made out.
func Addresses(value string) []string {
	if len(value) > maxFrom {
		value = value[:maxFrom]
	}
	var all []string
	if list, err := mail.ParseAddressList(value); err == nil {
		for _, a := range list {
			all = append(all, a.Address)
		}
		return all
	}
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t,;<>()\"", r) }) {
		if looksLikeAddress(word) {
			all = append(all, word)
		}
	}
	return all
}
