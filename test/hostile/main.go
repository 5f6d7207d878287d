// Command hostile sends forty messages that cost far more to read than to write, four sessions wide, while plain mail
// goes by, and prints what each took against its budget, and what the plain mail felt. Then the same with 16 sessions of
// 25 MB messages beside it, for the memory of the whole process tree, and a flood of more scans than the queue takes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
)

// What is promised.
const (
	slack       = 250 * time.Millisecond // over the budget
	mostRatio   = 3                      // of the plain mail's p99
	mostMemory  = 700e6                  // octets, with two workers
	recoverTime = 5 * time.Second
)

func main() {
	budget := flag.Duration("time", 10*time.Second, "limits.time of the daemon")
	quiet := flag.Duration("alone", 10*time.Second, "how long plain mail is measured alone")
	failure := flag.String("failure", "accept", "the daemon's setting failure, while it is flooded")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	good, err := run(ctx, *budget, *quiet, *failure)
	if err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", err)
	}
	if err != nil || !good {
		os.Exit(1)
	}
}

func run(ctx context.Context, budget, quiet time.Duration, failure string) (good bool, err error) {
	dir, err := os.MkdirTemp("", "quishmilter-hostile-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	program, err := daemon.Program(dir)
	if err != nil {
		return false, err
	}
	mails, err := bombs()
	if err != nil {
		return false, err
	}
	d, err := daemon.Start(ctx, daemon.Config{Program: program, TCP: true, TOML: fmt.Sprintf(
		"failure = \"accept\"\n[authentication]\nown_check = false\n[limits]\ntime = %q\n[workers]\ncount = 2\n", budget)})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, d.Stop()) }()
	alone, err := plainFor(ctx, d, quiet, nil)
	if err != nil {
		return false, err
	}
	t := &trial{daemon: d, budget: budget, alone: alone}
	if err := t.hostile(ctx, mails); err != nil {
		return false, err
	}
	if err := t.memory(ctx, mails); err != nil {
		return false, err
	}
	recovered, err := flood(ctx, program, failure)
	return t.good && recovered, err
}

// bombs are the messages, made before anything is measured.
func bombs() ([]mail, error) {
	var newer [3][]byte
	for n, name := range []string{"code.heic", "code.avif", "code.jxl"} {
		var err error
		if newer[n], err = os.ReadFile("picture/testdata/" + name); err != nil {
			return nil, fmt.Errorf("run it in the project's folder: %w", err)
		}
	}
	var all []mail
	for n, b := range mailmaker.Bombs(newer[0], newer[1], newer[2]) {
		all = append(all, mailOf(b.Name, n, b.Part))
	}
	return all, nil
}

type mail struct {
	name string
	data []byte
}

func mailOf(name string, n int, part mailmaker.Part) mail {
	return mail{name, mailmaker.Letter{From: "stranger@example.net", To: "reader@example.org", Subject: "Please scan: " + name,
		ID: fmt.Sprintf("%d.%s@example.net", n, name), Body: part}.Bytes()}
}
