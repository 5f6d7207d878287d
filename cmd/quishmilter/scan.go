package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"quishmilter/control"
	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/mime"
	"quishmilter/state"
)

// scanFlags stand for the envelope of a message that did not come by SMTP.
type scanFlags struct {
	json     bool
	state    string
	rcpts    []string
	mailFrom string
	client   string
	auth     string
	now      string
	draw     string
}

func scanCommand(load func() (Settings, error)) *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "scan PATH…",
		Short: "Say what the filter finds in messages, pictures or PDFs, and what it would decide",
		Long: "Say what the filter finds in messages (.eml), pictures, PDFs or any other file, and what it would decide. " +
			"\"-\" is standard input. Changes nothing.\n\nExit status: 0 nothing found, 3 a code was found, 4 something could not be scanned (and no code was found), 1 an input could not be read (the others were scanned).",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			return scan(cmd.Context(), settings, f, paths, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "one JSON object per input")
	f.envelope(flags)
	flags.StringVar(&f.draw, "draw", "", "draw what the reader of codes saw onto each picture, as PNG files in this `folder`")
	return cmd
}

// envelope defines the flags that stand for what a file does not say.
func (f *scanFlags) envelope(flags *pflag.FlagSet) {
	flags.StringVar(&f.state, "state", "", "judge with the history in this `folder` (none by default)")
	flags.Var((*addressList)(&f.rcpts), "rcpt", "envelope recipient `address`, or several with commas; default: To and Cc")
	flags.StringVar(&f.mailFrom, "mail-from", "", "envelope sender `address`")
	flags.StringVar(&f.client, "client", "", "`IP` address of the SMTP client")
	flags.StringVar(&f.auth, "auth", "none", "authentication of the header From: pass, fail or none")
	flags.StringVar(&f.now, "now", "", "the `time` of judgement, RFC 3339; default: now")
}

// addressList is a flag that may be repeated. A comma parts addresses, but not within a quoted local part (RFC 5321,
// section 4.1.2).
type addressList []string

// Set adds addresses.
func (l *addressList) Set(text string) error {
	quoted, from := false, 0
	for i := 0; i <= len(text); i++ {
		switch {
		case i == len(text) || text[i] == ',' && !quoted:
			if one := strings.TrimSpace(text[from:i]); one != "" {
				*l = append(*l, one)
			}
			from = i + 1
		case text[i] == '\\' && quoted && i+1 < len(text):
			i++
		case text[i] == '"':
			quoted = !quoted
		}
	}
	return nil
}

// String is what the flag says as its default.
func (l *addressList) String() string { return strings.Join(*l, ",") }

// Type is the kind of value, for the help.
func (l *addressList) Type() string { return "address" }

// scanner is an inspector outside the daemon.
type scanner struct {
	inspector *inspect.Inspector
	flags     scanFlags
	client    netip.Addr
	now       time.Time
	close     []func()
}

func scan(ctx context.Context, settings Settings, flags scanFlags, paths []string, out io.Writer) error {
	s, err := newScanner(settings, flags)
	if err != nil {
		return err
	}
	defer s.end()
	found, unscannable, unread := false, false, false
	var pictures *artist
	if flags.draw != "" {
		if pictures, err = newArtist(flags.draw, cacheFolder(), settings.pictureLimits()); err != nil {
			return err
		}
	}
	bar := newProgress(besides(out, false), "scanning", "files", int64(len(paths)))
	defer bar.Finish()
	for n, path := range paths {
		bar.Add(min(n, 1)) // the one before is done
		raw, err := readInput(path, int64(settings.Limits.Size))
		if err != nil {
			report(err) // and go on: the others have been asked for too
			unread = true
			continue
		}
		message := s.message(path, raw)
		r := s.inspector.Inspect(ctx, message)
		if flags.json {
			if err := json.NewEncoder(out).Encode(scanResult(path, r)); err != nil {
				return err
			}
		} else {
			printScan(out, path, r)
		}
		if pictures != nil {
			if err := pictures.message(ctx, message.Header, message.Body, mime.Limits{Parts: settings.Limits.Parts, Depth: settings.Limits.Depth}, os.Stderr); err != nil {
				return err
			}
		}
		found = found || len(r.Codes) > 0
		unscannable = unscannable || r.Scan != inspect.Complete
	}
	switch {
	case unread:
		return exit{status: exitFailed}
	case found:
		return exit{status: exitFound}
	case unscannable:
		return exit{status: exitUnscannable}
	}
	return nil
}

func newScanner(settings Settings, flags scanFlags) (*scanner, error) {
	s := &scanner{flags: flags, now: time.Now()}
	var err error
	if s.now, err = timeFlag("--now", flags.now, s.now); err != nil {
		return nil, err
	}
	if flags.client != "" {
		if s.client, err = netip.ParseAddr(flags.client); err != nil {
			return nil, exit{exitUsage, fmt.Errorf("--client %q is no IP address", flags.client)}
		}
	}
	if flags.auth != "pass" && flags.auth != "fail" && flags.auth != "none" {
		return nil, exit{exitUsage, fmt.Errorf("--auth %q is not known; write pass, fail or none", flags.auth)}
	}
	var history inspect.History
	var kept control.EntrySource
	if flags.state != "" {
		var done func()
		if history, kept, done, err = openHistory(settings, flags.state); err != nil {
			return nil, err
		}
		s.close = append(s.close, done)
	}
	lists, err := listsFor(settings, kept)
	if err != nil {
		s.end()
		return nil, err
	}
	pool, err := newPool(settings, cacheFolder(), journal.NewLog(os.Stderr, journal.Text, "quishmilter: "), nil)
	if err != nil {
		s.end()
		return nil, err
	}
	s.close = append(s.close, pool.Close)
	if s.inspector, err = newInspector(settings, pool, inspect.NewKnown(), history); err != nil {
		s.end()
		return nil, err
	}
	s.inspector.Entries = lists
	return s, nil
}

func (s *scanner) end() {
	for n := len(s.close) - 1; n >= 0; n-- {
		s.close[n]()
	}
}

// message makes a message of a file: one that begins like a mail is one, everything else becomes a message with that
// file as its only part.
func (s *scanner) message(path string, raw input) *inspect.Message {
	m := &inspect.Message{Cut: raw.cut, Envelope: inspect.Envelope{
		ClientAddr: s.client, MailFrom: s.flags.mailFrom, Rcpts: s.flags.rcpts, Arrived: s.now, Auth: s.flags.auth, ClientPort: 25,
	}}
	if looksLikeMail(path, raw.data) {
		m.Header, m.Body = mime.ParseMessage(raw.data)
		return m
	}
	m.Header = []mime.Field{{Name: "Content-Type", Value: "application/octet-stream"},
		{Name: "Content-Disposition", Value: "attachment; filename=\"" + strings.Map(plainName, filepath.Base(path)) + "\""}}
	m.Body = raw.data
	return m
}

func plainName(r rune) rune {
	if r == '"' || r == '\\' || r < ' ' {
		return '_'
	}
	return r
}

// looksLikeMail goes by the name, and else by the first line: a header field.
func looksLikeMail(path string, raw []byte) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".eml", ".msg822", ".mime":
		return true
	}
	line, _, _ := strings.Cut(string(raw[:min(len(raw), 1000)]), "\n")
	name, _, ok := strings.Cut(line, ":")
	return strings.HasPrefix(line, "From ") || ok && name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })
}

// input is a file, as far as the size limit lets it be read.
type input struct {
	data []byte
	cut  bool
}

func readInput(path string, limit int64) (input, error) {
	var r io.Reader = os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return input{}, err
		}
		defer f.Close()
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return input{}, fmt.Errorf("reading %s: %w", path, err)
	}
	if int64(len(data)) > limit {
		return input{data[:limit], true}, nil
	}
	return input{data, false}, nil
}

// cacheFolder is where the compiled PDF renderer is kept between runs of commands without a state folder.
func cacheFolder() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "quishmilter")
}

// openHistory asks the daemon that holds the state in a folder, or opens a state that is there; a wrong folder is
// noticed. The allow and block entries that the state keeps come with it.
func openHistory(s Settings, folder string) (inspect.History, control.EntrySource, func(), error) {
	c, err := control.Dial(filepath.Join(folder, "control.sock"))
	if err == nil {
		return client{c}, c, c.Close, nil
	}
	if !errors.Is(err, control.ErrNoDaemon) {
		return nil, nil, nil, err
	}
	path := filepath.Join(folder, "state.db")
	if _, err := os.Stat(path); err != nil {
		return nil, nil, nil, fmt.Errorf("no state there: %w", err)
	}
	db, err := state.Open(path, state.Options{})
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := lookStore(context.Background(), s, db, journal.NewLog(os.Stderr, journal.Text, "quishmilter: "))
	if err != nil {
		db.Close()
		return nil, nil, nil, err
	}
	return store, &entryLists{store: journal.NewEntries(db)}, func() {
		store.Close()
		db.Close()
	}, nil
}
