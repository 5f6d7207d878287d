package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/state"
)

func backupCommand(load func() (Settings, error)) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the state to a file, while the daemon runs or not",
		Long: "Copy the state (histories, journal, entries) to a file of mode 0600, all of one moment. Mail goes on meanwhile. The file has its name only when it is whole and on the disk, " +
			"and was read again. It holds addresses of people. Histories in a shared store are not in it; the configuration is not, either.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSource(load, false, func(src source) error {
				size, err := backUp(cmd.Context(), src, args[0], force)
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes\n", oneLine(args[0]), size)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	return cmd
}

// backUp writes the copy beside its name first: a backup that is there is not touched before the new one is whole.
func backUp(ctx context.Context, src control.BackupSource, name string, force bool) (size int64, err error) {
	if _, err := os.Lstat(name); err == nil && !force {
		return 0, fmt.Errorf("%s is there already; name another file, or write --force", name)
	}
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*") // it has mode 0600
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	shown := newBytes(os.Stderr, "backup", -1)
	err = src.Backup(ctx, io.MultiWriter(file, shown))
	shown.Finish()
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return 0, err
	}
	info, err := os.Stat(file.Name())
	if err != nil {
		return 0, err
	}
	shown = newBytes(os.Stderr, "reading it again", info.Size())
	err = state.CheckBackup(file.Name(), shown)
	shown.Finish()
	if err != nil {
		return 0, err
	}
	return info.Size(), giveName(file.Name(), name, force)
}

// giveName names a finished file. Without force it refuses a name that was taken meanwhile.
func giveName(file, name string, force bool) error {
	if force {
		if err := os.Rename(file, name); err != nil {
			return err
		}
	} else if err := os.Link(file, name); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func restoreCommand(load func() (Settings, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the state; the daemon must be stopped",
		Long: "Put a backup in the place of the state. The daemon must be stopped. What was there is kept beside it under another name, to be deleted by hand. " +
			"A backup that is cut off or damaged is refused, and the state stays as it was. What was forgotten since the backup was made (sender --forget) is back.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			return restore(settings, args[0], time.Now(), cmd.OutOrStdout())
		},
	}
}

func restore(s Settings, backup string, now time.Time, out io.Writer) error {
	client, err := control.Dial(s.control())
	if err == nil {
		client.Close()
		return fmt.Errorf("a daemon runs and answers on %s; stop it first", s.control())
	}
	if !errors.Is(err, control.ErrNoDaemon) {
		return err
	}
	info, err := os.Stat(backup)
	if err != nil {
		return err
	}
	aside := s.stateFile() + ".before-" + now.UTC().Format("20060102T150405Z")
	shown := newBytes(os.Stderr, "restore", info.Size())
	err = state.Restore(backup, s.stateFile(), aside, shown)
	shown.Finish()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is restored\n", oneLine(s.stateFile()))
	if _, err := os.Stat(aside); !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(out, "what was there is kept as %s\n", oneLine(aside))
	}
	return nil
}
