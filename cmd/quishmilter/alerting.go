package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"quishmilter/alert"
	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/state"
)

// How much of the journal is looked through for the answers of an alert, in pages of 200,000 events: for a person who
// waits, and for a webhook, which nobody waits for and which must not take the processor from the mail.
const (
	pagesShown = 10
	pagesTold  = 1
)

// Event is one event of the journal.
func (r *records) Event(_ context.Context, id string) (journal.Event, error) { return r.events.Get(id) }

// Alerts are a page of them.
func (r *records) Alerts(_ context.Context, q alert.Query, from string) (alert.Page, error) {
	return r.alerts.List(q, from)
}

// Alert is one of them with its answers.
func (r *records) Alert(ctx context.Context, id string) (alert.Report, error) {
	var of *journal.Event
	if e, err := r.events.Get(id); err == nil {
		of = &e
	} else if same, err := r.events.ByQueueID(id); err == nil && len(same) > 0 {
		of = &same[0]
	}
	a, err := r.alerts.Get(id, of)
	if err != nil {
		return alert.Report{}, err
	}
	return alert.Answer(ctx, r, a, time.Now(), pagesShown)
}

// ActOnAlert records what somebody does about one.
func (r *records) ActOnAlert(ctx context.Context, id string, act alert.Act) (alert.Alert, error) {
	return r.alerts.Act(ctx, id, act)
}

// raise takes an event into the alerts, in the commit of its record.
func (f *filter) raise(tx *state.Tx, e journal.Event) (alert.Change, error) {
	from := f.rules.Load().alerting.from
	if from == "" {
		return alert.Change{}, nil
	}
	cause, makes := alert.CauseOf(e, from)
	if !makes {
		return alert.Change{}, nil
	}
	return f.alerts.Add(tx, e, cause)
}

// raised says what a commit did to the alerts.
func (f *filter) raised(c alert.Change) {
	if c.New {
		a := c.Alert
		f.log.AlertRaised(a.ID, string(a.Level), a.Rule, a.Source, a.Host)
	}
	if c.New || c.Grew {
		f.webhooks.Wake()
		f.alertMails.Wake()
	}
}

// raiseFinding takes the messages of a finding into the alerts.
func (f *filter) raiseFinding(ctx context.Context, d detection, finding journal.Finding) error {
	if d.alert == "" {
		return nil
	}
	var events []journal.Event
	for n := len(finding.Events) - 1; n >= 0; n-- { // the oldest first
		if e, err := f.events.Get(finding.Events[n]); err == nil {
			events = append(events, e)
		}
	}
	var changes []alert.Change
	err := f.db.Update(ctx, func(tx *state.Tx) error {
		changes = nil // the function may run twice
		for _, e := range events {
			change, err := f.alerts.Add(tx, e, alert.Cause{Rule: "detection " + d.name, Level: d.alert, Finding: finding.ID})
			if err != nil {
				return err
			}
			changes = append(changes, change)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("making an alert of finding %s: %w", finding.ID, err)
	}
	for _, change := range changes {
		f.raised(change)
	}
	return nil
}

// mailRest is how long after a mail about alerts the next one goes; what comes meanwhile goes into that.
const mailRest = 5 * time.Minute

// mailedAtOnce is how many alerts one mail is about.
const mailedAtOnce = 20

// couriers carry alerts to those who are told.
func (f *filter) couriers(answers *records) {
	f.webhooks, f.alertMails = alert.NewCourier(f.alerts, alert.ToWebhook), alert.NewCourier(f.alerts, alert.ToMail)
	w, m := f.webhooks, f.alertMails
	w.Idle = func() bool { return f.rules.Load().alerting.webhook == nil }
	w.Make = func(ctx context.Context, n alert.Notice) ([]byte, error) { return noticeBody(ctx, answers, n) }
	w.Send = func(ctx context.Context, list []alert.Notice) error {
		webhook := f.rules.Load().alerting.webhook
		if webhook == nil {
			return errors.New("there is no webhook any more")
		}
		return webhook.Send(ctx, list[0], time.Now())
	}
	m.Batch, m.Rest = mailedAtOnce, mailRest
	m.Idle = func() bool { return len(f.rules.Load().alerting.mailTo) == 0 }
	m.Send = func(ctx context.Context, list []alert.Notice) error { return f.mailAlerts(ctx, answers, list) }
	for way, c := range map[string]*alert.Courier{"the webhook": w, "mail": m} {
		c.Failed = func(n int64, err error) { f.log.AlertFailed(f.wayTo(way), n, err) }
		c.Works = func(n int64) { f.log.AlertWorks(f.wayTo(way), n) }
		c.Dropped = func(n uint64, why string) { f.log.AlertDropped(f.wayTo(way), n, why) }
		c.Panic = func(value any, stack []byte) { f.log.Panicked("alerts to "+way, value, stack) }
	}
}

// wayTo names the host of the webhook, the path of which is often a password.
func (f *filter) wayTo(way string) string {
	if w := f.rules.Load().alerting.webhook; w != nil && way == "the webhook" {
		return way + " " + w.Host()
	}
	return way
}

// notice is the body of a webhook, as Standard Webhooks has it.
type notice struct {
	Type string       `json:"type"`
	Time time.Time    `json:"timestamp"`
	Data alert.Report `json:"data"`
}

// mostBody is how large a body may be; a report that is larger goes without what the journal has too.
const mostBody = 256 << 10

func noticeBody(ctx context.Context, answers *records, n alert.Notice) ([]byte, error) {
	a, err := answers.alerts.Get(n.Alert, nil)
	if err != nil {
		return nil, err
	}
	report, err := alert.Answer(ctx, answers, a, time.Now(), pagesTold)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(notice{n.Type, n.Time, report})
	if err == nil && len(body) > mostBody {
		report.Scope, report.Others, report.Shapes, report.Alert.Scope, report.Cut = report.Scope[:0], report.Others[:0], report.Shapes[:0], nil, true
		report.Artefacts = report.Artefacts[:min(len(report.Artefacts), 20)]
		body, err = json.Marshal(notice{n.Type, n.Time, report})
	}
	return body, err
}

// alertGauges are for metrics.
func (f *filter) alertGauges() control.Alerts {
	g := control.Alerts{Open: map[string]int{}, Told: map[string]control.Told{}}
	for level, n := range f.alerts.Opened() {
		g.Open[string(level)] = n
	}
	for _, c := range []*alert.Courier{f.webhooks, f.alertMails} {
		waiting, dropped := f.alerts.Waiting(c.Queue)
		g.Told[c.Queue] = control.Told{Waiting: waiting, Dropped: dropped, Failures: c.Failures()}
	}
	return g
}
