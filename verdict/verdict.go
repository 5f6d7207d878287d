// Package verdict decides what is done with a message. It is pure: evidence and policy in, action and reasons out.
//
// # The policy, in words
//
// A policy is a list of rules. For each code in a message the first rule that matches decides, and the most severe
// action of all codes is that of the message; a message without a code is decided by the first rule that does not ask
// about codes. A rule that does not ask `message.inbound` is about mail from outside. An admin's own rules come before
// those of the preset, and entries of the allow and block lists before all of them. Where no rule matches, the message
// is accepted.
//
// The presets are lists of the same rules, in presets.go, and can be read with `quishmilter check --print=rules`:
//
// standard: a link from a sender who is not prevalent is held if there is a strong signal beside it (it names the
// recipient, it leads to an IPFS gateway or a tunnel, the code is disguised, it links a device, the sender is a
// proven forgery); otherwise it is tagged. A prevalent sender's is held only with two strong signals, one of them in
// the link, since the account may be stolen; otherwise it is tagged.
//
// A stranger's message that asks to scan a code and only links its pictures is tagged, since the code cannot be seen.
//
// strict: every link from a sender who is not prevalent is held, as the hunting rules alert on it.
//
// observe: nothing is held or tagged; what standard would have done is said beside it.
//
// In all of them a code that asks to open nothing (a payment, a contact, plain text) passes, mail that an earlier
// filter marked as spam is not held, since it is dealt with already, mail of our own users and networks is not judged,
// and what could not be scanned is said to be so and is never called clean.
package verdict

import (
	"slices"

	"quishmilter/payload"
)

// Action is what is done with a message.
type Action string

// The actions, from the mildest to the most severe.
const (
	Accept     Action = "accept"
	Tag        Action = "tag"
	Quarantine Action = "quarantine"
	Reject     Action = "reject"
	TempFail   Action = "tempfail"
	Discard    Action = "discard"
)

var severity = []Action{Accept, Tag, Quarantine, TempFail, Reject, Discard}

// Reasons that no rule gives.
const (
	UnscannablePart = "unscannable-part"
)

// Code is what is judged of a code.
type Code struct {
	Kind    payload.Kind
	Host    string
	Target  string
	Carrier string
	Signals []string // of its link
	Tricks  []string // of its picture
	Picture string   // SHA-256 of the file that held it, in hex
	Entries []Entry  // of the allow and block lists that match it

	HostMessages     int  // messages from outside whose codes led to this host, within the retention
	HostDays         int  // distinct days of these
	HostAgeDays      int  // days since the first of these; -1: never seen
	HostAuthMessages int  // those of these whose author was proven
	OwnHost          bool // under a domain of our own, or in codes that our own people sent
	OwnPicture       bool // our own people sent this very picture
	PictureMessages  int  // messages from outside that showed this very picture
}

// Sender is what is known of who writes.
type Sender struct {
	Address    string
	Prevalent  bool // wrote before, as the window says
	Messages   int  // in the window
	Recipients int
	Days       int    // distinct days of these
	AgeDays    int    // days since the first message that counts, within the retention; -1: none
	Auth       string // "pass", "fail" or "none"

	// Other histories, in the window. A domain that everybody may have an address of has none of its own.
	DomainMessages     int // of the registrable domain of the header From
	DomainDays         int
	ListMessages       int  // of the mailing list (List-Id)
	PairMessages       int  // from this sender to one of these recipients, whoever of them has most
	NetworkMessages    int  // from the network of the client
	KnownCorrespondent bool // our own people wrote to this address

	OwnDomainForged bool     // bears a domain of our own, and nothing proves it
	Signals         []string // of the header From
}

// Evidence is all that is known of a message when it is judged.
type Evidence struct {
	Codes        []Code
	Sender       Sender
	Inbound      bool // from outside: not from our own users or networks
	MarkedSpam   bool // an earlier filter said so
	ScanComplete bool
	Recipients   []string // of the envelope
	Client       string   // address of the SMTP client
	Subject      string
	AsksToScan   bool // the text asks to scan a code with the phone
	RemoteUnseen bool // no code was found, and there are pictures that are only linked
	ListID       string
	Pictures     []string // SHA-256, in hex, of the files that were looked into
	Entries      []Entry  // of the allow and block lists that match the message
	Learning     bool     // history is shorter than the window: everybody seems new
}

// Decision is what is to be done, and why.
type Decision struct {
	Action  Action
	Would   Action   // what the policy would have done where Action is held back; "" where it is not
	Reasons []string // stable tokens, the weightiest first
	Rules   []string // the names of the rules that decided
}

// Decide judges the evidence.
func (p *Policy) Decide(e Evidence) Decision {
	d := p.judge(e)
	if !e.ScanComplete {
		d.Reasons = append(d.Reasons, UnscannablePart)
	}
	switch {
	case p.observe && e.Inbound:
		d.Would, d.Action = d.Action, Accept
	case p.tagOnly && d.Action != Accept && d.Action != Tag, e.Learning && d.Action == Quarantine && slices.Equal(d.Rules, []string{strictRule}):
		d.Would, d.Action = d.Action, Tag
	}
	return d
}

// judge weighs every code by the first rule that matches; the worst counts. Its reasons come first.
func (p *Policy) judge(e Evidence) Decision {
	d := Decision{Action: Accept}
	subjects := environments(e)
	for n, env := range subjects {
		r := e.entryRule(n)
		if r == nil {
			r = p.first(env)
		}
		if r == nil {
			continue
		}
		reasons := r.reasons(env)
		if worse(r.Then, d.Action) {
			d.Action = r.Then
			d.Reasons = append(reasons, d.Reasons...)
		} else {
			d.Reasons = append(d.Reasons, reasons...)
		}
		d.Rules = append(d.Rules, r.Name)
	}
	d.Reasons, d.Rules = distinct(d.Reasons), distinct(d.Rules)
	return d
}

func worse(a, b Action) bool { return slices.Index(severity, a) > slices.Index(severity, b) }

// distinct keeps the first of each, in order.
func distinct(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
