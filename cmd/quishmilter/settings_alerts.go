package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"quishmilter/alert"
	"quishmilter/notify"
	"quishmilter/verdict"
)

// AlertSettings say what makes an alert, and who is told of it.
type AlertSettings struct {
	From           string   `toml:"from" help:"the mildest action of the policy that makes an alert: tag, quarantine, redirect, tempfail, reject, discard; off: none does, only detections do"`
	Window         Duration `toml:"window" help:"how long after its newest message an open alert takes more of its campaign; what comes later makes a new one"`
	Webhook        string   `toml:"webhook" help:"address that each new, growing or closed alert is posted to, as https://HOST/PATH; empty: none. Redirects are not followed, a proxy is not asked. What it does not take waits, at most 10,000 messages"`
	WebhookSecret  string   `toml:"webhook_secret" help:"file with the secret that these are signed with, as Standard Webhooks has it: whsec_ and the base64 of 24 to 64 octets; up to four, a line each, while it is changed"`
	WebhookTimeout Duration `toml:"webhook_timeout" help:"for one try"`
	WebhookPlain   bool     `toml:"webhook_plain" help:"let them go unencrypted to a host other than this one"`
	Mail           string   `toml:"mail" help:"the lowest level of alerts that are mailed: low, medium or high; off: none"`
	MailTo         []string `toml:"mail_to" help:"addresses that get these mails; empty: postmaster"`
}

const alertsOff = "off"

func defaultAlerts() AlertSettings {
	return AlertSettings{From: string(verdict.Quarantine), Window: days(1), WebhookTimeout: seconds(10), Mail: alertsOff}
}

// alerting is a checked [alerts].
type alerting struct {
	from    verdict.Action // "": none
	tells   alert.Tells
	webhook *alert.Webhook // nil: none
	mailTo  []string
}

func (s Settings) alerting() (alerting, error) {
	one := alerting{from: verdict.Action(s.Alerts.From), mailTo: s.Alerts.MailTo}
	if s.Alerts.From == alertsOff {
		one.from = ""
	}
	if s.Alerts.Mail != alertsOff {
		one.tells.Mail = alert.Level(s.Alerts.Mail)
	}
	if len(one.mailTo) == 0 && s.Postmaster != "" {
		one.mailTo = []string{s.Postmaster}
	}
	if s.Alerts.Webhook == "" {
		return one, nil
	}
	secrets, err := alert.ReadSecrets(s.Alerts.WebhookSecret)
	if err != nil {
		return one, settingError{"alerts.webhook_secret", err.Error()}
	}
	one.tells.Webhook, one.webhook = true, alert.NewWebhook(s.Alerts.Webhook, secrets, s.Alerts.WebhookTimeout.std())
	return one, nil
}

func alertActions() (list []string) {
	for _, action := range verdict.Actions()[1:] {
		list = append(list, string(action))
	}
	return append(list, alertsOff)
}

func alertLevels() (list []string) {
	for _, level := range alert.Levels() {
		list = append(list, string(level))
	}
	return append(list, alertsOff)
}

func (s Settings) checkAlerts() error {
	a := s.Alerts
	for _, c := range []struct {
		key, value string
		allowed    []string
	}{{"alerts.from", a.From, alertActions()}, {"alerts.mail", a.Mail, alertLevels()}} {
		if !slices.Contains(c.allowed, c.value) {
			return settingError{c.key, fmt.Sprintf("%q is not known; write one of %s", c.value, strings.Join(c.allowed, ", "))}
		}
	}
	if a.Window < Duration(time.Minute) || a.Window > s.Journal.Keep {
		return settingError{"alerts.window", "write a time from \"1m\" to journal.keep"}
	}
	if a.WebhookTimeout < seconds(1) || a.WebhookTimeout > seconds(60) {
		return settingError{"alerts.webhook_timeout", "write a time from \"1s\" to \"60s\""}
	}
	for _, address := range a.MailTo {
		if err := notify.CheckAddress(address); err != nil {
			return settingError{"alerts.mail_to", err.Error()}
		}
	}
	if a.Mail != alertsOff && len(a.MailTo) == 0 && s.Postmaster == "" {
		return settingError{"alerts.mail", "nobody would get these mails; write postmaster = \"you@example.org\", or alerts.mail_to"}
	}
	if a.Webhook != "" && a.WebhookSecret == "" {
		return settingError{"alerts.webhook_secret", "it names no file, and without a signature anybody could raise alerts there; write for example \"/etc/quishmilter/webhook.secret\""}
	}
	if a.Webhook == "" {
		return nil
	}
	if err := alert.CheckURL(a.Webhook, a.WebhookPlain); err != nil {
		return settingError{"alerts.webhook", err.Error()}
	}
	if _, err := alert.ReadSecrets(a.WebhookSecret); err != nil && !errors.Is(err, fs.ErrPermission) { // commands of analysts need not read it
		return settingError{"alerts.webhook_secret", err.Error()}
	}
	return nil
}

// secretWarning says that others can sign what only we may say.
func secretWarning(s Settings) string {
	if info, err := os.Stat(s.Alerts.WebhookSecret); err == nil && info.Mode().Perm()&0o004 != 0 {
		return fmt.Sprintf("%s is readable by everybody (mode %04o), and whoever reads it can sign alerts: chmod 0640", s.Alerts.WebhookSecret, info.Mode().Perm())
	}
	return ""
}
