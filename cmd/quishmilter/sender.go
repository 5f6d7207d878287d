package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/prevalence"
)

func senderCommand(load func() (Settings, error)) *cobra.Command {
	var asJSON, forget bool
	var now string
	cmd := &cobra.Command{
		Use:   "sender ADDRESS",
		Short: "Say what is known of a sender, and why it is or is not prevalent now",
		Long:  "Say what is known of a sender, and why it is or is not prevalent now. An address is understood as reports write it, too: security@evil[.]example.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			at, err := timeFlag("--now", now, time.Now())
			if err != nil {
				return err
			}
			src, done, err := openSource(settings, false)
			if err != nil {
				return err
			}
			defer done()
			address := refanged(args[0])
			if forget {
				return forgetSender(cmd, src, address)
			}
			known, err := src.Sender(cmd.Context(), address, at)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(known)
			}
			printSender(cmd.OutOrStdout(), known)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	cmd.Flags().BoolVar(&forget, "forget", false, "remove every history of the address, as for a data-protection request: as a sender, as a recipient, in pairs")
	cmd.Flags().StringVar(&now, "now", "", "the `time` of judgement, RFC 3339; default: now")
	return cmd
}

// forgetSender removes an address from the histories. The journal's events of its messages are another matter.
func forgetSender(cmd *cobra.Command, src source, address string) error {
	key, _ := prevalence.ReadAddress(address)
	if key == "" {
		return exit{exitUsage, fmt.Errorf("%s is no address, or more than one; write for example a@example.org", safe(address))}
	}
	n, err := src.Forget(cmd.Context(), key)
	if err != nil {
		return err
	}
	where := "here"
	if n.Sharing {
		where = fmt.Sprintf("%d here and %d in the shared store; other hosts remove what their own files have within seconds, or when they next run", n.Here, n.Shared)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d histories of %s removed: %s; events of its messages stay in the journal until they expire\n", n.Histories, safe(key), where)
	return nil
}

// timeFlag reads a time that stands for the present.
func timeFlag(name, text string, fallback time.Time) (time.Time, error) {
	if text == "" {
		return fallback, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, exit{exitUsage, fmt.Errorf("%s %q is no time; write for example 2024-01-01T12:37:00Z", name, text)}
	}
	return t, nil
}

// printSender says why, in words.
func printSender(out io.Writer, s control.Sender) {
	if s.Key == "" {
		fmt.Fprintf(out, "%s is no address; such a sender is never prevalent\n", safe(s.Address))
		return
	}
	verb := "is not prevalent"
	if s.Prevalent {
		verb = "is prevalent"
	}
	fmt.Fprintf(out, "%s %s; that takes at least %d %s in the window %s, on %s, the first at least %s old\n",
		safe(s.Key), verb, s.Threshold, s.Unit, s.Window, journal.Several(int64(max(s.Days, 1)), "day"), s.Age)
	fmt.Fprintf(out, "  in the window, let through:  %s\n", countsText(s.Counted))
	fmt.Fprintf(out, "  of these without proof, by which a message without proof is judged (prevalent: %s): %s\n", yesNo(s.PrevalentUnproven), countsText(s.Unproven))
	fmt.Fprintf(out, "  in all, whatever became of it: %s\n", countsText(s.All))
	for _, h := range s.Histories {
		fmt.Fprintf(out, "  history of the %s %s: %s\n", h.Kind, safe(h.Key), countsText(h.Counts))
	}
	if s.More {
		fmt.Fprintln(out, "  there are more pairs than are listed")
	}
	fmt.Fprintln(out, "  "+historyText(s.History))
}

// historyText says how far back history reaches, and where it is.
func historyText(h control.History) string {
	text := "there is no history yet"
	if !h.Since.IsZero() {
		text = "history begins " + localTime(h.Since)
	}
	switch {
	case h.LearningUntil.IsZero():
	case h.Since.IsZero():
		text += ": it is learnt from now on, until " + localTime(h.LearningUntil) + " if mail comes at once"
	default:
		text += ", and is shorter than the window until " + localTime(h.LearningUntil)
	}
	if h.Away {
		text += "; the shared store does not answer, so this is what this host knows"
	}
	if h.Waiting > 0 {
		text += fmt.Sprintf("; %d records wait for the shared store", h.Waiting)
	}
	return text
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func countsText(c prevalence.Counts) string {
	if c.Messages == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%s to %s on %s, %s to %s", messages(int(c.Messages)), journal.Several(int64(c.Recipients), "recipient"), journal.Several(int64(c.Days), "day"),
		localTime(c.First), localTime(c.Last))
}
