package journal

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"quishmilter/identity"
	"quishmilter/verdict"
)

// EntrySet is a number of entries, made ready to be asked about every message. It does not change.
//
// An allow entry must not help whoever merely writes a name. One for an address or a domain counts where the header
// From is proven; one for a list where the From is proven and of the list's own domain, since anybody may write a
// List-Id; one for a host only where
// the code is a plain web link and every host that it is known to pass is allowed. Block entries count
// whenever the name appears.
type EntrySet struct {
	of       map[EntryKind]map[string][]Entry
	prefixes []int // lengths of the networks in it
}

// NewEntrySet takes entries that Check has passed.
func NewEntrySet(entries []Entry) *EntrySet {
	s := &EntrySet{of: map[EntryKind]map[string][]Entry{}}
	lengths := map[int]bool{}
	for _, e := range entries {
		if s.of[e.Kind] == nil {
			s.of[e.Kind] = map[string][]Entry{}
		}
		s.of[e.Kind][e.Value] = append(s.of[e.Kind][e.Value], e)
		if p, err := netip.ParsePrefix(e.Value); err == nil && e.Kind == ByNetwork {
			lengths[p.Bits()] = true
		}
	}
	s.prefixes = slices.Sorted(maps.Keys(lengths))
	return s
}

// WantsPictures tells whether an entry names a picture: digests cost time, and most lists have no such entry.
func (s *EntrySet) WantsPictures() bool { return s != nil && len(s.of[ByPicture]) > 0 }

// Apply notes in the evidence which entries speak about the message and about each code.
func (s *EntrySet) Apply(e *verdict.Evidence, now time.Time) {
	if s == nil || len(s.of) == 0 || !e.Inbound {
		return
	}
	e.Entries = verdictEntries(s.aboutMessage(e), now)
	for n := range e.Codes {
		e.Codes[n].Entries = verdictEntries(s.aboutCode(e.Codes[n], now), now)
	}
}

func verdictEntries(found []Entry, now time.Time) []verdict.Entry {
	var list []verdict.Entry
	for _, e := range found {
		switch {
		case e.Expired(now):
		case e.List == Allow:
			list = append(list, verdict.Entry{Name: e.Name(), Then: verdict.Accept})
		default:
			list = append(list, verdict.Entry{Name: e.Name(), Then: e.Action})
		}
	}
	return list
}

func (s *EntrySet) aboutMessage(e *verdict.Evidence) []Entry {
	proven := e.Sender.Auth == string(identity.Pass)
	domain := identity.DomainOf(e.Sender.Address)
	found := allowedIf(proven, s.of[ByAddress][identity.Key(e.Sender.Address)])
	found = append(found, allowedIf(proven, s.names(ByDomain, domain))...)
	ofList := proven && identity.Registrable(domain) == identity.Registrable(e.ListID)
	found = append(found, allowedIf(ofList, s.of[ByListID][e.ListID])...)
	if addr, err := netip.ParseAddr(e.Client); err == nil {
		found = append(found, s.networks(addr.Unmap())...)
	}
	for _, picture := range e.Pictures { // an allow is about the code in it, not about the whole message
		found = append(found, allowedIf(false, s.of[ByPicture][picture])...)
	}
	return found
}

func (s *EntrySet) aboutCode(c verdict.Code, now time.Time) []Entry {
	found := slices.Concat(s.of[ByClass][string(c.Kind)], s.of[ByPicture][c.Picture])
	all := c.PlainLink() // and its hosts are allowed
	for _, host := range c.Hosts {
		all = all && allows(s.names(ByHost, host), now)
	}
	for _, host := range c.Hosts {
		found = append(found, allowedIf(all, s.names(ByHost, host))...)
	}
	return found
}

func allows(list []Entry, now time.Time) bool {
	return slices.ContainsFunc(list, func(e Entry) bool { return e.List == Allow && !e.Expired(now) })
}

// allowedIf leaves out the allow entries unless a condition is met. Block entries stay.
func allowedIf(met bool, list []Entry) []Entry {
	if met {
		return slices.Clone(list)
	}
	return slices.DeleteFunc(slices.Clone(list), func(e Entry) bool { return e.List == Allow })
}

// names are the entries for a name and, with "*." in front, for the names above it.
func (s *EntrySet) names(kind EntryKind, name string) []Entry {
	if name == "" || len(s.of[kind]) == 0 {
		return nil
	}
	found := slices.Clone(s.of[kind][name])
	for above := name; ; {
		_, rest, more := strings.Cut(above, ".")
		if !more {
			return found
		}
		found = append(found, s.of[kind]["*."+rest]...)
		above = rest
	}
}

func (s *EntrySet) networks(addr netip.Addr) (found []Entry) {
	for _, bits := range s.prefixes {
		if p, err := addr.Prefix(bits); err == nil {
			found = append(found, s.of[ByNetwork][p.String()]...)
		}
	}
	return found
}
