package main

import (
	"slices"

	"quishmilter/identity"
	"quishmilter/inspect"
	"quishmilter/milter"
	"quishmilter/verdict"
)

// The values of the setting failure.
const (
	failTempfail   = "tempfail"
	failAccept     = "accept"
	failQuarantine = "quarantine"
)

var failures = []string{failTempfail, failAccept, failQuarantine}

// reasonOverload is said of a message for which no worker or memory was free in time.
const reasonOverload = "overload"

// overload decides on mail from outside for which no worker or memory was free in time, as the failure setting says. What
// was found all the same, and is reason enough to do more than to tag, comes first.
func (f *filter) overload(r *inspect.Report, failure string) {
	if !r.Overloaded() {
		if f.pool.Stats().Waiting == 0 {
			f.log.KeepsUp()
		}
		return
	}
	f.log.Busy(failure)
	d := &r.Decision
	if r.Direction != identity.Inbound || d.Action != verdict.Accept && d.Action != verdict.Tag {
		return
	}
	d.Reasons = append(slices.Clip(d.Reasons), reasonOverload)
	switch failure {
	case failTempfail:
		d.Action, d.Would = verdict.TempFail, ""
	case failQuarantine:
		d.Action, d.Would = verdict.Quarantine, ""
	}
}

// fail is the answer to a message that cannot be recorded or received; accept has none of its own.
func fail(failure string) milter.Answer {
	if failure == failQuarantine {
		return milter.Answer{Action: milter.Hold, Reason: "quishmilter cannot handle the message just now"}
	}
	return milter.Answer{Action: milter.TempFail, Reply: "quishmilter cannot take the message just now, try again later"}
}
