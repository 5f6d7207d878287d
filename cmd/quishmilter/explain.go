package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/verdict"
)

func explainCommand(load func() (Settings, error)) *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "explain ID|FILE",
		Short: "Say why a message is judged as it is: every rule, what it saw, why it did or did not match",
		Long: "Say why a message is judged as it is: every rule, what it saw, why it did or did not match. The message is an event of the journal, by its id (X-Quish-Id), " +
			"or a file, which is scanned with the flags that stand for its envelope; \"-\" is standard input. The rules are those of the configuration now.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			one, err := caseOf(cmd.Context(), settings, f, args[0])
			if err != nil {
				return err
			}
			if f.json {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(one)
			}
			one.print(cmd.OutOrStdout())
			return nil
		},
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "as one JSON object")
	f.envelope(cmd.Flags())
	return cmd
}

// explained is a message and how the rules answered about it.
type explained struct {
	ID       string                `json:"id,omitempty"`
	Path     string                `json:"path,omitempty"`
	Verdict  verdict.Action        `json:"verdict"`
	Would    verdict.Action        `json:"would,omitempty"`
	Reasons  []string              `json:"reasons"`
	Rules    []string              `json:"rules"` // that decide
	Was      *judgement            `json:"was,omitempty"`
	Whole    bool                  `json:"whole"` // false: facts are missing, since the journal keeps one line of plain mail
	Evidence verdict.Evidence      `json:"evidence"`
	Codes    []verdict.Explanation `json:"codes"`
}

// judgement is what an event says of the time when it came.
type judgement struct {
	Verdict string   `json:"verdict"`
	Would   string   `json:"would,omitempty"`
	Reasons []string `json:"reasons"`
	Rules   []string `json:"rules"`
}

var eventID = regexp.MustCompile(`^[0-9a-v]{16}$`)

// caseOf finds the message. A file goes before an event of the same name.
func caseOf(ctx context.Context, s Settings, f scanFlags, name string) (explained, error) {
	policy, err := s.policy()
	if err != nil {
		return explained{}, err
	}
	if _, err := os.Stat(name); err == nil || name == "-" {
		evidence, err := evidenceOfFile(ctx, s, f, name)
		if err != nil {
			return explained{}, err
		}
		x := explain(policy, explained{Path: name, Whole: true, Evidence: evidence})
		for n, c := range x.Evidence.Codes {
			if c.Secret || c.Kind.Secret() {
				x.Evidence.Codes[n] = c.Unnamed(x.Evidence.Sender.Domain)
			}
		}
		return x, nil
	}
	if !eventID.MatchString(name) {
		return explained{}, exit{exitUsage, fmt.Errorf("%q is no file here and no event id, which is 16 digits and letters from a to v (X-Quish-Id)", name)}
	}
	src, done, err := openSource(s, false)
	if err != nil {
		return explained{}, err
	}
	defer done()
	events, err := src.Events(ctx, control.Query{ID: name})
	if errors.Is(err, journal.ErrNotFound) {
		return explained{}, fmt.Errorf("%s: %w; it may have expired, look for its message with quishmilter hunt", name, journal.ErrNotFound)
	}
	if err != nil || len(events) == 0 {
		return explained{}, err
	}
	e := events[0]
	x := explained{ID: e.ID, Was: &judgement{e.Verdict, e.Would, list(e.Reasons), list(e.Rules)}}
	x.Evidence, x.Whole = e.Judged()
	return explain(policy, x), nil
}

func explain(policy *verdict.Policy, x explained) explained {
	d := policy.Decide(x.Evidence)
	x.Verdict, x.Would, x.Reasons, x.Rules = d.Action, d.Would, list(d.Reasons), list(d.Rules)
	x.Codes = policy.Explain(x.Evidence)
	return x
}

func evidenceOfFile(ctx context.Context, s Settings, f scanFlags, path string) (verdict.Evidence, error) {
	scanner, err := newScanner(s, f)
	if err != nil {
		return verdict.Evidence{}, err
	}
	defer scanner.end()
	raw, err := readInput(path, int64(s.Limits.Size))
	if err != nil {
		return verdict.Evidence{}, err
	}
	return scanner.inspector.Inspect(ctx, scanner.message(path, raw)).Evidence, nil
}

// placeOf says where a code leads; a link that something else wraps is said to be one.
func placeOf(c verdict.Code) string {
	switch {
	case c.Host != "":
		return ", host " + safe(c.Host)
	case len(c.Hosts) > 0:
		return ", with a link to host " + safe(c.Hosts[0])
	}
	return ""
}

// print is the form for people.
func (x explained) print(out io.Writer) {
	term := newTerminal(out)
	fmt.Fprintf(out, "%s: %s\n", x.ID+oneLine(x.Path), term.outcome(x.Verdict, x.Would, x.Reasons))
	if x.Was != nil {
		fmt.Fprintf(out, "when it came: %s%s\n", term.outcome(verdict.Action(x.Was.Verdict), verdict.Action(x.Was.Would), x.Was.Reasons), rulesText(x.Was.Rules))
	}
	if !x.Whole {
		fmt.Fprintln(out, "the journal kept one line of this message: what is not known shows as nothing here")
	}
	for _, of := range x.Codes {
		if of.Code < 0 {
			fmt.Fprintln(out, "no code:")
		} else {
			c := x.Evidence.Codes[of.Code]
			fmt.Fprintf(out, "code %d: %s%s, in %s\n", of.Code+1, shown(string(c.Kind)), placeOf(c), shown(c.Carrier))
		}
		for _, a := range of.Rules {
			printAnswer(out, a)
		}
	}
}

func printAnswer(out io.Writer, a verdict.RuleAnswer) {
	mark, said := " ", "does not match"
	switch {
	case a.Decides && a.Problem != "":
		mark, said = ">", "cannot be answered, so the message is tagged: "+safe(a.Problem)
	case a.Decides:
		mark, said = ">", "matches and decides"
	case a.Matches:
		said = "matches, but a rule before it decides"
	case a.Unasked != "":
		said = "is not asked: " + a.Unasked
	case a.Problem != "":
		said = "cannot be answered: " + safe(a.Problem)
	}
	fmt.Fprintf(out, "%s %s (%s) %s\n", mark, oneLine(a.Name), a.Then, said)
	for _, condition := range a.Untrue {
		fmt.Fprintf(out, "      not true: %s\n", oneLine(condition))
	}
	if a.Unasked == "" {
		for _, fact := range a.Facts {
			fmt.Fprintf(out, "      %s\n", oneLine(factText(fact)))
		}
	}
}

// factText shows a fact, what came from a message safely.
func factText(f verdict.Fact) string {
	switch v := f.Value.(type) {
	case string:
		return f.Name + " = " + safe(v)
	case []string:
		all := make([]string, len(v))
		for i, text := range v {
			all[i] = safe(text)
		}
		return f.Name + " = [" + strings.Join(all, " ") + "]"
	}
	return f.String()
}

// outcome is what was decided, the worse the redder, and why.
func (t terminal) outcome(action, would verdict.Action, reasons []string) string {
	text := t.verdict(string(action))
	if would != "" {
		text += " (would " + shown(string(would)) + ")"
	}
	if len(reasons) > 0 {
		text += "  " + oneLine(strings.Join(reasons, ", "))
	}
	return text
}

func rulesText(rules []string) string {
	if len(rules) == 0 {
		return ""
	}
	return fmt.Sprintf(", by %q", rules)
}
