package journal

import (
	"encoding/json"
	"slices"

	"quishmilter/payload"
	"quishmilter/verdict"
)

// maxEvidence bounds what is kept of the evidence, in bytes of JSON. A message with more is explained by what stands
// in the event itself.
const maxEvidence = 64 << 10

// fitEvidence is the evidence within its bounds, without secrets and without what the event says itself.
func (e Event) fitEvidence() *verdict.Evidence {
	if e.Evidence == nil {
		return nil
	}
	fit := *e.Evidence
	fit.Recipients, fit.Pictures, fit.Client, fit.Subject, fit.Sender.Address = nil, nil, "", "", ""
	fit.Codes = slices.Clone(fit.Codes[:min(len(fit.Codes), maxCodes)])
	for n := range fit.Codes {
		c := &fit.Codes[n]
		if n < len(e.Codes) && (e.Codes[n].Secret || e.Codes[n].secret()) || c.Kind.Secret() {
			*c = c.Unnamed(fit.Sender.Domain)
		}
		c.Host, c.Target = fitText(c.Host, maxText), fitText(payload.Hidden(c.Target), maxText)
	}
	if text, err := json.Marshal(fit); err != nil || len(text) > maxEvidence {
		return nil
	}
	return &fit
}

// Fitted is the event as the journal keeps it, within its bounds and without secrets; without the evidence.
func (e Event) Fitted() Event { return e.forLog() }

// forLog is the event within its bounds and without the evidence, which no line says.
func (e Event) forLog() Event {
	e.Evidence = nil
	return e.fit()
}

// Judged is the evidence that the event's message was judged by. whole is false where only the line of a message
// without anything remarkable was kept, or the event is of a program that kept no evidence: then facts are missing,
// and rules that ask about them are answered as if there were nothing.
func (e Event) Judged() (evidence verdict.Evidence, whole bool) {
	whole = e.Evidence != nil
	if whole {
		evidence = *e.Evidence
	} else {
		evidence = verdict.Evidence{Inbound: e.Direction == "inbound", ScanComplete: e.Scan == "complete",
			Sender: verdict.Sender{Prevalent: e.Sender.Prevalent, Messages: e.Sender.Messages, Recipients: e.Sender.Recipients, AgeDays: -1, SinceDays: -1, Auth: e.Auth}}
		for _, c := range e.Codes {
			evidence.Codes = append(evidence.Codes, verdict.Code{Kind: payload.Kind(c.Kind), Host: c.Host, Target: c.Target,
				Carrier: c.Carrier, Signals: c.Signals, Tricks: c.Tricks, Picture: c.Picture, HostAgeDays: -1})
		}
	}
	evidence.Recipients, evidence.Client, evidence.Subject, evidence.Sender.Address = e.Rcpts, e.ClientAddr, e.Subject, e.HeaderFrom
	return evidence, whole
}
