package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/control"
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
				return nil
			case print == "rules":
				policy, err := settings.policy()
				if err != nil {
					return err
				}
				printRules(out, policy.Rules())
				return nil
			case print != "":
				return exit{exitUsage, fmt.Errorf("--print=%s is not known; write --print, --print=rules or --print=markdown", print)}
			}
			return checkSetup(cmd.Context(), settings, out)
		},
	}
	cmd.Flags().StringVar(&print, "print", "", "print the effective configuration (`toml`), its policy as rules (rules), or the table of all settings (markdown)")
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
		say(reachable(s), "it answers on "+s.Listen, "nothing answers on "+s.Listen+", although a daemon runs; it was started with another configuration")
	} else {
		err := tryState(s)
		say(err == nil, "the state can be opened", fmt.Sprint(err))
	}
	for _, warning := range warnings(s) {
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

// tryState opens the state where there is one, without leaving anything behind where there is none.
func tryState(s Settings) error {
	info, err := os.Stat(s.State)
	if errors.Is(err, os.ErrNotExist) {
		return nil // made at the start
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder", s.State)
	}
	if _, err := os.Stat(s.stateFile()); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	db, err := state.Open(s.stateFile(), state.Options{})
	if err != nil {
		return err
	}
	return db.Close()
}

// warnings are set-ups that work and are seldom meant.
func warnings(s Settings) []string {
	var list []string
	if info, err := os.Stat(s.State); err == nil && info.Mode().Perm()&0o007 != 0 {
		list = append(list, fmt.Sprintf("%s is open to everybody (mode %04o), and it holds addresses of people: chmod 0700", s.State, info.Mode().Perm()))
	}
	if len(s.OwnNetworks) == 0 {
		list = append(list, "own_networks is empty: mail from your own hosts is judged like mail from outside, unless its sender logged in")
	}
	if n := expiredEntries(s); n > 0 {
		list = append(list, fmt.Sprintf("%d entries in %s have come to their end and do nothing", n, s.Entries))
	}
	if s.Failure == "accept" {
		list = append(list, "failure = \"accept\": mail passes unrecorded while the state cannot be written")
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
