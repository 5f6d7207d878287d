package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"quishmilter/alert"
	"quishmilter/journal"
)

func showAlert(load func() (Settings, error)) *cobra.Command {
	var asJSON, artefacts, question bool
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show an alert with what is known: what the code says, since when, from whom, to whom, what to block", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if artefacts && question {
				return exit{exitUsage, errors.New("write --artefacts or --question, not both")}
			}
			return withSource(load, false, func(src source) error {
				r, err := src.Alert(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				out := cmd.OutOrStdout()
				switch {
				case artefacts && asJSON:
					return json.NewEncoder(printable(out)).Encode(r.Artefacts)
				case artefacts:
					printArtefacts(out, "", r.Artefacts)
				case question:
					fmt.Fprint(out, harmlessLines(r.Question, ""))
				case asJSON:
					return json.NewEncoder(printable(out)).Encode(r)
				default:
					settings, err := load()
					if err != nil {
						return err
					}
					showReport(cmd.Context(), newTerminal(out), src, r, settings.self())
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object; with --artefacts the list of them, for a ticket")
	cmd.Flags().BoolVar(&artefacts, "artefacts", false, "only the artefacts, one a line, made harmless")
	cmd.Flags().BoolVar(&question, "question", false, "only the text that asks a recipient whether the phone scanned the code")
	return cmd
}

// showReport prints a report with the picture of the code, and what to do next.
func showReport(ctx context.Context, t terminal, src source, r alert.Report, self string) {
	printReport(t, r, func() {
		for n := range r.Says[:min(len(r.Says), drawnCodes)] {
			if picture, err := src.Picture(ctx, r.Alert.Events[0], n); err == nil {
				if err := t.drawBlocks(picture); err != nil {
					fmt.Fprintln(t.out, oneLine(err.Error()))
				}
				return
			}
		}
	})
	fmt.Fprintln(t.out, "\nNext")
	for _, line := range nextSteps(r, self) {
		fmt.Fprintln(t.out, "  "+line)
	}
}

// printReport prints an alert with its answers; draw shows what the code looks like.
func printReport(t terminal, r alert.Report, draw func()) {
	a := r.Alert
	field := func(name, text string) { fmt.Fprintf(t.out, "  %-14s %s\n", name, text) }
	fmt.Fprintf(t.out, "Alert %s\n", a.ID)
	field("Event Time", localTime(a.Time))
	field("Rule", defangedCell(a.Rule)+"  "+shown(strings.Join(a.Reasons, ",")))
	field("Level", t.level(a.Level))
	field("SMTP Address", defangedCell(a.Client)+externalText(r))
	field("Source", defangedCell(a.Source)+"  envelope "+defangedCell(a.MailFrom)+"  proof "+shown(r.Auth))
	field("Destination", destinations(a))
	field("Subject", safe(a.Subject))
	field("Device Action", actionText(a))
	field("Message", "queue id "+shown(r.QueueID)+"  id "+safe(r.Message))
	field("Campaign", messages(a.Messages)+", "+journal.Several(int64(a.Recipients), "recipient")+", the newest "+localTime(a.Last))
	if len(a.Findings) > 0 {
		field("Findings", strings.Join(a.Findings, " "))
	}
	if a.Previous != "" {
		field("Before", "closed alert "+a.Previous)
	}
	field("State", stateOf(a))
	for _, act := range a.Acts {
		field("", fmt.Sprintf("%s %s %s by %s (uid %d) %s", localTime(act.Time), act.What, act.As, safe(act.By), act.UID, quotedNote(defangedText(act.Text))))
	}
	fmt.Fprintln(t.out, "\nWhat the code says")
	for _, c := range r.Says {
		fmt.Fprintln(t.out, "  "+saysText(c))
	}
	if len(r.Says) == 0 {
		fmt.Fprintln(t.out, "  no code was read")
	}
	draw()
	printKnown(t, r)
	printScope(t, r)
	fmt.Fprintln(t.out, "\nArtefacts")
	printArtefacts(t.out, "  ", r.Artefacts)
	fmt.Fprintln(t.out, "\nTo ask the recipients")
	fmt.Fprint(t.out, harmlessLines(r.Question, "  | "))
	if r.Cut {
		fmt.Fprintln(t.out, "\nThere is more in the journal than was looked at: hunt has all of it.")
	}
}

func externalText(r alert.Report) string {
	if r.External {
		return "  external"
	}
	return "  our own"
}

func destinations(a alert.Alert) string {
	list := make([]string, len(a.Dest))
	for n, rcpt := range a.Dest {
		list[n] = defangedCell(rcpt)
	}
	return strings.Join(list, " ")
}

func actionText(a alert.Alert) string {
	if a.Would != "" {
		return shown(a.Action) + "  (the policy would " + shown(a.Would) + ")"
	}
	return shown(a.Action)
}

func saysText(c alert.Code) string {
	text := c.Kind
	switch {
	case c.Secret:
		text += "  a secret that was not kept  " + shown(c.Issuer)
	case c.URL != "":
		text += "  " + defanged(c.URL)
	default:
		text += "  " + safe(c.Says)
	}
	if c.Target != "" {
		text += "  leads on to " + defanged(c.Target)
	}
	return text + "  in " + defangedCell(c.Carrier) + " " + safe(c.Name) + " " + defangedCell(c.At) + "  " + shown(strings.Join(c.Signals, ","))
}

func printKnown(t terminal, r alert.Report) {
	fmt.Fprintln(t.out, "\nKnown here since")
	for _, s := range r.Seen {
		fmt.Fprintf(t.out, "  %-8s %s  %s\n", s.What, defangedCell(s.Value), sinceText(s))
	}
	fmt.Fprintln(t.out, "\nWhat else came, each message once")
	known := map[string]bool{}
	for _, o := range r.Others {
		fmt.Fprintf(t.out, "  with the %s %s: %s to %s  %s\n", o.What, defangedCell(o.Value), messages(o.Messages), journal.Several(int64(o.Recipients), "recipient"), countsOf(o.Went))
		for _, e := range o.Events {
			if known[e.ID] {
				continue
			}
			known[e.ID] = true
			more := ""
			if e.NRcpt > 1 {
				more = fmt.Sprintf(" +%d", e.NRcpt-1)
			}
			fmt.Fprintf(t.out, "    %s %s %s → %s%s %s %s\n", localTime(e.Time), e.ID, defangedCell(e.From), defangedCell(e.Rcpt), more, e.Where, safe(e.Subject))
		}
	}
	if len(r.Shapes) > 0 {
		fmt.Fprintln(t.out, "\nOther shapes of the campaign")
		for _, s := range r.Shapes {
			fmt.Fprintf(t.out, "  %-8s %s  %s\n", s.What, defangedCell(s.Value), messages(s.Messages))
		}
	}
	if r.LeftOut > 0 {
		fmt.Fprintf(t.out, "  and %d more: hunt has them\n", r.LeftOut)
	}
}

// sinceText says how long a name is known. The histories keep hours: what began in the hour of the alert came with it, or
// just before.
func sinceText(s alert.Seen) string {
	text := localTime(s.First) + ", " + messages(s.Messages)
	switch {
	case s.Messages == 0:
		text = "never before"
	case s.New && s.Shared:
		text = "first with this campaign, " + text
	case s.New:
		text = "first in the hour of this alert, " + text
	}
	if s.Shared {
		text += " in the journal; anybody can have a page there, so no history of it is kept"
	}
	return text
}

func countsOf(n map[string]int) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		list = append(list, fmt.Sprintf("%s %d", shown(name), n[name]))
	}
	return strings.Join(list, ", ")
}

func printScope(t terminal, r alert.Report) {
	fmt.Fprintf(t.out, "\nScope: %s\n", countsOf(r.Outcomes))
	for _, s := range r.Scope {
		fmt.Fprintf(t.out, "  %s  %s  %s  %s\n", defangedCell(s.Rcpt), s.Where, localTime(s.Time), s.Event)
	}
}

func printArtefacts(out io.Writer, indent string, list []alert.Artefact) {
	for _, a := range list {
		fmt.Fprintf(out, "%s%-10s %s\n", indent, a.Type, a.Defanged)
	}
}

// harmlessLines shows a text of several lines.
func harmlessLines(text, indent string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(indent+oneLine(keepSpaces(line)), " ") + "\n")
	}
	return b.String()
}

// keepSpaces lets the spaces at the beginning of a line pass through oneLine.
func keepSpaces(line string) string { return strings.TrimRight(line, "\r\n") }
