package app

import (
	"errors"
	"fmt"

	"github.com/peakday/peakday/store/segmentlog"
)

// usageError says that a command was called wrongly: exit code 2.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// lockedHint tells what to do when another process has the data directory.
func lockedHint(err error, dir string) error {
	if errors.Is(err, segmentlog.ErrLocked) {
		return fmt.Errorf("another peakday process is using %s: stop it, or send to it with --url http://HOST:PORT", dir)
	}
	return err
}

// errStop ends a reading whose reader wants no more.
var errStop = errors.New("enough")
