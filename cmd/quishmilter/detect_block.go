package main

import (
	"context"
	"time"

	"quishmilter/journal"
)

// entryOf says which kind of block entry a detection's word means.
var entryOf = map[string]journal.EntryKind{"host": journal.ByHost, "client": journal.ByNetwork, "picture": journal.ByPicture}

// block makes a block entry that ends by itself. One that holds longer already, a person's above all, stays as it is.
func (f *filter) block(ctx context.Context, kind, value string, until time.Time, comment string) error {
	e, err := journal.Entry{List: journal.Block, Kind: entryOf[kind], Value: value, Until: until.UTC().Truncate(time.Second),
		Comment: comment, By: "detection", Added: time.Now()}.Check()
	if err != nil {
		return err
	}
	all, err := f.entries.Entries(ctx)
	if err != nil {
		return err
	}
	for _, known := range all {
		if known.Name() == e.Name() && (known.Until.IsZero() || !known.Until.Before(e.Until)) {
			return nil
		}
	}
	if e, err = f.entries.PutEntry(ctx, e); err == nil {
		f.log.EntryAdded(e)
	}
	return err
}
