package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/alert"
	"quishmilter/journal"
	"quishmilter/verdict"
)

// closing is one call of alerts close.
type closing struct {
	as, note     string
	allow, block string
	span         Duration
}

func closeAlert(load func() (Settings, error)) *cobra.Command {
	c := closing{span: days(30)}
	cmd := &cobra.Command{
		Use: "close ID", Short: "Close an alert, and say what it was", Args: cobra.ExactArgs(1),
		Long: "Close an alert, and say what it was. A false positive can be allowed from now on and let go (--allow); a true positive can be blocked for a while (--block). Without these the commands for it are printed.",
		RunE: func(cmd *cobra.Command, args []string) error {
			act := alert.Act{What: alert.WasClosed, As: alert.Verdict(c.as), Text: c.note}
			err := act.Check()
			switch {
			case err != nil:
			case c.allow != "" && act.As != alert.FalsePositive:
				err = errors.New("--allow goes with --as false-positive")
			case c.block != "" && act.As != alert.TruePositive:
				err = errors.New("--block goes with --as true-positive")
			case c.span <= 0:
				err = errors.New("--for: write how long the entries hold, for example 30d")
			}
			if err != nil {
				return exit{exitUsage, err}
			}
			return withKeeper(load, func(s Settings, src source, k keeper) error {
				if src == nil {
					return s.notAMember()
				}
				return c.run(cmd.Context(), cmd.OutOrStdout(), s, src, k, args[0], act)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&c.as, "as", "", "true-positive or false-positive")
	flags.StringVar(&c.note, "note", "", "why, as a `text`")
	flags.StringVar(&c.allow, "allow", "", "false positive: add the allow entry and release what is held; which one: address, domain, host or picture, or the one that fits (`best`)")
	flags.StringVar(&c.block, "block", "", "true positive: add block entries: host, picture, client, address, separated by commas, or those that fit (`best`)")
	flags.TextVar(&c.span, "for", c.span, "how long block entries hold")
	flags.Lookup("allow").NoOptDefVal, flags.Lookup("block").NoOptDefVal = "best", "best"
	return cmd
}

// run closes the alert first, which one person alone can, and does the rest then.
func (c closing) run(ctx context.Context, out io.Writer, s Settings, src source, k keeper, id string, act alert.Act) error {
	r, err := src.Alert(ctx, id)
	if err != nil {
		return err
	}
	entries, err := c.entries(r)
	if err != nil {
		return exit{exitUsage, err}
	}
	if r, err = actOnAlert(ctx, src, r.Alert.ID, act); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: closed as %s\n", r.Alert.ID, r.Alert.As)
	if c.block != "" && r.MoreHosts > 0 {
		fmt.Fprintf(out, "  the campaign has %s beyond these: hunt has them\n", journal.Several(int64(r.MoreHosts), "more host"))
	}
	failed := 0
	for _, e := range entries {
		if _, err := src.PutEntry(ctx, e); err != nil {
			failed++
			fmt.Fprintf(out, "  %s could not be added: %s\n    %s\n", safe(e.Name()), oneLine(err.Error()), entryLine(e, s.self()))
			continue
		}
		fmt.Fprintf(out, "  added: %s%s\n", safe(e.Name()), untilText(e))
	}
	if c.allow != "" {
		failed += releaseAll(ctx, out, k, r, s.self())
	}
	lines := nextSteps(r, s.self())
	if len(entries) > 0 { // what was done is not offered again
		lines = slices.DeleteFunc(lines, func(line string) bool {
			return strings.Contains(line, " block add ") || strings.Contains(line, " allow add ") || c.allow != "" && strings.Contains(line, " quarantine release ")
		})
	}
	for _, line := range lines {
		fmt.Fprintln(out, "  "+line)
	}
	if failed > 0 {
		return exit{exitFailed, fmt.Errorf("the alert is closed, but %s could not be done as asked; the lines above say why", journal.Several(int64(failed), "thing"))}
	}
	return nil
}

func untilText(e journal.Entry) string {
	if e.Until.IsZero() {
		return ""
	}
	return " until " + localTime(e.Until)
}

// releaseAll lets go what is still held of the campaign.
func releaseAll(ctx context.Context, out io.Writer, k keeper, r alert.Report, self string) (failed int) {
	for _, event := range heldOf(r) {
		done, err := k.Release(ctx, event, 5*time.Second)
		done.Event = event
		if err != nil {
			failed++
			done.Error = aboutIt(done, err) + "; try again by: " + self + " quarantine release " + event
		}
		fmt.Fprint(out, "  ")
		printHandled(out, done, false)
	}
	return failed
}

// heldOf are the messages of a report that are on hold.
func heldOf(r alert.Report) (events []string) {
	for _, s := range r.Scope {
		if journal.HoldState(s.Where).Open() && !slices.Contains(events, s.Event) {
			events = append(events, s.Event)
		}
	}
	return events
}

// entries are those that the flags ask for.
func (c closing) entries(r alert.Report) (list []journal.Entry, err error) {
	offered := blockEntries(r)
	wanted, list2 := c.block, journal.Block
	if c.allow != "" {
		offered, wanted, list2 = allowEntries(r), c.allow, journal.Allow
	}
	if wanted == "" {
		return nil, nil
	}
	kinds := map[string]journal.EntryKind{"host": journal.ByHost, "picture": journal.ByPicture, "client": journal.ByNetwork, "address": journal.ByAddress, "domain": journal.ByDomain}
	for _, word := range strings.Split(wanted, ",") {
		kind, known := kinds[word]
		if !known && word != "best" {
			return nil, fmt.Errorf("%.20q is nothing to make an entry of; write host, picture, client, address or domain", word)
		}
		n := len(list)
		for _, o := range offered {
			if word == "best" && o.best || word != "best" && o.entry.Kind == kind {
				list = append(list, o.entry)
			}
		}
		if len(list) == n {
			return nil, fmt.Errorf("no %s entry can be made of %q here: it would do nothing, or hit everybody who shares that name; see alerts show", list2, word)
		}
	}
	for n := range list {
		list[n].By, list[n].Added, list[n].Comment = userName(), time.Now(), "alert "+r.Alert.ID
		if list2 == journal.Block {
			list[n].Until = time.Now().Add(c.span.std()).UTC().Truncate(time.Second)
		}
	}
	return list, nil
}

// offer is an entry that an alert suggests.
type offer struct {
	entry journal.Entry
	best  bool
}

func offers(list journal.EntryList, all ...offer) (valid []offer) {
	for _, o := range all {
		o.entry.List = list
		if e, err := o.entry.Check(); err == nil {
			valid = append(valid, offer{e, o.best})
		}
	}
	return valid
}

// allowEntries are what lets the next one pass. A name that anybody may write helps nobody: see docs/entries.md.
func allowEntries(r alert.Report) []offer {
	var all []offer
	proven := r.Auth == "pass"
	if proven {
		_, domain, _ := strings.Cut(r.Alert.Source, "@")
		all = append(all, offer{journal.Entry{Kind: journal.ByAddress, Value: r.Alert.Source}, true}, offer{journal.Entry{Kind: journal.ByDomain, Value: domain}, false})
	}
	own := !proven && r.Alert.Host != "" && !sharedHost(r)
	if own {
		all = append(all, offer{journal.Entry{Kind: journal.ByHost, Value: r.Alert.Host}, true})
	}
	if r.Alert.Picture != "" {
		all = append(all, offer{journal.Entry{Kind: journal.ByPicture, Value: r.Alert.Picture}, !proven && !own})
	}
	return offers(journal.Allow, all...)
}

// blockEntries are what stops the rest. A host that everybody may have a page on, and a client that may be a provider's,
// are offered last, or not at all.
func blockEntries(r alert.Report) []offer {
	all := []offer{{journal.Entry{Kind: journal.ByPicture, Value: r.Alert.Picture}, true}}
	for _, host := range hostsOf(r) {
		if host != r.Alert.Host || !sharedHost(r) {
			all = append(all, offer{journal.Entry{Kind: journal.ByHost, Value: host}, true})
		}
	}
	all = append(all, offer{journal.Entry{Kind: journal.ByAddress, Value: r.Alert.Source}, true})
	if r.External {
		all = append(all, offer{journal.Entry{Kind: journal.ByNetwork, Value: r.Alert.Client}, false})
	}
	return offers(journal.Block, all...)
}

// hostsOf are the alert's own host and the others of its campaign.
func hostsOf(r alert.Report) (all []string) {
	for _, host := range append([]string{r.Alert.Host}, r.Hosts...) {
		if host != "" && !slices.Contains(all, host) {
			all = append(all, host)
		}
	}
	return all
}

func sharedHost(r alert.Report) bool {
	return slices.ContainsFunc(r.Says, func(c alert.Code) bool { return c.Host == r.Alert.Host && verdict.SharedHost(c.Signals) })
}

// self is how these settings' program is called.
func (s Settings) self() string {
	if s.file == "" {
		return "quishmilter"
	}
	return "quishmilter -c '" + strings.ReplaceAll(s.file, "'", `'\''`) + "'"
}

// nextSteps are commands ready to be pasted.
func nextSteps(r alert.Report, self string) (lines []string) {
	a, id := r.Alert, r.Alert.ID
	held := heldOf(r)
	if a.State == alert.Open {
		lines = append(lines, self+" alerts close "+id+" --as true-positive --block", self+" alerts close "+id+" --as false-positive --allow")
	}
	if a.As != alert.TruePositive {
		for _, o := range allowEntries(r) {
			lines = append(lines, entryLine(o.entry, self))
		}
		if len(held) > 0 {
			lines = append(lines, self+" quarantine release "+strings.Join(held[:min(len(held), 20)], " "))
		}
	}
	if a.As != alert.FalsePositive {
		for _, o := range blockEntries(r) {
			lines = append(lines, entryLine(o.entry, self))
		}
		if len(held) > 0 {
			lines = append(lines, self+" quarantine delete "+strings.Join(held[:min(len(held), 20)], " "))
		}
		for _, host := range hostsOf(r) {
			lines = append(lines, self+" hunt --host="+pasteable(host))
		}
		for _, hunted := range []struct{ flag, value string }{{"picture", a.Picture}, {"client", a.Client}, {"sender", a.Source}} {
			if hunted.value != "" {
				lines = append(lines, self+" hunt --"+hunted.flag+"="+pasteable(hunted.value))
			}
		}
	}
	return lines
}

// entryLine is the command that adds an entry; a block ends by itself.
func entryLine(e journal.Entry, self string) string {
	ends := ""
	if e.List == journal.Block {
		ends = " --for 30d"
	}
	return fmt.Sprintf(self+" %s add %s --comment 'alert'%s -- %s", e.List, e.Kind, ends, pasteable(e.Value))
}

// pasteable writes a value of a message as one word for a shell, made harmless as our commands understand it.
func pasteable(value string) string {
	if _, err := netip.ParsePrefix(value); err != nil {
		if _, err := netip.ParseAddr(value); err != nil {
			value = alert.Defang(value)
		}
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
