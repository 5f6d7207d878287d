package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/journal"
)

func huntCommand(load func() (Settings, error)) *cobra.Command {
	var query control.Query
	var format string
	cmd := &cobra.Command{
		Use:   "hunt",
		Short: "Look back over what passed: the newest events of the journal, or those of a queue id or event id",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			if format != "table" && format != "json" {
				return exit{exitUsage, fmt.Errorf("--format %q is not known; write table or json", format)}
			}
			if query.Limit < 1 {
				return exit{exitUsage, fmt.Errorf("--limit %d is no number of events; write 1 or more", query.Limit)}
			}
			src, done, err := openSource(settings, false)
			if err != nil {
				return err
			}
			defer done()
			events, err := src.Events(cmd.Context(), query)
			if err != nil {
				return err
			}
			return printEvents(cmd.OutOrStdout(), events, format)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&query.ID, "id", "", "the event with this `id` (X-Quish-Id)")
	flags.StringVar(&query.QueueID, "queue-id", "", "the events of this `queue id` of Postfix")
	flags.IntVar(&query.Limit, "limit", 50, "at most so many events")
	flags.StringVar(&format, "format", "table", "table, or json: one object a line")
	return cmd
}

// printEvents quotes everything that came with a message, so that it cannot steer the terminal.
func printEvents(out io.Writer, events []journal.Event, format string) error {
	if format == "json" {
		lines := json.NewEncoder(out)
		for _, e := range events {
			if err := lines.Encode(e); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tQUEUE ID\tVERDICT\tFROM\tRCPTS\tCLIENT\tCODES\tHOST\tID")
	for _, e := range events {
		host := ""
		if len(e.Codes) > 0 {
			host = e.Codes[0].Host
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%q\t%d\t%s\t%d\t%q\t%s\n", e.Time.Local().Format(time.RFC3339), e.QueueID, e.Verdict, e.HeaderFrom,
			e.NRcpt, e.ClientAddr, e.NCodes, host, e.ID)
	}
	return table.Flush()
}
