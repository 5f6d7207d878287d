package main

import (
	"encoding/base64"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/prevalence"
	"quishmilter/verdict"
)

// eventOf is what the journal and the log keep of a report.
func eventOf(r inspect.Report, w prevalence.Window, size int) journal.Event {
	env := r.Envelope
	e := journal.Event{
		Time: env.Arrived, ID: journal.NewID(env.Arrived), QueueID: env.QueueID, MessageID: r.MessageID,
		HeaderFrom: r.Sender.From, MailFrom: env.MailFrom, Rcpts: env.Rcpts, NRcpt: len(env.Rcpts),
		Direction: strings.ToLower(string(r.Direction)), ClientName: clientName(env.ClientName), HELO: env.HELO,
		AuthUser: env.AuthUser, Auth: string(r.Sender.Auth), Subject: r.Subject,
		Verdict: string(r.Decision.Action), Would: string(r.Decision.Would), Where: journal.WhereTo(string(r.Decision.Action)),
		Reasons: r.Decision.Reasons, RedirectedTo: r.Decision.To, Rules: r.Decision.Rules,
		Cause: r.Decision.Cause[:min(len(r.Decision.Cause), maxCause)], Evidence: &r.Evidence, NCodes: len(r.Codes),
		Sender: journal.SenderEvent{Prevalent: r.Sender.Prevalent, Messages: r.Sender.Counts.Messages,
			Recipients: r.Sender.Counts.Recipients, Window: w.String()},
		Scan: string(r.Scan), Size: int64(size), MS: milliseconds(r.Took),
	}
	if env.ClientAddr.IsValid() {
		e.ClientAddr = env.ClientAddr.String()
	}
	for n, c := range r.Codes {
		code := codeEvent(c)
		code.Picture = r.Evidence.Codes[n].Picture
		e.Codes = append(e.Codes, code)
	}
	for _, p := range r.Problems {
		e.Problems = append(e.Problems, journal.Problem{Part: p.Part, At: p.At, Kind: string(p.Kind), Detail: p.Detail})
	}
	if len(e.Codes)+len(e.Problems)+len(e.Reasons) > 0 {
		e.Stages = make(map[string]float64, len(r.Stages))
		for _, s := range r.Stages {
			e.Stages[s.Name] = milliseconds(s.Took)
		}
	}
	return e
}

// maxCause is how many of the recipients whose policy decided are named.
const maxCause = 10

// milliseconds has two places behind the point.
func milliseconds(d time.Duration) float64 { return math.Round(d.Seconds()*1e5) / 100 }

// clientName is "" where Postfix knows no name and gives the address in brackets in its place.
func clientName(name string) string {
	if strings.HasPrefix(name, "[") {
		return ""
	}
	return name
}

// codeEvent leaves secrets out: of Wi-Fi, one-time-password and payment codes the kind is all that is kept, and no picture.
func codeEvent(c inspect.Code) journal.CodeEvent {
	box := c.Box
	e := journal.CodeEvent{Symbology: c.Symbology, Kind: string(c.Kind), URL: c.URL, Host: c.Host, Target: c.Target, Links: c.Links, Carrier: c.Carrier,
		Part: c.Part, Name: c.Name, At: c.At, Tricks: c.Tricks, Signals: c.Signals, Box: &box,
		Secret: c.Payload.Secret(), Issuer: c.Issuer, Shown: c.Shown}
	switch {
	case e.Secret:
		e.Shown = nil
	case utf8.ValidString(c.Text):
		e.Payload = c.Text
	default:
		e.PayloadBase64 = base64.StdEncoding.EncodeToString(c.Bytes)
	}
	return e.WithoutSecrets()
}

// recordOf is what the histories keep of a report. The event's id is the name under which a held message is released.
func recordOf(r inspect.Report, event string) prevalence.Record {
	record := r.Record
	switch r.Decision.Action {
	case verdict.Tag:
		record.Outcome = prevalence.Tagged
	case verdict.Quarantine:
		record.Outcome, record.Event = prevalence.Held, event
	case verdict.Redirect:
		record.Outcome = prevalence.Redirected
	case verdict.Reject:
		record.Outcome = prevalence.Rejected
	case verdict.TempFail:
		record.Outcome = prevalence.Deferred
	case verdict.Discard:
		record.Outcome = prevalence.Discarded
	}
	return record
}
