// Command worker is a worker process and nothing else, for tests that need one built without the race detector:
// with it a cold PDF renderer takes ten seconds and 370 MB.
package main

import (
	"fmt"
	"os"

	"quishmilter/inspect"
)

func main() {
	if err := inspect.RunWorker(); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}
