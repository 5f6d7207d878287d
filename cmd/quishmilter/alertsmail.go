package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"quishmilter/alert"
	"quishmilter/notify"
)

// mailAlerts tells people of alerts by one mail: all of the first, and a line of each of the others.
func (f *filter) mailAlerts(ctx context.Context, answers *records, list []alert.Notice) error {
	var reports []alert.Report
	known := map[string]bool{}
	for _, n := range list {
		a, err := answers.alerts.Get(n.Alert, nil)
		if err != nil || known[a.ID] {
			continue // it has expired, or is in this mail already
		}
		known[a.ID] = true
		r := alert.Report{Alert: a}
		if len(reports) == 0 {
			if r, err = alert.Answer(ctx, answers, a, time.Now(), pagesTold); err != nil {
				return err
			}
		}
		reports = append(reports, r)
	}
	if len(reports) == 0 {
		return nil
	}
	rules := f.rules.Load()
	m := alertMail(reports, rules.settings.self())
	if m.From, m.To = rules.settings.Postmaster, rules.alerting.mailTo; m.From == "" {
		m.From = m.To[0]
	}
	err := rules.settings.sender(f.noticeKey).Send(ctx, m)
	if notify.Refused(err) {
		return alert.Refused(err.Error())
	}
	return err
}

// alertMail is the text. Nothing in it can be clicked.
func alertMail(reports []alert.Report, self string) notify.Mail {
	first := reports[0].Alert
	subject := fmt.Sprintf("quishmilter: %s alert, %s from %s", first.Level, shown(first.Action), alert.Defang(first.Source))
	if len(reports) > 1 {
		subject = fmt.Sprintf("quishmilter: %d alerts, the first %s from %s", len(reports), first.Level, alert.Defang(first.Source))
	}
	var text strings.Builder
	t := terminal{out: &text}
	for _, r := range reports[1:] {
		a := r.Alert
		fmt.Fprintf(&text, "Alert %s  %s  %s  %s  from %s  %s\n", a.ID, a.Level, shown(a.Action), defangedCell(a.Rule), defangedCell(a.Source), safe(a.Subject))
	}
	if len(reports) > 1 {
		fmt.Fprintln(&text)
	}
	printReport(t, reports[0], func() {})
	fmt.Fprintln(&text, "\nNext")
	for _, line := range nextSteps(reports[0], self) {
		fmt.Fprintln(&text, "  "+line)
	}
	return notify.Mail{Subject: subject, Body: text.String()}
}
