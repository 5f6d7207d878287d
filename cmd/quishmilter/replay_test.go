package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/prevalence"
	"quishmilter/state"
	"quishmilter/verdict"
)

// A journal of more events than one answer holds is gone through to its end, each event once, over a daemon's socket.
func TestReplayReadsTheWholeJournal(t *testing.T) {
	db, folder := openState(t)
	r := &records{db: db, history: prevalence.New(db, 0), events: journal.New(db), entryLists: &entryLists{store: journal.NewEntries(db)}, judge: defaultSettings().judge}
	const count = 2100
	err := db.Update(context.Background(), func(tx *state.Tx) error {
		for n := range count {
			e := journal.Event{Time: time.Now(), HeaderFrom: "a@b.example", Direction: "inbound", Verdict: "tag", Reasons: []string{"x"}, Scan: "complete",
				Codes:    []journal.CodeEvent{{Kind: "url", Host: "h.example"}},
				Evidence: &verdict.Evidence{Inbound: true, ScanComplete: true, Codes: []verdict.Code{{Kind: "url", Host: fmt.Sprintf("h%d.example", n%3)}}}}
			e.ID = journal.NewID(e.Time.Add(-time.Duration(n) * time.Second / 4))
			if err := r.events.Add(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := control.Listen(filepath.Join(folder, "control.sock"), control.Access{})
	if err != nil {
		t.Fatal(err)
	}
	server := control.NewServer(r, time.Now, journal.NewLog(&bytes.Buffer{}, journal.Text, ""))
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Shutdown(context.Background()) })

	file := writeConfig(t, "[[rule]]\nname = \"third\"\nwhen = 'code.host == \"h1.example\"'\nthen = \"reject\"\n")
	settings := defaultSettings()
	settings.State = folder
	replay, err := newReplay(func() (Settings, error) { return settings, nil }, file, scanFlags{})
	if err == nil {
		err = replay.journal(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := replay.print(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), fmt.Sprintf("%d messages, %d would change\n  tag → reject: %d\n", count, count/3, count/3)) {
		t.Errorf("%.300s … %s", &out, out.String()[max(0, out.Len()-200):])
	}
}
