package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/prevalence"
)

func learnCommand(load func() (Settings, error)) *cobra.Command {
	var logs []string
	var sent bool
	cmd := &cobra.Command{
		Use:   "learn PATH…",
		Short: "Feed the history from stored mail: Maildirs, mbox files, .eml files and folders of them; Postfix logs",
		Long: "Feed the history from stored mail: Maildirs, mbox files, .eml files, and folders of them. The date is that of the topmost " +
			"Received field, which the last host wrote; of a message without one, Date. A message that is there already counts once. " +
			"Folders named Junk or Spam are passed over unless named themselves; those named Sent count as sent. What is older than history is kept is passed over. " +
			"What was broken off goes on where it was when the same command is given again.",
		Args: func(cmd *cobra.Command, paths []string) error {
			if len(paths)+len(logs) == 0 {
				return exit{exitUsage, errors.New("name a Maildir, an mbox file, a .eml file or a folder, or a Postfix log with --log")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, paths []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			return learn(cmd.Context(), settings, lesson{paths: paths, logs: logs, sent: sent, out: cmd.OutOrStdout(), progress: cmd.ErrOrStderr()})
		},
	}
	cmd.Flags().StringArrayVar(&logs, "log", nil, "a Postfix `FILE` of logs, .gz too: envelope senders alone, which count for no From; recipients of our own mail become known")
	cmd.Flags().BoolVar(&sent, "sent", false, "the messages were sent by our own people: their recipients become known, their senders do not")
	return cmd
}

// lesson is what is to be learnt.
type lesson struct {
	paths, logs   []string
	sent          bool
	out, progress io.Writer
	now           time.Time // the zero time is the present
}

// learn goes through everything; what was learnt before an error is kept.
func learn(ctx context.Context, s Settings, l lesson) error {
	src, done, err := sourceWith(s, true, openStore)
	if err != nil {
		return err
	}
	defer done()
	own, err := prefixes(s.OwnNetworks)
	if err != nil {
		return err
	}
	if l.now.IsZero() {
		l.now = time.Now()
	}
	t := &teacher{ctx: ctx, add: src.Learn, now: l.now, sent: l.sent, skipped: map[string]int{},
		marks: openBookmarks(s.State), bar: newProgress(l.progress, "learning", "messages", -1)}
	err = t.all(l, own)
	t.bar.Finish()
	fmt.Fprintf(l.out, "%d messages learnt\n", t.learnt)
	for why, n := range t.skipped {
		fmt.Fprintf(l.out, "%d skipped: %s\n", n, why)
	}
	return err
}

// batch is how many messages go into one commit, which is as long as mail may have to wait for it.
const batch = 500

// teacher collects records and hands them to the daemon, or to the state itself when no daemon runs.
type teacher struct {
	ctx     context.Context
	add     func(context.Context, []prevalence.Record) error
	records []prevalence.Record
	now     time.Time
	sent    bool
	learnt  int

	sentHere bool // the present file is of sent mail

	skipped map[string]int // why, and how many
	marks   *bookmarks
	at      bookmark // of what was read last
	root    string   // the path whose bookmark that is
	bar     progress
}

func (t *teacher) all(l lesson, own []netip.Prefix) error {
	for _, path := range l.paths {
		if err := t.path(path); err != nil {
			return err
		}
	}
	t.root = "" // logs are quick, and read anew
	ours := func(a netip.Addr) bool { return within(a, own) }
	for _, name := range l.logs {
		if err := t.log(name, ours); err != nil {
			return err
		}
	}
	return t.flush()
}

// log reads a Postfix log.
func (t *teacher) log(name string, own func(netip.Addr) bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := unzipped(bufio.NewReader(f))
	if err == nil {
		err = prevalence.PostfixLog(text, t.now, own, t.take)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

// message takes the header of one message.
func (t *teacher) message(header []byte) error {
	record, err := prevalence.FromMessage(header, t.now)
	if err != nil {
		t.skipped[err.Error()]++
		return nil
	}
	if t.sentHere {
		record = record.Sent()
	}
	return t.take(record)
}

// take collects a record. An old one would say that history reaches back to it, and be forgotten at once.
func (t *teacher) take(record prevalence.Record) error {
	if t.now.Sub(record.Time) > prevalence.Retention {
		t.skipped[fmt.Sprintf("older than history is kept, which is %d days", prevalence.Retention/(24*time.Hour))]++
		return nil
	}
	t.records = append(t.records, record)
	if len(t.records) < batch {
		return nil
	}
	return t.flush()
}

// flush commits what was collected, and marks how far that is.
func (t *teacher) flush() error {
	if err := t.ctx.Err(); err != nil {
		return fmt.Errorf("broken off; give the same command again to go on: %w", err)
	}
	if len(t.records) > 0 {
		if err := t.add(t.ctx, t.records); err != nil {
			return err
		}
	}
	t.learnt += len(t.records)
	t.bar.Add(len(t.records))
	t.records = t.records[:0]
	if t.root != "" {
		return t.marks.set(t.root, t.at)
	}
	return nil
}
