package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/milter"
	"quishmilter/test/proc"
)

// trial is one daemon under hostile mail.
type trial struct {
	daemon *daemon.Daemon
	budget time.Duration
	alone  []time.Duration // plain mail's
	good   bool
}

// hostile sends all messages, four sessions wide, and prints the table.
func (t *trial) hostile(ctx context.Context, mails []mail) error {
	answers, plain, err := t.beside(ctx, func() ([]milter.Answer, error) { return t.send(mails, 4) })
	if err != nil {
		return err
	}
	fmt.Printf("%-14s %9s %9s  %s\n", "message", "KB", "ms", "scan")
	var worst time.Duration
	for n, a := range answers {
		worst = max(worst, a.Took)
		fmt.Printf("%-14s %9d %9.0f  %.80s\n", mails[n].name, len(mails[n].data)/1000, milliseconds(a.Took), a.Fields["X-Quish-Scan"])
	}
	t.good = t.say(worst <= t.budget+slack, "%d hostile messages, 4 at a time: the slowest took %.0f ms of %.0f + %.0f", len(answers), milliseconds(worst), milliseconds(t.budget), milliseconds(slack))
	alone, during := quantile(t.alone, .99), quantile(plain, .99)
	ratio := during.Seconds() / alone.Seconds()
	t.good = t.say(ratio < mostRatio, "plain mail, p50/p99 ms: alone %.2f/%.2f (%d messages), beside them %.2f/%.2f (%d messages); p99 is %.2f times",
		milliseconds(quantile(t.alone, .5)), milliseconds(alone), len(t.alone), milliseconds(quantile(plain, .5)), milliseconds(during), len(plain), ratio) && t.good
	return nil
}

// beside does something while plain mail goes by.
func (t *trial) beside(ctx context.Context, do func() ([]milter.Answer, error)) (answers []milter.Answer, plain []time.Duration, err error) {
	done := make(chan struct{})
	var wrong error
	var goes sync.WaitGroup
	goes.Go(func() { plain, wrong = plainFor(ctx, t.daemon, time.Hour, done) })
	answers, err = do()
	close(done)
	goes.Wait()
	return answers, plain, errors.Join(err, wrong)
}

// send hands messages over, so many sessions at once.
func (t *trial) send(mails []mail, sessions int) ([]milter.Answer, error) {
	answers := make([]milter.Answer, len(mails))
	wrong := make(chan error, sessions)
	var next atomic.Int64
	for range sessions {
		go func() {
			c, err := milter.Dial(t.daemon.Address)
			if err != nil {
				wrong <- err
				return
			}
			defer c.Close()
			for n := int(next.Add(1)) - 1; n < len(mails); n = int(next.Add(1)) - 1 {
				if answers[n], err = c.Send("stranger@example.net", "reader@example.org", mails[n].data); err != nil {
					wrong <- fmt.Errorf("%s: %w", mails[n].name, err)
					return
				}
			}
			wrong <- nil
		}()
	}
	var err error
	for range sessions {
		err = errors.Join(err, <-wrong)
	}
	return answers, err
}

// memory sends the same once more, with 16 sessions of 25 MB messages beside them, and prints the most that the process
// tree had.
func (t *trial) memory(ctx context.Context, mails []mail) error {
	var large []mail
	photo := mailmaker.BMP(mailmaker.DIB(mailmaker.Photo(2500, 2500, 1)), 0)
	for n := range 48 {
		large = append(large, mailOf("large", n, mailmaker.Mixed(
			mailmaker.Attached("image/bmp", "a.bmp", append(photo[:len(photo):len(photo)], byte(n))), // none is known from the last
			mailmaker.Attached("image/png", "code.png", mailmaker.PNG(mailmaker.CodeImage("https://example.com/x", 4))))))
		if n == 0 {
			fmt.Printf("large messages of %.1f MB\n", float64(len(large[0].data))/1e6)
		}
	}
	measured := make(chan proc.Memory)
	done := make(chan struct{})
	go func() { measured <- t.most(done) }()
	_, _, err := t.beside(ctx, func() ([]milter.Answer, error) {
		var beside sync.WaitGroup
		var wrong error
		beside.Go(func() { _, wrong = t.send(large, 16) })
		answers, err := t.send(mails, 4)
		beside.Wait()
		return answers, errors.Join(err, wrong)
	})
	close(done)
	m := <-measured
	t.good = t.say(m.Sum < mostMemory, "memory of the process tree (PSS, MB) under these and 16 sessions of large messages: at most %.0f; then the daemon had %.0f", float64(m.Sum)/1e6, float64(m.Root)/1e6) && t.good
	return err
}

// most looks at the memory again and again, and returns the largest sum.
func (t *trial) most(done <-chan struct{}) (most proc.Memory) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return most
		case <-tick.C:
		}
		if m, err := proc.MemoryOf(t.daemon.PID); err == nil && m.Sum > most.Sum { // a worker may end while it is measured
			most = m
		}
	}
}

// say prints a line that begins with whether the promise was kept.
func (t *trial) say(kept bool, format string, args ...any) bool {
	word := "kept  "
	if !kept {
		word = "BROKEN"
	}
	fmt.Printf(word+" "+format+"\n", args...)
	return kept
}
