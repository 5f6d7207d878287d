package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/mime"
	"quishmilter/prevalence"
)

func learnCommand(load func() (Settings, error)) *cobra.Command {
	var logs []string
	var sent, junk bool
	cmd := &cobra.Command{
		Use:   "learn PATH…",
		Short: "Feed the history from stored mail: Maildirs, mbox files, .eml files and folders of them; Postfix logs",
		Long: "Feed the history from stored mail: Maildirs, mbox files, .eml files, and folders of them. The date is that of the topmost " +
			"Received field, which the last host wrote; of a message without one, Date. A message that is there already counts once. " +
			"Folders named Sent count as sent by our own people. What builds no trust is left out, and counted at the end: folders of junk, deleted mail and drafts, what is marked as such, " +
			"and what is older than history is kept. Mail whose authentication failed is recorded as that of a stranger. A file or folder that cannot be read does not stop the others. " +
			"What was broken off goes on where it was when the same command is given again.\n\nExit status: 0 done; 1 something could not be read, and is named.",
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
			return learn(cmd.Context(), settings, lesson{paths: paths, logs: logs, sent: sent, junk: junk, out: cmd.OutOrStdout(), progress: cmd.ErrOrStderr()})
		},
	}
	cmd.Flags().StringArrayVar(&logs, "log", nil, "a Postfix `FILE` of logs, .gz too: envelope senders alone, which count for no From; recipients of our own mail become known")
	cmd.Flags().BoolVar(&sent, "sent", false, "the messages were sent by our own people: their recipients become known, their senders do not")
	cmd.Flags().BoolVar(&junk, "include-junk", false, "take folders of junk, deleted mail and drafts, and what is marked as such, for mail like any other")
	return cmd
}

// lesson is what is to be learnt.
type lesson struct {
	paths, logs   []string
	sent, junk    bool
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
	judge, err := newStoredJudge(ctx, s, l.junk)
	if err != nil {
		return err
	}
	t := &teacher{ctx: ctx, add: src.Learn, now: l.now, sent: l.sent, judge: judge, skipped: map[string]int{}, noTrust: map[string]int{},
		marks: openBookmarks(s.State), bar: newProgress(l.progress, "learning", "messages", -1)}
	err = t.all(l, own)
	t.bar.Finish()
	t.summary(l.out)
	return errors.Join(err, t.unread())
}

// summary says what was learnt, and by cause what was not.
func (t *teacher) summary(out io.Writer) {
	fmt.Fprintf(out, "%s learnt\n", messages(t.learnt))
	if t.known > 0 {
		fmt.Fprintf(out, "%d were known already\n", t.known)
	}
	for _, why := range slices.Sorted(maps.Keys(t.noTrust)) {
		fmt.Fprintf(out, "%d of them build no trust: %s\n", t.noTrust[why], why)
	}
	for _, why := range slices.Sorted(maps.Keys(t.skipped)) {
		fmt.Fprintf(out, "%d skipped: %s\n", t.skipped[why], why)
	}
}

// maxNamed bounds the files that are named because they could not be read; all are counted.
const maxNamed = 10

// cannotRead notes what could not be read: the rest is learnt all the same.
func (t *teacher) cannotRead(name string, err error) {
	t.unreadable++
	var path *fs.PathError
	if errors.As(err, &path) { // it says the name in its own way
		err = path.Err
	}
	if len(t.named) < maxNamed {
		t.named = append(t.named, fmt.Errorf("%s: %w", name, err))
	}
}

// unread is the error at the end.
func (t *teacher) unread() error {
	if t.unreadable == 0 {
		return nil
	}
	names := make([]string, len(t.named))
	for i, err := range t.named {
		names[i] = err.Error()
	}
	if more := t.unreadable - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return unread{fmt.Sprintf("%d files or folders could not be read (the rest was learnt): %s", t.unreadable, strings.Join(names, "; ")), t.named}
}

type unread struct {
	text string
	all  []error
}

func (u unread) Error() string   { return u.text }
func (u unread) Unwrap() []error { return u.all }

// batch is how many messages go into one commit, which is as long as mail may have to wait for it.
const batch = 500

// teacher collects records and hands them to the daemon, or to the state itself when no daemon runs.
type teacher struct {
	ctx     context.Context
	add     func(context.Context, []prevalence.Record) (known int, err error)
	records []prevalence.Record
	now     time.Time
	sent    bool
	learnt  int // without what was
	known   int // already

	judge    *storedJudge
	sentHere bool // the present file is of sent mail

	skipped    map[string]int // why, and how many
	noTrust    map[string]int // likewise, of those that were learnt
	unreadable int            // files and folders
	named      []error        // the first of these
	marks      *bookmarks
	at         bookmark // of what was read last
	root       string   // the path whose bookmark that is
	bar        progress
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
		t.cannotRead(name, err)
		return nil
	}
	defer f.Close()
	broken := error(nil) // what came from us, not from the file
	text, err := unzipped(bufio.NewReader(f))
	if err == nil {
		var left map[string]int
		left, err = prevalence.PostfixLog(text, t.now, own, func(r prevalence.Record) error {
			broken = t.take(r)
			return broken
		})
		for why, n := range left {
			t.skipped[why] += n
		}
	}
	if err != nil && broken == nil {
		t.cannotRead(name, err)
	}
	return broken
}

// message takes the header of one message.
func (t *teacher) message(header []byte) error {
	record, err := prevalence.FromMessage(header, t.now)
	if err != nil {
		t.skipped[err.Error()]++
		return nil
	}
	fields, _ := mime.ParseMessage(header)
	record, left, noTrust := t.judge.judge(record, fields, t.sentHere)
	if left != "" {
		t.skipped[left]++
		return nil
	}
	if noTrust != "" {
		t.noTrust[noTrust]++
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
		known, err := t.add(t.ctx, t.records)
		if err != nil {
			return err
		}
		t.known += known
		t.learnt += len(t.records) - known
	}
	t.bar.Add(len(t.records))
	t.records = t.records[:0]
	if t.root != "" {
		return t.marks.set(t.root, t.at)
	}
	return nil
}
