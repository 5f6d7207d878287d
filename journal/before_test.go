package journal

import (
	"slices"
	"testing"
	"time"
)

func TestBeforeIsTheNextPage(t *testing.T) {
	j, _ := newJournal(t)
	var want []string
	for n := range page + 10 {
		e := plainEvent(noon.Add(time.Duration(n) * time.Millisecond / 4)) // several in a millisecond
		add(t, j, e)
		want = append(want, e.ID)
	}
	slices.Sort(want)
	slices.Reverse(want)
	got := want[:1:1]
	for {
		var next []string
		if err := j.Before(got[len(got)-1], func(e Event) bool { next = append(next, e.ID); return len(next) < 7 }); err != nil {
			t.Fatal(err)
		}
		if got = append(got, next...); len(next) < 7 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d events in pages, want %d", len(got), len(want))
	}
	if err := j.Before("x", func(Event) bool { return true }); err == nil {
		t.Error("a page before no event")
	}
}
