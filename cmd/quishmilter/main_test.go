package main

import (
	"fmt"
	"os"
	"testing"

	"quishmilter/inspect"
)

// TestMain lets the test binary be the worker that check and others start of their own program.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		if err := inspect.RunWorker(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
