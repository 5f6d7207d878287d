package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/journal/table"
)

// hunt is one call of the command.
type hunt struct {
	huntFlags
	query    control.Query // by id or queue id
	limit    int
	format   string
	preset   string
	events   []string // files of exported tables
	urls     []string
	findings bool
	pictures string
}

func huntCommand(load func() (Settings, error)) *cobra.Command {
	h := &hunt{}
	cmd := &cobra.Command{
		Use:   "hunt",
		Short: "Look back over what passed",
		Long: "Look back over what passed: the newest events of the journal; those that fulfil all that is asked for; what one of the two founding queries finds (--preset); " +
			"or what detections found (--findings). With --events FILE… and --urls FILE… exported tables are searched instead of the journal.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("limit") && h.narrow() {
				h.limit = 0 // who asks for something wants all of it
			} else if h.limit < 1 {
				return exit{exitUsage, fmt.Errorf("--limit %d is no number of events; write 1 or more", h.limit)}
			}
			return h.run(cmd, load)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&h.query.ID, "id", "", "the event with this `id` (X-Quish-Id)")
	flags.StringVar(&h.query.QueueID, "queue-id", "", "the events of this `queue id` of Postfix")
	flags.IntVar(&h.limit, "limit", 50, "at most so many events; all of them where something is asked for")
	flags.StringVar(&h.format, "format", "table", "table, json (one object a line) or csv")
	flags.StringVar(&h.preset, "preset", "", "hunt or rule: links in codes from senders who are not prevalent, as the founding queries have it")
	flags.StringArrayVar(&h.events, "events", nil, "exported `files` of EmailEvents, CSV or JSON; - is standard input")
	flags.StringArrayVar(&h.urls, "urls", nil, "exported `files` of EmailUrlInfo")
	flags.BoolVar(&h.findings, "findings", false, "what the detections of the configuration found")
	flags.StringVar(&h.pictures, "pictures", "", "with --id: write what the codes looked like into this `folder`")
	h.add(flags)
	return cmd
}

// narrow says that something is asked for beside the newest events.
func (h *hunt) narrow() bool {
	f := h.filter
	return h.query != (control.Query{}) || h.preset != "" || h.findings || len(h.events) > 0 || h.client+h.since+h.until != "" || !f.All()
}

func (h *hunt) run(cmd *cobra.Command, load func() (Settings, error)) error {
	filter, now, err := h.read()
	if err != nil {
		return err
	}
	if err := h.check(filter); err != nil {
		return exit{exitUsage, err}
	}
	print, err := newPrinter(cmd.OutOrStdout(), h.format)
	if err != nil {
		return exit{exitUsage, err}
	}
	if len(h.events) > 0 {
		return h.runFiles(print, filter, now)
	}
	settings, err := load()
	if err != nil {
		return err
	}
	if err := settings.checkReason(filter.Reason); err != nil {
		return exit{exitUsage, fmt.Errorf("--reason %w", err)}
	}
	src, done, err := openSource(settings, false)
	if err != nil {
		return err
	}
	defer done()
	switch {
	case h.findings:
		return h.showFindings(cmd.Context(), src, print)
	case h.preset != "":
		return h.showPreset(cmd.Context(), src, print, now)
	case h.query.ID != "" || h.query.QueueID != "":
		return h.showMessage(cmd.Context(), src, print)
	}
	return h.showEvents(cmd.Context(), src, print, filter)
}

// check finds questions that contradict themselves.
func (h *hunt) check(filter journal.Filter) error {
	asked := 0
	for _, is := range []bool{h.preset != "", h.findings, h.query.ID != "", h.query.QueueID != "", !filter.All() || h.since+h.until != ""} {
		if is {
			asked++
		}
	}
	_, known := table.PresetNamed(h.preset)
	switch {
	case h.preset != "" && !known:
		return control.UnknownPreset(h.preset)
	case asked > 1:
		return errors.New("ask for one thing: an --id, a --queue-id, a --preset, the --findings, or what events have in common")
	case len(h.urls) > 0 && len(h.events) == 0:
		return errors.New("--urls goes with --events; name the exported EmailEvents too")
	case len(h.events) > 0 && (h.findings || h.query != (control.Query{})):
		return errors.New("exported tables have no findings and no queue ids; leave out --events")
	case h.preset != "" && len(h.events) > 0 && len(h.urls) == 0:
		return errors.New("--preset needs the links too; name the exported EmailUrlInfo with --urls")
	case len(h.events) > 0 && filter.Kind+filter.Reason+filter.Verdict+filter.Picture != "":
		return errors.New("exported tables say nothing of kind, reason, verdict and picture; ask for links, hosts, senders, clients or recipients")
	case h.pictures != "" && h.query.ID == "":
		return errors.New("--pictures goes with --id")
	}
	return nil
}

// damaged is the end of a hunt over a journal with holes.
func damaged(n int, err error) error {
	if err == nil && n > 0 {
		return fmt.Errorf("%d events of the journal are damaged and were left out; the rest is complete", n)
	}
	return err
}

func (h *hunt) showEvents(ctx context.Context, src source, print *printer, filter journal.Filter) error {
	bar := newProgress(besides(print.term.out, h.format == "table"), "hunting", "events", -1)
	seen, err := eachEvent(ctx, src, filter, h.limit, func(e journal.Event) error {
		bar.Add(1)
		return print.event(e)
	})
	bar.Finish()
	err = errors.Join(err, print.flush())
	seen.tell(os.Stderr, filter)
	return damaged(seen.damaged, err)
}

// eachEvent calls fn with what a filter wants, newest first; limit 0 is all.
func eachEvent(ctx context.Context, src source, filter journal.Filter, limit int, fn func(journal.Event) error) (seen gaps, err error) {
	n := 0
	for next, first := "", true; first || next != ""; first = false {
		found, err := src.Hunt(ctx, filter, next)
		if err != nil {
			return seen, err
		}
		seen.add(found)
		for _, e := range found.Events {
			if err := fn(e); err != nil {
				return seen, err
			}
			seen.event(e)
			if n++; n == limit {
				return seen, nil
			}
		}
		next = found.Next
	}
	return seen, nil
}

func (h *hunt) showPreset(ctx context.Context, src source, print *printer, now time.Time) error {
	preset, _ := table.PresetNamed(h.preset)
	bar := newProgress(besides(print.term.out, h.format == "table"), "hunting", "rows", -1)
	defer bar.Finish()
	lost, n := 0, 0
	for next, first := "", true; first || next != ""; first = false {
		answer, err := src.Preset(ctx, h.preset, now, next)
		if err != nil {
			return errors.Join(err, print.flush())
		}
		lost += answer.Damaged
		rows := answer.Rows
		if h.limit > 0 {
			rows = rows[:min(len(rows), h.limit-n)]
		}
		if err := print.presetRows(preset, rows); err != nil {
			return err
		}
		bar.Add(len(rows))
		if n += len(rows); n == h.limit && h.limit > 0 {
			break
		}
		next = answer.Next
	}
	bar.Finish()
	return damaged(lost, print.flushPreset(preset))
}

func (h *hunt) showMessage(ctx context.Context, src source, print *printer) error {
	h.query.Limit = max(h.limit, 100)
	events, err := src.Events(ctx, h.query)
	if err != nil {
		return err
	}
	for _, e := range events {
		if err := print.event(e); err != nil {
			return err
		}
	}
	if err := print.flush(); err != nil || h.pictures == "" {
		return err
	}
	if err := os.MkdirAll(h.pictures, 0o700); err != nil {
		return err
	}
	for code := range events[0].Codes {
		png, err := src.Picture(ctx, h.query.ID, code)
		if errors.Is(err, journal.ErrNotFound) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(h.pictures, fmt.Sprintf("%s-%d.png", events[0].ID, code+1)), png, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *hunt) showFindings(ctx context.Context, src source, print *printer) error {
	all, err := src.Findings(ctx)
	if h.limit > 0 {
		all = slices.Clip(all[:min(len(all), h.limit)])
	}
	for _, f := range all {
		if err := print.finding(f); err != nil {
			return err
		}
	}
	return errors.Join(err, print.flush())
}
