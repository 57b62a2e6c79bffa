package main

import (
	"syscall"
)

// Processor times, in seconds: on a shared machine the wall clock measures the
// neighbours too.

func threadCPU() float64 {
	const rusageThread = 1
	return usage(rusageThread)
}

func processCPU() float64 { return usage(syscall.RUSAGE_SELF) }

func usage(who int) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + 1e-6*float64(u.Utime.Usec+u.Stime.Usec)
}
