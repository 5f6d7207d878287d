// Command soak sends many mixed messages through a private Postfix and prints, after each tenth, what the filter uses:
// `make soak` starts it. It ends with 1 when something grew after the first tenth.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// run says what is to be sent through what.
type run struct {
	program, example string
	messages         int
	sessions         int
	bounds           bounds
	out              io.Writer
}

func main() {
	r := run{bounds: long, out: os.Stdout}
	flag.StringVar(&r.program, "program", "bin/quishmilter", "path of the built `quishmilter`")
	flag.StringVar(&r.example, "example", "postfix-example.cf", "`file` with the parameters that wire Postfix")
	flag.IntVar(&r.messages, "n", 100000, "messages")
	flag.IntVar(&r.sessions, "sessions", 8, "SMTP sessions at once")
	flag.Parse()
	r.messages, r.sessions = max(r.messages, 10), max(r.sessions, 1)
	postfix.AsRoot()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := r.soak(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func (r run) soak(ctx context.Context) (err error) {
	temp, err := os.MkdirTemp("", "quishmilter-soak-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	filter, err := daemon.Start(ctx, daemon.Config{Program: r.program, TCP: true, Temp: temp})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, filter.Stop()) }()
	discard := map[string]string{"virtual_transport": "discard:", "smtpd_client_connection_count_limit": "0"}
	mta, err := postfix.Start(ctx, postfix.Config{Milter: filter.Address, Example: r.example, Params: discard})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mta.Stop()) }()
	return r.tenths(ctx, mta.Addr, newDaemonAt(filter.PID, filepath.Join(filter.StateDir(), "control.sock"), temp))
}

// tenths sends the messages and compares what is used after the last tenth with what was after the first.
func (r run) tenths(ctx context.Context, addr string, d *daemonAt) error {
	letters, sent := mixed(), new(atomic.Int64)
	var first, last sample
	fmt.Fprintf(r.out, "%9s %8s %28s %10s %8s %11s %10s %15s\n", "messages", "a second", "MB: daemon + worker = all", "private MB", "heap MB", "descriptors", "goroutines", "temporary files")
	for tenth := 1; tenth <= 10; tenth++ {
		start, count := time.Now(), r.messages/10
		if err := send(ctx, addr, letters, r.sessions, sent, int64(tenth*count)); err != nil {
			return err
		}
		rate := float64(count) / time.Since(start).Seconds()
		var err error
		if last, err = d.rest(ctx); err != nil {
			return err
		}
		if tenth == 1 {
			first = last
		}
		fmt.Fprintf(r.out, "%9d %8.0f %28s %10.0f %8.1f %11d %10d %15d\n", tenth*count, rate, last.memory, float64(last.private)/1e6, float64(last.heap)/1e6,
			last.descriptors, last.goroutines, last.files)
	}
	if grown := r.bounds.grown(first, last); len(grown) > 0 {
		return errors.New(strings.Join(grown, "; "))
	}
	fmt.Fprintf(r.out, "nothing grew beyond its bound after the first tenth; %d times a message was put off, and sent again\n", putOff.Load())
	return nil
}

// mixed is what passes: mostly plain, some pictures, few documents and broken things.
func mixed() []mailmaker.Letter {
	png := mailmaker.PNG(mailmaker.CodeImage("https://www.example.net/", 5))
	broken := mailmaker.Letter{From: "a@example.net", To: "reader@example.org", Body: mailmaker.Attached("image/png", "cut.png", png[:len(png)/2])}
	return []mailmaker.Letter{
		mailmaker.Plain5KB(), mailmaker.Plain5KB(), mailmaker.PNGCode(), mailmaker.Plain5KB(), mailmaker.Newsletter(), mailmaker.Plain5KB(),
		mailmaker.PDFImageCode(), mailmaker.Plain5KB(), broken, mailmaker.Plain5KB(), mailmaker.HTMLWithLogoAndPhoto(), mailmaker.PDFDrawnCode(),
	}
}

// send sends messages over several sessions, a hundred on each connection, until so many were sent.
func send(ctx context.Context, addr string, letters []mailmaker.Letter, sessions int, sent *atomic.Int64, until int64) error {
	left := new(atomic.Int64)
	left.Store(until - sent.Load())
	var all sync.WaitGroup
	failed := make(chan error, sessions)
	for range sessions {
		all.Go(func() {
			for ctx.Err() == nil && left.Load() > 0 {
				if err := session(ctx, addr, letters, sent, left); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	return errors.Join(<-failed, ctx.Err())
}

// putOff counts the answers that said "later".
var putOff atomic.Int64

func session(ctx context.Context, addr string, letters []mailmaker.Letter, sent, left *atomic.Int64) error {
	client, err := postfix.Dial(addr)
	if err != nil {
		return err
	}
	defer func() { _ = client.Quit() }()
	for range 100 {
		if left.Add(-1) < 0 || ctx.Err() != nil {
			return nil
		}
		n := sent.Add(1)
		l := letters[n%int64(len(letters))]
		l.ID, l.Body = fmt.Sprintf("%d@soak.example", n), l.Body.Renamed(n)
		m := postfix.Mail{Client: "203.0.113.7", From: l.From, Rcpts: []string{l.To}, Data: l.Bytes()}
		reply, err := client.Send(m)
		for err == nil && reply.Code/100 == 4 && ctx.Err() == nil { // more than this machine can read in time: again, as an MTA would
			putOff.Add(1)
			reply, err = client.Send(m)
		}
		if err != nil {
			return err
		}
		if reply.Code != 250 {
			return fmt.Errorf("message %d: %d %s", n, reply.Code, reply.Text)
		}
	}
	return nil
}
