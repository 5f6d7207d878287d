package picture_test

import (
	"syscall"
	"testing"
	"time"
)

// hang is the processor time from which something hangs: some hundred times what it takes.
const hang = 20 * time.Second

// worked is the processor time of this process so far, which other programs on a busy machine do not change.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
