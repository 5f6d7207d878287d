// Command holds counts what the policy does to wanted mail and to attacks.
//
//	go run -tags nodynamic ./test/holds [-program FILE] [-v] [CORPUS]
//
// It judges the wanted mail of test/judged, of senders without a history (cold) and of senders who wrote once, a month
// ago (warm), and prints what becomes of it: in shares, and of 10,000 messages of all kinds at the base rates that are
// known. Then it judges the attacks of test/judged. CORPUS, a folder with sets of labelled messages and pictures, adds
// real and made ones: real mail (mail-ham) with real pictures of codes, mail-synth-legit, mail-quish-real,
// mail-synth-evasion. A table at the end says which conditions hold; the exit status is 1 where one does not.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/judged"
)

func main() {
	program := flag.String("program", "", "path of the built `quishmilter`; built when not given")
	verbose := flag.Bool("v", false, "list what is held, and why")
	flag.Parse()
	if err := run(*program, flag.Arg(0), *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "holds:", err)
		os.Exit(1)
	}
}

func run(program, corpus string, verbose bool) error {
	dir, err := os.MkdirTemp("", "quishmilter-holds-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if program == "" {
		if program, err = daemon.Program(dir); err != nil {
			return err
		}
	}
	court, err := judged.Open(program)
	if err != nil {
		return err
	}
	defer court.Close()
	r := &report{court: court, corpus: corpus, verbose: verbose, now: time.Now().UTC().Truncate(time.Second)}
	if err := errors.Join(r.wanted(), r.real(), r.attacks(), r.labelled()); err != nil {
		return err
	}
	return r.conditions()
}

// report prints one table after the other.
type report struct {
	court   *judged.Court
	corpus  string
	verbose bool
	now     time.Time
	checks  []check
}
