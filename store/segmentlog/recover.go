package segmentlog

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/peakday/peakday/events"
)

// recovered is what Open found in a directory.
type recovered struct {
	segments []*segment        // oldest first; may be empty
	last     []events.Position // each partition's last position
}

// recoverSegments reads the headers of dir's segments, scans the last one and
// cuts off what a crash left half-written there.
func recoverSegments(dir string, m manifest, logger *slog.Logger) (recovered, error) {
	r := recovered{last: make([]events.Position, m.Partitions)}
	numbers, err := listSegments(dir)
	if err != nil {
		return r, err
	}
	for i, number := range numbers {
		s, err := openSegment(dir, m, number)
		var corrupt *CorruptError
		if errors.As(err, &corrupt) && i == len(numbers)-1 && (i > 0 || number == 1) {
			// Frames follow a header only when it is durable, so a file that
			// is no longer than a header holds nothing that was accepted.
			var unborn bool
			if unborn, err = dropUnborn(segmentPath(dir, number), m, corrupt, logger); unborn {
				break
			}
		}
		if err != nil {
			return r, err
		}
		r.segments = append(r.segments, s)
	}
	if err := checkChain(r.segments); err != nil || len(r.segments) == 0 {
		return r, err
	}
	r.last, err = recoverTail(r.segments[len(r.segments)-1], m, logger)
	return r, err
}

// openSegment reads and checks the header of a segment.
func openSegment(dir string, m manifest, number uint64) (*segment, error) {
	s := &segment{number: number, path: segmentPath(dir, number)}
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s.size = info.Size()
	b := make([]byte, min(s.size, segmentHeader(m.Partitions)))
	if _, err := f.ReadAt(b, 0); err != nil {
		return nil, err
	}
	var problem string
	if s.before, problem = decodeHeader(b, m, number); problem != "" {
		return nil, &CorruptError{File: s.path, Problem: problem}
	}
	return s, nil
}

// dropUnborn removes the last segment if the crash came while its header was
// being written, and keeps its bytes aside. It gives corrupt back if not.
func dropUnborn(path string, m manifest, corrupt error, logger *slog.Logger) (bool, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	if int64(len(b)) > segmentHeader(m.Partitions) {
		return false, corrupt
	}
	aside, err := keepAside(path, 0, b)
	if err != nil {
		return false, fmt.Errorf("keep the torn bytes of %s: %w", path, err)
	}
	logger.Warn("a segment was torn when it was made and holds nothing", "file", path, "problem", corrupt, "kept", aside)
	return true, os.Remove(path)
}

// checkChain sees to it that no segment's positions lie before those of the
// one before it.
func checkChain(segments []*segment) error {
	for i := 1; i < len(segments); i++ {
		older, s := segments[i-1], segments[i]
		for p := range s.before {
			if s.before[p] < older.before[p] {
				return &CorruptError{File: s.path, Problem: fmt.Sprintf("begins partition %d behind %d, but %s behind %d", p, s.before[p], older.path, older.before[p])}
			}
		}
	}
	return nil
}

// recoverTail scans the last segment and makes all that it keeps durable.
func recoverTail(s *segment, m manifest, logger *slog.Logger) ([]events.Position, error) {
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := scan(f, m, s, s.size)
	if err != nil {
		return nil, err
	}
	if r.bad != nil {
		if err := cutTorn(f, s, m, r, logger); err != nil {
			return nil, err
		}
		s.size = r.end
	}
	// The last group may stand in the page cache only, marked clean by a failed
	// fsync. Written again, it is durable or the error is seen.
	b := make([]byte, s.size-r.mark)
	if _, err := f.ReadAt(b, r.mark); err != nil && len(b) > 0 {
		return nil, err
	}
	if _, err := f.WriteAt(b, r.mark); err != nil {
		return nil, err
	}
	return r.last, f.Sync()
}

// cutTorn cuts off what follows the last whole frame, if it was never durable,
// and keeps it aside.
func cutTorn(f *os.File, s *segment, m manifest, r scanned, logger *slog.Logger) error {
	torn := make([]byte, s.size-r.end)
	if _, err := f.ReadAt(torn, r.end); err != nil {
		return err
	}
	if laterMark(torn, m.ID, r.end) {
		return r.bad
	}
	aside, err := keepAside(s.path, r.end, torn)
	if err != nil {
		return fmt.Errorf("keep the torn bytes of %s: %w", s.path, err)
	}
	logger.Warn("the last write was torn and is cut off; nobody was told that it is stored",
		"file", s.path, "offset", r.end, "bytes", len(torn), "problem", r.bad.Problem, "kept", aside)
	return f.Truncate(r.end)
}
