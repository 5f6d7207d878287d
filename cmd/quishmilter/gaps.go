package main

import (
	"fmt"
	"io"
	"time"

	"quishmilter/journal"
)

// gaps is what a hunt could not answer, to be said beside its answer.
type gaps struct {
	damaged int       // events that cannot be read
	unasked int       // events that a hunt for a recipient passed over, of which not all recipients are kept
	cut     int       // events that were found, of which not all recipients are kept
	begins  time.Time // of the journal; zero when it is empty
}

func (g *gaps) add(found journal.Found) {
	g.damaged += found.Damaged
	g.unasked += found.Cut
	if !found.Oldest.IsZero() {
		g.begins = found.Oldest
	}
}

func (g *gaps) event(e journal.Event) {
	if len(e.Rcpts) > 0 && e.NRcpt > len(e.Rcpts) {
		g.cut++
	}
}

// tell says what whoever reads the answer should know. What is damaged is an error, and said as one.
func (g *gaps) tell(out io.Writer, filter journal.Filter) {
	if !filter.Since.IsZero() && filter.Since.Before(g.begins.Add(-time.Second)) {
		fmt.Fprintf(out, "quishmilter: the journal begins at %s; what passed before is not known\n", localTime(g.begins))
	}
	if g.cut > 0 {
		fmt.Fprintf(out, "quishmilter: of %d of these messages not all recipients are kept: they had too many\n", g.cut)
	}
	if g.unasked > 0 {
		fmt.Fprintf(out, "quishmilter: %s more may have gone to this recipient: they had too many for all to be kept\n", messages(g.unasked))
	}
}
