package judged

import (
	"fmt"
	"time"

	"quishmilter/inspect"
	"quishmilter/prevalence"
	"quishmilter/verdict"
)

// Outcome is what standard makes of a wanted message: the first of its sender, and one that came a month after.
type Outcome struct {
	Wanted     Wanted
	Cold, Warm inspect.Report
}

// month is what lies between two messages of a sender who writes once a month.
const month = 30 * 24 * time.Hour

// JudgeWanted judges all wanted mail twice: on an empty history, and a month later, when the first message was let
// through, or released by its reader where it was held. The second one has a link of its own.
func (c *Court) JudgeWanted(preset string, now time.Time) ([]Outcome, error) {
	past, err := c.NewPast("wanted-" + preset)
	if err != nil {
		return nil, err
	}
	defer past.Close()
	first, second := AllWanted(now.Add(-month)), AllWanted(now)
	all := make([]Outcome, len(first))
	var records []prevalence.Record
	for n, m := range first {
		if all[n].Cold, err = c.Judge(preset, m.Case(), nil); err != nil {
			return nil, err
		}
		records = append(records, Accepted(all[n].Cold, now.Add(-month))...)
	}
	if err := past.Add(records...); err != nil {
		return nil, err
	}
	for n, m := range second {
		all[n].Wanted = m
		if all[n].Warm, err = c.Judge(preset, m.Case(), past); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Case is the message as it comes in.
func (m Wanted) Case() Case {
	auth := "none"
	if m.Authenticated {
		auth = "pass"
	}
	return Case{Message: m.Letter.Bytes(), MailFrom: m.MailFrom, Rcpts: []string{Reader}, Auth: auth, At: m.Letter.Date}
}

// Case is the message as it comes in.
func (a Attack) Case() Case {
	return Case{Message: a.Letter.Bytes(), MailFrom: attacker, Rcpts: []string{Reader}, Auth: a.Auth, At: a.Letter.Date}
}

// Catch is what the presets make of an attack.
type Catch struct {
	Strict, Standard, Stolen inspect.Report // Stolen: standard's, of a sender who is proven and has written for a fortnight
}

// Caught says which of them did what it has to.
type Caught struct {
	Names    bool // the link names the reader, on a host that nobody knows
	Strict   bool // holds
	Standard bool // holds where the link or the disguise is a strong signal, and else tags at least
	Stolen   bool // tags at least, and holds where the link names the reader
}

// Err is what is missing.
func (c Caught) Err() error {
	if c.Strict && c.Standard && c.Stolen {
		return nil
	}
	return fmt.Errorf("caught by strict: %v, by standard: %v, by standard from a stolen account: %v", c.Strict, c.Standard, c.Stolen)
}

// Caught says what each of them did. strong: its link or its disguise is a strong signal. names: its link names the
// reader, on a host that nobody knows.
func (c Catch) Caught(strong, names bool) Caught {
	held := func(r inspect.Report) bool { return r.Decision.Action == verdict.Quarantine }
	tagged := func(r inspect.Report) bool { return held(r) || r.Decision.Action == verdict.Tag }
	return Caught{Names: names, Strict: held(c.Strict), Standard: held(c.Standard) || !strong && tagged(c.Standard), Stolen: held(c.Stolen) || !names && tagged(c.Stolen)}
}

// JudgeAttack judges a case from a stranger, and from the account of somebody who wrote often.
func (c *Court) JudgeAttack(name string, of Case) (catch Catch, err error) {
	if catch.Strict, err = c.Judge(verdict.Strict, of, nil); err != nil {
		return catch, err
	}
	if catch.Standard, err = c.Judge(verdict.Standard, of, nil); err != nil {
		return catch, err
	}
	past, err := c.NewPast(name)
	if err != nil {
		return catch, err
	}
	defer past.Close()
	of.Auth = "pass"
	known := catch.Standard
	known.Record.Hosts, known.Record.Pictures, known.Record.Auth = nil, nil, prevalence.AuthPass
	day := 24 * time.Hour
	if err := past.Add(Accepted(known, of.At.Add(-13*day), of.At.Add(-9*day), of.At.Add(-5*day), of.At.Add(-2*day))...); err != nil {
		return catch, err
	}
	catch.Stolen, err = c.Judge(verdict.Standard, of, past)
	return catch, err
}
