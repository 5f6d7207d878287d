package prevalence

import (
	"testing"
	"time"
)

// wave is the row of a host that others sent, our own people three minutes later, and then others again and again, until
// nothing of the first mail is left but the sum of its hour.
func wave(begin time.Time, more int) (r row) {
	theirs, ours := Record{Outcome: Held}.class(), Record{Direction: Outbound}.class()
	add := func(after time.Duration, c class) {
		r = r.add(entry{at: begin.Add(after).Unix(), class: c, messages: 1, recipients: 1}).compact()
	}
	add(0, theirs)
	add(3*time.Minute, ours)
	for i := range more {
		add(5*time.Minute+time.Duration(7*i)*time.Second, theirs)
	}
	return r
}

func TestAnHourHidesNobodyAndMakesNobodyFirst(t *testing.T) {
	begin := now.Truncate(time.Hour).Add(5 * time.Minute)
	for _, more := range []int{0, 20, maxExact - 2, maxExact - 1, maxExact, maxExact + 11} {
		r := wave(begin, more)
		for _, at := range []time.Time{begin.Add(15 * time.Minute), begin.Add(2 * time.Hour)} {
			ours, theirs := r.counts(Default().Kept().Ours(), at, nil), r.counts(Default().Kept().Theirs(), at, nil)
			if ours.Messages != 1 || theirs.Messages != more+1 || !theirs.First.Before(ours.FirstBy) || ours.First.After(ours.FirstBy) {
				t.Errorf("%d more, at %v: ours %+v, theirs %+v", more, at, ours, theirs)
			}
		}
	}
}

func TestAnHourIsAsOldAsItsEnd(t *testing.T) {
	begin := now.Truncate(24 * time.Hour)
	r := row{{at: begin.Unix(), grain: hour, messages: 5, recipients: 5}}
	r = r.add(entry{at: begin.Add(24 * time.Hour).Unix(), messages: 1, recipients: 1})
	end := begin.Add(time.Hour - time.Second)
	for _, c := range []struct {
		at        time.Time
		prevalent bool
		days      int
	}{
		{begin.Add(48 * time.Hour), false, 1}, {end.Add(48*time.Hour - time.Second), false, 1}, {end.Add(48 * time.Hour), true, 2},
	} {
		got := r.counts(Default(), c.at, nil)
		if got.Messages != 6 || Default().Prevalent(got, c.at) != c.prevalent || got.AgeDays(c.at) != c.days {
			t.Errorf("at %v: %+v, %d days", c.at, got, got.AgeDays(c.at))
		}
	}
}

// The second that is known exactly bounds the hour in which it lies.
func TestTheFirstOfAnHourIsNoLaterThanASecondInIt(t *testing.T) {
	at := now.Truncate(time.Hour)
	r := row{{at: at.Unix(), grain: hour, messages: 1, recipients: 1}}.add(entry{at: at.Unix() + 60, messages: 1, recipients: 1})
	if got := r.counts(Window{Before: time.Hour, Everything: true}, at.Add(time.Minute), nil); got.Messages != 2 || !got.First.Equal(at) || !got.FirstBy.Equal(at.Add(time.Minute)) {
		t.Errorf("%+v", got)
	}
}

func TestHoursAtTheEdgesOfTheWindow(t *testing.T) {
	hourAt := now.Truncate(time.Hour)
	r := row{{at: hourAt.Unix(), grain: hour, class: Record{}.class(), messages: 3, recipients: 3}}
	w := Window{Before: 10 * time.Hour, Unit: Messages}
	recent := w
	recent.Exclude = time.Hour
	for name, c := range map[string]struct {
		w    Window
		at   time.Time
		want int
	}{
		"running":                         {w, hourAt, 3},
		"a clock that is behind":          {w, hourAt.Add(-time.Second), 0},
		"partly too recent":               {recent, hourAt.Add(2*time.Hour - 2*time.Second), 0},
		"just old enough":                 {recent, hourAt.Add(2*time.Hour - time.Second), 3},
		"wholly in the window":            {w, hourAt.Add(10 * time.Hour), 3},
		"partly too old":                  {w, hourAt.Add(10*time.Hour + time.Second), 0},
		"of others, partly too old":       {w.Theirs(), hourAt.Add(11*time.Hour - time.Second), 3},
		"of others, wholly too old":       {w.Theirs(), hourAt.Add(11 * time.Hour), 0},
		"everything, the running hour":    {Window{Before: time.Hour, Everything: true}, hourAt, 3},
		"a preset, too recent as a whole": {Hunt(), hourAt.Add(24 * time.Hour), 0},
	} {
		if got := r.counts(c.w, c.at, nil); got.Messages != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTheEarlierOfTwoAnswersIsNotLost(t *testing.T) {
	early := Counts{Messages: 1, First: now.Add(-time.Hour), FirstBy: now.Add(-time.Hour)}
	many := Counts{Messages: 5, First: now, FirstBy: now}
	for _, got := range []Counts{early.or(many), many.or(early)} {
		if got.Messages != 5 || !got.First.Equal(early.First) || !got.FirstBy.Equal(now) {
			t.Errorf("%+v", got)
		}
	}
	if got := many.or(Counts{}); got != many {
		t.Errorf("with nothing: %+v", got)
	}
}

// flood is what somebody sends who forges an address: every hour for a month, with several outcomes.
func flood() (m model) {
	for hours := range 30 * 24 {
		for outcome := range Deferred {
			m = append(m, Record{Time: now.Add(-time.Duration(hours) * time.Hour), From: "x@a.example", Recipients: 1, Outcome: outcome})
		}
	}
	return m
}

// proven is what the one who is forged has sent, and our own people in his name.
func proven() (m model) {
	for i := range maxExact {
		m = append(m, Record{Time: now.Add(-time.Duration(i)*7*time.Hour - 11*time.Second), From: "x@a.example", Recipients: 1, Auth: AuthPass, Direction: Direction(i % 2)})
	}
	return m
}

// asksProven compares answers about what is proven, and what is ours, with a plain slice, to the second.
func asksProven(t *testing.T, s *Store, m model) {
	t.Helper()
	w := Default()
	w.Proven = true
	for _, r := range m {
		for _, beside := range []time.Duration{-time.Second, 0, time.Second} {
			for _, w := range []Window{w, w.Ours()} {
				at := r.Time.Add(w.Exclude + beside)
				got, err := s.Count("x@a.example", at, w)
				for s.Away() && t.Context().Err() == nil { // a busy machine may miss the 50 ms
					s.Connect(t.Context())
					got, err = s.Count("x@a.example", at, w)
				}
				if want := m.counts(at, w); err != nil || got != want {
					t.Fatalf("window %+v at %v: got %+v, want %+v, %v", w, at, got, want, err)
				}
			}
		}
	}
}

func TestAFloodMakesNoProvenHistoryCoarser(t *testing.T) {
	s, _ := newStore(t)
	add(t, s, proven()...)
	add(t, s, flood()...)
	asksProven(t, s, proven())
}
