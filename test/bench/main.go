// Command bench measures what quishmilter costs: `make bench` starts it.
//
// It takes mail through three private Postfixes in one run: one without a filter, one with a milter that does
// nothing, one with quishmilter. It prints a Markdown table of the time from the end of a message to the reply, CPU
// time, memory and throughput, and how quishmilter stands against its targets. On a shared machine CPU time is the
// figure to trust, and otherwise what stands beside each other in one table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"quishmilter/test/postfix"
)

func main() {
	var o options
	flag.StringVar(&o.program, "program", "bin/quishmilter", "path of the built `quishmilter`")
	flag.StringVar(&o.noop, "noop", "bin/noop", "path of the built `milter` that does nothing")
	flag.StringVar(&o.example, "example", "postfix-example.cf", "`file` with the parameters that wire Postfix")
	flag.BoolVar(&o.unix, "unix", false, "attach the milters by unix sockets, not by TCP")
	flag.IntVar(&o.messages, "n", 200, "messages per filter and kind, one at a time")
	flag.IntVar(&o.throughput, "throughput", 2000, "plain messages per filter, over many sessions")
	flag.IntVar(&o.sessions, "sessions", 16, "sessions at once for the throughput")
	flag.IntVar(&o.rounds, "rounds", 4, "how often each filter takes its turn")
	flag.BoolVar(&o.plain, "plain", false, "plain mail alone")
	flag.Parse()
	if o.plain {
		kinds = kinds[:1]
	}
	if o.rounds < 1 || o.messages < o.rounds || o.throughput < o.rounds || o.sessions < 1 {
		fmt.Fprintln(os.Stderr, "bench: -n and -throughput must be at least -rounds, and all at least 1")
		os.Exit(2)
	}
	postfix.AsRoot()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	progress("starting three Postfixes and their filters")
	rigs, err := startRigs(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopRigs(rigs)) }()
	results, err := measure(ctx, rigs, o)
	if err != nil {
		return err
	}
	printConditions(os.Stdout, rigs[0].mta, o)
	printTable(os.Stdout, rigs, results, o)
	printTargets(os.Stdout, results, o)
	return nil
}

// progress tells on standard error what takes time now.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, "… "+format+"\n", args...) }
