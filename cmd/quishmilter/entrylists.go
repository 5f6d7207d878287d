package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/verdict"
)

// entryLists are the allow and block entries in force: those that commands added, which the state keeps, and those of
// a file. What a command changes holds for the next message.
type entryLists struct {
	store   *journal.Entries // nil: a file alone
	changed chan struct{}    // has room for one; told when a command changed something; nil: nobody wants to know
	mu      sync.Mutex       // one change at a time, so that the last one stays in force
	file    []journal.Entry
	set     atomic.Pointer[journal.EntrySet]
}

// tell lets other hosts know soon.
func (l *entryLists) tell() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// Apply notes in the evidence what the lists say.
func (l *entryLists) Apply(e *verdict.Evidence, now time.Time) { l.set.Load().Apply(e, now) }

// WantsPictures tells whether an entry names a picture.
func (l *entryLists) WantsPictures() bool { return l.set.Load().WantsPictures() }

// use puts the entries of a file beside those of the state.
func (l *entryLists) use(ctx context.Context, file []journal.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.file
	l.file = file
	err := l.renew(ctx)
	if err != nil {
		l.file = before
	}
	return err
}

// renew reads the state's entries again.
func (l *entryLists) renew(ctx context.Context) error {
	all, err := l.all(ctx)
	if err == nil {
		l.set.Store(journal.NewEntrySet(all))
	}
	return err
}

func (l *entryLists) all(ctx context.Context) ([]journal.Entry, error) {
	now := time.Now()
	all := slices.DeleteFunc(slices.Clone(l.file), func(e journal.Entry) bool { return e.Expired(now) })
	if l.store == nil {
		return all, nil
	}
	kept, err := l.store.All(ctx, now)
	return append(all, kept...), err
}

// Entries are all that are in force.
func (l *entryLists) Entries(ctx context.Context) ([]journal.Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all(ctx)
}

// PutEntry makes an entry durable, and has it in force when it returns.
func (l *entryLists) PutEntry(ctx context.Context, e journal.Entry) (journal.Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := l.store.Put(ctx, e)
	if err != nil {
		return e, err
	}
	l.tell()
	return e, l.renew(ctx)
}

// merge puts in force what other hosts changed.
func (l *entryLists) merge(ctx context.Context, records []journal.EntryRecord, now time.Time) (journal.Merged, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	merged, err := l.store.Merge(ctx, records, now)
	if err != nil {
		return merged, err
	}
	return merged, l.renew(ctx)
}

// RemoveEntry takes one off. Those of the file are the file's.
func (l *entryLists) RemoveEntry(ctx context.Context, e journal.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.store.Remove(ctx, e)
	if n := slices.IndexFunc(l.file, func(f journal.Entry) bool { return f.Name() == e.Name() }); err != nil && n >= 0 {
		return fmt.Errorf("%w (%s)", journal.ErrEntryOfFile, l.file[n].Source)
	}
	if err != nil {
		return err
	}
	l.tell()
	return l.renew(ctx)
}

// readEntryFile reads the file that the setting "entries" names.
func readEntryFile(name string) ([]journal.Entry, error) {
	if name == "" {
		return nil, nil
	}
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return journal.ReadEntries(in, name)
}

// listsFor are the lists for a command that judges by itself: the entries of the file, and those that a state keeps,
// where there is one.
func listsFor(s Settings, kept control.EntrySource) (*entryLists, error) {
	all, err := readEntryFile(s.Entries)
	if err == nil && kept != nil {
		var more []journal.Entry
		more, err = kept.Entries(context.Background())
		// A daemon's answer holds the entries of its own file too.
		all = append(all, slices.DeleteFunc(more, func(e journal.Entry) bool { return e.Source != "" })...)
	}
	l := &entryLists{}
	if err != nil {
		return l, fmt.Errorf("allow and block entries: %w", err)
	}
	return l, l.use(context.Background(), all)
}
