package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"quishmilter/journal"
)

// huntFlags are what a hunt may ask, as they were written.
type huntFlags struct {
	flags        *pflag.FlagSet
	filter       journal.Filter
	client       string
	since, until string
	now          string
}

// add defines the flags of the window and of what is hunted.
func (h *huntFlags) add(flags *pflag.FlagSet) {
	f := &h.filter
	h.addWindow(flags)
	flags.StringVar(&f.URL, "url", "", "codes with this `text` in their link, or in where it leads on to")
	flags.StringVar(&f.Host, "host", "", "codes that link to this `host` or one below it")
	flags.StringVar(&f.Sender, "sender", "", "mail of this `address`, of the header or the envelope")
	flags.StringVar(&f.Domain, "domain", "", "mail of senders of this `domain` or one below it")
	flags.StringVar(&h.client, "client", "", "mail that came from this `network` or address")
	flags.StringVar(&f.Recipient, "rcpt", "", "mail to this `address`")
	flags.StringVar(&f.Kind, "kind", "", "codes of this `kind`: url, payment, device-link, …")
	flags.StringVar(&f.Reason, "reason", "", "mail with this `token` among its reasons")
	flags.StringVar(&f.Verdict, "verdict", "", "mail that was answered so: accept, tag, quarantine, …")
	flags.StringVar(&f.Picture, "picture", "", "codes in a file with this `digest` (SHA-256, or its beginning)")
	flags.BoolVar(&f.AnyCode, "codes", false, "mail with a code only")
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "recipient" {
			name = "rcpt"
		}
		return pflag.NormalizedName(name)
	})
}

func (h *huntFlags) addWindow(flags *pflag.FlagSet) {
	h.flags = flags
	flags.StringVar(&h.since, "since", "", "from this `time` on: 2026-11-21T12:00:00Z, 2026-11-21, or 7d for a week ago")
	flags.StringVar(&h.until, "until", "", "to this `time`, included")
	flags.StringVar(&h.now, "now", "", "the moment (RFC 3339) from which times are counted back, instead of the present")
}

// read checks what was written and returns the filter and the present.
func (h *huntFlags) read() (f journal.Filter, now time.Time, err error) {
	f, now = h.filter, time.Now()
	if name := emptyFlag(h.flags); name != "" {
		return f, now, exit{exitUsage, fmt.Errorf("--%s is empty; leave it out to ask for everything", name)}
	}
	f.URL, f.Host, f.Domain = refanged(f.URL), refanged(f.Host), refanged(f.Domain)
	f.Sender, f.Recipient = strings.Trim(refanged(f.Sender), "<> "), strings.Trim(refanged(f.Recipient), "<> ")
	if err = f.Check(); err != nil {
		return f, now, exit{exitUsage, err}
	}
	if h.now != "" {
		if now, err = time.Parse(time.RFC3339Nano, h.now); err != nil {
			return f, now, exit{exitUsage, fmt.Errorf("--now %q is no time; write it as 2006-01-02T15:04:05Z", h.now)}
		}
	}
	if h.client != "" {
		if f.Client, err = network(h.client); err != nil {
			return f, now, exit{exitUsage, fmt.Errorf("--client: %w", err)}
		}
	}
	if f.Since, err = moment(h.since, now); err != nil {
		return f, now, exit{exitUsage, fmt.Errorf("--since: %w", err)}
	}
	if f.Until, err = moment(h.until, now); err != nil {
		return f, now, exit{exitUsage, fmt.Errorf("--until: %w", err)}
	}
	if !f.Until.IsZero() && f.Until.Before(f.Since) {
		return f, now, exit{exitUsage, errors.New("--until is before --since; write them the other way round")}
	}
	return f, now, nil
}

// emptyFlag names a flag that was written with nothing behind it, as a script does with a variable that is not set.
func emptyFlag(flags *pflag.FlagSet) (name string) {
	flags.Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" {
			name = f.Name
		}
	})
	return name
}

// moment reads a time, a day in the local zone, or a span back from now. Nothing is the zero time.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	var back Duration
	if err := back.UnmarshalText([]byte(text)); err == nil {
		return now.Add(-back.std()), nil
	}
	return time.Time{}, fmt.Errorf("%s is no time; write 2006-01-02T15:04:05Z, 2006-01-02, or 7d for a week ago", strconv.Quote(text))
}

// spread lets the files of --events and --urls follow each other, as a shell makes of a pattern: "--events a b" becomes
// "--events a --events b".
func spread(args []string) (out []string) {
	list := ""
	for i, arg := range args {
		switch {
		case arg == "--events" || arg == "--urls":
			list = arg
		case strings.HasPrefix(arg, "-") && arg != "-":
			list = ""
		case list != "" && i > 0 && args[i-1] != list:
			out = append(out, list)
		}
		out = append(out, arg)
	}
	return out
}
