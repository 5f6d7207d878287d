package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"quishmilter/test/postfix"
)

// The filters in the order of startRigs.
const (
	noFilter = iota
	doesNothing
	ours
)

// printConditions says under which conditions the table was made.
func printConditions(out io.Writer, mta *postfix.Instance, o options) {
	version, _, err := mta.Postconf("-d", "-h", "mail_version")
	if err != nil {
		version = "of unknown version"
	}
	socket := "TCP on loopback"
	if o.unix {
		socket = "unix sockets"
	}
	fmt.Fprintf(out, "Postfix %s, %s, %d × %s, milters by %s; %d messages per kind, one at a time, each over its own connection.\n",
		strings.TrimSpace(version), runtime.Version(), runtime.NumCPU(), cpuModel(), socket, o.messages/o.rounds*o.rounds)
	fmt.Fprint(out, "Kinds: ")
	for i, kind := range kinds {
		if i > 0 {
			fmt.Fprint(out, ", ")
		}
		fmt.Fprintf(out, "%s %s", kind.number, kind.name)
	}
	fmt.Fprint(out, ".\n\n")
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "CPU"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// printTable prints the measurements, a filter per line.
func printTable(out io.Writer, rigs []*rig, results []result, o options) {
	fmt.Fprintf(out, "| filter | p50 ms i/ii/iii/iv/v | p95 ms i/ii/iii/iv/v | CPU s per 1,000, i/ii/iii/iv/v | plain mail a second, %d sessions | PSS MB before a PDF | PSS MB after |\n", o.sessions)
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|")
	for i, r := range results {
		cpu, before, after := "–", "–", "–"
		if rigs[i].pid != 0 {
			cpu = overKinds(func(k int) string { return fmt.Sprintf("%.2f", r.cpuPerThousand(k)) })
			before, after = r.before.String(), r.after.String()
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %.0f | %s | %s |\n", rigs[i].name,
			overKinds(func(k int) string { return fmt.Sprintf("%.1f", milliseconds(percentile(r.latencies[k], 50))) }),
			overKinds(func(k int) string { return fmt.Sprintf("%.1f", milliseconds(percentile(r.latencies[k], 95))) }),
			cpu, r.throughput(o), before, after)
	}
	fmt.Fprint(out, "\nPSS: the daemon, + its largest worker, = all processes.\n\n")
}

// printTargets compares with what was promised; see docs/performance.md.
func printTargets(out io.Writer, results []result, o options) {
	noop, q := results[doesNothing], results[ours]
	fmt.Fprintln(out, "| target | measured | met |")
	fmt.Fprintln(out, "|---|---|---|")
	line := func(target string, value, most float64, format string) {
		met := "yes"
		if value > most {
			met = "**no**"
		}
		fmt.Fprintf(out, "| %s | "+format+" | %s |\n", target, value, met)
	}
	above := milliseconds(percentile(q.latencies[0], 50) - percentile(noop.latencies[0], 50))
	line("plain mail: p50 at most 2.5 ms above the milter that does nothing", above, 2.5, "%.1f ms")
	slower := noop.throughput(o) / q.throughput(o)
	line("plain mail at many sessions: at least 80 % of its throughput, so at most 1.25 times its time", slower, 1/0.8, "%.2f times")
	line("plain mail: at most twice its CPU time", q.cpuPerThousand(0)/noop.cpuPerThousand(0), 2, "%.2f times")
	for k := 2; k < len(kinds); k++ {
		line("kind "+kinds[k].number+": p50 under 60 ms", milliseconds(percentile(q.latencies[k], 50)), 60, "%.1f ms")
	}
	if o.plain {
		return
	}
	line("daemon under 60 MB before the first PDF", megabytes(q.before.Root), 60, "%.0f MB")
	line("largest worker under 200 MB", megabytes(max(q.before.Largest, q.after.Largest)), 200, "%.0f MB")
}

func overKinds(show func(k int) string) string {
	var all []string
	for k := range kinds {
		all = append(all, show(k))
	}
	return strings.Join(all, "/")
}

func (r result) cpuPerThousand(k int) float64 {
	return r.cpu[k].Seconds() * 1000 / float64(len(r.latencies[k]))
}

func (r result) throughput(o options) float64 {
	return float64(o.throughput/o.rounds*o.rounds) / r.took.Seconds()
}

func megabytes(octets int64) float64 { return float64(octets) / 1e6 }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
