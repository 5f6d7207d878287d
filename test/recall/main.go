// Command recall measures the reader on a corpus of pictures with known payloads.
//
//	go run ./test/recall [-v] [-cpu] [-peers DIR] [-only SETS] CORPUS
//	go run ./test/recall -memory
//
// CORPUS holds one folder per set, each with a labels.tsv (path, TAB, payload; "-" for no code, "?" for unknown), and
// perhaps a peers.tsv with other readers' outcomes. Per set it prints pictures with codes and those of which all were
// read, single codes, wrong payloads, false positives and milliseconds, and with -peers what the peers read and their
// time. Decoding of the file and the conversion to gray are apart: the time is that of qr.Read on the same gray pixels
// that the peers get (transparency on white and on black, the first eight frames of an animation).
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sort"
	"strings"
)

func main() {
	verbose := flag.Bool("v", false, "list what was missed, wrong or invented")
	peers := flag.String("peers", "", "folder with peers' sources (zbar.c, zxing.cpp): build and time them on the same pixels")
	only := flag.String("only", "", "comma-separated beginnings of set names")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the readings to this file")
	cpu := flag.Bool("cpu", false, "measure processor time instead of the wall's: for a machine that others use too")
	rounds := flag.Int("rounds", 1, "read every picture this often and keep the fastest time")
	draw := flag.String("draw", "", "write a picture of what the reader saw into this folder for each picture that was missed")
	memory := flag.Bool("memory", false, "print the memory that reading large pictures takes, and nothing else")
	flag.Parse()
	if *memory {
		printMemory()
		return
	}
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	run := &run{corpus: flag.Arg(0), verbose: *verbose, draw: *draw, rounds: max(*rounds, 1), now: wall()}
	if *cpu {
		run.now = processor()
	}
	if err := run.everything(*only, *peers, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "recall:", err)
		os.Exit(1)
	}
}

// run is one measurement over a corpus.
type run struct {
	corpus  string
	verbose bool
	draw    string
	rounds  int
	now     clock
	stored  map[string]map[string]string // peers.tsv: path → peer → outcome
	live    *livePeers                   // peers timed in this run; nil without -peers
}

func (r *run) everything(only, peers, profile string) error {
	sets, err := pictureSets(r.corpus, only)
	if err != nil {
		return err
	}
	if r.stored, err = readPeers(filepath.Join(r.corpus, "peers.tsv")); err != nil {
		return err
	}
	if peers != "" {
		if r.live, err = buildPeers(peers); err != nil {
			return err
		}
		defer r.live.close()
	}
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var all tally
	printHeader()
	for _, set := range sets {
		t, err := r.set(set)
		if err != nil {
			return fmt.Errorf("%s: %w", set, err)
		}
		t.print(set)
		all.add(t)
	}
	all.print("ALL")
	all.printTimes()
	if r.verbose {
		sort.Strings(all.notes)
		fmt.Println(strings.Join(all.notes, "\n"))
	}
	return nil
}

// pictureSets names the folders of the corpus that hold labelled pictures (not mails or PDFs).
func pictureSets(corpus, only string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(corpus, "*", "labels.tsv"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("no labels.tsv below %q (%v)", corpus, err)
	}
	var sets []string
	for _, f := range found {
		name := filepath.Base(filepath.Dir(f))
		if !strings.HasPrefix(name, "mail-") && !strings.HasPrefix(name, "pdf-") && chosen(name, only) {
			sets = append(sets, name)
		}
	}
	return sets, nil
}

func chosen(name, only string) bool {
	for _, start := range strings.Split(only, ",") {
		if strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}
