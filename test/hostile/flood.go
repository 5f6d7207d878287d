package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
)

// flood sends more than one worker can do, 32 sessions wide, and then waits until a message is read whole again.
func flood(ctx context.Context, program, failure string) (good bool, err error) {
	d, err := daemon.Start(ctx, daemon.Config{Program: program, TCP: true, TOML: fmt.Sprintf(
		"failure = %q\n[authentication]\nown_check = false\n[limits]\ntime = \"3s\"\n[workers]\ncount = 1\nqueue = 4\n", failure)})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, d.Stop()) }()
	var mails []mail
	for n := range 100 {
		mails = append(mails, mailOf("finders", n, mailmaker.Attached("image/png", "a.png", mailmaker.PNG(mailmaker.Noise(1000+n, 3, uint64(n))))))
	}
	t := &trial{daemon: d}
	answers, err := t.send(mails, 32)
	if err != nil {
		return false, err
	}
	kinds := map[string]int{}
	for _, a := range answers {
		kind := string(a.Code)
		if a.Hold {
			kind = "hold"
		} else if a.Code == 'c' {
			kind = a.Fields["X-Quish-Verdict"]
		}
		kinds[kind]++
	}
	ended := time.Now()
	for n := 0; ; n++ {
		code := mailOf("code", n, mailmaker.Attached("image/png", "a.png", mailmaker.PNG(mailmaker.CodeImage(fmt.Sprintf("https://example.com/%d", n), 4))))
		again, err := t.send([]mail{code}, 1)
		if err != nil {
			return false, err
		}
		if again[0].Fields["X-Quish-Scan"] == "complete" {
			break
		}
	}
	took := time.Since(ended)
	lines := strings.Count(d.Log(), "more to scan than the workers can do")
	return t.say(took <= recoverTime, "flood of %d scans, 32 at a time, for one worker and a queue of 4 (failure = %s): %v, %d lines about it in the log; a message was read whole %.0f ms after it",
		len(mails), failure, kinds, lines, milliseconds(took)), nil
}
