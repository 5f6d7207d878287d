package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/verdict"
)

func replayCommand(load func() (Settings, error)) *cobra.Command {
	var f scanFlags
	var file string
	var ofJournal bool
	cmd := &cobra.Command{
		Use:   "replay DIR… | --journal",
		Short: "Say what another policy would change, over messages in folders or over the journal",
		Long: "Say what another policy would change, against the one of the configuration: over the messages in folders (Maildir or .eml, scanned with the flags that stand for their envelopes), " +
			"or over the journal. Only policy, tag_only and the rules are taken from the policy's file. Changes nothing.",
		Args: func(_ *cobra.Command, args []string) error {
			if ofJournal == (len(args) > 0) {
				return exit{exitUsage, errors.New("name folders of messages, or write --journal")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, paths []string) error {
			r, err := newReplay(load, file, f)
			if err != nil {
				return err
			}
			r.lines = json.NewEncoder(cmd.OutOrStdout())
			if !f.json {
				r.bar = newProgress(cmd.ErrOrStderr(), "judging", "messages", -1)
			}
			if ofJournal {
				err = r.journal(cmd.Context())
			} else {
				err = r.folders(cmd.Context(), paths)
			}
			r.bar.Finish()
			if err != nil {
				return err
			}
			return r.print(cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "one JSON object per message")
	flags.StringVar(&file, "policy", "", "`file` with the policy to try: a configuration of which policy, tag_only and [[rule]] count")
	flags.BoolVar(&ofJournal, "journal", false, "over all that the journal keeps")
	f.envelope(flags)
	return cmd
}

// replay judges messages by two policies.
type replay struct {
	settings Settings
	flags    scanFlags
	now      *verdict.Policy
	then     *verdict.Policy
	lines    *json.Encoder
	bar      progress
	count    int
	changed  []replayed // for the table
	unread   int
	others   int // files that are no messages
	thin     int // events of which too little was kept to be sure
}

// replayed is one message, judged by both.
type replayed struct {
	ID      string    `json:"id,omitempty"`
	Path    string    `json:"path,omitempty"`
	From    string    `json:"from"`
	Changes bool      `json:"changes"`
	Whole   bool      `json:"whole"` // false: facts are missing, since the journal keeps one line of plain mail
	Now     judgement `json:"now"`
	Then    judgement `json:"then"`
}

func newReplay(load func() (Settings, error), file string, f scanFlags) (*replay, error) {
	if file == "" {
		return nil, exit{exitUsage, errors.New("which policy? write --policy FILE.toml")}
	}
	settings, err := load()
	if err != nil {
		return nil, err
	}
	other, err := loadSettings(file)
	if err != nil {
		return nil, err
	}
	r := &replay{settings: settings, flags: f}
	if r.now, err = settings.policy(); err != nil {
		return nil, err
	}
	r.then, err = other.policy()
	return r, err
}

// judge compares the policies; what the message says of itself beside the evidence is in m.
func (r *replay) judge(m replayed, e verdict.Evidence) error {
	m.From, m.Now, m.Then = e.Sender.Address, judgementOf(r.now.Decide(e)), judgementOf(r.then.Decide(e))
	m.Changes = m.Now.Verdict != m.Then.Verdict || m.Now.Would != m.Then.Would
	if !m.Whole {
		r.thin++
	}
	r.count++
	r.bar.Add(1)
	switch {
	case r.flags.json:
		return r.lines.Encode(m)
	case m.Changes:
		r.changed = append(r.changed, m)
	}
	return nil
}

func judgementOf(d verdict.Decision) judgement {
	if d.Would == d.Action { // observe, which would do nothing either
		d.Would = ""
	}
	return judgement{string(d.Action), string(d.Would), list(d.Reasons), list(d.Rules)}
}

// journal goes through what is kept, page by page, newest first.
func (r *replay) journal(ctx context.Context) error {
	src, done, err := openSource(r.settings, false)
	if err != nil {
		return err
	}
	defer done()
	const page = 25 // an event with the most and longest codes takes 2 MB, and an answer at most 64
	for query := (control.Query{Limit: page}); ; {
		events, err := src.Events(ctx, query)
		if err != nil {
			return err
		}
		for _, e := range events {
			evidence, whole := e.Judged()
			if err := r.judge(replayed{ID: e.ID, Whole: whole}, evidence); err != nil {
				return err
			}
		}
		if len(events) < page {
			return nil
		}
		query.Before = events[page-1].ID
	}
}

// folders scans the messages. One that cannot be read is said to be so, and the others go on.
func (r *replay) folders(ctx context.Context, paths []string) error {
	scanner, err := newScanner(r.settings, r.flags)
	if err != nil {
		return err
	}
	defer scanner.end()
	for _, root := range paths {
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case entry.IsDir():
				return ofMaildir(name, entry)
			case !entry.Type().IsRegular() || isIndex(entry.Name()):
				return nil
			}
			raw, err := readInput(name, int64(r.settings.Limits.Size))
			if err != nil {
				report(err)
				r.unread++
				return nil
			}
			if !looksLikeMail(name, raw.data) {
				r.others++
				return nil
			}
			return r.judge(replayed{Path: name, Whole: true}, scanner.inspector.Inspect(ctx, scanner.message(name, raw)).Evidence)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) print(out io.Writer) error {
	if !r.flags.json {
		if err := r.table(out); err != nil {
			return err
		}
	}
	if r.unread > 0 {
		return exit{status: exitFailed}
	}
	return nil
}

// table shows what would change, and how much of it there is.
func (r *replay) table(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(r.changed) > 0 {
		fmt.Fprintln(table, "MESSAGE\tFROM\tNOW\tTHEN\tBY")
	}
	changes := map[string]int{}
	for _, m := range r.changed {
		now, then := m.Now.shown(), m.Then.shown()
		changes[now+" → "+then]++
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%q\n", oneLine(m.ID+m.Path), safe(m.From), now, then, m.Then.Rules)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, %d would change\n", messages(r.count), len(r.changed))
	for _, change := range slices.Sorted(maps.Keys(changes)) {
		fmt.Fprintf(out, "  %s: %d\n", change, changes[change])
	}
	if r.others > 0 {
		fmt.Fprintf(out, "passed over, since they are no messages: %d\n", r.others)
	}
	if r.thin > 0 {
		fmt.Fprintf(out, "of %d plain messages the journal kept one line: rules about their subject, client, recipients or words were not answered by them\n", r.thin)
	}
	return nil
}

// shown is the action, and the one that a dry run holds back.
func (j judgement) shown() string {
	if j.Would == "" {
		return j.Verdict
	}
	return j.Verdict + " (would " + j.Would + ")"
}
