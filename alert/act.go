package alert

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"quishmilter/journal"
)

// Act is one thing that somebody did about an alert.
type Act struct {
	Time time.Time `json:"time"`
	What string    `json:"what"`         // Noted or WasClosed
	As   Verdict   `json:"as,omitempty"` // of a closing
	By   string    `json:"by"`           // name of the user
	UID  int       `json:"uid"`          // as the kernel says
	Text string    `json:"text,omitempty"`
}

// What an act can be.
const (
	Noted     = "noted"
	WasClosed = "closed"
)

const (
	maxActs = 50
	maxNote = 1000
)

// Check says what is wrong with an act that somebody asks for.
func (a Act) Check() error {
	switch {
	case a.What == Noted && a.Text == "":
		return fmt.Errorf("a note needs a text")
	case a.What == Noted && a.As != "":
		return fmt.Errorf("a note closes nothing; leave out what it is closed as")
	case a.What == WasClosed && a.As != TruePositive && a.As != FalsePositive:
		return fmt.Errorf("%.40q is nothing to close an alert as; write %s or %s", a.As, TruePositive, FalsePositive)
	case a.What != Noted && a.What != WasClosed:
		return fmt.Errorf("%.40q is nothing to do with an alert; write %s or %s", a.What, Noted, WasClosed)
	case len(a.Text) > maxNote:
		return fmt.Errorf("the text has %d bytes; write at most %d", len(a.Text), maxNote)
	}
	return nil
}

// after is the alert once somebody has acted, or why that may not be. A closed alert can still be noted.
func (a Alert) after(act Act) (Alert, error) {
	if err := act.Check(); err != nil {
		return a, err
	}
	act.By, act.Text = journal.FitText(act.By, 100), journal.FitText(act.Text, maxNote)
	if act.What == WasClosed {
		if a.State == Closed {
			last := a.closing()
			return a, fmt.Errorf("%s: %w: as %s by %s at %s", a.ID, ErrClosed, a.As, quoted(last.By), last.Time.UTC().Format(time.RFC3339))
		}
		a.State, a.As = Closed, act.As
	}
	a.Acts = slices.Clone(a.Acts)
	if len(a.Acts) == maxActs {
		n := 1
		if a.Acts[n].What == WasClosed { // who closed it stays known
			n = 2
		}
		a.Acts = slices.Delete(a.Acts, n, n+1)
	}
	a.Acts = append(a.Acts, act)
	return a, nil
}

// closing is the act that closed the alert.
func (a Alert) closing() Act {
	for _, act := range a.Acts {
		if act.What == WasClosed {
			return act
		}
	}
	return Act{}
}

func quoted(name string) string {
	if name == "" {
		return "nobody"
	}
	return strconv.Quote(name)
}
