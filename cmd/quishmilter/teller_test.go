package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/notify"
	"quishmilter/prevalence"
	"quishmilter/state"
)

// mailbox takes mail, or fails.
type mailbox struct {
	mails []notify.Mail
	fails func(to string) error
}

func (m *mailbox) Send(_ context.Context, mail notify.Mail) error {
	if m.fails != nil {
		if err := m.fails(mail.To[0]); err != nil {
			return err
		}
	}
	m.mails = append(m.mails, mail)
	return nil
}

func (m *mailbox) to(address string) (all []notify.Mail) {
	for _, mail := range m.mails {
		if mail.To[0] == address {
			all = append(all, mail)
		}
	}
	return all
}

var zone = time.FixedZone("CET", 3600)

// at is a time of the tests' calendar, in their zone.
func at(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }

type tellerRig struct {
	*teller
	t   *testing.T
	box *mailbox
}

func newTeller(t *testing.T, change func(*Settings)) *tellerRig {
	t.Helper()
	db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := defaultSettings()
	s.Postmaster = "postmaster@example.org"
	change(&s)
	f := &filter{db: db, history: prevalence.New(db, 0), events: journal.New(db), holds: journal.NewHolds(db), log: journal.NewLog(io.Discard, journal.Text, ""), metrics: control.NewMetrics("test")}
	f.rules.Store(&rules{settings: s})
	box, k := &mailbox{}, deleter{keptHolds{&records{db: db, history: f.history, holds: f.holds}, f.log}}
	return &tellerRig{&teller{filter: f, settings: s, out: box, queue: func() keeper { return k }, zone: zone, said: func(string, string, error) {}}, t, box}
}

// hold journals a held message.
func (r *tellerRig) hold(when time.Time, host, subject string, rcpts ...string) string {
	r.t.Helper()
	e := journal.Event{ID: journal.NewID(when), Time: when, QueueID: fmt.Sprintf("4Szm0h1DbTz%dK", len(r.box.mails)+1), HeaderFrom: "security@microsecmfa.com", Rcpts: rcpts, NRcpt: len(rcpts),
		Direction: "inbound", Subject: subject, Verdict: "quarantine", Reasons: []string{"ipfs-gateway"},
		Codes: []journal.CodeEvent{{Kind: "url", URL: "https://" + host + "/x", Payload: "https://" + host + "/x", Host: host}}}
	if err := r.db.Update(r.t.Context(), func(tx *state.Tx) error { return errors.Join(r.holds.Add(tx, e), r.events.Add(tx, e)) }); err != nil {
		r.t.Fatal(err)
	}
	return e.ID
}

func (r *tellerRig) must(now time.Time) {
	r.t.Helper()
	if err := r.round(r.t.Context(), now); err != nil {
		r.t.Fatal(err)
	}
}

var errStopped = errors.New("connection refused")

func TestTheFirstHoldOfADayIsMailedAtOnce(t *testing.T) {
	r := newTeller(t, func(*Settings) {})
	r.must(at(28, 10, 0))
	first := r.hold(at(28, 10, 1), "ipfs.io", "one")
	r.box.fails = func(string) error { return errStopped }
	if err := r.round(t.Context(), at(28, 10, 1)); !errors.Is(err, errStopped) {
		t.Errorf("a failure is forgotten: %v", err)
	}
	r.box.fails = nil
	r.hold(at(28, 10, 2), "ipfs.io", "two")
	for minute := 2; minute < 6; minute++ {
		r.must(at(28, 10, minute))
	}
	if len(r.box.mails) != 1 || !strings.Contains(r.box.mails[0].Body, first) {
		t.Fatalf("%d mails: %+v", len(r.box.mails), r.box.mails)
	}
	late := r.hold(at(29, 23, 59), "ipfs.io", "three") // it is seen only after midnight
	r.must(at(30, 0, 1))
	if n := len(r.box.mails); !strings.Contains(r.box.mails[n-1].Body, late) {
		t.Errorf("the first of the next day: %+v", r.box.mails[n-1])
	}
	for _, live := range []string{"http", "ipfs.io", "microsecmfa.com"} {
		if strings.Contains(r.box.mails[0].Body+r.box.mails[0].Subject, live) {
			t.Errorf("%q can be clicked:\n%s", live, r.box.mails[0].Body)
		}
	}
}

// digests are the mails that are no first holds.
func (r *tellerRig) digests() (all []notify.Mail) {
	return slices.DeleteFunc(r.box.to("postmaster@example.org"), func(m notify.Mail) bool { return !strings.Contains(m.Subject, "newly on hold") })
}

// The commands in the mails are those of the daemon's own configuration.
func TestCommandsInTheMailsNameTheConfiguration(t *testing.T) {
	r := newTeller(t, func(s *Settings) { s.file = "/etc/quish milter/mx1.toml" })
	r.must(at(28, 10, 0))
	r.hold(at(28, 10, 1), "ipfs.io", "one")
	r.must(at(28, 10, 1))
	r.must(at(29, 7, 0))
	if len(r.box.mails) != 2 {
		t.Fatalf("%d mails", len(r.box.mails))
	}
	for _, m := range r.box.mails {
		for _, verb := range []string{"show ID", "release ID", "delete ID", "list"} {
			if !strings.Contains(m.Body, "\n  quishmilter -c '/etc/quish milter/mx1.toml' quarantine "+verb+" ") {
				t.Errorf("%s is not said as it is to be pasted:\n%s", verb, m.Body)
			}
		}
	}
}

func TestDigestOnceADay(t *testing.T) {
	r := newTeller(t, func(*Settings) {})
	r.must(at(27, 10, 0))
	a, b := r.hold(at(27, 11, 0), "ipfs.io", "one\n\x1b[31mred"), r.hold(at(27, 12, 0), "ipfs.io", "two")
	other := r.hold(at(27, 13, 0), "evil.example", "https://three.example/")
	r.must(at(28, 6, 59))
	if len(r.digests()) != 0 {
		t.Fatal("too early")
	}
	r.box.fails = func(string) error { return errStopped }
	for minute := range 3 {
		if err := r.round(t.Context(), at(28, 7, minute)); !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
	}
	r.box.fails = nil
	r.must(at(28, 9, 0)) // Postfix was down until now
	r.must(at(28, 9, 1))
	r.must(at(29, 6, 59))
	all := r.digests()
	if len(all) != 1 {
		t.Fatalf("%d digests", len(all))
	}
	text := all[0].Body
	for _, want := range []string{"3 messages put on hold since Fri, 27 Nov 2026 10:00 CET; 3 on hold now", a, "1 message like it: " + b, other, `"one\n\x1b[31mred"`, "hxxps://three[.]example"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(text, "http:") || strings.Contains(text, "https:") || strings.Contains(text, "ipfs.io") || strings.ContainsAny(text, "\x1b\r") {
		t.Error("it has a live link, or a control character")
	}
	t.Log("\n" + text)
	r.must(at(29, 7, 0)) // nothing happened since
	if len(r.digests()) != 1 {
		t.Error("a digest about nothing")
	}
}

func TestADigestIsBounded(t *testing.T) {
	r := newTeller(t, func(*Settings) {})
	r.must(at(27, 10, 0))
	for n := range 5 * maxCampaigns {
		r.hold(at(27, 11, 0), fmt.Sprintf("h%d.example", n), strings.Repeat("long ", 100))
	}
	r.must(at(28, 7, 0))
	all := r.digests()
	if len(all) != 1 || len(all[0].Body) > 64<<10 || !strings.Contains(all[0].Body, "and 160 messages of 160 other kinds") {
		t.Errorf("%d digests of %d bytes", len(all), len(all[0].Body))
	}
}

// Each recipient is told of mail to them alone, once, whatever happens meanwhile.
func TestRecipientsAreTold(t *testing.T) {
	r := newTeller(t, func(s *Settings) { s.Quarantine.Recipients = true })
	r.must(at(27, 10, 0))
	r.hold(at(27, 11, 0), "ipfs.io", "for both", "a@example.org", "b@example.org")
	r.hold(at(27, 11, 1), "ipfs.io", "for b alone", "b@example.org", "strange address@x", "z@example.org")
	r.box.fails = func(to string) error {
		if to == "b@example.org" {
			return errStopped
		}
		return nil
	}
	if err := r.round(t.Context(), at(28, 7, 0)); !errors.Is(err, errStopped) {
		t.Fatal(err)
	}
	r.box.fails = func(to string) error {
		if to == "z@example.org" {
			return fmt.Errorf("recipient: %w", &textproto.Error{Code: 550, Msg: "no such user"})
		}
		return nil
	}
	again := &tellerRig{&teller{filter: r.filter, settings: r.settings, out: r.box, queue: r.queue, zone: zone, said: r.said}, t, r.box} // as after a restart
	again.must(at(28, 7, 1))
	again.must(at(28, 7, 2))
	a, b := r.box.to("a@example.org"), r.box.to("b@example.org")
	if len(a) != 1 || len(b) != 1 || len(r.digests()) != 1 {
		t.Fatalf("%d, %d, %d", len(a), len(b), len(r.digests()))
	}
	if strings.Contains(a[0].Body, "for b alone") || !strings.Contains(b[0].Body, "for b alone") || strings.Contains(a[0].Body, "b@") || strings.Contains(b[0].Body, "a@") {
		t.Errorf("%s\n%s", a[0].Body, b[0].Body)
	}
}

// deleter is a keeper that deletes in the journal alone.
type deleter struct{ src keptHolds }

func (d deleter) List(context.Context) (heldList, error) { return heldList{}, nil }
func (d deleter) Release(context.Context, string, time.Duration) (handled, error) {
	return handled{}, errors.New("nobody asked for that")
}
func (d deleter) Delete(ctx context.Context, event string, _ bool) (handled, error) {
	for _, s := range []journal.HoldState{journal.Deleting, journal.Deleted} {
		if _, err := d.src.ActOnHold(ctx, event, journal.Act{Time: time.Now(), State: s, By: byDaemon}); err != nil {
			return handled{}, err
		}
	}
	return handled{}, nil
}

// Nothing is deleted that was not announced three days before, nor before its time.
func TestRetention(t *testing.T) {
	r := newTeller(t, func(s *Settings) { s.Quarantine.Keep = days(10) })
	r.must(at(1, 10, 0))
	id, released := r.hold(at(1, 11, 0), "ipfs.io", "one"), r.hold(at(1, 12, 0), "ipfs.io", "two")
	for _, s := range []journal.HoldState{journal.Releasing, journal.Released} {
		if err := actOn(r, released, s); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(now time.Time) bool {
		t.Helper()
		r.retain(t.Context(), r.queue(), now)
		h, err := r.holds.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		return h.State == journal.Deleted
	}
	if gone(at(29, 10, 0)) {
		t.Fatal("deleted, and nobody was told")
	}
	r.must(at(7, 7, 0))
	if d := r.digests(); strings.Contains(d[len(d)-1].Body, "WILL BE DELETED") {
		t.Fatal("announced too early")
	}
	r.must(at(8, 7, 0)) // its time is over on the 11th at 11:00; the next digest would be too late
	d := r.digests()
	if text := d[len(d)-1].Body; !strings.Contains(text, "WILL BE DELETED") || !strings.Contains(text, "from Wed, 11 Nov 2026 11:00 CET: 1 message, codes that lead to \"ipfs[.]io\"") || strings.Contains(text, released) {
		t.Fatal(text)
	}
	t.Log("\n" + d[len(d)-1].Subject + "\n" + d[len(d)-1].Body)
	for _, day := range []int{9, 10} { // said again, without another delay
		r.must(at(day, 7, 0))
	}
	if gone(at(11, 10, 59)) {
		t.Error("deleted before its time")
	}
	if !gone(at(11, 11, 0)) {
		t.Error("not deleted")
	}
	if h, _ := r.holds.Get(id); h.Acts[len(h.Acts)-1].By != "daemon" {
		t.Errorf("%+v", h.Acts)
	}
}

func actOn(r *tellerRig, event string, s journal.HoldState) error {
	_, err := r.holds.Act(r.t.Context(), event, journal.Act{State: s, By: "claire"}, func(*state.Tx) error { return nil })
	return err
}

// A message whose time was over long ago stays three days more after it was announced: the daemon was off.
func TestRetentionAfterALongTime(t *testing.T) {
	r := newTeller(t, func(s *Settings) { s.Quarantine.Keep = days(10) })
	r.must(at(1, 10, 0))
	id := r.hold(at(1, 11, 0), "ipfs.io", "one")
	r.must(at(25, 9, 0))
	h, err := r.holds.Get(id)
	if err != nil || !h.Announced.Equal(at(25, 9, 0)) {
		t.Fatalf("%+v, %v", h, err)
	}
	if got := deletedOn(h, 10*24*time.Hour, h.Announced); !got.Equal(at(28, 9, 0)) {
		t.Error(got)
	}
}

// Without a way to the queue nothing is announced, since nothing would be deleted.
func TestNoRetentionWithoutAWayToTheQueue(t *testing.T) {
	r := newTeller(t, func(*Settings) {})
	r.queue = func() keeper { return nil }
	r.must(at(1, 10, 0))
	id := r.hold(at(1, 11, 0), "ipfs.io", "one")
	for day := 2; day < 30; day++ {
		r.must(at(day, 7, 0))
	}
	if h, err := r.holds.Get(id); err != nil || !h.Announced.IsZero() {
		t.Errorf("%+v %v", h, err)
	}
	if text := r.digests()[0].Body; !strings.Contains(text, "was not looked at, and nothing is deleted by age") {
		t.Error(text)
	}
}

// A clock that was years ahead does not silence the digest for years.
func TestTellingAfterAWrongClock(t *testing.T) {
	r := newTeller(t, func(*Settings) {})
	r.must(at(27, 10, 0).AddDate(9, 0, 0))
	r.must(at(27, 10, 0))
	r.hold(at(27, 11, 0), "ipfs.io", "one")
	r.must(at(28, 7, 0))
	if len(r.digests()) != 1 {
		t.Errorf("%+v", r.box.mails)
	}
}
