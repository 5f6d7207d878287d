package prevalence

import (
	"testing"
	"time"
)

// TestThePresetsAgreeWithTheHuntingQueries: which senders the two queries that Hunt and Rule are named after find
// prevalent. (Which candidates they look at is not this package's business.)
func TestThePresetsAgreeWithTheHuntingQueries(t *testing.T) {
	const day = 24 * time.Hour
	message := func(age time.Duration, rcpts int) Record {
		r := ago(age)
		r.Recipients = rcpts
		return r
	}
	burst := make([]Record, 50)
	for i := range burst {
		burst[i] = message(5*time.Hour-time.Duration(i)*3*time.Minute, 1)
	}
	outbound, held := message(3*day, 1), message(3*day, 1)
	outbound.Direction, held.Outcome = Outbound, Held
	cases := []struct {
		name       string
		records    []Record
		hunt, rule bool
	}{
		{"nothing earlier", []Record{message(time.Hour, 1)}, false, false},
		{"one, 3 days ago, to one", []Record{message(3*day, 1)}, false, false},
		{"one, 3 days ago, to two", []Record{message(3*day, 2)}, false, true},
		{"two, 3 days ago", []Record{message(3*day, 1), message(3*day+time.Hour, 1)}, true, true},
		{"two, 10 days ago", []Record{message(10*day, 1), message(10*day+time.Hour, 1)}, false, true},
		{"two, 15 days ago", []Record{message(15*day, 1), message(15*day+time.Hour, 1)}, false, false},
		{"two, exactly 24 hours ago", []Record{message(day, 1), message(day, 1)}, true, true},
		{"a burst in five hours", burst, false, false},
		{"outbound", []Record{outbound, outbound}, true, true},
		{"held", []Record{held, held}, true, true},
		{"itself, 30 hours ago, to one", []Record{message(30*time.Hour, 1)}, false, false},
		{"itself, 30 hours ago, to two", []Record{message(30*time.Hour, 2)}, false, true},
	}
	for _, c := range cases {
		s, _ := newStore(t)
		add(t, s, c.records...)
		if got := Hunt().Prevalent(count(t, s, "x@a.example", now, Hunt())); got != c.hunt {
			t.Errorf("%s: Hunt says %v", c.name, got)
		}
		if got := Rule().Prevalent(count(t, s, "x@a.example", now, Rule())); got != c.rule {
			t.Errorf("%s: Rule says %v", c.name, got)
		}
	}
}
