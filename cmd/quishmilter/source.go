package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"quishmilter/alert"
	"quishmilter/control"
	"quishmilter/identity"
	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/journal/table"
	"quishmilter/prevalence"
	"quishmilter/state"
)

// records answers questions about the state: in the daemon for the control socket, and in a command by itself when no
// daemon runs.
type records struct {
	db      *state.DB
	history *prevalence.Store
	events  *journal.Journal
	holds   *journal.Holds
	alerts  *alert.Store
	*entryLists
	judge   func() *inspect.Inspector // how authors are judged
	alone   bool                      // no daemon works off what waits
	failing func() bool               // in the daemon: whether the last record could not be written
	ready   func() error              // likewise: nil while new mail is taken
}

// Sender says what is known of an address, and judges it as a message from it would be.
func (r *records) Sender(_ context.Context, address string, now time.Time) (control.Sender, error) {
	judge := r.judge()
	w := judge.Window
	key, spelling := prevalence.ReadAddress(address)
	s := control.Sender{Address: address, Key: key, Window: w.String(), Threshold: w.Threshold, Days: w.Days, Age: Duration(w.Age).String(), Unit: string(w.Unit)}
	all := prevalence.Window{Before: prevalence.Retention, Threshold: 1, Unit: w.Unit, Everything: true}
	counts, err := r.history.Counts(now, judge.Asked(key, spelling, identity.Pass), judge.Asked(key, spelling, identity.None), prevalence.Question{Key: key, Window: all})
	if err != nil {
		return s, err
	}
	s.Counted, s.Unproven, s.All = counts[0], counts[1], counts[2]
	author := identity.Author{Address: spelling, Key: key}
	s.Prevalent, s.PrevalentUnproven = judge.Prevalent(author, identity.Pass, s.Counted, now), judge.Prevalent(author, identity.None, s.Unproven, now)
	if s.Histories, s.More, err = r.history.Histories(address, now); err != nil {
		return s, err
	}
	s.History, err = historyOf(r.history, w, now)
	return s, err
}

// Counts says what windows hold of histories.
func (r *records) Counts(now time.Time, questions ...prevalence.Question) ([]prevalence.Counts, error) {
	return r.history.Counts(now, questions...)
}

// History says how far back history reaches.
func (r *records) History(context.Context) (control.History, error) {
	return historyOf(r.history, r.judge().Window, time.Now())
}

// Forget removes every history of an address.
func (r *records) Forget(ctx context.Context, address string) (prevalence.Forgotten, error) {
	return r.history.Forget(ctx, address)
}

// Learn adds records in one commit, and says how many of them were known already.
func (r *records) Learn(ctx context.Context, list []prevalence.Record) (known int, err error) {
	err = r.db.Update(ctx, func(tx *state.Tx) error {
		known = 0 // the function may run twice
		for _, record := range list {
			if r.history.Repeats(tx, record) {
				known++
				continue
			}
			if err := r.history.Add(tx, record); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && r.alone {
		err = r.history.CatchUp(ctx)
	}
	return known, err
}

// Events answers a query, newest first.
func (r *records) Events(_ context.Context, q control.Query) ([]journal.Event, error) {
	switch {
	case q.ID != "":
		e, err := r.events.Get(q.ID)
		return []journal.Event{e}, err
	case q.QueueID != "":
		return r.events.ByQueueID(q.QueueID)
	}
	var list []journal.Event
	take := func(e journal.Event) bool {
		list = append(list, e)
		return len(list) < q.Limit
	}
	var err error
	if q.Before != "" {
		err = r.events.Before(q.Before, take)
	} else {
		err = r.events.Each(time.Time{}, time.Now().Add(time.Hour), take)
	}
	return list, err
}

// Hunt returns a page of events.
func (r *records) Hunt(ctx context.Context, f journal.Filter, from string) (journal.Found, error) {
	return r.events.Find(ctx, f, from)
}

// Preset returns a page of a founding query's answer.
func (r *records) Preset(ctx context.Context, name string, now time.Time, from string) (journal.Answer, error) {
	p, known := table.PresetNamed(name)
	if !known {
		return journal.Answer{}, control.UnknownPreset(name)
	}
	return r.events.Preset(ctx, p, now, from)
}

// Picture returns what a code looked like.
func (r *records) Picture(_ context.Context, id string, code int) ([]byte, error) {
	return r.events.Picture(id, code)
}

// Findings returns what detections found.
func (r *records) Findings(context.Context) ([]journal.Finding, error) { return r.events.Findings() }

// Health is nil when the state can be read, and written as far as the last message showed.
func (r *records) Health(context.Context) error {
	if r.failing != nil && r.failing() {
		return errors.New("the last record could not be written to the state")
	}
	return r.db.View(func(*state.Tx) error { return nil })
}

// Ready is nil while new mail is taken.
func (r *records) Ready(context.Context) error {
	if r.ready == nil {
		return errors.New("no daemon runs")
	}
	return r.ready()
}

// Backup writes a copy of the state.
func (r *records) Backup(_ context.Context, w io.Writer) error {
	_, err := r.db.WriteBackup(w)
	return err
}

// client lets the daemon be asked through the same methods.
type client struct{ *control.Client }

// source is where a command gets its answers from.
type source interface {
	Sender(ctx context.Context, address string, now time.Time) (control.Sender, error)
	Forget(ctx context.Context, address string) (prevalence.Forgotten, error)
	Learn(ctx context.Context, records []prevalence.Record) (known int, err error)
	Events(ctx context.Context, query control.Query) ([]journal.Event, error)
	control.BackupSource
	control.EntrySource
	control.HuntSource
	control.HoldSource
	control.AlertSource
}

// openSource asks the running daemon, or opens the state when none runs. A command that only reads makes no state.
func openSource(s Settings, create bool) (source, func(), error) {
	return sourceWith(s, create, lookStore)
}

// notAMember says what a user lacks who may not ask the daemon.
func (s Settings) notAMember() error {
	way := "set control_group to a group of this user"
	if id, err := groupID(s.ControlGroup); err == nil && s.ControlGroup != "" {
		groups, _ := os.Getgroups()
		way = fmt.Sprintf("make this user a member of the group %s (control_group)", s.ControlGroup)
		if slices.Contains(append(groups, os.Getegid()), id) {
			way = fmt.Sprintf("let the group %s (control_group) reach the folder it lies in", s.ControlGroup)
		}
	}
	return fmt.Errorf("this user may not ask the daemon on %s: %s, or ask as root", s.control(), way)
}

// opening is openStore or lookStore.
type opening func(context.Context, Settings, *state.DB, *journal.Log) (*prevalence.Store, error)

func sourceWith(s Settings, create bool, open opening) (source, func(), error) {
	c, err := control.Dial(s.control())
	if err == nil {
		return client{c}, c.Close, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil, nil, s.notAMember()
	}
	if !errors.Is(err, control.ErrNoDaemon) {
		return nil, nil, err
	}
	if _, err := os.Stat(s.stateFile()); err != nil && !create {
		if errors.Is(err, fs.ErrPermission) {
			return nil, nil, fmt.Errorf("no daemon answers on %s, and the state in %s is not for this user: start the daemon, or ask as root", s.control(), s.State)
		}
		return nil, nil, fmt.Errorf("no daemon answers on %s, and there is no state in %s; name the daemon's configuration with -c", s.control(), s.State)
	}
	db, err := state.Open(s.stateFile(), state.Options{})
	if err != nil {
		return nil, nil, fmt.Errorf("opening the state: %w", err)
	}
	history, err := open(context.Background(), s, db, journal.NewLog(os.Stderr, journal.Text, "quishmilter: "))
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	r := &records{db: db, history: history, events: journal.New(db), holds: journal.NewHolds(db), alerts: alert.New(db), entryLists: &entryLists{store: journal.NewEntries(db)}, judge: s.judge, alone: true}
	if told, err := s.alerting(); err == nil { // what a command closes is told by the daemon, once it runs
		r.alerts.Use(s.Alerts.Window.std(), told.tells)
	}
	done := func() {
		history.Close()
		db.Close()
	}
	file, err := readEntryFile(s.Entries)
	if err == nil {
		err = r.use(context.Background(), file)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return r, done, nil
}
