package prevalence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"quishmilter/identity"
)

// Record is one answered message, as far as history is concerned. What is empty has no history.
type Record struct {
	Time       time.Time   `json:"time"`
	From       string      `json:"from"`       // what Key returned
	Recipients int         `json:"recipients"` // of this message
	Direction  Direction   `json:"direction"`
	Outcome    Outcome     `json:"outcome"`
	Auth       Auth        `json:"auth"`
	ID         Fingerprint `json:"id,omitzero"` // the zero value: the message is not recognised when it comes again

	Event    string   `json:"event,omitempty"`    // of a held message: the name under which Release finds it
	Spelling string   `json:"spelling,omitempty"` // the From as it stood there; "" when From is how it was spelled
	Envelope string   `json:"envelope,omitempty"` // the Key of the envelope sender
	Domain   string   `json:"domain,omitempty"`   // DomainOf(From)
	List     string   `json:"list,omitempty"`     // List-Id
	Network  string   `json:"network,omitempty"`  // NetworkOf the client
	To       []string `json:"to,omitempty"`       // Keys of the recipients; the first 100 become pairs, or correspondents
	Hosts    []string `json:"hosts,omitempty"`    // that links in codes lead to, 16 at most
	Pictures []string `json:"pictures,omitempty"` // digests of the pictures that showed them, 16 at most
}

func (r Record) respelled() bool { return r.From != "" && r.Spelling != "" && r.Spelling != r.From }

// Check says what is wrong with a record that came from elsewhere: a key that no message could ask for, no time, or
// one in the future would poison the history.
func (r Record) Check(now time.Time) error {
	switch {
	case r.From == "" && r.Envelope == "":
		return errors.New("from or envelope must be the key of an address")
	case r.From != Key(r.From):
		return errors.New("from must be the key of an address")
	case r.Envelope != Key(r.Envelope):
		return errors.New("envelope must be the key of an address")
	case r.Time.IsZero() || r.Time.After(now):
		return errors.New("time must be given, and not in the future")
	}
	return nil
}

// Direction is where a message came from and went to.
type Direction uint8

// The directions. The zero value is the one that needs the most care.
const (
	Inbound Direction = iota
	Outbound
	Internal
)

// Outcome is what became of a message.
type Outcome uint8

// The outcomes.
const (
	Accepted Outcome = iota
	Tagged
	Held
	Rejected
	Deferred // a temporary refusal
	Discarded
	Redirected
	Released // held, and then released by a person
)

// Auth is whether the header From was proven.
type Auth uint8

// The results.
const (
	AuthNone Auth = iota // no result to be had
	AuthPass
	AuthFail
)

var (
	directionNames = []string{"inbound", "outbound", "internal"}
	outcomeNames   = []string{"accepted", "tagged", "held", "rejected", "deferred", "discarded", "redirected", "released"}
	authNames      = []string{"none", "pass", "fail"}
)

func (d Direction) String() string { return nameOf(directionNames, uint8(d)) }
func (o Outcome) String() string   { return nameOf(outcomeNames, uint8(o)) }
func (a Auth) String() string      { return nameOf(authNames, uint8(a)) }

// MarshalText makes JSON show the name.
func (d Direction) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalText makes JSON show the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// MarshalText makes JSON show the name.
func (a Auth) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the name.
func (d *Direction) UnmarshalText(text []byte) error {
	return parseName(directionNames, text, (*uint8)(d))
}

// UnmarshalText reads the name.
func (o *Outcome) UnmarshalText(text []byte) error { return parseName(outcomeNames, text, (*uint8)(o)) }

// UnmarshalText reads the name.
func (a *Auth) UnmarshalText(text []byte) error { return parseName(authNames, text, (*uint8)(a)) }

func nameOf(names []string, value uint8) string {
	if int(value) < len(names) {
		return names[value]
	}
	return "unknown"
}

func parseName(names []string, text []byte, value *uint8) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("prevalence: %.20q is none of %s", text, strings.Join(names, ", "))
	}
	*value = uint8(i)
	return nil
}

// Fingerprint recognises a message that is seen again.
type Fingerprint [12]byte

// NewFingerprint is a digest of Message-ID, header From (its key) and recipients in any order. Without a
// Message-ID it is zero: nothing else tells two messages of one sender to one recipient apart.
func NewFingerprint(messageID, from string, recipients []string) Fingerprint {
	if messageID = strings.TrimSpace(messageID); messageID == "" {
		return Fingerprint{}
	}
	all := make([]string, len(recipients))
	for i, recipient := range recipients {
		all[i] = identity.FoldASCII(recipient)
	}
	slices.Sort(all)
	hash := sha256.New()
	for _, part := range append([]string{messageID, from}, all...) {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return Fingerprint(hash.Sum(nil)[:len(Fingerprint{})])
}

// MarshalText is the hexadecimal form.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(f[:])), nil }

// UnmarshalText reads the hexadecimal form.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(f)) {
		return fmt.Errorf("prevalence: a fingerprint has %d hexadecimal digits, not %d", hex.EncodedLen(len(f)), len(text))
	}
	_, err := hex.Decode(f[:], text)
	return err
}

// class is direction, outcome and authentication in seven bits, and one that says that the address was spelled in
// another way than its key.
type class uint8

const respelled class = 0x80

func (r Record) class() class {
	c := class(r.Outcome&7) | class(r.Direction&3)<<3 | class(r.Auth&3)<<5
	if r.respelled() {
		c |= respelled
	}
	return c
}

func (c class) parts() (Outcome, Direction, Auth) {
	return Outcome(c & 7), Direction(c >> 3 & 3), Auth(c >> 5 & 3)
}

// through says whether the message reached its readers.
func (o Outcome) through() bool { return o == Accepted || o == Tagged || o == Released }

// buildsTrust says whether the default policy counts messages of this class.
func (c class) buildsTrust() bool {
	outcome, direction, auth := c.parts()
	return outcome.through() && direction == Inbound && auth != AuthFail
}

// proven says whether the author was authenticated.
func (c class) proven() bool {
	_, _, auth := c.parts()
	return auth == AuthPass
}

// own says whether our own people sent it.
func (c class) own() bool {
	outcome, direction, _ := c.parts()
	return outcome.through() && direction == Outbound
}
