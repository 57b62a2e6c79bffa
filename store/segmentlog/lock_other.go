//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package segmentlog

import (
	"errors"
	"fmt"
	"os"
)

// lock fails: without flock two processes could write one log.
func lock(dir string) (*os.File, error) {
	return nil, fmt.Errorf("lock %s: %w", dir, errors.ErrUnsupported)
}
