package segmentlog

import (
	"errors"
	"fmt"
)

// ErrLocked says that the log is open already, in this process or another.
var ErrLocked = errors.New("the log is open already")

// ErrClosed says that the log was closed.
var ErrClosed = errors.New("the log is closed")

// ErrBeyondEnd says that a position lies behind the log's last entry: the
// cursor belongs to another log, or the log was restored from an older copy.
// Waiting there would skip the entries that come to bear these positions.
var ErrBeyondEnd = errors.New("the position lies beyond the log's end")

// CorruptError says where a segment file does not hold what was written.
type CorruptError struct {
	File    string // path of the segment file
	Offset  int64  // of the first bad byte range, in bytes
	Problem string // what was found there
}

// Error names the file, the offset and the problem.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s is damaged at byte %d: %s", e.File, e.Offset, e.Problem)
}
