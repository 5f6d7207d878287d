package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
)

// libraries are the dependencies that matter: those that read hostile bytes or keep the state.
var libraries = []string{
	"github.com/emersion/go-milter", "github.com/emersion/go-message", "github.com/makiuchi-d/gozxing",
	"github.com/klippa-app/go-pdfium", "github.com/pdfcpu/pdfcpu", "github.com/tetratelabs/wazero", "golang.org/x/image", "go.etcd.io/bbolt",
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, Go's version and the dependencies that matter",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "quishmilter %s\n%s %s/%s\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return
			}
			for _, m := range info.Deps {
				if slices.Contains(libraries, m.Path) {
					fmt.Fprintf(out, "%s %s\n", m.Path, m.Version)
				}
			}
		},
	}
}

// Version is the version as the build recorded it from the repository.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
