package main

import (
	"github.com/spf13/cobra"

	"quishmilter/inspect"
)

// workerCommand is what the daemon starts to decode hostile bytes; people have no use for it.
func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Short:  "Decode parts for the daemon (started by it)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(*cobra.Command, []string) error { return inspect.RunWorker() },
	}
}
