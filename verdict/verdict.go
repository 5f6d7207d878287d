// Package verdict decides what is done with a message. It is pure: evidence and policy in, action and reasons out.
//
// # The policy, in words
//
// Only a code that asks the phone to open something (a web link, the linking of a device) is judged; a payment, a
// contact, a Wi-Fi network or plain text in a code is noted and passes.
//
// standard: a link from a sender who is not prevalent is held if the link itself is suspicious (a strong signal: it
// leads to an IPFS gateway, or it names the recipient); otherwise it is tagged. A link from a prevalent sender is tagged.
//
// strict: every link from a sender who is not prevalent is held, as the hunting rules alert on it.
//
// observe: nothing is held or tagged; what standard would have done is said beside it.
//
// With any of them TagOnly tags what would be held. In all of them mail that an earlier filter marked as spam is not held, since it is dealt with already; mail of our
// own users and networks is not judged; and what could not be scanned is said to be so and is never called clean.
package verdict

import (
	"slices"

	"quishmilter/payload"
)

// Action is what is done with a message, from the mildest to the most severe in the order of the constants.
type Action string

// The actions.
const (
	Accept     Action = "accept"
	Tag        Action = "tag"
	Quarantine Action = "quarantine"
	TempFail   Action = "tempfail"
)

// The presets.
const (
	Observe  = "observe"
	Standard = "standard"
	Strict   = "strict"
)

// Presets are the names that a configuration may give as its policy.
var Presets = []string{Observe, Standard, Strict}

// The reasons of this package; the signals of a link are reasons too, under their own names.
const (
	NewSender       = "qr-link-from-new-sender"
	KnownSender     = "qr-link-from-known-sender"
	MarkedSpam      = "marked-as-spam"
	UnscannablePart = "unscannable-part"
)

// strong are the signals that make a link from a stranger worth holding.
var strong = []string{payload.SignalRecipient, payload.SignalIPFS}

// Code is what is judged of a code.
type Code struct {
	Kind    payload.Kind
	Signals []string // of its link
}

// Evidence is all that is known of a message when it is judged.
type Evidence struct {
	Codes        []Code
	Prevalent    bool // the sender wrote to us before, as the window says
	Inbound      bool // from outside: not from our own users or networks
	MarkedSpam   bool // an earlier filter said so
	ScanComplete bool
}

// Decision is what is to be done, and why.
type Decision struct {
	Action  Action
	Would   Action   // what the policy would have done where Action is held back; "" where it is not
	Reasons []string // stable tokens, the weightiest first
}

// Policy is what the admin chose.
type Policy struct {
	Preset  string
	TagOnly bool // tag where the preset would hold: for a place before other milters, where a hold would silence them
}

// Decide judges the evidence.
func (p Policy) Decide(e Evidence) Decision {
	d := Decision{Action: Accept}
	if e.Inbound {
		d = judge(p.Preset == Strict, e)
	}
	if !e.ScanComplete {
		d.Reasons = append(d.Reasons, UnscannablePart)
	}
	switch {
	case p.Preset == Observe && e.Inbound:
		d.Would, d.Action = d.Action, Accept
	case p.TagOnly && d.Action == Quarantine:
		d.Would, d.Action = d.Action, Tag
	}
	return d
}

// judge weighs every code; the worst counts.
func judge(strict bool, e Evidence) Decision {
	d := Decision{Action: Accept}
	for _, code := range e.Codes {
		if !asksToOpen(code.Kind) {
			continue
		}
		action, reason := Tag, KnownSender
		if !e.Prevalent {
			reason = NewSender
			if strict || slices.ContainsFunc(code.Signals, isStrong) {
				action = Quarantine
			}
		}
		d.Action = worse(d.Action, action)
		d.Reasons = appendNew(d.Reasons, reason)
		for _, signal := range code.Signals {
			d.Reasons = appendNew(d.Reasons, signal)
		}
	}
	if e.MarkedSpam && d.Action == Quarantine {
		d.Action = Tag
		d.Reasons = append(d.Reasons, MarkedSpam)
	}
	return d
}

func asksToOpen(k payload.Kind) bool { return k == payload.URL || k == payload.DeviceLink }

func isStrong(signal string) bool { return slices.Contains(strong, signal) }

// worse returns the more severe of two actions.
func worse(a, b Action) Action {
	order := []Action{Accept, Tag, Quarantine, TempFail}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
