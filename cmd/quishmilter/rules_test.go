package main

import (
	"context"
	"errors"
	"io"
	"syscall"
	"testing"

	"quishmilter/journal"
)

// SIGHUP never ends the process: not before the daemon listens to it, and not when it has ceased to, which is while
// the last messages are answered.
func TestHangupBeforeAndAfterServing(t *testing.T) {
	hangup := hangups()
	send := func() {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	send() // kept until somebody reloads
	ctx, end := context.WithCancel(t.Context())
	loads := 0
	f := &filter{log: journal.NewLog(io.Discard, journal.Text, "")}
	f.reloads(ctx, hangup, func() (Settings, error) {
		loads++
		end()
		return Settings{}, errors.New("broken")
	}, nil)
	if loads != 1 {
		t.Errorf("loaded %d times", loads)
	}
	send()
	<-hangup // nobody else takes it, and we are still here
}
