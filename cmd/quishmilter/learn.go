package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/prevalence"
)

func learnCommand(load func() (Settings, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "learn PATH…",
		Short: "Feed the history from stored messages (.eml files, or folders of them)",
		Long: "Feed the history from stored messages: .eml files, or folders in which every file is one message. The date is that " +
			"of the topmost Received field, which the last host wrote; of a message without one, Date. A message that is there already counts once.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			return learn(cmd.Context(), settings, paths, cmd.OutOrStdout())
		},
	}
}

// batch is how many messages go into one commit.
const batch = 500

// teacher collects records and hands them to the daemon, or to the state itself when no daemon runs.
type teacher struct {
	ctx     context.Context
	add     func(context.Context, []prevalence.Record) error
	records []prevalence.Record
	now     time.Time
	learnt  int
	skipped map[string]int // why, and how many
}

func learn(ctx context.Context, s Settings, paths []string, out io.Writer) error {
	src, done, err := openSource(s, true)
	if err != nil {
		return err
	}
	defer done()
	t := &teacher{ctx: ctx, add: src.Learn, now: time.Now(), skipped: map[string]int{}}
	for _, path := range paths {
		if err := t.read(path); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d messages learnt\n", t.learnt)
	for why, n := range t.skipped {
		fmt.Fprintf(out, "%d skipped: %s\n", n, why)
	}
	return nil
}

// read walks a folder, or takes one file. What is no regular file is passed over.
func (t *teacher) read(path string) error {
	return filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		return t.message(name)
	})
}

// headerLimit is how much of a file is read: a message's header and a little more.
const headerLimit = 1 << 20

func (t *teacher) message(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, headerLimit))
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	record, err := prevalence.FromMessage(head, t.now)
	if err != nil {
		t.skipped[err.Error()]++
		return nil
	}
	t.records = append(t.records, record)
	t.learnt++
	if len(t.records) < batch {
		return nil
	}
	return t.flush()
}

func (t *teacher) flush() error {
	if len(t.records) == 0 {
		return nil
	}
	err := t.add(t.ctx, t.records)
	t.records = t.records[:0]
	return err
}
