// Command soak sends many mixed messages through a private Postfix and prints, as it goes, what the filter uses:
// `make soak` starts it. Nothing should grow after the first tenth.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
	"quishmilter/test/proc"
)

func main() {
	program := flag.String("program", "bin/quishmilter", "path of the built `quishmilter`")
	example := flag.String("example", "postfix-example.cf", "`file` with the parameters that wire Postfix")
	n := flag.Int("n", 20000, "messages")
	sessions := flag.Int("sessions", 8, "SMTP sessions at once")
	flag.Parse()
	postfix.AsRoot()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := soak(ctx, *program, *example, max(*n, 10), max(*sessions, 1)); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func soak(ctx context.Context, program, example string, n, sessions int) (err error) {
	filter, err := daemon.Start(ctx, daemon.Config{Program: program, TCP: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, filter.Stop()) }()
	discard := map[string]string{"virtual_transport": "discard:", "smtpd_client_connection_count_limit": "0"}
	mta, err := postfix.Start(ctx, postfix.Config{Milter: filter.Address, Example: example, Params: discard})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mta.Stop()) }()
	mails := mixed()
	fmt.Printf("%9s %8s %28s %12s\n", "messages", "a second", "MB: daemon + worker = all", "descriptors")
	for tenth := 1; tenth <= 10; tenth++ {
		start, count := time.Now(), n/10
		if err := send(ctx, mta.Addr, mails, sessions, count); err != nil {
			return err
		}
		if err := show(filter.PID, tenth*count, float64(count)/time.Since(start).Seconds()); err != nil {
			return err
		}
	}
	return nil
}

// show prints what the filter uses now.
func show(pid, messages int, rate float64) error {
	m, err := proc.MemoryOf(pid)
	if err != nil {
		return err
	}
	open, err := proc.Descriptors(pid)
	if err != nil {
		return err
	}
	fmt.Printf("%9d %8.0f %28s %12d\n", messages, rate, m, open)
	return nil
}

// mixed is what passes: mostly plain, some pictures, few documents and broken things.
func mixed() []postfix.Mail {
	png := mailmaker.PNG(mailmaker.CodeImage("https://www.example.net/", 5))
	broken := mailmaker.Letter{From: "a@example.net", To: "reader@example.org", Body: mailmaker.Attached("image/png", "cut.png", png[:len(png)/2])}
	letters := []mailmaker.Letter{
		mailmaker.Plain5KB(), mailmaker.Plain5KB(), mailmaker.PNGCode(), mailmaker.Plain5KB(), mailmaker.Newsletter(), mailmaker.Plain5KB(),
		mailmaker.PDFImageCode(), mailmaker.Plain5KB(), broken, mailmaker.Plain5KB(), mailmaker.HTMLWithLogoAndPhoto(), mailmaker.PDFDrawnCode(),
	}
	var mails []postfix.Mail
	for _, l := range letters {
		mails = append(mails, postfix.Mail{Client: "203.0.113.7", From: l.From, Rcpts: []string{l.To}, Data: l.Bytes()})
	}
	return mails
}

// send spreads messages over sessions, a hundred on each connection.
func send(ctx context.Context, addr string, mails []postfix.Mail, sessions, count int) error {
	var next atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, sessions)
	for range sessions {
		all.Go(func() {
			for ctx.Err() == nil && int(next.Load()) < count {
				if err := session(ctx, addr, mails, &next, count); err != nil {
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

func session(ctx context.Context, addr string, mails []postfix.Mail, next *atomic.Int64, count int) error {
	client, err := postfix.Dial(addr)
	if err != nil {
		return err
	}
	defer func() { _ = client.Quit() }()
	for range 100 {
		n := int(next.Add(1))
		if n > count || ctx.Err() != nil {
			return nil
		}
		reply, err := client.Send(mails[n%len(mails)])
		if err != nil {
			return err
		}
		if reply.Code != 250 {
			return fmt.Errorf("message %d: %d %s", n, reply.Code, reply.Text)
		}
	}
	return nil
}
