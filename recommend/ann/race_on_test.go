//go:build race

package ann

// raceEnabled: the race detector makes sync.Pool drop things at random.
func raceEnabled() bool { return true }
