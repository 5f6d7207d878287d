package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/prevalence"
	"quishmilter/state"
)

func checkCommand(load func() (Settings, error)) *cobra.Command {
	var print string
	var health bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and the set-up",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			switch {
			case health:
				return checkHealth(cmd.Context(), settings)
			case print == "markdown":
				printSettingsTable(out)
				return nil
			case print == "toml":
				printSettings(out, settings)
				return printPolicy(out, settings)
			case print == "rules":
				return printAllRules(out, settings)
			case print != "":
				return exit{exitUsage, fmt.Errorf("--print=%s is not known; write --print, --print=rules or --print=markdown", print)}
			}
			return checkSetup(cmd.Context(), settings, out)
		},
	}
	cmd.Flags().StringVar(&print, "print", "", "print the effective configuration with its policy (`toml`), the policy and all its rules as a configuration of their own (rules), or the table of all settings (markdown)")
	cmd.Flags().Lookup("print").NoOptDefVal = "toml"
	cmd.Flags().BoolVar(&health, "health", false, "only ask the running daemon whether it is well (for containers)")
	return cmd
}

// checkHealth asks the daemon, by its control socket.
func checkHealth(ctx context.Context, s Settings) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client, err := control.Dial(s.control())
	if err != nil {
		return fmt.Errorf("the daemon does not answer: %w", err)
	}
	defer client.Close()
	return client.Health(ctx)
}

// checkSetup looks at what only shows on this machine, and says it all before it fails.
func checkSetup(ctx context.Context, s Settings, out io.Writer) error {
	bad := 0
	say := func(ok bool, good, problem string) {
		if ok {
			fmt.Fprintln(out, "ok      "+good)
			return
		}
		bad++
		fmt.Fprintln(out, "problem "+problem)
	}
	say(true, "the configuration is valid", "")
	running := checkHealth(ctx, s) == nil
	if running {
		say(true, "a daemon runs and is well", "")
		h, err := historyInDaemon(ctx, s)
		say(err == nil && !h.Away, historyText(h), historyText(h)+errorText(err))
		say(reachable(s), "it answers on "+s.Listen, "nothing answers on "+s.Listen+", although a daemon runs; it was started with another configuration")
	} else {
		found, err := tryState(ctx, s)
		say(err == nil, "the state can be opened; "+found, fmt.Sprint(err))
		if s.Store != localStore {
			err := prevalence.Ping(ctx, s.Store)
			say(err == nil, "the shared store answers", "the shared store does not answer; the daemon goes on with what this host knows"+errorText(err))
		}
	}
	for _, target := range s.Journal.Lines {
		if path, ok := strings.CutPrefix(target, "file:"); ok {
			_, err := os.Stat(filepath.Dir(path))
			say(err == nil, target+" has a folder", target+" cannot be made: make its folder first"+errorText(err))
		}
	}
	confined, err := tryWorkers(ctx, s, journal.NewLog(io.Discard, journal.Text, ""))
	say(err == nil, confined, fmt.Sprint(err))
	found := warnings(s)
	if running {
		if text := rootWarning(s); text != "" {
			found = append(found, text)
		}
	}
	for _, warning := range append(found, postfixWarnings(ctx, s)...) {
		fmt.Fprintln(out, "warning "+warning)
	}
	if bad > 0 {
		return exit{status: exitFailed}
	}
	return nil
}

func reachable(s Settings) bool {
	network, address, err := splitListen(s.Listen)
	if err != nil {
		return false
	}
	c, err := net.DialTimeout(network, address, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// historyInDaemon asks the daemon how far back its history reaches.
func historyInDaemon(ctx context.Context, s Settings) (control.History, error) {
	client, err := control.Dial(s.control())
	if err != nil {
		return control.History{}, err
	}
	defer client.Close()
	return client.History(ctx)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// tryState opens the state where there is one, without leaving anything behind where there is none, and says how far
// back its history reaches.
func tryState(ctx context.Context, s Settings) (found string, err error) {
	if info, err := os.Stat(s.State); err == nil && !info.IsDir() {
		return "", fmt.Errorf("%s is no folder", s.State)
	}
	_, err = os.Stat(s.stateFile())
	if errors.Is(err, os.ErrNotExist) { // made at the start
		return historyText(control.History{LearningUntil: learningUntil(time.Time{}, s.window(), time.Now())}), nil
	}
	if err != nil {
		return "", err
	}
	db, err := state.Open(s.stateFile(), state.Options{})
	if err != nil {
		return "", err
	}
	defer db.Close()
	store, err := lookStore(ctx, s, db, journal.NewLog(io.Discard, journal.Text, ""))
	if err != nil {
		return "", err
	}
	defer store.Close()
	h, err := historyOf(store, s.window(), time.Now())
	found = historyText(h)
	if s.Prevalence.Secret != "" && !store.Hashed() {
		found += "; its names will be hashed at the next start, for good (prevalence.secret)"
	}
	return found, err
}

// warnings are set-ups that work and are seldom meant.
func warnings(s Settings) []string {
	list := openToAll(s)
	if len(s.OwnNetworks) == 0 {
		list = append(list, "own_networks is empty: mail from your own hosts is judged like mail from outside, unless its sender logged in")
	}
	if text := queueWarning(s); text != "" {
		list = append(list, text)
	}
	list = append(list, toldWarnings(s)...)
	if text := secretWarning(s); text != "" {
		list = append(list, text)
	}
	if n := expiredEntries(s); n > 0 {
		list = append(list, fmt.Sprintf("%d entries in %s have come to their end and do nothing", n, s.Entries))
	}
	if info, err := os.Stat(s.file); err == nil && info.Mode().Perm()&0o004 != 0 && s.storePassword() {
		list = append(list, fmt.Sprintf("%s is readable by everybody (mode %04o), and it holds the password of the shared store: chmod 0640, or name a password_file", s.file, info.Mode().Perm()))
	}
	if strings.HasPrefix(s.Store, "redis") && !strings.HasPrefix(s.Store, "rediss") && s.Prevalence.Secret == "" {
		list = append(list, "the shared store is reached without TLS and holds addresses: use rediss://, a private network, or prevalence.secret")
	}
	list = append(list, policyWarnings(s)...)
	if s.Failure == "accept" {
		list = append(list, "failure = \"accept\": mail passes unrecorded while the state cannot be written")
	}
	return list
}

// policyWarnings are about rules that do less than they seem to.
func policyWarnings(s Settings) (list []string) {
	policy, err := s.policy()
	if err != nil {
		return nil
	}
	for _, w := range policy.Warnings() {
		list = append(list, w.Error())
	}
	if s.SplitRecipients && !policy.Scoped() {
		list = append(list, "split_recipients has nothing to split: no rule and no group with a policy is about some recipients only")
	}
	return list
}

func expiredEntries(s Settings) (n int) {
	file, _ := readEntryFile(s.Entries) // it was read with the configuration
	for _, e := range file {
		if e.Expired(time.Now()) {
			n++
		}
	}
	return n
}
