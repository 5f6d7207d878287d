package prevalence

import "quishmilter/identity"

// Key is the name under which an address's history is kept: identity.Key. "" has no history and is never prevalent.
func Key(address string) string { return identity.Key(address) }

// Sender picks the address that history is kept of from the values of a message's From fields, and returns its
// Key. It is "" for anything that leaves room for doubt: no field, several fields, several addresses, or a group.
// RFC 5322 section 3.6 allows one field and several mailboxes; mail clients disagree on which of them they show.
func Sender(from []string) string { return identity.ReadAuthor(from).Key }
