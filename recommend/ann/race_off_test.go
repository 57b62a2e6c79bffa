//go:build !race

package ann

func raceEnabled() bool { return false }
