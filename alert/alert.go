// Package alert keeps what somebody should look at: one alert per campaign, however many messages it comes in, and what
// people did about it.
//
// In goes an event of the journal, in the same commit; out come an alert that is new, one that grew, or nothing; the
// answers to what an analyst asks next (Answer); and messages to other systems, signed, in order, and tried again until
// they are taken (Courier, Webhook).
//
// # The policy, in words
//
// A message makes an alert when the policy decides on an action from alerts.from on, whether or not that was held back
// (observe, tag_only), and when a detection finds it. It belongs to the campaign of an open alert when one of these is
// the same, and the alert's newest message is not older than alerts.window: the picture file; the host that a code leads
// to, or where anybody can have a page on that host, the link without what follows the path; the author together with such
// a host; the client together with the subject, numbers and the recipient's name left out. A closed alert takes nothing
// more: what comes then makes a new one that names it.
//
// The level is "high" for what is refused or dropped, for two strong signals (verdict/strong.go), and once ten recipients
// are reached; "medium" for what else is held or sent elsewhere; "low" for the rest. A detection says its own. The level of
// an alert only rises.
//
// # Limits
//
// 10,000 alerts, of which the oldest go first; of one alert 50 events, 100 recipients and 50 acts; texts as in the journal,
// subjects 200 bytes, notes 1,000. 10,000 messages wait for another system; when there are more, the oldest are
// dropped, counted and said.
package alert

import (
	"errors"
	"slices"
	"strings"
	"time"

	"quishmilter/journal"
	"quishmilter/verdict"
)

// Level says how soon somebody should look.
type Level string

// The levels.
const (
	Low    Level = "low"
	Medium Level = "medium"
	High   Level = "high"
)

// Levels are all of them, from the mildest on.
func Levels() []Level { return []Level{Low, Medium, High} }

// AtLeast says that a level is another one or a higher one. An unknown level is below all.
func (l Level) AtLeast(other Level) bool {
	return slices.Index(Levels(), l) >= slices.Index(Levels(), other)
}

// Alert is a campaign that somebody should look at. Its JSON form is stable: fields are added, never renamed.
type Alert struct {
	ID         string    `json:"id"`   // that of its first event
	Time       time.Time `json:"time"` // of the first message
	Last       time.Time `json:"last"` // of the newest
	Rule       string    `json:"rule"` // what decided: a rule, an entry, "detection NAME"
	Level      Level     `json:"level"`
	Client     string    `json:"smtp_address,omitempty"`
	Source     string    `json:"source"` // the header From
	MailFrom   string    `json:"mail_from,omitempty"`
	Dest       []string  `json:"destination,omitempty"` // of the first message, the first 10
	Subject    string    `json:"subject,omitempty"`
	Action     string    `json:"device_action"`   // what was done with the first message
	Would      string    `json:"would,omitempty"` // what the policy would have done
	Reasons    []string  `json:"reasons,omitempty"`
	Host       string    `json:"host,omitempty"` // that the first message's worst link leads to
	URL        string    `json:"url,omitempty"`
	Picture    string    `json:"picture,omitempty"` // SHA-256 of the file that held the code
	Messages   int       `json:"messages"`
	Recipients int       `json:"recipients"`         // of all messages together, each counted once as far as the scope names them
	Events     []string  `json:"events"`             // the first, and the newest 49
	Scope      []Reached `json:"scope,omitempty"`    // the first 100
	Findings   []string  `json:"findings,omitempty"` // of detections
	State      State     `json:"state"`
	As         Verdict   `json:"as,omitempty"`       // what it was closed as
	Previous   string    `json:"previous,omitempty"` // a closed alert of the same campaign
	Acts       []Act     `json:"acts,omitempty"`     // the first, and the newest 49
}

// Reached is a recipient of one message.
type Reached struct {
	Rcpt  string    `json:"rcpt"`
	Event string    `json:"event"`
	Time  time.Time `json:"time"`
	Where string    `json:"where"` // as of the journal's events; in an answer also what became of a held message
}

// State says whether an alert waits for somebody.
type State string

// The states.
const (
	Open   State = "open"
	Closed State = "closed"
)

// Verdict is what people found an alert to be.
type Verdict string

// The verdicts.
const (
	TruePositive  Verdict = "true-positive"
	FalsePositive Verdict = "false-positive"
)

// Bounds of an alert.
const (
	maxEvents   = 50
	maxScope    = 100
	maxDest     = 10
	maxFindings = 8
	maxAddress  = 320
	maxSubject  = 200
	maxLink     = 2000
	manyReached = 10 // recipients from which on an alert is high
)

// What can stand against an act.
var (
	ErrNone   = errors.New("no such alert; alerts list --state all shows them")
	ErrClosed = errors.New("this alert is closed already")
)

// Cause is why a message makes an alert.
type Cause struct {
	Rule    string
	Level   Level
	Finding string // id of a detection's finding
}

// CauseOf is why the policy's decision makes an alert, with a level from an action on; false: it makes none.
func CauseOf(e journal.Event, from verdict.Action) (Cause, bool) {
	action := verdict.Action(e.Verdict)
	if e.Would != "" && worse(verdict.Action(e.Would), action) {
		action = verdict.Action(e.Would)
	}
	if action == verdict.Accept || worse(from, action) {
		return Cause{}, false
	}
	rule := ""
	if len(e.Rules) > 0 {
		rule = e.Rules[0]
	} else if len(e.Reasons) > 0 {
		rule = e.Reasons[0]
	}
	evidence, _ := e.Judged()
	level := Low
	switch {
	case worse(action, verdict.Redirect), evidence.Strength() >= 2:
		level = High
	case !worse(verdict.Quarantine, action):
		level = Medium
	}
	return Cause{Rule: rule, Level: level}, true
}

func worse(a, b verdict.Action) bool {
	return slices.Index(verdict.Actions(), a) > slices.Index(verdict.Actions(), b)
}

// of is a new alert about an event.
func of(e journal.Event, c Cause) Alert {
	a := Alert{ID: e.ID, Time: e.Time, Last: e.Time, Rule: journal.FitText(c.Rule, maxAddress), Level: c.Level, Client: e.ClientAddr, Source: journal.FitText(e.HeaderFrom, maxAddress),
		MailFrom: journal.FitText(e.MailFrom, maxAddress), Subject: journal.FitText(e.Subject, maxSubject), Action: e.Verdict, Would: e.Would,
		Reasons: slices.Clone(e.Reasons[:min(len(e.Reasons), 16)]), State: Open}
	for _, rcpt := range e.Rcpts[:min(len(e.Rcpts), maxDest)] {
		a.Dest = append(a.Dest, journal.FitText(rcpt, maxAddress))
	}
	for _, code := range e.Codes {
		if a.URL == "" && a.Host == "" && code.Host != "" {
			a.Host, a.URL = code.Host, journal.FitText(code.URL, maxLink)
		}
		if a.Picture == "" {
			a.Picture = code.Picture
		}
	}
	return a.with(e, c)
}

// known counts the recipients that an earlier message of the alert had, as far as its scope names them.
func (a Alert) known(rcpts []string) (n int) {
	for _, rcpt := range rcpts {
		if slices.ContainsFunc(a.Scope, func(r Reached) bool { return strings.EqualFold(r.Rcpt, rcpt) }) {
			n++
		}
	}
	return n
}

// with is the alert with one more message; an event that is in it already changes what is known of the cause alone.
func (a Alert) with(e journal.Event, c Cause) Alert {
	if c.Finding != "" && !slices.Contains(a.Findings, c.Finding) && len(a.Findings) < maxFindings {
		a.Findings = append(slices.Clone(a.Findings), c.Finding)
	}
	if !slices.Contains(a.Events, e.ID) {
		a.Events = append(slices.Clone(a.Events), e.ID)
		if len(a.Events) > maxEvents {
			a.Events = slices.Delete(a.Events, 1, 2)
		}
		a.Messages++
		a.Recipients += max(e.NRcpt, len(e.Rcpts)) - a.known(e.Rcpts)
		a.Scope = slices.Clone(a.Scope)
		for _, rcpt := range e.Rcpts[:min(len(e.Rcpts), maxScope-len(a.Scope))] {
			a.Scope = append(a.Scope, Reached{journal.FitText(rcpt, maxAddress), e.ID, e.Time, e.Where})
		}
		if e.Time.After(a.Last) {
			a.Last = e.Time
		}
	}
	if !a.Level.AtLeast(c.Level) {
		a.Level = c.Level
	}
	if a.Recipients >= manyReached && a.Level != Low {
		a.Level = High
	}
	return a
}
