package prevalence

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// sent is one recipient's row of a message, hours from now.
type sent struct {
	hours          float64
	message        string
	from, to       string
	outbound       bool
	held, rejected bool
}

func in(hours float64, message, to string) sent {
	return sent{hours: hours, message: message, from: "x@a", to: to}
}

type vector struct {
	name       string
	sent       []sent
	links      []string // in codes of message m
	hunt, rule string   // rows, space between fields, comma between rows
}

// vectors are worked cases of the two hunting queries that the presets are named after: what passed, the links in
// codes of message m, and the rows that hunt (from, link, message) and rule (link, message, recipient) find.
var vectors = []vector{
	{"a new sender", []sent{in(-1, "m", "r1")}, link, "x@a L m", "L m r1"},
	{"one earlier, to one", []sent{in(-72, "o", "r1"), in(-1, "m", "r1")}, link, "x@a L m", "L m r1"},
	{"one earlier, to two", []sent{in(-72, "o", "r1"), in(-72, "o", "r2"), in(-1, "m", "r1")}, link, "x@a L m", ""},
	{"two earlier", []sent{in(-72, "o", "r1"), in(-73, "p", "r1"), in(-1, "m", "r1")}, link, "", ""},
	{"two, 10 days ago", []sent{in(-240, "o", "r1"), in(-241, "p", "r1"), in(-1, "m", "r1")}, link, "x@a L m", ""},
	{"two, 15 days ago", []sent{in(-360, "o", "r1"), in(-361, "p", "r1"), in(-1, "m", "r1")}, link, "x@a L m", "L m r1"},
	{"two, exactly 24 hours ago", []sent{in(-24, "o", "r1"), in(-24, "p", "r1"), in(-1, "m", "r1")}, link, "", ""},
	{"a burst of fifty in five hours", append(burst(), in(-1, "m", "r1")), link, "x@a L m", "L m r1"},
	{"history in other case", []sent{spelled("X@A", -72, "o"), spelled("X@A", -73, "p"), in(-1, "m", "r1")}, link, "x@a L m", "L m r1"},
	{"history only outbound", []sent{{hours: -72, message: "o", from: "x@a", to: "z", outbound: true}, {hours: -73, message: "p", from: "x@a", to: "z", outbound: true}, in(-1, "m", "r1")}, link, "", ""},
	{"history all quarantined", []sent{{hours: -72, message: "o", from: "x@a", to: "r1", held: true}, {hours: -73, message: "p", from: "x@a", to: "r1", held: true}, in(-1, "m", "r1")}, link, "", ""},
	{"itself quarantined", []sent{{hours: -1, message: "m", from: "x@a", to: "r1", held: true}}, link, "x@a L m", "L m r1"},
	{"itself blocked", []sent{{hours: -1, message: "m", from: "x@a", to: "r1", rejected: true}}, link, "x@a L m", ""},
	{"itself outbound", []sent{{hours: -1, message: "m", from: "x@a", to: "r1", outbound: true}}, link, "", "L m r1"},
	{"an empty From", []sent{{hours: -1, message: "m", to: "r1"}}, link, " L m", "L m r1"},
	{"itself 30 hours ago, to one", []sent{in(-30, "m", "r1")}, link, "", "L m r1"},
	{"itself 30 hours ago, to two", []sent{in(-30, "m", "r1"), in(-30, "m", "r2")}, link, "", ""},
	{"two links to three", []sent{in(-1, "m", "r0"), in(-1, "m", "r1"), in(-1, "m", "r2")}, []string{"L1", "L2"},
		"x@a L1 m,x@a L2 m", "L1 m r0,L1 m r1,L1 m r2,L2 m r0,L2 m r1,L2 m r2"},
	{"a link in the text, no code", []sent{in(-1, "m", "r1")}, nil, "", ""},
}

var link = []string{"L"}

func spelled(from string, hours float64, message string) sent {
	return sent{hours: hours, message: message, from: from, to: "r1"}
}

func burst() (all []sent) {
	for i := range 50 {
		all = append(all, in(-5+0.05*float64(i), fmt.Sprintf("b%d", i), fmt.Sprintf("r%d", i)))
	}
	return all
}

func TestTheWorkedCasesOfTheHuntingQueries(t *testing.T) {
	for _, v := range vectors {
		s, _ := newStore(t)
		for _, r := range recordsOf(v.sent) {
			add(t, s, r)
		}
		deriveAll(t, s)
		if got := v.find(t, s, Hunt(), 24*time.Hour, huntRow); got != v.hunt {
			t.Errorf("%s: hunt finds %q, want %q", v.name, got, v.hunt)
		}
		if got := v.find(t, s, Rule(), 48*time.Hour, ruleRow); got != v.rule {
			t.Errorf("%s: rule finds %q, want %q", v.name, got, v.rule)
		}
	}
}

func deriveAll(t testing.TB, s *Store) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.Derive(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
	}
}

// recordsOf makes one record of a message's rows.
func recordsOf(rows []sent) (records []Record) {
	at := map[string]int{}
	for _, row := range rows {
		if i, known := at[row.message]; known {
			records[i].Recipients++
			continue
		}
		at[row.message] = len(records)
		r := Record{Time: now.Add(time.Duration(row.hours * float64(time.Hour))), From: Key(row.from), Spelling: row.from, Recipients: 1}
		switch {
		case row.outbound:
			r.Direction = Outbound
		case row.held:
			r.Outcome = Held
		case row.rejected:
			r.Outcome = Rejected
		}
		records = append(records, r)
	}
	return records
}

func huntRow(s sent, link string) string {
	if s.outbound {
		return ""
	}
	return s.from + " " + link + " " + s.message
}

func ruleRow(s sent, link string) string {
	if s.rejected {
		return ""
	}
	return link + " " + s.message + " " + s.to
}

// find does what a query does beside asking for prevalence: candidates newer than a time (exclusive) with a code.
func (v vector) find(t *testing.T, s *Store, w Window, newer time.Duration, row func(sent, string) string) string {
	var rows []string
	for _, candidate := range v.sent {
		counts, err := s.CountOf(Exact, candidate.from, now, w)
		if err != nil {
			t.Fatal(err)
		}
		if candidate.message != "m" || -candidate.hours >= newer.Hours() || w.Prevalent(counts, now) {
			continue
		}
		for _, l := range v.links {
			if r := row(candidate, l); r != "" {
				rows = append(rows, r)
			}
		}
	}
	slices.Sort(rows)
	return strings.Join(slices.Compact(rows), ",")
}
