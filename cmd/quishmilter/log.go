package main

import (
	"fmt"
	"io"
	"log"
	"log/syslog"
	"os"

	"quishmilter/journal"
)

// openLog opens the log that the settings name. The libraries' own complaints, which go to Go's standard logger, are
// dropped: the milter package says the same with the queue id.
func openLog(s Settings) (*journal.Log, error) {
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
