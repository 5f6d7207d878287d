package prevalence

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quishmilter/state"
)

// TestDamagedPagesAreErrorsOrSafeAnswers overwrites every page of a file in turn. It then opens with a clear error, or
// answers: no question and no record may panic, hang, or find more than there was.
func TestDamagedPagesAreErrorsOrSafeAnswers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	db, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := New(db, 0)
	var records []Record
	for i := range 300 {
		records = append(records, Record{Time: now.Add(-72 * time.Hour), From: fmt.Sprintf("somebody%d@a.example", i), Recipients: 1})
	}
	add(t, s, records...)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole = whole[:min(len(whole), 64*os.Getpagesize())]
	for page := 0; page*os.Getpagesize() < len(whole); page++ {
		spoilt := append([]byte(nil), whole...)
		for i := page * os.Getpagesize(); i < (page+1)*os.Getpagesize() && i < len(spoilt); i++ {
			spoilt[i] ^= 0x5a
		}
		damaged := filepath.Join(t.TempDir(), "state.db")
		if err := os.WriteFile(damaged, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		askDamaged(t, damaged, page)
	}
}

func askDamaged(t *testing.T, path string, page int) {
	db, err := state.Open(path, state.Options{})
	if err != nil {
		if !errors.Is(err, state.ErrDamaged) && !errors.Is(err, state.ErrForeign) {
			t.Errorf("page %d: %v", page, err)
		}
		return
	}
	defer db.Close()
	s := New(db, 0)
	for i := range 300 {
		got, err := s.Count(fmt.Sprintf("somebody%d@a.example", i), now, Default())
		if err == nil && got.Messages > 1 || err != nil && (!errors.Is(err, state.ErrDamaged) || !strings.Contains(err.Error(), "quishmilter restore FILE")) {
			t.Errorf("page %d: %+v, %v", page, got, err)
		}
	}
	err = db.Update(context.Background(), func(tx *state.Tx) error { // an error is as good as success
		return s.Add(tx, Record{Time: now, From: "new@a.example", Recipients: 1})
	})
	if err != nil && !errors.Is(err, state.ErrDamaged) {
		t.Errorf("page %d: %v", page, err)
	}
	calls, end := 0, false
	for ; !end && calls < 1000; calls++ { // what can be read expires
		if end, err = s.Expire(t.Context(), now, 100); err != nil && !errors.Is(err, state.ErrDamaged) {
			t.Errorf("page %d: %v", page, err)
		}
	}
	if !end {
		t.Errorf("page %d: expiry comes to no end", page)
	}
}

// TestAClockThatStepsBackwards: nothing is lost, and nothing counts before its time.
func TestAClockThatStepsBackwards(t *testing.T) {
	s, _ := newStore(t)
	add(t, s, ago(-400*24*time.Hour), ago(72*time.Hour), ago(73*time.Hour)) // the clock was a year ahead, and was set right
	if got := count(t, s, "x@a.example", now, Default()); got.Messages != 2 {
		t.Errorf("counted %+v", got)
	}
	expireAll(t, s)
	if got := count(t, s, "x@a.example", now.Add(401*24*time.Hour), Default()); got.Messages != 0 {
		t.Errorf("what lay in the future stays: %+v", got)
	}
	if got := count(t, s, "x@a.example", now, Default()); got.Messages != 2 {
		t.Errorf("after expiry %+v", got)
	}
}
