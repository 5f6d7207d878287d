// Command demo shows quishmilter at work on this machine: `make run` starts it.
//
// It starts the built daemon and a private Postfix on loopback that is wired with postfix-example.cf, sends a handful
// of sample messages, prints what became of each, and stays up until Ctrl-C. With -once it ends after the table; the
// exit status is 1 if a message did not end where it should.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/postfix"
)

// sampleTime bounds the way of one sample; the first PDF takes a second or two on a slow machine.
const sampleTime = time.Minute

func main() {
	program := flag.String("program", "bin/quishmilter", "path of the built `quishmilter`")
	example := flag.String("example", "postfix-example.cf", "`file` with the parameters that wire Postfix")
	once := flag.Bool("once", false, "end after the table")
	flag.Parse()
	postfix.AsRoot()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *program, *example, *once); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, example string, once bool) (err error) {
	samples := Samples(time.Now())
	progress("teaching quishmilter a sender and starting it")
	filter, err := daemon.Start(ctx, daemon.Config{Program: program, Learn: history(time.Now())})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, filter.Stop()) }()

	progress("starting a private Postfix")
	mta, err := postfix.Start(ctx, postfix.Config{Milter: filter.Address, Example: example})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mta.Stop()) }()

	if err := filter.Attach(mta.ConfigDir(), mta.Addr); err != nil {
		return err
	}
	outcomes := make([]Outcome, len(samples))
	for i, sample := range samples {
		progress(fmt.Sprintf("sending %d of %d: %s", i+1, len(samples), sample.Name))
		if outcomes[i], err = deliver(ctx, mta, sample); err != nil {
			return fmt.Errorf("%s: %w\nquishmilter's log:\n%s", sample.Name, err, filter.Log())
		}
	}
	fmt.Println()
	printTable(os.Stdout, outcomes)
	wrong := report(os.Stdout, outcomes)
	if once {
		return wrong
	}
	invite(os.Stdout, program, mta, filter)
	<-ctx.Done()
	progress("stopping")
	return wrong
}

// progress tells on standard error what takes time now.
func progress(text string) { fmt.Fprintln(os.Stderr, "… "+text) }
