package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"quishmilter/identity"
	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/test/judged"
	"quishmilter/verdict"
)

const catchHead = "message\tstrict\tstandard\tstandard, stolen account\treasons"

// attacks prints what becomes of the attacks of our own.
func (r *report) attacks() (wrong error) {
	fmt.Printf("Attacks of test/judged, on an empty history, and from an account that wrote on four days before\n\n")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, catchHead)
	for n, a := range judged.AllAttacks(r.now) {
		catch, err := r.court.JudgeAttack(fmt.Sprint("attack-", n), a.Case())
		if err != nil {
			return err
		}
		if err := catch.Caught(a.Strong, a.Names); err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("%s: %w", a.Name, err))
		}
		printCatch(w, a.Name, catch)
	}
	_ = w.Flush()
	fmt.Println()
	return wrong
}

func printCatch(w *tabwriter.Writer, name string, c judged.Catch) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", name, c.Strict.Decision.Action, c.Standard.Decision.Action, c.Stolen.Decision.Action, strings.Join(c.Standard.Decision.Reasons, ", "))
}

// labelled judges the sets of the corpus.
func (r *report) labelled() error {
	if r.corpus == "" {
		return nil
	}
	return errors.Join(r.catches("mail-quish-real"), r.catches("mail-synth-evasion"), r.legit("mail-synth-legit"))
}

// catches wants every message with a labelled code caught.
func (r *report) catches(set string) (wrong error) {
	labels, err := labelsOf(filepath.Join(r.corpus, set))
	if err != nil {
		return err
	}
	fmt.Printf("%s\n\n", set)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, catchHead)
	for n, l := range labels {
		if l.text == "-" || l.text == "?" {
			continue
		}
		of, err := r.caseOf(filepath.Join(r.corpus, set, l.file))
		if err != nil {
			return err
		}
		catch, err := r.court.JudgeAttack(fmt.Sprint(set, "-", n), of)
		if err != nil {
			return err
		}
		if err := catch.Caught(strong(l.text, of), names(l.text, of)); err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("%s: %w", l.file, err))
		}
		printCatch(w, l.file, catch)
	}
	_ = w.Flush()
	fmt.Println()
	return wrong
}

// legit wants nothing held that is wanted.
func (r *report) legit(set string) (wrong error) {
	labels, err := labelsOf(filepath.Join(r.corpus, set))
	if err != nil {
		return err
	}
	var t tally
	for _, l := range labels {
		of, err := r.caseOf(filepath.Join(r.corpus, set, l.file))
		if err != nil {
			return err
		}
		found, err := r.court.Judge(verdict.Standard, of, nil)
		if err != nil {
			return err
		}
		t.add(found)
		if found.Decision.Action != verdict.Accept {
			fmt.Printf("%s: %s %v\n", l.file, found.Decision.Action, found.Decision.Reasons)
		}
		if found.Decision.Action == verdict.Quarantine {
			wrong = errors.Join(wrong, fmt.Errorf("%s is held", l.file))
		}
	}
	fmt.Printf("%s: %d messages, %d held, %d tagged, %d accepted\n", set, t.all(), t.held, t.tagged, t.accepted)
	return wrong
}

// label is a file and what its code says.
type label struct{ file, text string }

func labelsOf(folder string) (all []label, err error) {
	f, err := os.Open(filepath.Join(folder, "labels.tsv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if file, text, ok := strings.Cut(lines.Text(), "\t"); ok {
			all = append(all, label{file, text})
		}
	}
	return all, lines.Err()
}

// caseOf is a file as it might have come in: nothing proves its author.
func (r *report) caseOf(path string) (judged.Case, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return judged.Case{}, err
	}
	header, _ := mime.ParseMessage(raw)
	from := identity.From(header)
	var rcpts []string
	for _, value := range mime.Values(header, "To") {
		rcpts = append(rcpts, identity.Addresses(value)...)
	}
	return judged.Case{Message: raw, MailFrom: from, Rcpts: rcpts, Auth: "none", At: r.now}, nil
}

// names tells whether the labelled link names a recipient.
func names(text string, of judged.Case) bool {
	return has(text, of, payload.SignalRecipient)
}

// strong tells whether the labelled link is one that standard holds a stranger's mail for.
func strong(text string, of judged.Case) bool {
	return has(text, of, payload.SignalRecipient, payload.SignalIPFS, payload.SignalHosting, payload.SignalTunnel, payload.SignalShortener)
}

func has(text string, of judged.Case, signals ...string) bool {
	found := payload.BuiltinLists().Signals(payload.Parse(text, true), of.Rcpts)
	for _, s := range signals {
		for _, f := range found {
			if f == s {
				return true
			}
		}
	}
	return false
}
