package prevalence

import (
	"net/netip"
	"slices"

	"quishmilter/identity"
)

// Kind is what a history is of. The address's is on the disk before a message is answered; the others follow within
// a second or so (Derive).
type Kind uint8

// The kinds. Their numbers are in the file and in the shared store: never change one, add at the end.
const (
	Address       Kind = iota // the header From, by Key; inbound, outbound and internal mail
	Exact                     // the header From as it was spelled; the key is the spelling
	Envelope                  // the envelope sender, by Key; logs teach this one alone
	Domain                    // the registrable domain of the header From, by DomainOf
	List                      // a mailing list, by its List-Id
	Pair                      // a sender and a recipient, by PairKey
	Network                   // the client's network, by NetworkOf
	Host                      // a host that a link found in a code leads to
	Picture                   // a digest of a picture that showed a code
	Correspondent             // a recipient of our own mail, by Key: counts what we sent there
	kinds
)

var kindNames = [kinds]string{"address", "exact", "envelope", "domain", "list", "pair", "network", "host", "picture", "correspondent"}

func (k Kind) String() string { return nameOf(kindNames[:], uint8(k)) }

// MarshalText makes JSON show the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the name.
func (k *Kind) UnmarshalText(text []byte) error { return parseName(kindNames[:], text, (*uint8)(k)) }

// Bounds on what one message adds to histories; what is beyond is not counted.
const (
	maxPairs = 100 // recipients that become pairs or correspondents
	maxFound = 16  // hosts, and pictures
	maxKey   = 700 // octets of a key: two addresses and some
)

// PairKey is the key of a pair, from the Keys of sender and recipient.
func PairKey(sender, recipient string) string {
	if sender == "" || recipient == "" {
		return ""
	}
	return sender + "\x00" + recipient
}

// DomainOf is the registrable domain of an address's Key: what somebody registered below a public suffix. A domain
// that is a public suffix itself, or an address literal, stands for itself. One at which anybody may have an address is
// nobody's: it has no history.
func DomainOf(key string) string {
	domain := identity.Registrable(identity.DomainOf(key))
	if identity.AnybodysDomain(domain) {
		return ""
	}
	return domain
}

// NetworkOf is the network that an address is counted under: a /24 of IPv4, a /48 of IPv6, which is what one customer
// gets. "" for loopback and for what is no address.
func NetworkOf(client netip.Addr) string {
	client = client.Unmap().WithZone("")
	bits := 48
	if client.Is4() {
		bits = 24
	}
	if !client.IsValid() || client.IsLoopback() {
		return ""
	}
	network, err := client.Prefix(bits)
	if err != nil {
		return ""
	}
	return network.String()
}

// keys are the histories that a record belongs to, the address's first, under plain names.
func (r Record) keys() []name {
	all := make([]name, 0, 8)
	add := func(kind Kind, keys ...string) {
		for _, key := range keys {
			all = append(all, name{kind, key})
		}
	}
	add(Address, r.From)
	if r.respelled() {
		add(Exact, r.Spelling)
	}
	to := distinct(r.To, maxPairs)
	switch r.Direction {
	case Inbound:
		add(Envelope, r.Envelope)
		add(Domain, r.Domain)
		add(List, r.List)
		add(Network, r.Network)
		for _, recipient := range to {
			add(Pair, PairKey(r.From, recipient))
		}
	case Outbound:
		add(Correspondent, to...)
	case Internal:
		return all
	}
	add(Host, distinct(r.Hosts, maxFound)...)
	add(Picture, distinct(r.Pictures, maxFound)...)
	return all
}

func distinct(keys []string, limit int) []string {
	keys = slices.Clone(keys[:min(len(keys), 4*limit)])
	slices.Sort(keys)
	keys = slices.Compact(keys)
	return keys[:min(len(keys), limit)]
}
