package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"log/syslog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	sdjournal "github.com/coreos/go-systemd/v22/journal"

	"quishmilter/journal"
)

// openTarget opens a place that lines go to.
func openTarget(name string) (io.Writer, error) {
	if path, ok := strings.CutPrefix(name, "file:"); ok {
		w := &movableFile{path: path}
		return w, w.open()
	}
	switch name {
	case "syslog":
		w, err := syslog.New(syslog.LOG_MAIL|syslog.LOG_INFO, "quishmilter")
		if err != nil {
			return nil, fmt.Errorf("opening syslog: %w", err)
		}
		return systemLog{w}, nil
	case "journald":
		if !sdjournal.Enabled() {
			return nil, errors.New("opening the systemd journal: its socket is not there; write log_to = \"stdout\"")
		}
		return systemdJournal{}, nil
	}
	return os.Stdout, nil
}

// levelOf is the level that a line says.
func levelOf(line []byte) slog.Level {
	switch {
	case bytes.HasPrefix(line, []byte("error: ")), bytes.Contains(line, []byte(`"log.level":"error"`)):
		return slog.LevelError
	case bytes.HasPrefix(line, []byte("warning: ")), bytes.Contains(line, []byte(`"log.level":"warn"`)):
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// systemLog writes to the system's log (RFC 3164, by its local socket), with the level that the line says. Package syslog
// connects again when the socket went away.
type systemLog struct{ to *syslog.Writer }

func (s systemLog) Write(line []byte) (int, error) {
	say := s.to.Info
	switch levelOf(line) {
	case slog.LevelError:
		say = s.to.Err
	case slog.LevelWarn:
		say = s.to.Warning
	}
	return len(line), say(string(line))
}

// systemdJournal writes entries of the systemd journal, under our name and with the level that the line says.
type systemdJournal struct{}

func (systemdJournal) Write(line []byte) (int, error) {
	level := map[slog.Level]sdjournal.Priority{slog.LevelInfo: sdjournal.PriInfo, slog.LevelWarn: sdjournal.PriWarning, slog.LevelError: sdjournal.PriErr}[levelOf(line)]
	vars := map[string]string{"SYSLOG_IDENTIFIER": "quishmilter", "SYSLOG_FACILITY": "2"} // mail
	return len(line), sdjournal.Send(strings.TrimSuffix(string(line), "\n"), level, vars)
}

// movableFile is a file that others move away, as logrotate does: it is looked for again once a second, and made again
// when it is gone.
type movableFile struct {
	path   string
	file   *os.File
	looked time.Time
}

func (m *movableFile) open() error {
	file, err := os.OpenFile(m.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return fmt.Errorf("opening the file of event lines: %w", err)
	}
	if m.file != nil {
		m.file.Close()
	}
	m.file = file
	return nil
}

func (m *movableFile) Write(line []byte) (int, error) {
	if now := time.Now(); now.Sub(m.looked) >= time.Second {
		m.looked = now
		if m.moved() {
			if err := m.open(); err != nil {
				return 0, err
			}
		}
	}
	return m.file.Write(line)
}

// moved says whether another file, or none, bears the name now.
func (m *movableFile) moved() bool {
	there, err := os.Stat(m.path)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	ours, err2 := m.file.Stat()
	return err == nil && err2 == nil && !os.SameFile(there, ours)
}

// eventLines tells others of each event, beside the log. Lines that cannot be written are counted and said in the log:
// the journal has them all.
type eventLines struct {
	to      []*journal.Log
	writers []*patientWriter
}

func openEventLines(names []string, log *journal.Log) (*eventLines, error) {
	all := &eventLines{}
	for _, name := range names {
		w, err := openTarget(name)
		if err != nil {
			return nil, err
		}
		reported := &reportingWriter{out: w, name: name, log: log}
		patient := newPatientWriter(reported, func(n int64) { log.LinesLost(name, n, errors.New("nobody took them")) })
		all.writers = append(all.writers, patient)
		all.to = append(all.to, journal.NewLog(patient, journal.JSON, ""))
	}
	return all, nil
}

// Message tells of a message.
func (l *eventLines) Message(e journal.Event) {
	for _, log := range l.to {
		log.Message(e)
	}
}

// Found tells of a finding.
func (l *eventLines) Found(f journal.Finding) {
	for _, log := range l.to {
		log.Found(f)
	}
}

func (l *eventLines) flush() {
	for _, w := range l.writers {
		w.flush()
	}
}

// reportingWriter says in the log when lines cannot be written, the first, second, fourth … time.
type reportingWriter struct {
	out    io.Writer
	name   string
	log    *journal.Log
	failed atomic.Int64
}

func (r *reportingWriter) Write(line []byte) (int, error) {
	n, err := r.out.Write(line)
	if err != nil {
		if failed := r.failed.Add(1); failed&(failed-1) == 0 {
			r.log.LinesLost(r.name, failed, err)
		}
	}
	return n, err
}
