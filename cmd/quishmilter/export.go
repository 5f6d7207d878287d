package main

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"quishmilter/journal"
	"quishmilter/journal/table"
)

func exportCommand(load func() (Settings, error)) *cobra.Command {
	var flags huntFlags
	var name, format string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the journal as a table of Microsoft Defender",
		Long: "Write the journal to standard output as EmailEvents (a row per recipient) or EmailUrlInfo (a row per link in a code), newest first, with Defender's column names. " +
			"CSV cells that a spreadsheet would run get an apostrophe in front. `hunt --events FILE… --urls FILE…` reads both.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, _, err := flags.read()
			if err != nil {
				return err
			}
			if table.Columns(name) == nil {
				return exit{exitUsage, fmt.Errorf("--table %q is not known; write %s or %s", name, table.EmailEvents, table.EmailUrlInfo)}
			}
			if format != table.CSV && format != table.JSON {
				return exit{exitUsage, fmt.Errorf("--format %q is not known; write csv or json", format)}
			}
			settings, err := load()
			if err != nil {
				return err
			}
			src, done, err := openSource(settings, false)
			if err != nil {
				return err
			}
			defer done()
			return export(cmd, src, filter, name, format)
		},
	}
	flags.addWindow(cmd.Flags())
	cmd.Flags().StringVar(&name, "table", table.EmailEvents, "EmailEvents or EmailUrlInfo")
	cmd.Flags().StringVar(&format, "format", table.CSV, "csv, or json: one object a line")
	return cmd
}

func export(cmd *cobra.Command, src source, filter journal.Filter, name, format string) error {
	out := bufio.NewWriterSize(printable(cmd.OutOrStdout()), 64<<10)
	rows, err := table.NewWriter(out, format, table.Columns(name))
	if err != nil {
		return err
	}
	filter.AnyCode = name == table.EmailUrlInfo
	bar := newProgress(besides(cmd.OutOrStdout(), false), "exporting", "events", -1)
	seen, err := eachEvent(cmd.Context(), src, filter, 0, func(e journal.Event) error {
		bar.Add(1)
		if name == table.EmailUrlInfo {
			for _, u := range e.URLRows() {
				if err := rows.Write(u.Cells()); err != nil {
					return err
				}
			}
			return nil
		}
		for _, row := range e.EventRows() {
			if err := rows.Write(row.Cells()); err != nil {
				return err
			}
		}
		return nil
	})
	bar.Finish()
	err = errors.Join(err, rows.Flush(), out.Flush())
	seen.tell(cmd.ErrOrStderr(), filter)
	return damaged(seen.damaged, err)
}
