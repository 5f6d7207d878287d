package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/journal"
	"quishmilter/verdict"
)

// entryCommand is `allow` or `block`.
func entryCommand(load func() (Settings, error), list journal.EntryList) *cobra.Command {
	short := "Allow entries: what is let through before any rule is asked"
	if list == journal.Block {
		short = "Block entries: what is held, or worse, before any rule is asked"
	}
	cmd := &cobra.Command{Use: string(list), Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return exit{exitUsage, fmt.Errorf("write %s list, %s add KIND VALUE or %s remove KIND VALUE", list, list, list)}
	}}
	cmd.AddCommand(listEntries(load, list), addEntry(load, list), removeEntry(load, list))
	return cmd
}

const entryKinds = "KIND is address, domain, list-id, host, class, network or picture. A domain or host may begin with \"*.\" for all names below it. " +
	"A picture is the SHA-256 of the attached file, as sha256sum and scan --json print it."

func listEntries(load func() (Settings, error), list journal.EntryList) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "Show the entries in force", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSource(load, false, func(src source) error {
				all, err := src.Entries(cmd.Context())
				if err != nil {
					return err
				}
				all = slices.DeleteFunc(all, func(e journal.Entry) bool { return e.List != list })
				return printEntries(cmd.OutOrStdout(), all, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

func addEntry(load func() (Settings, error), list journal.EntryList) *cobra.Command {
	var e journal.Entry
	var span Duration
	var until, action string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "add KIND VALUE", Short: "Add an entry, or replace it; it holds for the next message", Long: entryKinds, Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			e.List, e.Kind, e.Value, e.Action = list, journal.EntryKind(args[0]), refanged(args[1]), verdict.Action(action)
			now := time.Now()
			checked, err := ended(e, until, span, now)
			if err == nil && span <= 0 && cmd.Flags().Changed("for") {
				err = errors.New("--for: write how long the entry holds, for example 30d, or leave it out")
			}
			if err == nil {
				checked, err = checked.Check()
			}
			if err != nil {
				return exit{exitUsage, err}
			}
			checked.Added = now
			return withSource(load, true, func(src source) error {
				kept, err := src.PutEntry(cmd.Context(), checked)
				switch {
				case err != nil:
					return err
				case asJSON:
					return json.NewEncoder(cmd.OutOrStdout()).Encode(kept)
				}
				return sayAdded(cmd.OutOrStdout(), kept)
			})
		},
	}
	flags := cmd.Flags()
	flags.TextVar(&span, "for", Duration(0), "how long it holds, for example 30d; for good without")
	flags.StringVar(&until, "until", "", "the `day` or time until when it holds, as 2027-01-31")
	flags.StringVar(&e.Comment, "comment", "", "why, for whoever reads the list")
	flags.StringVar(&e.By, "by", userName(), "who adds it")
	flags.BoolVar(&asJSON, "json", false, "print the entry as it is kept")
	if list == journal.Block {
		flags.StringVar(&action, "action", "quarantine", "tag, quarantine, tempfail, reject or discard")
	}
	return cmd
}

// ended gives the entry its end.
func ended(e journal.Entry, until string, span Duration, now time.Time) (journal.Entry, error) {
	switch {
	case until != "" && span != 0:
		return e, fmt.Errorf("write --for or --until, not both")
	case span != 0:
		e.Until = now.Add(span.std()).UTC().Truncate(time.Second)
	case until != "":
		var err error
		if e.Until, err = journal.ParseUntil(until); err != nil {
			return e, err
		}
	}
	if e.Expired(now) {
		return e, fmt.Errorf("the entry's end, %s, has passed already", e.Until.Format(time.RFC3339))
	}
	return e, nil
}

func removeEntry(load func() (Settings, error), list journal.EntryList) *cobra.Command {
	return &cobra.Command{
		Use: "remove KIND VALUE", Short: "Take an entry off the list", Long: entryKinds, Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := journal.Entry{List: list, Kind: journal.EntryKind(args[0]), Value: refanged(args[1]), By: userName()}.Check()
			if err != nil {
				return exit{exitUsage, err}
			}
			return withSource(load, false, func(src source) error { return src.RemoveEntry(cmd.Context(), e) })
		},
	}
}

// sayAdded says in a line what holds from now on, since what was written may have been put into another form.
func sayAdded(out io.Writer, e journal.Entry) error {
	end := ""
	if !e.Until.IsZero() {
		end = " until " + e.Until.Local().Format("2006-01-02 15:04 -07:00")
	}
	action := e.Action
	if e.List == journal.Allow {
		action = verdict.Accept
	}
	_, err := fmt.Fprintf(out, "%s %s: %s%s\n", e.Kind, safe(e.Value), action, end)
	return err
}

// withSource runs a command on the daemon's answers, or on the state where no daemon runs.
func withSource(load func() (Settings, error), create bool, run func(source) error) error {
	settings, err := load()
	if err != nil {
		return err
	}
	src, done, err := openSource(settings, create)
	if err != nil {
		return err
	}
	defer done()
	return run(src)
}

// userName is the person at the terminal, also behind sudo.
func userName() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return strings.Map(plainName, name)
	}
	if u, err := user.Current(); err == nil {
		return strings.Map(plainName, u.Username)
	}
	return ""
}

// printEntries shows values and comments as if they were a message's: they were written by people, but often copied from a message.
func printEntries(out io.Writer, all []journal.Entry, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(out)
		for _, e := range all {
			if err := lines.Encode(e); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KIND\tVALUE\tACTION\tUNTIL\tBY\tADDED\tCOMMENT")
	for _, e := range all {
		action := e.Action
		if action == "" {
			action = verdict.Accept
		}
		by := e.By
		if e.Source != "" {
			by = e.Source
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", shown(string(e.Kind)), safe(e.Value), shown(string(action)), dayOf(e.Until), safe(by), dayOf(e.Added), safe(e.Comment))
	}
	return table.Flush()
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return localTime(t)
}
