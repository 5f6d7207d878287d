package sandbox

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// maxProcesses bounds the threads of the user, since the kernel counts all processes of one user together: the daemon's
// and those of other workers too. The filter of system calls lets a worker make threads only.
const maxProcesses = 4096

// limit sets the resource limits, which nobody without root's rights can raise again. No descriptor can be opened, but
// those that are open stay; no octet can be written to a file.
func limit(cpu uint64) error {
	limits := []struct {
		name     string
		resource int
		soft     uint64
	}{
		{"size of files", unix.RLIMIT_FSIZE, 0},
		{"core", unix.RLIMIT_CORE, 0},
		{"locked memory", unix.RLIMIT_MEMLOCK, 0},
		{"message queues", unix.RLIMIT_MSGQUEUE, 0},
		{"processes", unix.RLIMIT_NPROC, maxProcesses},
		{"descriptors", unix.RLIMIT_NOFILE, 0},
	}
	if cpu > 0 {
		limits = append(limits, struct {
			name     string
			resource int
			soft     uint64
		}{"CPU time", unix.RLIMIT_CPU, cpu})
	}
	for _, l := range limits {
		var now unix.Rlimit
		if err := unix.Getrlimit(l.resource, &now); err != nil {
			return fmt.Errorf("reading the limit of %s: %w", l.name, err)
		}
		most := min(l.soft, now.Max)
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("limiting %s to %d: %w", l.name, most, err)
		}
	}
	return nil
}

// startPoller has Go's runtime open what it waits with, which it does at the first timer; later it could not.
func startPoller() {
	t := time.NewTimer(time.Nanosecond)
	<-t.C
}
