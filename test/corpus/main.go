// Command corpus runs the program over sets of labelled messages and documents and prints what it found, what it
// should have found, how long it took and what it could not look at:
//
//	make build && go run ./test/corpus FOLDER
//
// FOLDER holds sets, each with a labels.tsv (path, TAB, payload; "-" for no code, "?" for unknown). Only sets whose
// names begin with mail- or pdf- are run.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	program := flag.String("program", "bin/quishmilter", "path of the built `quishmilter`")
	verbose := flag.Bool("v", false, "name every file that was missed, read wrongly or not looked at whole")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: corpus [-v] FOLDER")
		os.Exit(2)
	}
	if err := run(*program, flag.Arg(0), *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

func run(program, folder string, verbose bool) error {
	sets, err := filepath.Glob(filepath.Join(folder, "*", "labels.tsv"))
	if err != nil {
		return err
	}
	fmt.Printf("%-22s %6s %9s %6s %6s %9s %7s %8s %8s %8s\n", "set", "files", "read", "wrong", "false", "not whole", "killed", "p50 ms", "p95 ms", "max ms")
	for _, file := range sets {
		dir := filepath.Dir(file)
		if name := filepath.Base(dir); !strings.HasPrefix(name, "mail-") && !strings.HasPrefix(name, "pdf-") {
			continue
		}
		labels, err := readLabels(file)
		if err != nil {
			return err
		}
		results, err := scan(program, dir, labels)
		if err != nil {
			return err
		}
		score(filepath.Base(dir), labels, results, verbose)
	}
	return nil
}

// label is a file with the payloads that it holds; none when it has no code, nil when that is not known.
type label struct {
	name     string
	payloads []string
}

func readLabels(file string) ([]label, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var labels []label
	at := map[string]int{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, payload, _ := strings.Cut(lines.Text(), "\t")
		if name == "" {
			continue
		}
		n, known := at[name]
		if !known {
			n = len(labels)
			at[name] = n
			labels = append(labels, label{name: name})
		}
		switch payload {
		case "?", "":
		case "-":
			labels[n].payloads = []string{}
		default:
			labels[n].payloads = append(labels[n].payloads, unescape(payload))
		}
	}
	return labels, lines.Err()
}

func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(s)
}

// result is what the program said of a file.
type result struct {
	Path  string `json:"path"`
	Codes []struct {
		Payload string `json:"payload"`
		Carrier string `json:"carrier"`
	} `json:"codes"`
	Problems []struct {
		Part, At, Kind, Detail string
	} `json:"problems"`
	MS float64 `json:"ms"`
}

func scan(program, dir string, labels []label) (map[string]result, error) {
	results := map[string]result{}
	for group := range slices.Chunk(labels, 100) {
		args := []string{"scan", "--json"}
		for _, l := range group {
			args = append(args, filepath.Join(dir, l.name))
		}
		out, err := exec.Command(program, args...).Output()
		if err != nil && exitStatus(err) != 3 && exitStatus(err) != 4 {
			return nil, fmt.Errorf("scanning %s: %w", dir, err)
		}
		for line := range strings.Lines(string(out)) {
			var r result
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				return nil, fmt.Errorf("%s: %w", dir, err)
			}
			results[r.Path] = r
		}
		for _, l := range group {
			path := filepath.Join(dir, l.name)
			r, ok := results[path]
			if !ok {
				return nil, fmt.Errorf("nothing was said of %s", path)
			}
			delete(results, path)
			results[l.name] = r
		}
	}
	return results, nil
}

func exitStatus(err error) int {
	if failed, ok := err.(*exec.ExitError); ok {
		return failed.ExitCode()
	}
	return -1
}

// score prints one line for the set, and with verbose one for each file that is not as it should be.
func score(set string, labels []label, results map[string]result, verbose bool) {
	var want, read, wrong, invented, partial, killed int
	var times []float64
	note := func(kind, name string, detail any) {
		if verbose {
			fmt.Printf("    %-9s %s: %v\n", kind, name, detail)
		}
	}
	for _, l := range labels {
		r := results[l.name]
		times = append(times, r.MS)
		for _, p := range l.payloads {
			want++
			if slices.ContainsFunc(r.Codes, func(c struct {
				Payload string `json:"payload"`
				Carrier string `json:"carrier"`
			}) bool {
				return same(c.Payload, p)
			}) {
				read++
			} else {
				note("missed", l.name, fmt.Sprintf("%.80q %+v", p, r.Problems))
			}
		}
		for _, c := range r.Codes {
			if l.payloads != nil && !slices.ContainsFunc(l.payloads, func(p string) bool { return same(c.Payload, p) }) {
				if len(l.payloads) == 0 {
					invented++
				} else {
					wrong++
				}
				note("unlabelled", l.name, fmt.Sprintf("%.80q in %s", c.Payload, c.Carrier))
			}
		}
		if len(r.Problems) > 0 {
			partial++
			note("not whole", l.name, fmt.Sprintf("%+v", r.Problems[0]))
		}
		for _, p := range r.Problems {
			if strings.Contains(p.Detail, "worker") || p.Kind == "timeout" {
				killed++
				break
			}
		}
	}
	slices.Sort(times)
	at := func(q float64) float64 { return times[int(q*float64(len(times)-1))] }
	fmt.Printf("%-22s %6d %4d/%4d %6d %6d %9d %7d %8.1f %8.1f %8.1f\n", set, len(labels), read, want, wrong, invented, partial, killed, at(0.5), at(0.95), at(1))
}

// same compares without carriage returns and surrounding white space, as the labels are meant.
func same(a, b string) bool {
	clean := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r", "")) }
	return clean(a) == clean(b)
}
