// Package prevalence knows how often a sender wrote to us before.
//
// # The policy, in plain words
//
// A sender is the address in the header From, as mail clients show it. A sender is prevalent when at least 2 of
// its messages came between 14 days and 24 hours ago, on at least 2 different days, the first of them at least 2 days
// ago. Both ends count: a message that is exactly 24 hours or exactly 14 days old is history. The last 24 hours do not
// count, so that a wave of mail cannot vouch for itself: fifty messages within five hours never make their own sender
// prevalent, and neither do two harmless ones that are sent ahead in one go, before or after midnight. Window,
// exclusion, threshold, days, age and unit (messages, or recipients, so that one message to two people counts as two)
// are settings.
//
// Only what may build trust counts: mail that came in from outside, that we let through (accepted, tagged, or held
// and then released by a person), and whose authentication did not fail. Held, rejected, deferred, discarded and
// redirected mail is recorded too, but counts only for the presets Hunt and Rule, which reproduce hunting queries
// that look at everything. Mail that our own people send does not make their address prevalent for mail from
// outside that bears it.
//
// A message that is seen again (same Message-ID, From and recipients within 5 days: a retry, a re-injection, a
// second hop) counts once, with the worst of its outcomes, at its first time; a copy lifts nothing: see again.go.
// Nobody (an empty or unreadable From) is never prevalent.
//
// There are histories of more than the address: see Kind. The preset queries compare addresses letter by letter, so
// an address that comes in another spelling than its Key has a history of that spelling too (Exact).
//
// Prevalence is evidence with weight, never a free pass: a compromised account has a history as well.
//
// # Limits
//
// Times are whole seconds. The newest 64 seconds at which a sender wrote are kept exactly; what is older is kept by
// the hour, and beyond 1,024 such hours by the day: of proven mail, of our own people's and of all other, each for itself,
// so that nobody who forges an address makes its proven history coarser. An hour or a day counts only when it lies in the window as a
// whole, and is as old as its end, so that a busy sender is never found to be more prevalent than it is. The hour that
// runs counts where the window reaches up to now. A row stays below 50 kB. History is
// kept for the retention (32 days unless told otherwise), which bounds every window.
//
// One message adds to at most 100 pairs or correspondents, 16 hosts and 16 pictures; a key over 700 octets has no
// history. Histories other than the address's lag behind by a second or so; the queue that they are derived from is
// in the file. With a shared store at most a million changes wait for it, and a message waits for it 50 ms at most.
//
// The package has no clock: the caller says what time it is.
package prevalence

import (
	"fmt"
	"time"
)

// Unit is what is counted.
type Unit string

// The units.
const (
	Messages   Unit = "messages"
	Recipients Unit = "recipients" // of each message, as a table with one row per recipient has it
)

// Window says which part of a sender's history counts, and how much of it makes the sender prevalent.
type Window struct {
	Before     time.Duration `json:"before"`     // how far back, from now
	Exclude    time.Duration `json:"exclude"`    // how recent is too recent
	Threshold  int           `json:"threshold"`  // prevalent from this many on
	Days       int           `json:"days"`       // and from this many different days (UTC) on
	Age        time.Duration `json:"age"`        // and when the first of these is at least so old
	Unit       Unit          `json:"unit"`       //
	Everything bool          `json:"everything"` // count every direction, outcome and authentication, not only what may build trust
	Own        bool          `json:"own"`        // count what our own people sent instead
	Others     bool          `json:"others"`     // count all but that
	Proven     bool          `json:"proven"`     // of what may build trust, count only what came from proven authors
	Unproven   bool          `json:"unproven"`   // of what may build trust, count only what came without a result
}

// takes says whether the window counts messages of a class.
func (w Window) takes(c class) bool {
	switch {
	case w.Everything:
		return true
	case w.Own:
		return c.own()
	case w.Others:
		return !c.own()
	}
	return c.buildsTrust() && (!w.Proven || c.proven()) && (!w.Unproven || !c.proven())
}

// Ours is the window that asks whether our own people wrote to somebody, linked to a host or showed a picture: no
// part of it is too recent, since nobody outside can send our mail, and once is enough.
func (w Window) Ours() Window {
	return Window{Before: w.Before, Threshold: 1, Unit: Messages, Own: true}
}

// Theirs is the window that Ours is compared with: what others sent, whatever became of it.
func (w Window) Theirs() Window {
	return Window{Before: w.Before, Threshold: 1, Unit: Messages, Others: true}
}

// Kept is the window with all that history holds before the exclusion, of what may build trust.
func (w Window) Kept() Window {
	return Window{Before: Retention, Exclude: w.Exclude, Threshold: 1, Unit: Messages}
}

// Default is the policy above.
func Default() Window {
	return Window{Before: 14 * 24 * time.Hour, Exclude: 24 * time.Hour, Threshold: 2, Days: 2, Age: 48 * time.Hour, Unit: Messages}
}

// Hunt counts as the seven-day hunting query does.
func Hunt() Window {
	return Window{Before: 7 * 24 * time.Hour, Exclude: 24 * time.Hour, Threshold: 2, Unit: Messages, Everything: true}
}

// Rule counts as the detection rule does, one per recipient.
func Rule() Window {
	return Window{Before: 14 * 24 * time.Hour, Exclude: 24 * time.Hour, Threshold: 2, Unit: Recipients, Everything: true}
}

// Check says what is wrong with a window, given how long history is kept.
func (w Window) Check(retention time.Duration) error {
	switch {
	case w.Exclude < 0 || w.Before <= w.Exclude:
		return fmt.Errorf("the window must reach back further (%v) than what it excludes (%v), and neither may be negative", w.Before, w.Exclude)
	case w.Before > retention:
		return fmt.Errorf("the window reaches back %v, but history is kept for %v only", w.Before, retention)
	case w.Threshold < 1:
		return fmt.Errorf("the threshold is %d; it must be at least 1", w.Threshold)
	case w.Days < 0 || w.Age < 0 || w.Age > w.Before || time.Duration(w.Days-1)*24*time.Hour > w.Before-w.Exclude:
		return fmt.Errorf("nobody can have written on %d days, first at least %s ago, within the window %v; lower days or age, or lengthen the window", w.Days, span(w.Age), w)
	case w.Unit != Messages && w.Unit != Recipients:
		return fmt.Errorf("the unit is %q; write %q or %q", string(w.Unit), Messages, Recipients)
	}
	return nil
}

// String is the window as the header field shows it: "14d-1d".
func (w Window) String() string { return span(w.Before) + "-" + span(w.Exclude) }

func span(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d > 0 && d%unit.size == 0 {
			return fmt.Sprintf("%d%s", d/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// edges are the first and the last second of the window.
func (w Window) edges(now time.Time) (from, to int64) {
	return now.Add(-w.Before).Unix(), now.Add(-w.Exclude).Unix()
}

// Counts is what a window holds of one sender.
type Counts struct {
	Messages   int       `json:"messages"`
	Recipients int       `json:"recipients"`
	Days       int       `json:"days"`           // distinct days, UTC
	First      time.Time `json:"first,omitzero"` // UTC; zero when nothing was counted; the hour's begin where hours are kept
	Last       time.Time `json:"last,omitzero"`
	FirstBy    time.Time `json:"-"` // the latest that the first can have come: First, or the end of its hour
}

// Prevalent applies the window's threshold to what it counted.
func (w Window) Prevalent(c Counts, now time.Time) bool {
	counted := c.Messages
	if w.Unit == Recipients {
		counted = c.Recipients
	}
	return counted >= w.Threshold && c.Days >= w.Days && (w.Age == 0 || now.Sub(c.FirstBy) >= w.Age)
}

// AgeDays is how many days ago the first counted message came, at least; -1 when there was none.
func (c Counts) AgeDays(now time.Time) int {
	if c.Messages == 0 {
		return -1
	}
	return max(int(now.Sub(c.FirstBy)/(24*time.Hour)), 0)
}
