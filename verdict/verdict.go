// Package verdict decides what is done with a message. It is pure: evidence and policy in, action and reasons out.
//
// # The policy, in words
//
// A policy is a list of rules. For each code in a message the first rule that matches decides, and the most severe
// action of all codes is that of the message; a message without a code is decided by the first rule that does not ask
// about codes. A rule that does not ask `message.inbound` is about mail from outside. An admin's own rules come before
// those of the preset, and entries of the allow and block lists before all of them. Where no rule matches, the message
// is accepted. A rule whose condition fails while it runs does not match; if it would have done anything but accept, and
// no other rule does, the message is tagged.
//
// A rule may be about some recipients, and a group of recipients may have another preset. The answer to a milter is for
// the whole message, so the most severe of the recipients' policies wins, and the decision names them.
//
// The presets are lists of the same rules, in presets.go, and can be read with `quishmilter check --print=rules`:
//
// standard: a link from a sender who is not prevalent is held if there is a strong signal (strong.go lists them: it names
// the recipient, it leads to a host never seen here on IPFS, free hosting, a tunnel or a shortener, the code is
// disguised, it links a device, the sender is a proven forgery, the document holds nothing but a code and asks to scan
// it). A prevalent sender's is held only with two strong signals, one of them in the link, since the account may be
// stolen. Every other link is tagged, but for those to hosts of our own, and of proven authors to hosts long known.
//
// A stranger's message that asks to scan a code and only links its pictures is tagged, since the code cannot be seen.
//
// strict: every link from a sender who is not prevalent is held, as the hunting rules alert on it; while history is
// short, tagged.
//
// observe: nothing is held or tagged; what standard would have done is said beside it.
//
// In all of them a code that asks to open nothing (a payment, a contact, plain text) passes, mail that an earlier
// filter marked as spam is not held, since it is dealt with already, mail of our own users and networks is not judged,
// and what could not be scanned is said to be so and is never called clean.
//
// # Limits
//
// 200 rules of 2,000 octets, 50 groups of 10,000 members. Of a message's codes the first 256 are judged, which are the
// worst; a condition sees the first 1,000 recipients. Each condition is asked once for a code, whoever it goes to.
package verdict

import (
	"slices"

	"github.com/expr-lang/expr/vm"

	"quishmilter/payload"
)

// Action is what is done with a message.
type Action string

// The actions, from the mildest to the most severe.
const (
	Accept     Action = "accept"
	Tag        Action = "tag"
	Quarantine Action = "quarantine"
	Redirect   Action = "redirect" // to a mailbox, in place of all recipients
	Reject     Action = "reject"
	TempFail   Action = "tempfail"
	Discard    Action = "discard"
)

var severity = []Action{Accept, Tag, Quarantine, Redirect, TempFail, Reject, Discard}

// Actions are all of them, from the mildest on.
func Actions() []Action { return slices.Clone(severity) }

// Reasons that no rule gives.
const (
	UnscannablePart = "unscannable-part"
	RuleFailed      = "rule-failed"
)

// Code is what is judged of a code.
type Code struct {
	Kind    payload.Kind
	Valid   bool // keeps the rules of its format
	Secret  bool // must not be written down
	Mixed   bool // is not one web link alone (payload.IsPlain)
	Host    string
	Target  string
	Hosts   []string // of all links that are judged: its own, its target's, and those beside them or wrapped in it
	Domains []string // registrable, of these
	Carrier string
	Signals []string // of its link
	Tricks  []string // of its picture
	Picture string   // SHA-256 of the file that held it, in hex
	Entries []Entry  // of the allow and block lists that match it

	HostMessages     int  // messages from outside whose codes led to this host, within the retention
	HostDays         int  // distinct days of these
	HostAgeDays      int  // days since the first of these; -1: never seen
	HostAuthMessages int  // those of these whose author was proven
	OwnHost          bool // all hosts: under a domain of our own, or in codes that our own people sent
	OwnPicture       bool // our own people sent this very picture
	PictureMessages  int  // messages from outside that showed this very picture
}

// PlainLink tells a web link that stands alone and leads to nothing but its hosts. Only this may be trusted for its hosts:
// anything else does more than to open them.
func (c Code) PlainLink() bool {
	return c.Kind == payload.URL && !c.Mixed && !anyOf(c.Signals, notPlain)
}

// notPlain are signals of what is more than one link, or perhaps another one.
var notPlain = []string{payload.SignalUserInfo, payload.SignalFakePayment, payload.SignalLinkInText, payload.SignalManyLinks, payload.SignalBrokenLink,
	payload.SignalDeviceLinking, payload.SignalServiceCode}

// Unnamed is the code without what must not be written down of a secret. That its links stay on the sender's own domain
// is kept, since rules ask for it.
func (c Code) Unnamed(senderDomain string) Code {
	c.Host, c.Target, c.Hosts, c.Picture = "", "", nil, ""
	if !onDomain(c.Domains, senderDomain) {
		c.Domains = nil
	}
	return c
}

// onDomain tells whether there are domains, and none but this.
func onDomain(domains []string, only string) bool {
	return len(domains) > 0 && !slices.ContainsFunc(domains, func(d string) bool { return d != only })
}

// Sender is what is known of who writes.
type Sender struct {
	Address    string
	Domain     string // registrable, of the address
	Prevalent  bool   // wrote before, as the window says
	Messages   int    // in the window
	Recipients int
	Days       int    // distinct days of these
	AgeDays    int    // days since the first message that counts, within the window; -1: none
	SinceDays  int    // the same in all that is kept
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
	Automatic    bool     // a report or an automatic reply: a null envelope sender, or a field that says so
	AsksToScan   bool     // the text asks to scan a code with the phone
	Signals      []string // of the words, beside that
	RemoteUnseen bool     // no code was found, and there are pictures that are only linked
	ListID       string
	Pictures     []string // SHA-256, in hex, of the files that were looked into
	Entries      []Entry  // of the allow and block lists that match the message
	Learning     bool     // history is shorter than the window: everybody seems new
}

// Decision is what is to be done, and why.
type Decision struct {
	Action  Action
	To      string    // the mailbox of a Redirect
	Would   Action    // what the policy would have done where Action is held back; "" where it is not
	Reasons []string  // stable tokens, the weightiest first
	Rules   []string  // the names of the rules that decided
	Cause   []string  // the recipients whose policy decided, where the others' would have been milder
	Failed  []Failure // rules whose conditions could not be answered
}

// Failure is a rule whose condition could not be answered about a message.
type Failure struct{ Rule, Problem string }

// Decide judges the evidence. Recipients may have policies of their own; the answer is for the whole message, so the
// most severe one wins.
func (p *Policy) Decide(e Evidence) Decision {
	d, _ := p.decide(e)
	return d
}

// decide says too what class of recipients was decisive.
func (p *Policy) decide(e Evidence) (worst Decision, decisive class) {
	subjects := p.ask(e)
	alike := true
	for n, c := range p.classes(e.Recipients) {
		d := p.judge(e, subjects, c)
		d.Cause = c.recipients
		switch {
		case n == 0:
			worst, decisive = d, c
		case d.worse(worst):
			worst, decisive, alike = d, c, false
		case worst.worse(d):
			alike = false
		default:
			worst.Cause = append(slices.Clone(worst.Cause), c.recipients...)
		}
	}
	if alike {
		worst.Cause = nil
	}
	if !e.ScanComplete {
		worst.Reasons = append(worst.Reasons, UnscannablePart)
	}
	if worst.Failed = p.failures(subjects); len(worst.Failed) > 0 {
		worst.Reasons = distinct(append(worst.Reasons, RuleFailed))
	}
	return worst, decisive
}

// worse compares what is done, and where that is the same, what would have been.
func (d Decision) worse(than Decision) bool {
	if d.Action != than.Action {
		return worse(d.Action, than.Action)
	}
	return worse(d.Would, than.Would)
}

// ask prepares the questions about each code, or about the message without one.
func (p *Policy) ask(e Evidence) []asked {
	subjects := environments(e)
	all := make([]asked, len(subjects))
	machine := &vm.VM{}
	for n := range subjects {
		all[n] = asked{policy: p, facts: &subjects[n], answers: make([]answer, len(p.rules)), machine: machine}
	}
	return all
}

// judge weighs every code by the first rule that matches; the worst counts. Its reasons come first.
func (p *Policy) judge(e Evidence, subjects []asked, c class) Decision {
	d := Decision{Action: Accept}
	learns := true // all rules that decided on the action do
	for n := range subjects {
		r := e.entryRule(n)
		if r == nil {
			r = subjects[n].first(c)
		}
		if r == nil {
			continue
		}
		reasons := r.reasons(subjects[n].facts)
		if worse(r.Then, d.Action) {
			d.Action, d.To, learns = r.Then, r.To, r.learns
			d.Reasons = append(reasons, d.Reasons...)
		} else {
			learns = learns && (r.learns || worse(d.Action, r.Then))
			d.Reasons = append(d.Reasons, reasons...)
		}
		d.Rules = append(d.Rules, r.Name)
	}
	d.Reasons, d.Rules = distinct(d.Reasons), distinct(d.Rules)
	d.restrain(p, c, e, learns)
	return d
}

// restrain holds an action back where the configuration says so, or while history is short.
func (d *Decision) restrain(p *Policy, c class, e Evidence, learns bool) {
	most := Discard
	switch {
	case c.observe && (e.Inbound || d.Action != Accept): // of our own mail too, where a rule asks for it
		d.Would, d.Action, d.To = d.Action, Accept, ""
		return
	case p.tagOnly, learns && e.Learning, p.noHold && d.Action == Quarantine:
		most = Tag
	}
	if worse(d.Action, most) {
		d.Would, d.Action, d.To = d.Action, most, ""
	}
}

func worse(a, b Action) bool { return rank(a) > rank(b) }

// rank is an action's place among all; "" is none.
func rank(a Action) int { return max(slices.Index(severity, a), 0) }

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
