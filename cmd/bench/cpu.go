package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// Processor times: on a shared machine the wall clock measures the neighbours
// too.

// threadCPU is what this thread has used.
func threadCPU() time.Duration { return cpuClock(unix.CLOCK_THREAD_CPUTIME_ID) }

// processCPU is what all threads of this process have used.
func processCPU() time.Duration { return cpuClock(unix.CLOCK_PROCESS_CPUTIME_ID) }

func cpuClock(id int32) time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(id, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
