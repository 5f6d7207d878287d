// Command vulnerable reads what `govulncheck -format json` found from standard input, prints what the program calls, and
// fails if some of it is in a module. What is in Go's own library is mended by building with a later Go.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

func main() {
	called, err := report(os.Stdout, os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "vulnerable:", err)
		os.Exit(1)
	}
	if called > 0 {
		os.Exit(1)
	}
}

// message is one JSON value of govulncheck's output (golang.org/x/vuln, internal/govulncheck): a finding, or something
// else that is of no use here.
type message struct {
	Finding *struct {
		OSV          string `json:"osv"`
		FixedVersion string `json:"fixed_version"`
		Trace        []struct {
			Module   string `json:"module"`
			Function string `json:"function"` // set where the program has the vulnerable function
		} `json:"trace"`
	} `json:"finding"`
}

// report returns how many vulnerabilities the program has in functions of modules.
func report(out io.Writer, in io.Reader) (int, error) {
	modules, standard := map[string]string{}, map[string]string{}
	for decoder := json.NewDecoder(in); ; {
		var m message
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, err
		}
		if m.Finding == nil || len(m.Finding.Trace) == 0 || m.Finding.Trace[0].Function == "" {
			continue
		}
		where, fixed := m.Finding.Trace[0].Module, m.Finding.FixedVersion
		if fixed == "" {
			fixed = "no version yet"
		}
		if where == "stdlib" {
			standard[m.Finding.OSV] = "Go's own library, mended in " + fixed
		} else {
			modules[m.Finding.OSV] = where + ", mended in " + fixed
		}
	}
	for _, found := range []map[string]string{modules, standard} {
		for _, id := range slices.Sorted(maps.Keys(found)) {
			fmt.Fprintf(out, "%s: %s\n", id, found[id])
		}
	}
	fmt.Fprintf(out, "%d in modules, %d in Go's own library\n", len(modules), len(standard))
	return len(modules), nil
}
