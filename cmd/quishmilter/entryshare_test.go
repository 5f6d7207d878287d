package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"quishmilter/journal"
)

// A store that is away is said once, by the histories; that entries alone cannot be shared is said once, and when they can.
func TestEntriesSayNothingOfAStoreThatIsAway(t *testing.T) {
	var log bytes.Buffer
	away := true
	s := &entryShare{log: journal.NewLog(&log, journal.Text, ""), away: func() bool { return away }}
	gone := errors.New("connection refused")
	for range 10 {
		s.told(t.Context(), gone)
	}
	s.told(t.Context(), nil)
	if log.Len() > 0 {
		t.Errorf("the store is away, and it says %q", log.String())
	}
	away = false
	for range failedLeast - 1 { // the histories may not know it yet
		s.told(t.Context(), gone)
	}
	if log.Len() > 0 {
		t.Errorf("at once it says %q", log.String())
	}
	for range 5 {
		s.told(t.Context(), gone)
	}
	for range 2 {
		s.told(t.Context(), nil)
	}
	for _, line := range []string{"allow and block entries cannot be shared now", "allow and block entries are shared again"} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("%d times %q in %q", n, line, log.String())
		}
	}
}
