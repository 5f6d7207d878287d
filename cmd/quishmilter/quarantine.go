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
	return group(&cobra.Command{
		Use: "quarantine", Short: "What we put in Postfix's hold queue, with the evidence",
		Long: "What we put in Postfix's hold queue, with the evidence. ID is an event's id (X-Quish-Id) or a queue id. As root the commands work by themselves; " +
			"list, release and delete work for the group of the queue helper as well.",
	}, listHeld(load), showHeld(load), releaseHeld(load), deleteHeld(load), extractHeld(load))
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
	some := f.String() != "" || len(f.ids) > 0
	switch {
	case !some && !f.all:
		return exit{exitUsage, errors.New("say which messages: an ID, --host, --sender, --reason, --older or --all")}
	case some && f.all:
		return exit{exitUsage, errors.New("--all does not go with an ID or another choice")}
	}
	return nil
}

// byIDAlone says that messages were named, and nothing else was asked for.
func (f *heldFilter) byIDAlone() bool { return f.String() == "" && len(f.ids) > 0 }

func (f *heldFilter) matches(h heldMail, now time.Time) bool {
	host, sender, from := strings.ToLower(f.host), strings.ToLower(f.sender), strings.ToLower(h.HeaderFrom)
	below := func(name string) bool { return name == host || strings.HasSuffix(name, "."+host) }
	return (host == "" || slices.ContainsFunc(h.Hosts, below)) &&
		(sender == "" || from == sender || strings.HasPrefix(sender, "@") && strings.HasSuffix(from, sender)) &&
		(f.reason == "" || slices.Contains(h.Reasons, f.reason)) &&
		(f.older == 0 || now.Sub(h.Time) > f.older.std()) &&
		(len(f.ids) == 0 || slices.Contains(f.ids, h.Event) || slices.Contains(f.ids, h.QueueID))
}

// String is the choice as it was written.
func (f *heldFilter) String() string {
	var words []string
	for _, flag := range []struct{ name, value string }{{"host", f.host}, {"sender", f.sender}, {"reason", f.reason}, {"older", f.older.String()}} {
		if flag.value != "" && flag.value != Duration(0).String() {
			words = append(words, "--"+flag.name+" "+flag.value)
		}
	}
	return oneLine(strings.Join(words, " "))
}

// chosen lists what is on hold and keeps what was asked for; an id that is not among it is an error.
func (f *heldFilter) chosen(ctx context.Context, src source, k keeper) (heldList, error) {
	list, err := k.List(ctx)
	if err != nil {
		return list, err
	}
	now := time.Now()
	for _, id := range f.ids {
		if !slices.ContainsFunc(list.Held, func(h heldMail) bool { return h.Event == id || h.QueueID == id }) {
			return list, list.among(notHeld(ctx, src, id))
		}
	}
	list.Held = slices.DeleteFunc(list.Held, func(h heldMail) bool { return !f.matches(h, now) })
	return list, nil
}

// among says with an error, or with none, that not all instances were asked: what is done is not all that was asked for.
func (l heldList) among(err error) error {
	if len(l.Failed) == 0 {
		return err
	}
	return exit{exitFailed, errors.Join(err, fmt.Errorf("%d of queue_instances could not be asked, and its mail is left out: %s", len(l.Failed), strings.Join(l.Failed, "; ")))}
}

// notHeld says why a message is not on hold: what became of it, as far as this user may know, or that it is none of ours.
func notHeld(ctx context.Context, src source, id string) error {
	if src != nil {
		if h, err := holdNamed(ctx, src, id); err == nil {
			return fmt.Errorf("%s (queue id %s) is not on hold: %s", h.Event, h.QueueID, becameOf(h))
		}
	}
	return noneOfOurs(id)
}

func noneOfOurs(id string) error {
	return fmt.Errorf("%.40q is no message that quishmilter holds; quarantine list shows those that it does", id)
}

// becameOf says where a message is that is not in the hold queue.
func becameOf(h journal.Hold) string {
	if h.State != journal.Holding && h.State.Open() {
		return stateText(h) + "; quarantine show " + h.Event + " says what came of it"
	}
	if h.State.Open() {
		return "Postfix has it in no queue, and the log does not say yet what became of it; try again in a minute, or name its Postfix in queue_instances"
	}
	return stateText(h)
}

// stateText says where a message is, since when, and who brought it there.
func stateText(h journal.Hold) string {
	if h.State == journal.Holding || len(h.Acts) == 0 {
		return fmt.Sprintf("%s since %s", h.State, dayOf(h.Time))
	}
	last := h.Acts[len(h.Acts)-1]
	text := fmt.Sprintf("%s at %s by %q", h.State, dayOf(last.Time), last.By)
	if last.UID < 0 {
		text = fmt.Sprintf("%s, noticed at %s", h.State, dayOf(last.Time))
	}
	return text + "; put on hold at " + dayOf(h.Time)
}

func listHeld(load func() (Settings, error)) *cobra.Command {
	var f heldFilter
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "Show what we put on hold, newest first; what others hold is only counted", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withKeeper(load, func(s Settings, src source, k keeper) error {
				list, err := f.chosen(cmd.Context(), src, k)
				if err != nil {
					return err
				}
				return list.among(printHeld(cmd.OutOrStdout(), cmd.ErrOrStderr(), list, asJSON))
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
		if err := table.add(localTime(h.Time), h.QueueID, h.Event, defangedCell(h.HeaderFrom), rcptsCell(h.Rcpts[:min(1, len(h.Rcpts))], h.NRcpt), defangedCell(strings.Join(h.Hosts, " ")), strings.Join(h.Reasons, ","), safe(h.Subject)); err != nil {
			return err
		}
	}
	if err := table.table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(buffered, "%d held by quishmilter; %d more on hold, but not by quishmilter\n", len(list.Held), list.Others)
	return buffered.Flush()
}

// rcptsCell shows some recipients of a message, and how many more there are.
func rcptsCell(some []string, all int) string {
	words := make([]string, len(some))
	for n, rcpt := range some {
		words[n] = defangedCell(rcpt)
	}
	if more := all - len(some); more > 0 {
		words = append(words, fmt.Sprintf("+%d", more))
	}
	return strings.Join(words, " ")
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
			return onChosen(cmd, load, &f, "released", asJSON, func(ctx context.Context, src source, k keeper, h heldMail, only bool) (handled, error) {
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
	cmd.Flags().StringVar(&allow, "allow", "", "and allow the sender from now on, by `address|domain`; for senders who are proven")
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
		return e, fmt.Errorf("its sender %s is not proven, so that an allow entry would do nothing for the next message; release it without --allow", defangedCell(h.HeaderFrom))
	}
	if kind == "domain" {
		_, domain, _ := strings.Cut(h.HeaderFrom, "@")
		e.Kind, e.Value = journal.ByDomain, domain
	}
	return e.Check()
}

func putAllow(ctx context.Context, src source, e journal.Entry) error {
	if src == nil {
		return errors.New("the message is released, but the allow entry is not added: entries are for root and the user that quishmilter runs as")
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
			return onChosen(cmd, load, &f, "deleted", asJSON, func(ctx context.Context, _ source, k keeper, h heldMail, _ bool) (handled, error) {
				return k.Delete(ctx, h.Event, bounce)
			})
		},
	}
	f.flags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a message")
	cmd.Flags().BoolVar(&bounce, "bounce", false, "tell the sender, who must have logged in here")
	return cmd
}

// onChosen does the same with each chosen message, the oldest first. What fails for one is no reason to leave the others.
// A choice that nothing matches is no failure, but is said: it may be a slip of the pen.
func onChosen(cmd *cobra.Command, load func() (Settings, error), f *heldFilter, verb string, asJSON bool, do func(context.Context, source, keeper, heldMail, bool) (handled, error)) error {
	if err := f.given(); err != nil {
		return err
	}
	return withKeeper(load, func(_ Settings, src source, k keeper) error {
		list, err := f.chosen(cmd.Context(), src, k)
		if err != nil {
			return err
		}
		sayIfNone(cmd.ErrOrStderr(), f, list, verb)
		failed := 0
		for _, h := range slices.Backward(list.Held) {
			if cmd.Context().Err() != nil {
				return cmd.Context().Err()
			}
			done, err := do(cmd.Context(), src, k, h, len(list.Held) == 1)
			done.Event, done.QueueID = h.Event, h.QueueID
			if err != nil {
				failed++
				done.Error = aboutIt(done, err)
			}
			if err != nil && len(list.Held) == 1 && !asJSON {
				return errors.New(done.String())
			}
			printHandled(cmd.OutOrStdout(), done, asJSON)
		}
		if failed > 0 {
			return list.among(exit{exitFailed, fmt.Errorf("%d of %s could not be %s as asked; the lines above say why", failed, messages(len(list.Held)), verb)})
		}
		if f.byIDAlone() { // all were found
			return nil
		}
		return list.among(nil)
	})
}

func sayIfNone(side io.Writer, f *heldFilter, list heldList, verb string) {
	switch {
	case len(list.Held) > 0:
	case f.all:
		fmt.Fprintf(side, "quishmilter: nothing is %s: quishmilter holds no message\n", verb)
	default:
		fmt.Fprintf(side, "quishmilter: nothing is %s: no message on hold matches %s\n", verb, f)
	}
}

// aboutIt is an error without the ids that it begins with: the line about a message begins with them.
func aboutIt(about handled, err error) string {
	text := oneLine(err.Error())
	for _, id := range []string{about.Event, about.QueueID} {
		if id != "" {
			text = strings.TrimPrefix(text, id+": ")
		}
	}
	return text
}

func printHandled(out io.Writer, done handled, asJSON bool) {
	if asJSON {
		_ = json.NewEncoder(out).Encode(done) // a closed pipe ends the next write
		return
	}
	fmt.Fprintln(out, done)
}

// String is one line: the message, what was done, what was seen of it, what went wrong.
func (h handled) String() string {
	var words []string
	for _, text := range []string{h.Done, h.Note} {
		if text != "" {
			words = append(words, text)
		}
	}
	if h.NewID != "" {
		words = append(words, "new queue id "+h.NewID)
	}
	text := strings.Join(words, ", ")
	switch {
	case text == "":
		text = h.Error
	case h.Error != "":
		text += "; " + h.Error
	}
	if h.QueueID == "" {
		return h.Event + ": " + text
	}
	return fmt.Sprintf("%s (queue id %s): %s", h.Event, h.QueueID, text)
}
