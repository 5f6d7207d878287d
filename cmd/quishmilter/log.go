package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
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
	w, err := openTarget(s.LogTo)
	if err != nil {
		return nil, nil, err
	}
	prefix := ""
	if s.LogTo == "stdout" {
		prefix = fmt.Sprintf("quishmilter[%d]: ", os.Getpid())
	}
	patient := newPatientWriter(w, saidTo(w))
	return journal.NewLog(patient, format, prefix), patient.flush, nil
}

// patientWriter keeps lines that nobody takes yet, so that a reader who stalls does not stall mail. When too many wait,
// lines are lost, and how many is said when the reader goes on.
type patientWriter struct {
	out     io.Writer
	lines   chan []byte
	waiting atomic.Int64 // lines that are not written yet
	missing atomic.Int64 // lines that were lost and not told about
	lost    func(n int64)
}

const waitingLines = 10_000

func newPatientWriter(w io.Writer, lost func(n int64)) *patientWriter {
	p := &patientWriter{out: w, lines: make(chan []byte, waitingLines), lost: lost}
	go p.run()
	return p
}

// saidTo says in the log itself how many of its lines were lost.
func saidTo(w io.Writer) func(n int64) {
	return func(n int64) {
		fmt.Fprintf(w, "quishmilter: warning: %d lines of the log were lost, because nobody took them\n", n)
	}
}

// Write takes one line.
func (p *patientWriter) Write(line []byte) (int, error) {
	p.waiting.Add(1)
	select {
	case p.lines <- bytes.Clone(line):
	default:
		p.waiting.Add(-1)
		p.missing.Add(1)
	}
	return len(line), nil
}

// run writes lines for as long as the program lives.
func (p *patientWriter) run() {
	for line := range p.lines {
		p.out.Write(line) // a log that cannot be written has nobody to be told
		p.waiting.Add(-1)
		if n := p.missing.Swap(0); n > 0 {
			p.lost(n)
		}
	}
}

// flush gives the last lines a moment to be taken, before the program ends.
func (p *patientWriter) flush() {
	for end := time.Now().Add(time.Second); p.waiting.Load() > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}
