package main

import (
	"fmt"
	"os"
	"text/tabwriter"

	"quishmilter/test/judged"
)

// check is one condition with what came of it.
type check struct {
	what          string
	messages, bad int
	most          float64 // percent of the messages that may be bad
}

func (c check) holds() bool {
	return 100*float64(c.bad) <= c.most*float64(c.messages) && c.messages > 0
}

// limit notes that at most so many percent of wanted messages may be held.
func (r *report) limit(what string, t tally, most float64) {
	r.checks = append(r.checks, check{what, t.all(), t.held, most})
}

// The three conditions on what catches.
const (
	byStrict   = "held by strict, on an empty history"
	byStandard = "tagged by standard, and held where the link or the disguise is a strong signal"
	fromStolen = "held from a stolen account, where the link names the recipient and the host is unknown"
)

// caught notes what the presets made of the attacks of a set.
func (r *report) caught(set string, all []judged.Caught) {
	for _, condition := range []struct {
		what string
		of   func(judged.Caught) (asked, met bool)
	}{
		{byStrict, func(c judged.Caught) (bool, bool) { return true, c.Strict }},
		{byStandard, func(c judged.Caught) (bool, bool) { return true, c.Standard }},
		{fromStolen, func(c judged.Caught) (bool, bool) { return c.Names, c.Stolen }},
	} {
		one := check{what: set + ": " + condition.what}
		for _, c := range all {
			if asked, met := condition.of(c); asked {
				one.messages++
				if !met {
					one.bad++
				}
			}
		}
		if one.messages > 0 {
			r.checks = append(r.checks, one)
		}
	}
}

// conditions prints the table, and fails where one of them does not hold.
func (r *report) conditions() error {
	fmt.Printf("Conditions\n\n")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "result\tcondition\tmessages\tagainst it\tallowed")
	failed := 0
	for _, c := range r.checks {
		result := "pass"
		if !c.holds() {
			result = "FAIL"
			failed++
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%.0f %%\n", result, c.what, c.messages, c.bad, c.most)
	}
	_ = w.Flush()
	if failed > 0 {
		return fmt.Errorf("%d of %d conditions do not hold", failed, len(r.checks))
	}
	return nil
}
