package main

import (
	"github.com/spf13/cobra"

	"quishmilter/journal"
	"quishmilter/journal/table"
)

// choices are what a flag may be, for the shell to offer.
var choices = map[string][]string{
	"format":  {"table", table.JSON, table.CSV},
	"preset":  {"hunt", "rule"},
	"auth":    {"pass", "fail", "none"},
	"verdict": {"accept", "tag", "quarantine", "redirect", "reject", "tempfail", "discard"},
	"action":  {"tag", "quarantine", "tempfail", "reject", "discard"},
	"table":   {"EmailEvents", "EmailUrlInfo"},
	"state":   {"open", "closed", "all"},
	"level":   alertLevels()[:3],
	"as":      {"true-positive", "false-positive"},
	"print":   {"toml", "rules", "markdown"},
}

// offerChoices lets the shell complete the values of flags, and the kinds of entries.
func offerChoices(cmd *cobra.Command) {
	for name, values := range choices {
		if cmd.Flags().Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // it fails without the flag alone
		}
	}
	if cmd.Name() == "add" || cmd.Name() == "remove" {
		cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) (kinds []string, _ cobra.ShellCompDirective) {
			if len(args) == 0 {
				for _, kind := range journal.EntryKinds {
					kinds = append(kinds, string(kind))
				}
			}
			return kinds, cobra.ShellCompDirectiveNoFileComp
		}
	}
	for _, c := range cmd.Commands() {
		offerChoices(c)
	}
}
