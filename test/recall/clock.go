package main

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// clock gives the time that a reading is measured with: the wall's, or the processor time of this thread, which other
// programs on a busy machine do not change.
type clock func() time.Duration

func wall() clock {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// processor ties the caller to its thread.
func processor() clock {
	runtime.LockOSThread()
	return func() time.Duration {
		var t unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
			return 0
		}
		return time.Duration(t.Nano())
	}
}
