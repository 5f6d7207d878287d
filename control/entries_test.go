package control

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/verdict"
)

func TestEntriesOverTheSocket(t *testing.T) {
	d, path, log := start(t)
	c, ctx := connect(t, path), context.Background()
	sent := journal.Entry{List: journal.Block, Kind: journal.ByHost, Value: "Evil.example", By: "claire", Comment: "seen on Monday",
		Until: noon.Add(time.Hour), Source: "not said by a client", Added: noon.Add(-time.Hour)}
	kept, err := c.PutEntry(ctx, sent)
	want := journal.Entry{List: journal.Block, Kind: journal.ByHost, Value: "evil.example", By: "claire", Comment: "seen on Monday",
		Until: noon.Add(time.Hour), Added: noon, Action: verdict.Quarantine}
	if err != nil || kept != want {
		t.Errorf("%+v, %v", kept, err)
	}
	all, err := c.Entries(ctx)
	if err != nil || len(all) != 1 || all[0] != want {
		t.Errorf("%+v, %v", all, err)
	}
	if stored, err := d.lists.All(ctx, noon); err != nil || len(stored) != 1 {
		t.Errorf("in the state: %+v, %v", stored, err)
	}
	if err := c.RemoveEntry(ctx, kept); err != nil {
		t.Error(err)
	}
	if err := c.RemoveEntry(ctx, kept); !errors.Is(err, journal.ErrNoEntry) {
		t.Errorf("removed twice: %v", err)
	}
	if all, err := c.Entries(ctx); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
	for _, sentence := range []string{"entry added by claire: block host evil.example until 2026-11-21T13:00:00Z, quarantine", "entry removed by claire: block host evil.example"} {
		if !strings.Contains(log.String(), sentence) {
			t.Errorf("the log does not say %q:\n%s", sentence, log)
		}
	}
}

// What a client got past its own check is refused by the daemon.
func TestEntriesAreCheckedByTheDaemon(t *testing.T) {
	d, path, _ := start(t)
	c, ctx := connect(t, path), context.Background()
	for _, bad := range []journal.Entry{
		{List: journal.Allow, Kind: journal.ByHost, Value: "no host"},
		{List: "x", Kind: journal.ByHost, Value: "a.example"},
		{List: journal.Block, Kind: journal.ByHost, Value: "a.example", Until: noon},
	} {
		if _, err := c.PutEntry(ctx, bad); err == nil || strings.Contains(err.Error(), "defect") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if all, err := d.lists.All(ctx, noon.Add(-time.Hour)); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}
