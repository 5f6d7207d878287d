package main

import (
	"fmt"
	"net"
	"time"

	"quishmilter/notify"
	"quishmilter/verdict"
)

// QuarantineSettings say how long held mail stays, and who is told of it.
type QuarantineSettings struct {
	Keep       Duration `toml:"keep" help:"how long a message stays on hold before it is deleted, which the digest announces 3 days before; \"0s\": it stays until somebody decides"`
	Digest     string   `toml:"digest" help:"time of day, in the zone of the host, at which postmaster gets a list of what is newly on hold and what will be deleted; off: no list, and nothing is deleted by age"`
	Recipients bool     `toml:"recipients" help:"tell recipients, too, with the digest and each only of mail to them, what is on hold and how to ask for it"`
	Sweep      Duration `toml:"sweep" help:"how often the daemon looks, through the queue helper, whether held messages are still there"`
}

const digestOff = "off"

// clockTime is the digest's time of day.
func (q QuarantineSettings) clockTime() (hour, minute int, on bool, err error) {
	if q.Digest == digestOff {
		return 0, 0, false, nil
	}
	at, err := time.Parse("15:04", q.Digest)
	if err != nil {
		return 0, 0, false, fmt.Errorf("%q is no time of day; write for example \"07:00\", or \"off\"", q.Digest)
	}
	return at.Hour(), at.Minute(), true, nil
}

// holds says whether mail may be put on hold: only where somebody is told of it, since it would lie there for good.
func (s Settings) holds() bool { return s.Postmaster != "" }

// holdsNothingUnasked says that the policy would hold mail, and the daemon does not.
func (s Settings) holdsNothingUnasked() bool {
	return !s.holds() && !s.TagOnly && (s.Policy != verdict.Observe || len(s.Rules)+len(s.Groups) > 0)
}

// retains says whether held mail is deleted by age: only what was announced is.
func (s Settings) retains() bool {
	return s.holds() && s.Quarantine.Keep > 0 && s.Quarantine.Digest != digestOff
}

func (s Settings) checkQuarantine() error {
	if err := notify.CheckAddress(s.Postmaster); err != nil && s.Postmaster != "" {
		return settingError{"postmaster", err.Error()}
	}
	if err := notify.CheckVia(s.MailBy); err != nil {
		return settingError{"mail_by", err.Error()}
	}
	if _, _, _, err := s.Quarantine.clockTime(); err != nil {
		return settingError{"quarantine.digest", err.Error()}
	}
	if s.Quarantine.Keep != 0 && s.Quarantine.Keep < days(4) {
		return settingError{"quarantine.keep", "a deletion is announced 3 days before; write \"4d\" or more, as \"30d\", or \"0s\""}
	}
	if s.Quarantine.Sweep < seconds(1) || s.Quarantine.Sweep > days(1) {
		return settingError{"quarantine.sweep", "write a time from \"1s\" to \"1d\", as \"15m\""}
	}
	return nil
}

// sender hands mail to Postfix.
func (s Settings) sender(key notify.Key) *notify.Sender {
	return &notify.Sender{Via: s.MailBy, Postfix: s.queues()[0], Key: key}
}

// toldWarnings are set-ups in which held mail would be forgotten.
func toldWarnings(s Settings) (list []string) {
	if s.holdsNothingUnasked() {
		return []string{"postmaster is not set: nobody would be told of held mail, so the daemon tags what it would hold (X-Quish-Would); write postmaster = \"you@example.org\""}
	}
	if !s.holds() {
		return nil
	}
	if s.Quarantine.Digest == digestOff {
		list = append(list, "quarantine.digest is off: held mail is deleted by nobody, however old")
	}
	if len(s.QueueCommand) == 0 && !s.helperAnswers() {
		list = append(list, fmt.Sprintf("no queue helper answers on %s: a daemon that does not run as root neither deletes held mail when its time is over, nor notices that some has gone (systemctl enable --now quishmilter-queue-helper.socket)", s.QueueHelper))
	}
	return list
}

func (s Settings) helperAnswers() bool {
	conn, err := net.DialTimeout("unix", s.QueueHelper, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
