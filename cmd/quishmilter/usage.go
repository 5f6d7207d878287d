package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// group is a command that only has others, and says which.
func group(cmd *cobra.Command, members ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(members...)
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return exit{exitUsage, fmt.Errorf("write %s and one of %s", cmd.Name(), names(members))}
	}
	return cmd
}

func names(members []*cobra.Command) string {
	var list []string
	for _, c := range members {
		list = append(list, c.Name())
	}
	return strings.Join(list, ", ")
}

// plainUsage makes what the command library says of wrong arguments a sentence with what to write instead.
func plainUsage(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if err == nil || errors.As(err, new(exit)) { // ours say what to write
				return err
			}
			return exit{exitUsage, wrongArguments(cmd, args)}
		}
	}
	for _, c := range cmd.Commands() {
		plainUsage(c)
	}
}

func wrongArguments(cmd *cobra.Command, args []string) error {
	name := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
	if !cmd.HasSubCommands() {
		_, words, _ := strings.Cut(cmd.Use, " ")
		return fmt.Errorf("write %s", strings.TrimSpace(name+" "+words))
	}
	return fmt.Errorf("%.40q is none of the commands of %s: %s", args[0], name, names(cmd.Commands()))
}

// wrongFlag says what is wrong with the value of a flag, or with a flag.
func wrongFlag(_ *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	if errors.As(err, &value) {
		err = fmt.Errorf("--%s: %w", value.GetFlag().Name, value.Unwrap())
	}
	return exit{exitUsage, err}
}
