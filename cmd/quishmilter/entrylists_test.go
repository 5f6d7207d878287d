package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/state"
	"quishmilter/verdict"
)

func openState(t *testing.T) (*state.DB, string) {
	t.Helper()
	folder := t.TempDir()
	db, err := state.Open(filepath.Join(folder, "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, folder
}

// Messages are judged while commands change the lists. What a command added is in force when it returns.
func TestEntriesChangeWhileMailIsJudged(t *testing.T) {
	db, _ := openState(t)
	l := &entryLists{store: journal.NewEntries(db)}
	ctx := context.Background()
	if err := l.use(ctx, nil); err != nil {
		t.Fatal(err)
	}
	matches := func(domain string) bool {
		e := verdict.Evidence{Inbound: true, Sender: verdict.Sender{Address: "a@" + domain}}
		l.Apply(&e, time.Now())
		return len(e.Entries) > 0
	}
	stop := make(chan struct{})
	var judging sync.WaitGroup
	judging.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				matches("d0.example")
			}
		}
	})
	for n := range 20 {
		domain := fmt.Sprintf("d%d.example", n)
		entry := journal.Entry{List: journal.Block, Kind: journal.ByDomain, Value: domain}
		if _, err := l.PutEntry(ctx, entry); err != nil || !matches(domain) {
			t.Errorf("%s is not in force: %v", domain, err)
		}
		if err := l.RemoveEntry(ctx, entry); err != nil || matches(domain) {
			t.Errorf("%s is still in force: %v", domain, err)
		}
	}
	close(stop)
	judging.Wait()
}

// A file's entries stay beside those of the state, and no command takes them off.
func TestEntriesOfFileAndState(t *testing.T) {
	db, _ := openState(t)
	l := &entryLists{store: journal.NewEntries(db)}
	ctx := context.Background()
	file, err := journal.ReadEntries(strings.NewReader("block host a.example\nblock host b.example until=2001-01-01"), "f")
	if err == nil {
		err = l.use(ctx, file)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.PutEntry(ctx, journal.Entry{List: journal.Block, Kind: journal.ByHost, Value: "c.example"}); err != nil {
		t.Fatal(err)
	}
	all, err := l.Entries(ctx)
	if err != nil || len(all) != 2 || all[0].Source != "f:1" || all[1].Value != "c.example" {
		t.Errorf("%+v, %v", all, err)
	}
	if err := l.RemoveEntry(ctx, journal.Entry{List: journal.Block, Kind: journal.ByHost, Value: "a.example"}); !errors.Is(err, journal.ErrEntryOfFile) {
		t.Errorf("%v", err)
	}
	again, err := listsFor(Settings{}, l)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := again.Entries(ctx); err != nil || len(all) != 1 || all[0].Value != "c.example" {
		t.Errorf("for a command without the file: %+v, %v", all, err)
	}
}
