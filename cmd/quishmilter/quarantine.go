package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"quishmilter/journal"
)

func quarantineCommand(load func() (Settings, error)) *cobra.Command {
	cmd := &cobra.Command{
		Use: "quarantine", Short: "What we put in Postfix's hold queue, with the evidence", Args: cobra.NoArgs,
		Long: "What we put in Postfix's hold queue, with the evidence. ID is an event's id (X-Quish-Id) or a queue id. As root the commands work by themselves; " +
			"list, release and delete work for the group of the queue helper as well.",
		RunE: func(*cobra.Command, []string) error {
			return exit{exitUsage, errors.New("write quarantine list, show, release, delete or extract")}
		},
	}
	cmd.AddCommand(listHeld(load), showHeld(load), releaseHeld(load), deleteHeld(load), extractHeld(load))
	return cmd
}

// heldFilter chooses held messages.
type heldFilter struct {
	host, sender, reason string
	older                Duration
	ids                  []string
	all                  bool
}

func (f *heldFilter) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.host, "host", "", "with a code that leads to this `host`, or to one below it")
	flags.StringVar(&f.sender, "sender", "", "from this `address`, or @domain")
	flags.StringVar(&f.reason, "reason", "", "held for this `reason`")
	flags.TextVar(&f.older, "older", Duration(0), "held for longer than this, for example 7d")
	flags.StringSliceVar(&f.ids, "id", nil, "with this event id or queue `id`; may be repeated")
	flags.BoolVar(&f.all, "all", false, "all that we put on hold")
}

// given says whether anything was chosen: nothing is released or deleted by omission.
func (f *heldFilter) given() error {
	some := f.host != "" || f.sender != "" || f.reason != "" || f.older != 0 || len(f.ids) > 0
	switch {
	case !some && !f.all:
		return exit{exitUsage, errors.New("say which messages: an ID, --host, --sender, --reason, --older or --all")}
	case some && f.all:
		return exit{exitUsage, errors.New("--all does not go with an ID or another choice")}
	}
	return nil
}

func (f *heldFilter) matches(h heldMail, now time.Time) bool {
	host, sender, from := strings.ToLower(f.host), strings.ToLower(f.sender), strings.ToLower(h.HeaderFrom)
	below := func(name string) bool { return name == host || strings.HasSuffix(name, "."+host) }
	return (host == "" || slices.ContainsFunc(h.Hosts, below)) &&
		(sender == "" || from == sender || strings.HasPrefix(sender, "@") && strings.HasSuffix(from, sender)) &&
		(f.reason == "" || slices.Contains(h.Reasons, f.reason)) &&
		(f.older == 0 || now.Sub(h.Time) > f.older.std()) &&
		(len(f.ids) == 0 || slices.Contains(f.ids, h.Event) || slices.Contains(f.ids, h.QueueID))
}

// chosen lists what is on hold and keeps what was asked for; an id that is not among it is an error.
func (f *heldFilter) chosen(ctx context.Context, k keeper) (heldList, error) {
	list, err := k.List(ctx)
	if err != nil {
		return list, err
	}
	now := time.Now()
	for _, id := range f.ids {
		if !slices.ContainsFunc(list.Held, func(h heldMail) bool { return h.Event == id || h.QueueID == id }) {
			return list, fmt.Errorf("%.40q is no message that we hold", id)
		}
	}
	list.Held = slices.DeleteFunc(list.Held, func(h heldMail) bool { return !f.matches(h, now) })
	return list, nil
}

func listHeld(load func() (Settings, error)) *cobra.Command {
	var f heldFilter
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "Show what we put on hold; what others hold is only counted", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withKeeper(load, func(s Settings, src source, k keeper) error {
				list, err := f.chosen(cmd.Context(), k)
				if err != nil {
					return err
				}
				return printHeld(cmd.OutOrStdout(), cmd.ErrOrStderr(), list, asJSON)
			})
		},
	}
	f.flags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a message")
	return cmd
}

// withKeeper runs a command that works on held mail. Whoever asks the helper needs no way to the state.
func withKeeper(load func() (Settings, error), run func(Settings, source, keeper) error) error {
	settings, err := load()
	if err != nil {
		return err
	}
	src, done, err := openSource(settings, false)
	if err == nil {
		defer done()
		return run(settings, src, keeperFor(settings, src))
	}
	k, ok := keeperFor(settings, nil).(helperClient)
	if !ok {
		return err
	}
	return run(settings, nil, k)
}

func printHeld(out, side io.Writer, list heldList, asJSON bool) error {
	for _, h := range list.Noticed {
		last := h.Acts[len(h.Acts)-1]
		fmt.Fprintf(side, "quishmilter: %s (queue id %s, from %s): %s\n", h.Event, h.QueueID, safe(h.HeaderFrom), last.Note)
	}
	if asJSON {
		lines := json.NewEncoder(out)
		for _, h := range list.Held {
			if err := lines.Encode(h); err != nil {
				return err
			}
		}
		return nil
	}
	buffered := bufio.NewWriterSize(out, 64<<10) // the table writes each cell by itself
	table := (terminal{out: buffered}).rows("HELD SINCE", "QUEUE ID", "ID", "FROM", "TO", "HOST", "REASONS", "SUBJECT")
	for _, h := range list.Held {
		to := ""
		if len(h.Rcpts) > 0 {
			to = h.Rcpts[0]
		}
		to = safe(to)
		if h.NRcpt > 1 {
			to += fmt.Sprintf(" +%d", h.NRcpt-1)
		}
		if err := table.add(h.Time.Local().Format(time.RFC3339), h.QueueID, h.Event, safe(h.HeaderFrom), to, safe(strings.Join(h.Hosts, " ")), strings.Join(h.Reasons, ","), safe(h.Subject)); err != nil {
			return err
		}
	}
	if err := table.table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(buffered, "%d held by quishmilter; %d more on hold, but not by quishmilter\n", len(list.Held), list.Others)
	return buffered.Flush()
}

func releaseHeld(load func() (Settings, error)) *cobra.Command {
	var f heldFilter
	var asJSON bool
	var allow string
	cmd := &cobra.Command{
		Use: "release [ID…]", Short: "Let held messages go to their recipients",
		Long: "Let held messages go to their recipients. They count as let through in the sender's history. One message is watched until it has left the queue.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"", "address", "domain"}, allow) {
				return exit{exitUsage, fmt.Errorf("--allow=%s is not known; write address or domain", allow)}
			}
			f.ids = append(f.ids, args...)
			return onChosen(cmd, load, &f, asJSON, func(ctx context.Context, src source, k keeper, h heldMail, only bool) (handled, error) {
				entry, err := allowEntry(allow, h.Hold)
				if err != nil {
					return handled{}, err
				}
				watch := watchTime
				if !only {
					watch = 5 * time.Second
				}
				done, err := k.Release(ctx, h.Event, watch)
				if err == nil && allow != "" {
					err = putAllow(ctx, src, entry)
				}
				return done, err
			})
		},
	}
	f.flags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a message")
	cmd.Flags().StringVar(&allow, "allow", "", "and allow the sender's `address` (or domain) from now on; for senders who are proven")
	cmd.Flags().Lookup("allow").NoOptDefVal = "address"
	return cmd
}

// allowEntry is for a proven sender alone: an entry for an address that anybody may write would let anybody in.
func allowEntry(kind string, h journal.Hold) (journal.Entry, error) {
	e := journal.Entry{List: journal.Allow, Kind: journal.ByAddress, Value: h.HeaderFrom, By: userName(), Added: time.Now(), Comment: "released " + h.Event}
	if kind == "" {
		return e, nil
	}
	if h.Auth != "pass" {
		return e, fmt.Errorf("%s: its sender %s is not proven, so that an allow entry would do nothing for the next message; release it without --allow", h.Event, safe(h.HeaderFrom))
	}
	if kind == "domain" {
		_, domain, _ := strings.Cut(h.HeaderFrom, "@")
		e.Kind, e.Value = journal.ByDomain, domain
	}
	return e.Check()
}

func putAllow(ctx context.Context, src source, e journal.Entry) error {
	if src == nil {
		return errors.New("the message is released, but this user may not add allow entries: ask the owner of the state")
	}
	if _, err := src.PutEntry(ctx, e); err != nil {
		return fmt.Errorf("the message is released, but the allow entry could not be added: %w", err)
	}
	return nil
}

func deleteHeld(load func() (Settings, error)) *cobra.Command {
	var f heldFilter
	var asJSON, bounce bool
	cmd := &cobra.Command{
		Use: "delete [ID…]", Short: "Remove held messages for good; neither sender nor recipients are told",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.ids = append(f.ids, args...)
			return onChosen(cmd, load, &f, asJSON, func(ctx context.Context, _ source, k keeper, h heldMail, _ bool) (handled, error) {
				return k.Delete(ctx, h.Event, bounce)
			})
		},
	}
	f.flags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a message")
	cmd.Flags().BoolVar(&bounce, "bounce", false, "tell the sender, who must have logged in here")
	return cmd
}

// onChosen does the same with each chosen message. What fails for one is no reason to leave the others.
func onChosen(cmd *cobra.Command, load func() (Settings, error), f *heldFilter, asJSON bool, do func(context.Context, source, keeper, heldMail, bool) (handled, error)) error {
	if err := f.given(); err != nil {
		return err
	}
	return withKeeper(load, func(_ Settings, src source, k keeper) error {
		list, err := f.chosen(cmd.Context(), k)
		if err != nil {
			return err
		}
		failed := 0
		for _, h := range list.Held {
			if cmd.Context().Err() != nil {
				return cmd.Context().Err()
			}
			done, err := do(cmd.Context(), src, k, h, len(list.Held) == 1)
			done.Event, done.QueueID = h.Event, h.QueueID
			if err != nil {
				failed++
				done.Error = oneLine(err.Error())
			}
			printHandled(cmd.OutOrStdout(), done, asJSON)
		}
		if failed > 0 {
			return exit{exitFailed, fmt.Errorf("%d of %d messages could not be handled as asked", failed, len(list.Held))}
		}
		return nil
	})
}

func printHandled(out io.Writer, done handled, asJSON bool) {
	if asJSON {
		_ = json.NewEncoder(out).Encode(done) // a closed pipe ends the next write
		return
	}
	text := fmt.Sprintf("%s (queue id %s): %s", done.Event, done.QueueID, strings.Trim(done.Done+", "+done.Note, ", "))
	if done.NewID != "" {
		text += ", new queue id " + done.NewID
	}
	if done.Error != "" {
		text += " " + done.Error
	}
	fmt.Fprintln(out, text)
}
