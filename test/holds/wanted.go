package main

import (
	"fmt"
	"os"
	"text/tabwriter"

	"quishmilter/inspect"
	"quishmilter/test/judged"
	"quishmilter/verdict"
)

// Base rates (Talos, 2024): of all mail 0.1 to 0.2 % carries a code, and of that 40 % is wanted.
const (
	withCode = 0.0015
	isWanted = 0.4
)

// tally counts what became of messages.
type tally struct{ held, tagged, accepted int }

func (t *tally) add(r inspect.Report) {
	switch r.Decision.Action {
	case verdict.Quarantine:
		t.held++
	case verdict.Tag:
		t.tagged++
	default:
		t.accepted++
	}
}

func (t tally) all() int { return t.held + t.tagged + t.accepted }

// share is a part of all, in percent.
func (t tally) share(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(t.all())) }

// of10000 is how many of 10,000 messages of all kinds that makes.
func (t tally) of10000(n int) string {
	return fmt.Sprintf("%.2f", 10000*withCode*isWanted*float64(n)/float64(t.all()))
}

// wanted prints what becomes of wanted mail.
func (r *report) wanted() error {
	for _, preset := range []string{verdict.Standard, verdict.Strict} {
		outcomes, err := r.court.JudgeWanted(preset, r.now)
		if err != nil {
			return err
		}
		r.printWanted(preset, outcomes)
		if preset == verdict.Standard {
			r.printKinds(outcomes)
			r.limit("made wanted mail with a link, cold: at most 5 % held", count(outcomes, false, "all"), 5)
			r.limit("made wanted mail with a link, cold, authenticated: at most 5 % held", count(outcomes, false, "yes"), 5)
			r.limit("made wanted mail with a link, cold, not authenticated: at most 5 % held", count(outcomes, false, "no"), 5)
			r.limit("made wanted mail with a link, warm: at most 1 % held", count(outcomes, true, "all"), 1)
		}
	}
	return nil
}

func (r *report) printWanted(preset string, outcomes []judged.Outcome) {
	fmt.Printf("Wanted mail with a link in a code, policy %q: %d messages. Shares, and of 10,000 messages of all kinds (0.15 %% with a code, 40 %% of these wanted)\n\n", preset, len(outcomes))
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "senders\tauthenticated\tmessages\theld\ttagged\taccepted\theld of 10,000\ttagged of 10,000\taccepted of 10,000")
	for _, warm := range []bool{false, true} {
		for _, auth := range []string{"all", "yes", "no"} {
			t := count(outcomes, warm, auth)
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", when(warm), auth, t.all(), t.share(t.held), t.share(t.tagged), t.share(t.accepted),
				t.of10000(t.held), t.of10000(t.tagged), t.of10000(t.accepted))
		}
	}
	_ = w.Flush()
	fmt.Println()
	if !r.verbose || preset != verdict.Standard {
		return
	}
	for _, o := range outcomes {
		for _, warm := range []bool{false, true} {
			if d := pick(o, warm).Decision; d.Action == verdict.Quarantine {
				fmt.Printf("held, %s: %s in %s: %s %v\n", when(warm), o.Wanted.Kind, o.Wanted.Language, pick(o, warm).Codes[0].URL, d.Reasons)
			}
		}
	}
	fmt.Println()
}

// printKinds prints the cold ones by kind.
func (r *report) printKinds(outcomes []judged.Outcome) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "kind\tmessages\theld cold\theld warm\taccepted warm")
	for _, kind := range judged.Kinds {
		var cold, warm tally
		for _, o := range outcomes {
			if o.Wanted.Kind == kind {
				cold.add(o.Cold)
				warm.add(o.Warm)
			}
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\n", kind, cold.all(), cold.held, warm.held, warm.accepted)
	}
	_ = w.Flush()
	fmt.Println()
}

func count(outcomes []judged.Outcome, warm bool, auth string) (t tally) {
	for _, o := range outcomes {
		if auth == "all" || o.Wanted.Authenticated == (auth == "yes") {
			t.add(pick(o, warm))
		}
	}
	return t
}

func pick(o judged.Outcome, warm bool) inspect.Report {
	if warm {
		return o.Warm
	}
	return o.Cold
}

func when(warm bool) string {
	if warm {
		return "warm"
	}
	return "cold"
}
