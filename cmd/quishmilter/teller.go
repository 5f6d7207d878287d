package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"quishmilter/journal"
	"quishmilter/notify"
	"quishmilter/state"
)

// teller mails people about held messages: postmaster of the first of each day at once, and of all in a daily digest;
// recipients with the digest, where the settings say so. How far it got is in the state: what Postfix does not take is
// sent later, and nothing twice, unless the daemon is killed between Postfix's answer and the commit after it.
type teller struct {
	*filter
	settings Settings
	out      interface {
		Send(ctx context.Context, m notify.Mail) error
	}
	queue func() keeper // the way to the hold queue; nil when there is none
	zone  *time.Location
	said  func(what, to string, err error) // what became of a mail
}

// tellEvery is how often the teller looks whether something is due, beside being woken by a hold.
const tellEvery = time.Minute

// patience after a failure: doubled each time, up to the longest.
const (
	firstPatience   = time.Minute
	longestPatience = time.Hour
)

// tellPeople runs until ctx ends.
func (f *filter) tellPeople(ctx context.Context) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	patience, next := firstPatience, time.Time{}
	var last *rules
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-f.toTell:
		}
		now, rules := time.Now(), f.rules.Load()
		if rules != last { // perhaps there is another way to Postfix now
			patience, next, last = firstPatience, time.Time{}, rules
		}
		if now.Before(next) && next.Sub(now) <= longestPatience { // a clock that was set back is no reason to wait
			continue
		}
		settings := rules.settings
		if !settings.holds() {
			continue
		}
		t := &teller{filter: f, settings: settings, out: settings.sender(f.noticeKey), queue: f.keeper, zone: time.Local}
		t.said = func(what, to string, err error) { f.noticeDone(what, to, patience, err) }
		if err := t.round(ctx, now); err != nil {
			next, patience = now.Add(patience), min(2*patience, longestPatience)
		} else {
			next, patience = time.Time{}, firstPatience
		}
	}
}

// noticeDone says what became of a mail, in the log and to Prometheus.
func (f *filter) noticeDone(what, to string, again time.Duration, err error) {
	f.metrics.Notice(err)
	switch {
	case err == nil:
		f.log.NoticeSent(what, to)
	case notify.Refused(err) && to != f.rules.Load().settings.Postmaster:
		f.log.NoticeRefused(what, to, err)
	default:
		f.log.NoticeFailed(what, to, again, err)
	}
}

// wakeTeller has it look at once: there is a hold, or the settings are others.
func (f *filter) wakeTeller() {
	select {
	case f.toTell <- struct{}{}:
	default:
	}
}

// round sends what is due. An error says that something is still to be sent.
func (t *teller) round(ctx context.Context, now time.Time) (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.log.Panicked("telling people", p, debug.Stack())
			err = errors.New("a defect")
		}
	}()
	told, err := t.holds.Told()
	if err != nil {
		return err
	}
	if told.Digest.IsZero() || told.Digest.After(now.Add(24*time.Hour)) { // never yet, or by a clock that was wrong
		told.Digest, told.Pending = now, nil
		if err := t.holds.SetTold(ctx, told, nil, now); err != nil {
			return err
		}
	}
	if err := t.first(ctx, &told, now); err != nil {
		return err
	}
	due, on := t.digestDue(now)
	if !on || told.Pending == nil && !told.Digest.Before(due) {
		return nil
	}
	return t.digest(ctx, &told, now)
}

// digestDue is the last time at or before now at which a digest should have gone.
func (t *teller) digestDue(now time.Time) (due time.Time, on bool) {
	hour, minute, on, _ := t.settings.Quarantine.clockTime() // checked at the start
	y, m, d := now.In(t.zone).Date()
	due = time.Date(y, m, d, hour, minute, 0, 0, t.zone)
	if due.After(now) {
		due = time.Date(y, m, d-1, hour, minute, 0, 0, t.zone)
	}
	return due, on
}

const dayForm = "2006-01-02"

// first mails the first hold of a day for which that was not done: today, or yesterday where it came before midnight.
func (t *teller) first(ctx context.Context, told *journal.Told, now time.Time) error {
	y, m, d := now.In(t.zone).Date()
	from := time.Date(y, m, d-1, 0, 0, 0, 0, t.zone)
	if last, err := time.ParseInLocation(dayForm, told.First, t.zone); err == nil && !last.After(now) {
		if next := last.AddDate(0, 0, 1); next.After(from) {
			from = next
		}
	}
	var h journal.Hold
	if err := t.holds.Each(from, func(one journal.Hold) bool { h = one; return false }); err != nil || h.Event == "" || h.Time.Before(from) || h.Time.After(now.Add(time.Hour)) {
		return err
	}
	mail := t.firstMail(h, now)
	if err := t.send(ctx, "the first message of the day on hold, "+h.Event, mail); err != nil {
		return err
	}
	told.First = h.Time.In(t.zone).Format(dayForm)
	return t.holds.SetTold(ctx, *told, nil, now)
}

// send sends one mail and says what became of it.
func (t *teller) send(ctx context.Context, what string, m notify.Mail) error {
	m.From = t.settings.Postmaster
	err := t.out.Send(ctx, m)
	if ctx.Err() != nil && err != nil {
		return err // the program ends; it is sent after the next start
	}
	t.said(what, m.To[0], err)
	return err
}

// digest goes to postmaster and then, one by one, to the recipients; each step is recorded.
func (t *teller) digest(ctx context.Context, told *journal.Told, now time.Time) error {
	if told.Pending == nil {
		told.Pending = &journal.Pending{Until: now}
	}
	facts, err := t.gather(ctx, told.Digest, told.Pending.Until, now)
	if err != nil {
		return err
	}
	if !told.Pending.Postmaster {
		text, announced := t.digestMail(facts)
		if facts.worthTelling() {
			if err := t.send(ctx, fmt.Sprintf("digest, %d new on hold, %d announced", len(facts.fresh), len(announced)), text); err != nil {
				return err
			}
		}
		told.Pending.Postmaster = true
		if err := t.holds.SetTold(ctx, *told, announced, now); err != nil {
			return err
		}
	}
	if t.settings.Quarantine.Recipients {
		if err := t.tellRecipients(ctx, told, facts, now); err != nil {
			return err
		}
	}
	told.Digest, told.Pending = told.Pending.Until, nil
	return t.holds.SetTold(ctx, *told, nil, now)
}

// tellRecipients goes on after the last who was told. One whose address is refused for good is left out.
func (t *teller) tellRecipients(ctx context.Context, told *journal.Told, facts digestFacts, now time.Time) error {
	for _, r := range facts.recipients() {
		if r.address <= told.Pending.After {
			continue
		}
		if err := t.send(ctx, messages(len(r.held))+" on hold", t.recipientMail(r, now)); err != nil && !notify.Refused(err) {
			return err
		}
		told.Pending.After = r.address
		if err := t.holds.SetTold(ctx, *told, nil, now); err != nil {
			return err
		}
	}
	return nil
}

// keyOfNotices is the installation's key, made at the first start. Where it cannot be kept, for want of room, it is good
// until the next start.
func keyOfNotices(ctx context.Context, db *state.DB, log *journal.Log) (key notify.Key) {
	name := []byte("key")
	bucket := func(tx *state.Tx) *state.Bucket { return tx.Bucket("notify") }
	err := db.View(func(tx *state.Tx) error {
		key = bytes.Clone(bucket(tx).Get(name))
		return nil
	})
	if err != nil || len(key) > 0 {
		return key
	}
	key = notify.NewKey()
	if err := db.Update(ctx, func(tx *state.Tx) error { return bucket(tx).Put(name, key) }); err != nil {
		log.StateFailed(err)
	}
	return key
}
