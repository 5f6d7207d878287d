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
func (r *report) attacks() error {
	fmt.Printf("Attacks of test/judged, on an empty history, and from an account that wrote on four days before\n\n")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, catchHead)
	var all []judged.Caught
	for n, a := range judged.AllAttacks(r.now) {
		catch, err := r.court.JudgeAttack(fmt.Sprint("attack-", n), a.Case())
		if err != nil {
			return err
		}
		all = append(all, catch.Caught(a.Strong, a.Names))
		printCatch(w, a.Name, catch, all[n])
	}
	_ = w.Flush()
	fmt.Println()
	r.caught("test/judged", all)
	return nil
}

func printCatch(w *tabwriter.Writer, name string, c judged.Catch, caught judged.Caught) {
	if caught.Err() != nil {
		name = "FAIL " + name
	}
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
func (r *report) catches(set string) error {
	labels, err := labelsOf(filepath.Join(r.corpus, set))
	if err != nil {
		return err
	}
	fmt.Printf("%s\n\n", set)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, catchHead)
	var all []judged.Caught
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
		caught := catch.Caught(strong(l, of), names(l.text, of))
		all = append(all, caught)
		printCatch(w, l.file, catch, caught)
	}
	_ = w.Flush()
	fmt.Println()
	r.caught(set, all)
	return nil
}

// legit wants nothing held that is wanted.
func (r *report) legit(set string) error {
	labels, err := labelsOf(filepath.Join(r.corpus, set))
	if err != nil {
		return err
	}
	var quiet, links tally
	for _, l := range labels {
		of, err := r.caseOf(filepath.Join(r.corpus, set, l.file))
		if err != nil {
			return err
		}
		found, err := r.court.Judge(verdict.Standard, of, nil)
		if err != nil {
			return err
		}
		if opens(unescaped(l.text)) {
			links.add(found)
		} else {
			quiet.add(found)
		}
		if found.Decision.Action != verdict.Accept {
			fmt.Printf("%s: %s %v\n", l.file, found.Decision.Action, found.Decision.Reasons)
		}
	}
	fmt.Printf("%s: with a link %d messages, %d held, %d tagged; without %d, %d held, %d tagged\n\n", set, links.all(), links.held, links.tagged, quiet.all(), quiet.held, quiet.tagged)
	r.limit(set+", with a link: none held", links, 0)
	quiet.held += quiet.tagged
	r.limit(set+", payments, contacts, tickets …: none held or tagged", quiet, 0)
	return nil
}

// unescaped is a label as the code says it.
func unescaped(text string) string {
	return strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\\`, `\`).Replace(text)
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

// strong tells whether the labelled link, or the disguise that the file's name says, is one that standard holds a
// stranger's mail for.
func strong(l label, of judged.Case) bool {
	for _, disguise := range []string{"html-table", "html-div", "halfblock", "fullblock", "ascii-hash", "split-", "nested-code"} {
		if strings.Contains(l.file, disguise) {
			return true
		}
	}
	return has(l.text, of, payload.SignalRecipient, payload.SignalIPFS, payload.SignalHosting, payload.SignalTunnel, payload.SignalShortener,
		payload.SignalUserInfo, payload.SignalLookAlike, payload.SignalMixedScript, payload.SignalFakePayment)
}

func has(text string, of judged.Case, signals ...string) bool {
	found := payload.BuiltinLists().Signals(payload.Parse(unescaped(text), true), of.Rcpts)
	for _, s := range signals {
		for _, f := range found {
			if f == s {
				return true
			}
		}
	}
	return false
}
