package main

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"quishmilter/control"
	"quishmilter/identity"
	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/milter"
	"quishmilter/prevalence"
	"quishmilter/state"
	"quishmilter/verdict"
)

// filter is the daemon's part between the milter and the stages: it has a message inspected, records what came of
// it, and answers.
type filter struct {
	rules   atomic.Pointer[rules]
	db      *state.DB
	history *prevalence.Store
	events  *journal.Journal
	holds   *journal.Holds
	entries *entryLists
	log     *journal.Log
	lines   *eventLines
	clock   *clock
	found   findings
	known   *inspect.Known
	metrics *control.Metrics
	pool    *inspect.Pool
	serving atomic.Bool // new mail is taken
	early   early
	failing atomic.Bool // the last record could not be written

	stopAuth func() // ends what looks after the DNS server of the rules in force
}

// rules are what SIGHUP replaces. A message keeps those that it began with.
type rules struct {
	failure     string
	queueHelper string         // its socket
	strictness  string         // what learning means for the mail, in words
	trusted     []netip.Prefix // whose X-Quish fields are kept
	inspector   *inspect.Inspector
	split       bool // recipients of different policies get the message separately

	keep       JournalSettings
	detections []detection
}

// wants is what the rules in force need of the MTA.
func (f *filter) wants() milter.Wants {
	rules := f.rules.Load()
	return milter.Wants{Redirect: rules.inspector.Policy.Redirects(), Recipients: rules.split}
}

// recipient tells whether a recipient may come together with those before it. Mail of our own users is not split: their
// mail programs take a temporary error for a failure.
func (f *filter) recipient(e inspect.Envelope, rcpt string) bool {
	rules := f.rules.Load()
	policy := rules.inspector.Policy
	return !rules.split || !rules.inspector.Inbound(e) || policy.Class(rcpt) == policy.Class(e.Rcpts[0])
}

// recordTime is how long the commit of a record may take; a disk that is slower than this counts as failed.
const recordTime = 10 * time.Second

// handle decides on one message. The record is on disk before the answer goes out.
func (f *filter) handle(ctx context.Context, m *inspect.Message) milter.Answer {
	rules := f.rules.Load()
	r := rules.inspector.Inspect(ctx, m)
	for _, s := range r.Stages {
		f.metrics.Stage(s.Name, s.Took)
	}
	e := eventOf(r, rules.inspector.Window, len(m.Body))
	if ctx.Err() != nil { // the MTA hung up: it will not hear the answer, and the message comes again
		r.Decision.Action = verdict.TempFail
		e.Verdict, e.Where = string(verdict.TempFail), journal.Deferred
	}
	began := time.Now()
	err := f.record(ctx, r, e)
	f.metrics.Recorded(time.Since(began), err)
	f.failing.Store(err != nil)
	if err != nil {
		f.log.StateFailed(err)
		if rules.failure == "tempfail" {
			e.Verdict, e.Where = string(verdict.TempFail), journal.Deferred
			f.tell(e)
			return f.refuse()
		}
	} else {
		f.log.StateWorks()
	}
	f.tell(e)
	return rules.answer(m, r, e)
}

// tell says what was answered, in the log and wherever else the settings say.
func (f *filter) tell(e journal.Event) {
	f.log.Message(e)
	f.lines.Message(e)
	f.metrics.Message(e)
}

// failure decides on a message that could not be received whole.
func (f *filter) failure(m *inspect.Message, err error) milter.Answer {
	f.log.MessageFailed(m.Envelope.QueueID, f.rules.Load().failure, err)
	if f.rules.Load().failure == "tempfail" {
		return f.refuse()
	}
	return f.handle(context.Background(), &inspect.Message{Envelope: m.Envelope, Header: m.Header, Body: m.Body, Cut: true})
}

func (f *filter) refuse() milter.Answer {
	return milter.Answer{Action: milter.TempFail, Reply: "quishmilter cannot take the message just now, try again later"}
}

// record writes history and journal in one commit. It does not end with the MTA's connection: the message may have
// been answered as far as the MTA is concerned.
func (f *filter) record(ctx context.Context, r inspect.Report, e journal.Event) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return f.db.Update(ctx, func(tx *state.Tx) error {
		if err := f.history.Add(tx, recordOf(r, e.ID)); err != nil {
			return err
		}
		if e.Verdict == string(verdict.Quarantine) {
			if err := f.holds.Add(tx, e); err != nil {
				return err
			}
		}
		return f.events.Add(tx, e)
	})
}

// answer turns the decision into what the MTA is asked to do. Our own mail gets no fields; that it is judged at all, a
// rule has to ask for.
func (rs *rules) answer(m *inspect.Message, r inspect.Report, e journal.Event) milter.Answer {
	a := milter.Answer{}
	if !within(m.Envelope.ClientAddr, rs.trusted) {
		a.Delete = milter.Forged(m.Header, milter.OwnPrefix)
	}
	if r.Direction == identity.Inbound {
		a.Add = milter.Fields(r, rs.inspector.Window.String(), e.ID)
	}
	switch r.Decision.Action {
	case verdict.Quarantine:
		a.Action, a.Reason = milter.Hold, "quishmilter "+e.ID+" "+strings.Join(r.Decision.Reasons, ",")
	case verdict.Redirect:
		a.Action, a.To = milter.Redirect, r.Decision.To
	case verdict.Reject:
		a = milter.Answer{Action: milter.Reject, Reply: replyOf(rs.inspector.Policy, r.Decision, "the message was refused by the policy of this host")}
	case verdict.TempFail:
		a = milter.Answer{Action: milter.TempFail, Reply: replyOf(rs.inspector.Policy, r.Decision, "try again later")}
	case verdict.Discard:
		a = milter.Answer{Action: milter.Discard}
	}
	return a
}

// replyOf is the sentence of the rule that refuses, for the sender to read.
func replyOf(p *verdict.Policy, d verdict.Decision, fallback string) string {
	for _, r := range p.Rules() {
		if r.Then == d.Action && r.Text != "" && slices.Contains(d.Rules, r.Name) {
			return r.Text
		}
	}
	return fallback
}

func within(addr netip.Addr, networks []netip.Prefix) bool {
	for _, p := range networks {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
