package inspect

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"quishmilter/identity"
	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/prevalence"
	"quishmilter/verdict"
)

// Scan says whether everything was looked at that a person could see.
type Scan string

// The states of a scan.
const (
	Complete    Scan = "complete"
	Partial     Scan = "partial"
	Unscannable Scan = "unscannable"
)

// Report is all that is known of a message, and what is to be done with it.
type Report struct {
	Envelope  Envelope
	Cut       bool // the message was longer than the size limit
	MessageID string
	Subject   string
	Direction identity.Direction
	Codes     []Code // the worst first
	Text      Text
	Automatic bool // a report or an automatic reply
	Sender    Sender
	Scan      Scan
	Problems  []mime.Problem
	Evidence  verdict.Evidence // what the policy was told
	Decision  verdict.Decision
	Record    prevalence.Record // the histories that the message belongs to; its outcome is not in it
	Took      time.Duration
	Stages    []Stage // of the pipeline, in their order
}

// Code is a code with what it asks for.
type Code struct {
	Found
	payload.Payload
	Signals []string
	Digest  string // of the part that showed it; "" where the code does not depend on that alone
	Past    CodePast
}

// Overloaded says that something was not looked at because no worker or memory was free in time.
func (r Report) Overloaded() bool {
	return slices.ContainsFunc(r.Problems, func(p mime.Problem) bool { return p.Kind == mime.Overload })
}

// recipients are the addresses that a link may name: those of the envelope, Bcc included, and those of the header.
func recipients(m *Message) []string {
	all := append([]string(nil), m.Envelope.Rcpts...)
	for _, name := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "X-Forwarded-To"} {
		for _, value := range mime.Values(m.Header, name) {
			all = append(all, identity.Addresses(value)...)
		}
	}
	if len(all) > maxRecipients {
		all = all[:maxRecipients]
	}
	return all
}

// maxRecipients bounds the search for addresses in links; Postfix allows 1,000 a message by default.
const maxRecipients = 1000

// understand says what each code asks for, the worst first.
func understand(found []Found, lists payload.Lists, recipients []string) []Code {
	codes := make([]Code, 0, len(found))
	for _, f := range found {
		p := payload.Parse(f.Text, utf8.ValidString(f.Text))
		codes = append(codes, Code{Found: f, Payload: p, Signals: append(lists.Signals(p, recipients), f.Words...)})
	}
	slices.SortStableFunc(codes, func(a, b Code) int { return b.badness() - a.badness() })
	return codes
}

func (c Code) badness() int {
	n := 2 * len(c.Signals)
	if c.Host != "" {
		n++
	}
	return n
}

// evidence is what the policy may know of the message.
func (i *Inspector) evidence(m *Message, r Report) verdict.Evidence {
	e := verdict.Evidence{
		Sender: verdict.Sender{Address: r.Sender.From, Domain: identity.Registrable(identity.DomainOf(r.Sender.From)), Prevalent: r.Sender.Prevalent, Messages: r.Sender.Counts.Messages,
			Recipients: r.Sender.Counts.Recipients, Days: r.Sender.Counts.Days, AgeDays: r.Sender.Counts.AgeDays(r.Envelope.Arrived),
			SinceDays:      r.Sender.Kept.AgeDays(r.Envelope.Arrived),
			DomainMessages: r.Sender.Domain.Messages, DomainDays: r.Sender.Domain.Days, ListMessages: r.Sender.List.Messages,
			PairMessages: r.Sender.Pair.Messages, NetworkMessages: r.Sender.Network.Messages, KnownCorrespondent: r.Sender.Correspondent,
			Auth: string(r.Sender.Auth), OwnDomainForged: r.Sender.OwnDomainForged, Signals: r.Sender.Signals},
		Learning:     r.Sender.Learning && i.LearnByTag,
		Inbound:      r.Direction == identity.Inbound,
		Automatic:    r.Automatic,
		MarkedSpam:   MarkedAsSpam(m.Header, i.SpamMarks),
		ScanComplete: r.Scan == Complete,
		Recipients:   judgedFor(m),
		Subject:      r.Subject,
		AsksToScan:   r.Text.AsksToScan,
		Signals:      r.Text.Signals,
		RemoteUnseen: len(r.Text.Remote) > 0 && !r.Text.RemoteSeen && len(r.Codes) == 0,
	}
	if r.Envelope.ClientAddr.IsValid() {
		e.Client = r.Envelope.ClientAddr.String()
	}
	for _, c := range r.Codes {
		e.Codes = append(e.Codes, verdict.Code{Kind: c.Kind, Valid: c.Valid, Secret: c.Payload.Secret(), Mixed: !c.IsPlain(c.Text), Host: c.Host, Target: c.Target,
			Hosts: c.Hosts(), Domains: domainsOf(c.Hosts()), Carrier: c.Carrier, Signals: c.Signals, Tricks: c.Tricks,
			HostMessages: c.Past.Host.Messages, HostDays: c.Past.Host.Days, HostAgeDays: c.Past.HostAge, HostAuthMessages: c.Past.HostProven,
			OwnHost: c.Past.OwnHost, OwnPicture: c.Past.OwnPicture, PictureMessages: c.Past.Picture})
	}
	return e
}

// domainsOf are the registrable domains of hosts, each once.
func domainsOf(hosts []string) (all []string) {
	for _, host := range hosts {
		if domain := identity.Registrable(host); !slices.Contains(all, domain) {
			all = append(all, domain)
		}
	}
	return all
}

// judgedFor are the recipients whose policy is asked: those of the envelope, or in a file without one those of the header.
func judgedFor(m *Message) []string {
	if len(m.Envelope.Rcpts) > 0 {
		return m.Envelope.Rcpts
	}
	return recipients(m)
}

// scanOf sums up the problems: unscannable when nothing that was to be looked at could be.
func scanOf(looked int, r Report) Scan {
	if len(r.Problems) == 0 {
		return Complete
	}
	failed := map[string]bool{}
	for _, p := range r.Problems {
		if p.Part != "" && p.At == "" {
			failed[p.Part] = true
		}
	}
	if len(r.Codes) == 0 && looked > 0 && len(failed) >= looked {
		return Unscannable
	}
	return Partial
}

// MarkedAsSpam says whether a header has one of the marks.
func MarkedAsSpam(header []mime.Field, marks []SpamMark) bool {
	for _, mark := range marks {
		for _, value := range mime.Values(header, mark.Name) {
			if len(value) >= len(mark.Start) && strings.EqualFold(value[:len(mark.Start)], mark.Start) {
				return true
			}
		}
	}
	return false
}
