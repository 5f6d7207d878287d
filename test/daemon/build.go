package daemon

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Program returns the program to test: the one that QUISHMILTER_BIN names, as `make test` does, or else one that is
// built into the folder, always without the race detector, since workers are the same program.
func Program(dir string) (string, error) {
	if program := os.Getenv("QUISHMILTER_BIN"); program != "" {
		return program, nil
	}
	program := filepath.Join(dir, "quishmilter")
	build := exec.Command("go", "build", "-trimpath", "-tags", "nodynamic", "-o", program, "quishmilter/cmd/quishmilter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build quishmilter: %w\n%s", err, said)
	}
	return program, nil
}

// Main runs a package's tests with the program to test, and returns the exit status. What `quishmilter scan` keeps is
// kept in a folder of this run.
func Main(tests interface{ Run() int }, program *string) int {
	dir, err := os.MkdirTemp("", "quishmilter-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if *program, err = Program(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	os.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	return tests.Run()
}
