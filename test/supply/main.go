// Command supply says what a built quishmilter is made of: it lists the modules and the C libraries inside it with
// their licences, writes them as a bill of materials, and fails where a licence is missing or not among those that we
// may pass on.
//
//	supply [-sbom FILE] BINARY
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

func main() {
	sbom := flag.String("sbom", "", "write a bill of materials (CycloneDX, JSON) to this `file`")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: supply [-sbom FILE] BINARY")
		os.Exit(2)
	}
	if err := run(os.Stdout, flag.Arg(0), *sbom); err != nil {
		fmt.Fprintln(os.Stderr, "supply:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, binary, sbom string) error {
	program, err := readProgram(binary)
	if err != nil {
		return err
	}
	if sbom != "" {
		if err := writeBOM(sbom, program); err != nil {
			return err
		}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range program.components {
		fmt.Fprintf(table, "%s\t%s\t%s\n", c.name, c.version, c.licence)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if err := program.check(); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d components, all under licences that we may pass on\n", len(program.components))
	return nil
}
