package journal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"quishmilter/identity"
	"quishmilter/payload"
	"quishmilter/verdict"
)

// Entry is one line of the allow and block lists. Its JSON form is stable: fields are added, never renamed.
type Entry struct {
	List    EntryList      `json:"list"`
	Kind    EntryKind      `json:"kind"`
	Value   string         `json:"value"`            // in the form that Check gives it
	Action  verdict.Action `json:"action,omitempty"` // of a block; "" of an allow
	Until   time.Time      `json:"until,omitzero"`   // from then on it is as if it were not there; zero: for good
	Comment string         `json:"comment,omitempty"`
	By      string         `json:"by,omitempty"` // who added it
	Added   time.Time      `json:"added,omitzero"`
	Source  string         `json:"source,omitempty"` // the place in a file where it stands; "" when a command added it
}

// EntryList is one of the two lists.
type EntryList string

// The lists.
const (
	Allow EntryList = "allow"
	Block EntryList = "block"
)

// EntryKind says what an entry's value is compared with.
type EntryKind string

// The kinds of entry.
const (
	ByAddress EntryKind = "address" // the header From
	ByDomain  EntryKind = "domain"  // its domain, or with "*." in front the domains below
	ByListID  EntryKind = "list-id" // List-Id (RFC 2919)
	ByHost    EntryKind = "host"    // of the link in a code, or where that leads on to; "*." as above
	ByClass   EntryKind = "class"   // what a code asks for: "payment"
	ByNetwork EntryKind = "network" // of the SMTP client
	ByPicture EntryKind = "picture" // SHA-256 of the attached file that holds a code
)

// EntryKinds are all of them.
var EntryKinds = []EntryKind{ByAddress, ByDomain, ByListID, ByHost, ByClass, ByNetwork, ByPicture}

// Bounds of an entry's texts, in bytes; a value is an address at its longest.
const (
	maxEntryValue   = 320
	maxEntryComment = 400
	maxEntryBy      = 100
)

// Name is how reasons, events and people call the entry.
func (e Entry) Name() string { return string(e.List) + " " + string(e.Kind) + " " + e.Value }

// Expired tells whether the entry has come to its end.
func (e Entry) Expired(now time.Time) bool { return !e.Until.IsZero() && !now.Before(e.Until) }

// Check returns the entry in the form in which it is kept and compared, or says what to write instead.
func (e Entry) Check() (Entry, error) {
	if e.List != Allow && e.List != Block {
		return e, fmt.Errorf("%.40q is no list; write allow or block", e.List)
	}
	value, err := normalEntry(e.Kind, strings.TrimSpace(e.Value))
	if err != nil {
		return e, err
	}
	if rest, below := strings.CutPrefix(value, "*."); below && e.List == Allow && !strings.Contains(rest, ".") {
		return e, fmt.Errorf("%q allows a whole top-level domain; write for example *.example.com", value)
	}
	e.Value = value
	switch blocks := []verdict.Action{verdict.Tag, verdict.Quarantine, verdict.TempFail, verdict.Reject, verdict.Discard}; {
	case e.List == Allow && e.Action != "" && e.Action != verdict.Accept:
		return e, errors.New("an allow entry accepts and has no other action; write a block entry")
	case e.List == Allow:
		e.Action = ""
	case e.Action == "":
		e.Action = verdict.Quarantine
	case !slices.Contains(blocks, e.Action):
		return e, fmt.Errorf("the action %s", verdict.UnknownWord(fitText(string(e.Action), 40), texts(blocks)))
	}
	for _, text := range []struct {
		name, value string
		most        int
	}{{"comment", e.Comment, maxEntryComment}, {"name of who added it", e.By, maxEntryBy}, {"source", e.Source, maxText}} {
		if len(text.value) > text.most || !utf8.ValidString(text.value) || strings.ContainsFunc(text.value, notPrintable) {
			return e, fmt.Errorf("the %s is too long or not plain text; write at most %d bytes in one line", text.name, text.most)
		}
	}
	return e, nil
}

func notPrintable(r rune) bool { return !unicode.IsPrint(r) }

func normalEntry(kind EntryKind, value string) (string, error) {
	if value == "" || len(value) > maxEntryValue || !utf8.ValidString(value) || strings.ContainsFunc(value, notPrintable) {
		return "", fmt.Errorf("%.60q is no value for an entry; write one to %d printable bytes", value, maxEntryValue)
	}
	switch kind {
	case ByAddress:
		if key := identity.Key(value); key != "" && !strings.ContainsAny(key, " <>\"") {
			return key, nil
		}
		return "", fmt.Errorf("%q is no address; write %s", value, meantName(kind, value, "for example billing@example.com"))
	case ByDomain, ByHost, ByListID:
		return normalName(kind, value)
	case ByClass:
		if slices.Contains(payload.Kinds(), value) {
			return value, nil
		}
		return "", fmt.Errorf("the class %s", verdict.UnknownWord(fitText(value, 40), payload.Kinds()))
	case ByNetwork:
		return normalNetwork(value)
	case ByPicture:
		if sum, err := hex.DecodeString(value); err == nil && len(sum) == 32 {
			return strings.ToLower(value), nil
		}
		return "", fmt.Errorf("%q is no digest; write the 64 digits that sha256sum prints for the attached file", value)
	}
	return "", fmt.Errorf("the kind %s", verdict.UnknownWord(fitText(string(kind), 40), texts(EntryKinds)))
}

func texts[T ~string](list []T) (all []string) {
	for _, one := range list {
		all = append(all, string(one))
	}
	return all
}

// meantName is the name that was perhaps meant by one with more around it: the host of a link, what stands between "<" and
// ">". example is for want of one.
func meantName(kind EntryKind, value, example string) string {
	inner := value
	if _, rest, ok := strings.Cut(value, "<"); ok {
		inner, _, _ = strings.Cut(rest, ">")
	} else if p := payload.Parse(value, true); p.Kind == payload.URL {
		inner = p.Host
	}
	if inner == value {
		return example
	}
	if _, err := normalEntry(kind, inner); err != nil {
		return example
	}
	return strconv.Quote(inner)
}

// normalName refuses what no message could ever match, so that a slip of the pen is noticed when it is made.
func normalName(kind EntryKind, value string) (string, error) {
	below := ""
	if rest, ok := strings.CutPrefix(value, "*."); ok && kind != ByListID {
		value, below = rest, "*."
	}
	if addr, err := netip.ParseAddr(strings.Trim(value, "[]")); err == nil && kind == ByHost && below == "" {
		return addr.Unmap().String(), nil
	}
	name := identity.FoldDomain(value)
	if kind == ByHost && !strings.ContainsAny(value, "/@?#:") { // as a browser would read it
		name = ""
		if p := payload.Parse("https://"+value+"/", true); p.Valid {
			name = p.Host
		}
	}
	if len(name) > 253 || strings.Contains("."+name+".", "..") || strings.ContainsAny(name, " @/:*<>[],;\"") || !strings.Contains(name, ".") && below == "" {
		return "", fmt.Errorf("%q is no name for the kind %s; write %s", value, kind,
			meantName(kind, value, "for example example.com (or *.example.com for all names below, except for list-id)"))
	}
	return below + name, nil
}

func normalNetwork(value string) (string, error) {
	if addr, err := netip.ParseAddr(value); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()).String(), nil
	}
	p, err := netip.ParsePrefix(value)
	if err != nil || p.Bits() == 0 || p.Addr().Is4In6() {
		return "", fmt.Errorf("%q is no network; write for example 192.0.2.0/24, 2001:db8::/32 or one address", value)
	}
	if err := CheckNetwork(p); err != nil {
		return "", err
	}
	return p.String(), nil
}

// CheckNetwork refuses an address with a length, which somebody who means one host writes as easily as one who means
// the network: 10.0.0.5/8 would be sixteen million.
func CheckNetwork(p netip.Prefix) error {
	if p == p.Masked() {
		return nil
	}
	return fmt.Errorf("%s is a host within a network; write %s for the network, or %s for the host", p, p.Masked(), p.Addr())
}
