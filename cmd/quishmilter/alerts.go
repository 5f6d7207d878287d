package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/alert"
	"quishmilter/journal"
)

func alertsCommand(load func() (Settings, error)) *cobra.Command {
	return group(&cobra.Command{
		Use: "alerts", Short: "What somebody should look at, and what was done about it",
		Long: "What somebody should look at: one alert for each campaign that the policy holds, rejects or sends elsewhere, or that a detection finds, with the answers to what is asked next. " +
			"ID is an alert's id, or the event's id (X-Quish-Id) or queue id of a message of its campaign.",
	}, listAlerts(load), showAlert(load), noteAlert(load), closeAlert(load))
}

func listAlerts(load func() (Settings, error)) *cobra.Command {
	var state, level, since string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "Show the alerts, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := alert.Query{State: alert.State(state), Level: alert.Level(level)}
			if state == "all" {
				q.State = ""
			}
			var err error
			if q.Since, err = moment(since, time.Now()); err != nil {
				return exit{exitUsage, fmt.Errorf("--since: %w", err)}
			}
			if err := q.Check(); err != nil {
				return exit{exitUsage, err}
			}
			return withSource(load, false, func(src source) error {
				return printAlerts(cmd.Context(), cmd.OutOrStdout(), src, q, asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "open", "open, closed or all")
	cmd.Flags().StringVar(&level, "level", "", "of this level or a higher one: low, medium, high")
	cmd.Flags().StringVar(&since, "since", "", "with a message since this `time`: 2026-11-21T12:00:00Z, 2026-11-21, or 7d for a week ago")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object an alert")
	return cmd
}

func printAlerts(ctx context.Context, out io.Writer, src source, q alert.Query, asJSON bool) error {
	t := newTerminal(out)
	var rows *rows
	lines := json.NewEncoder(printable(out))
	lost := 0
	for from, first := "", true; first || from != ""; first = false {
		page, err := src.Alerts(ctx, q, from)
		if err != nil {
			return err
		}
		lost += page.Damaged
		for _, a := range page.Alerts {
			switch {
			case asJSON:
				err = lines.Encode(a)
			default:
				if rows == nil {
					rows = t.rows("LAST", "ID", t.in(normal, "LEVEL"), "STATE", "FROM", "CLIENT", "MESSAGES", "RCPTS", "HOST", "RULE", "SUBJECT")
				}
				err = rows.add(localTime(a.Last), a.ID, t.level(a.Level), stateOf(a), defangedCell(a.Source), defangedCell(a.Client), strconv.Itoa(a.Messages), strconv.Itoa(a.Recipients),
					defanged(a.Host), defangedCell(a.Rule), defangedCell(a.Subject))
			}
			if err != nil {
				return err
			}
		}
		from = page.Next
	}
	if rows != nil {
		if err := rows.table.Flush(); err != nil {
			return err
		}
	}
	if lost > 0 {
		return fmt.Errorf("damaged and left out: %s; the rest is complete", journal.Several(int64(lost), "alert"))
	}
	return nil
}

func stateOf(a alert.Alert) string {
	if a.As != "" {
		return string(a.As)
	}
	return string(a.State)
}

// level shows how soon somebody should look, the sooner the redder.
func (t terminal) level(level alert.Level) string {
	colour := normal
	switch level {
	case alert.High:
		colour = red
	case alert.Medium:
		colour = yellow
	}
	return t.in(colour, shown(string(level)))
}

func noteAlert(load func() (Settings, error)) *cobra.Command {
	return &cobra.Command{
		Use: "note ID TEXT", Short: "Add a note to an alert", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			act := alert.Act{What: alert.Noted, Text: args[1]}
			if err := act.Check(); err != nil {
				return exit{exitUsage, err}
			}
			return withSource(load, false, func(src source) error {
				_, err := actOnAlert(cmd.Context(), src, args[0], act)
				return err
			})
		},
	}
}

// actOnAlert acts as the person at the terminal; the daemon takes from the kernel who that is.
func actOnAlert(ctx context.Context, src source, id string, act alert.Act) (alert.Report, error) {
	r, err := src.Alert(ctx, id) // the id may be a message's
	if err != nil {
		return r, err
	}
	act.Time, act.By, act.UID = time.Now(), userName(), personID()
	r.Alert, err = src.ActOnAlert(ctx, r.Alert.ID, act)
	return r, err
}

// personID is the user at the terminal, also behind sudo.
func personID() int {
	if sudo, err := strconv.Atoi(os.Getenv("SUDO_UID")); err == nil && os.Geteuid() == 0 {
		return sudo
	}
	return os.Getuid()
}
