// Command quishmilter reads the QR codes in mail before it is delivered.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"quishmilter/journal"
)

// Exit statuses that others rely on.
const (
	exitFailed      = 1 // the work failed
	exitUsage       = 2 // wrong usage or configuration
	exitFound       = 3 // scan: a code was found
	exitUnscannable = 4 // scan: something could not be scanned, and no code was found
)

// exit is an error that carries its exit status. Without a message nothing is printed: the output has said it.
type exit struct {
	status int
	err    error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

func main() {
	root := commands()
	root.SetArgs(spread(os.Args[1:]))
	if cmd, err := root.ExecuteC(); err != nil {
		os.Exit(report(withUsage(cmd, err)))
	}
}

// withUsage says how a command is written that got too many words or too few.
func withUsage(cmd *cobra.Command, err error) error {
	if strings.Contains(err.Error(), "arg(s)") {
		return exit{exitUsage, fmt.Errorf("%w; write %s", err, strings.Replace(cmd.UseLine(), " [flags]", " [--flags]", 1))}
	}
	return err
}

// commands are all of them.
func commands() *cobra.Command {
	root := &cobra.Command{
		Use:           "quishmilter",
		Short:         "A milter that reads the QR codes in mail before it is delivered",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	config := root.PersistentFlags().StringP("config", "c", "", "configuration `file` (TOML); built-in defaults without one")
	load := func() (Settings, error) { return loadSettings(*config) }
	root.AddCommand(serveCommand(load), scanCommand(load), checkCommand(load), learnCommand(load), senderCommand(load),
		huntCommand(load), exportCommand(load), entryCommand(load, journal.Allow), entryCommand(load, journal.Block), explainCommand(load), replayCommand(load), quarantineCommand(load), alertsCommand(load), queueHelperCommand(load), backupCommand(load), restoreCommand(load), versionCommand(), workerCommand(), manCommand())
	root.SetFlagErrorFunc(wrongFlag)
	plainUsage(root)
	offerChoices(root)
	return root
}

// report prints an error as one line and returns the exit status that belongs to it.
func report(err error) int {
	status := exitFailed
	var e exit
	if errors.As(err, &e) {
		status = e.status
	} else if isUsage(err) {
		status = exitUsage
	}
	if text := oneLine(err.Error()); text != "" {
		fmt.Fprintln(os.Stderr, "quishmilter: "+text)
	}
	return status
}
