package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"log/syslog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"quishmilter/journal"
)

// openLog opens the log that the settings name. The libraries' own complaints, which go to Go's standard logger, are
// dropped: the milter package says the same with the queue id.
//
// Whoever reads standard output may go away (a log collector that is restarted). Go ends a program that writes there
// then, by SIGPIPE; a filter that says nothing is better than none, and systemd takes that end for a wanted one.
func openLog(s Settings) (*journal.Log, func(), error) {
	signal.Ignore(syscall.SIGPIPE)
	log.SetOutput(io.Discard)
	format := journal.Text
	if s.Log == "json" {
		format = journal.JSON
	}
	if s.LogTo == "syslog" {
		w, err := syslog.New(syslog.LOG_MAIL|syslog.LOG_INFO, "quishmilter")
		if err != nil {
			return nil, nil, fmt.Errorf("opening syslog: %w", err)
		}
		patient := newPatientWriter(w)
		return journal.NewLog(patient, format, ""), patient.flush, nil
	}
	patient := newPatientWriter(os.Stdout)
	return journal.NewLog(patient, format, fmt.Sprintf("quishmilter[%d]: ", os.Getpid())), patient.flush, nil
}

// patientWriter keeps lines that nobody takes yet, so that a reader who stalls does not stall mail. When too many wait,
// lines are lost, and how many is said when the reader goes on.
type patientWriter struct {
	lines   chan []byte
	waiting atomic.Int64 // lines that are not written yet
	lost    atomic.Int64
}

const waitingLines = 10_000

func newPatientWriter(w io.Writer) *patientWriter {
	p := &patientWriter{lines: make(chan []byte, waitingLines)}
	go p.run(w)
	return p
}

// Write takes one line.
func (p *patientWriter) Write(line []byte) (int, error) {
	p.waiting.Add(1)
	select {
	case p.lines <- bytes.Clone(line):
	default:
		p.waiting.Add(-1)
		p.lost.Add(1)
	}
	return len(line), nil
}

func (p *patientWriter) run(w io.Writer) {
	for line := range p.lines {
		w.Write(line) // a log that cannot be written has nobody to be told
		p.waiting.Add(-1)
		if n := p.lost.Swap(0); n > 0 {
			fmt.Fprintf(w, "quishmilter: warning: %d lines of the log were lost, because nobody took them\n", n)
		}
	}
}

// flush gives the last lines a moment to be taken, before the program ends.
func (p *patientWriter) flush() {
	for end := time.Now().Add(time.Second); p.waiting.Load() > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}
