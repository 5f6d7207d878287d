package prevalence

import (
	"strings"

	"quishmilter/identity"
)

// Key is the name under which an address's history is kept: identity.Key. "" has no history and is never prevalent.
func Key(address string) string { return identity.Key(address) }

// ReadAddress reads an address as people write it, alone, in angle brackets or behind a name, in the way in which a
// header From is read. It returns its Key, and the address as it is spelled there; "" for what is no address, or more
// than one.
func ReadAddress(text string) (key, spelling string) {
	if strings.Count(text, "@") == 1 && !strings.ContainsAny(text, " \t\r\n<>()\";:") { // "a,b@c.example" may stand in an envelope
		return Key(text), text
	}
	author := identity.ReadAuthor([]string{text})
	if author.Key == "" {
		return "", ""
	}
	return author.Key, author.Address
}

// Sender picks the address that history is kept of from the values of a message's From fields, and returns its
// Key. It is "" for anything that leaves room for doubt: no field, several fields, several addresses, or a group.
// RFC 5322 section 3.6 allows one field and several mailboxes; mail clients disagree on which of them they show.
func Sender(from []string) string { return identity.ReadAuthor(from).Key }
