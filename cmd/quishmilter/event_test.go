package main

import (
	"path/filepath"
	"testing"
	"time"

	"quishmilter/inspect"
	"quishmilter/prevalence"
	"quishmilter/state"
	"quishmilter/verdict"
)

// A held message counts once a person has released it, by its event's id, at the time when it came.
func TestAHeldMessageIsReleasedByItsEvent(t *testing.T) {
	db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f := &filter{db: db, history: prevalence.New(db, 0)}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	r := inspect.Report{Record: prevalence.Record{Time: now.Add(-48 * time.Hour), From: "x@a.example", Recipients: 1}, Decision: verdict.Decision{Action: verdict.Quarantine}}
	record := recordOf(r, "EVENT")
	if err := db.Update(t.Context(), func(tx *state.Tx) error { return f.history.Add(tx, record) }); err != nil {
		t.Fatal(err)
	}
	for want := range 2 {
		if got, err := f.history.Count("x@a.example", now, prevalence.Default()); err != nil || got.Messages != want {
			t.Errorf("%+v, %v, want %d", got, err, want)
		}
		if err := f.history.Release(t.Context(), "EVENT"); want == 0 && err != nil || want == 1 && err == nil {
			t.Errorf("release %d: %v", want+1, err)
		}
	}
}
