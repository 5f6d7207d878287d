package main

import (
	"fmt"
	"io"
	"log"
	"log/syslog"
	"os"
	"os/signal"
	"syscall"

	"quishmilter/journal"
)

// openLog opens the log that the settings name. The libraries' own complaints, which go to Go's standard logger, are
// dropped: the milter package says the same with the queue id.
//
// Whoever reads standard output may go away (a log collector that is restarted). Go ends a program that writes there
// then, by SIGPIPE; a filter that says nothing is better than none, and systemd takes that end for a wanted one.
func openLog(s Settings) (*journal.Log, error) {
	signal.Ignore(syscall.SIGPIPE)
	log.SetOutput(io.Discard)
	format := journal.Text
	if s.Log == "json" {
		format = journal.JSON
	}
	if s.LogTo == "syslog" {
		w, err := syslog.New(syslog.LOG_MAIL|syslog.LOG_INFO, "quishmilter")
		if err != nil {
			return nil, fmt.Errorf("opening syslog: %w", err)
		}
		return journal.NewLog(w, format, ""), nil
	}
	return journal.NewLog(os.Stdout, format, fmt.Sprintf("quishmilter[%d]: ", os.Getpid())), nil
}
