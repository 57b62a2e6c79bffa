package segmentlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/peakday/peakday/events"
)

// trims says how far each partition may be dropped. It is kept in a file now
// and then: what a crash forgets is allowed again by whoever allowed it.
type trims struct {
	mu      sync.Mutex
	upTo    []events.Position
	dropped []*segment // no longer in the log, their files still to be removed
	unsaved bool
}

const trimFile = "trim.json"

// savedTrims is what the file holds.
type savedTrims struct {
	Log  id                `json:"log"`
	UpTo []events.Position `json:"up_to"`
}

// Trim allows the log to drop the entries of partition up to and including
// position. A segment goes when every partition allows all of it, but never
// the last one; until then its entries can be read.
func (l *Log) Trim(ctx context.Context, partition int, upTo events.Position) error {
	l.trims.mu.Lock()
	defer l.trims.mu.Unlock()
	end, err := l.End(ctx, partition)
	if err != nil {
		return err
	}
	if upTo = min(upTo, end); upTo > l.trims.upTo[partition] {
		l.trims.upTo[partition], l.trims.unsaved = upTo, true
	}
	l.trims.dropped = append(l.trims.dropped, l.drop(l.trims.upTo)...)
	if len(l.trims.dropped) == 0 {
		return nil
	}
	if err := l.trims.remove(l.dir); err != nil {
		return fmt.Errorf("drop a segment: %w", err)
	}
	return l.trims.save(l.dir, l.manifest)
}

// remove removes the dropped files, oldest first and each for good before the
// next: a crash leaves no gap. What fails is tried again at the next Trim.
func (t *trims) remove(dir string) error {
	for len(t.dropped) > 0 {
		if err := os.Remove(t.dropped[0].path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := syncDir(dir); err != nil {
			return err
		}
		t.dropped = t.dropped[1:]
	}
	return nil
}

// drop takes the segments out of the log that hold nothing behind upTo.
func (l *Log) drop(upTo []events.Position) []*segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n+1 < len(l.segments) && allowed(l.segments[n+1].before, upTo) {
		n++
	}
	dropped := l.segments[:n]
	l.segments = slices.Clone(l.segments[n:])
	return dropped
}

// allowed reports whether all up to last may be dropped.
func allowed(last, upTo []events.Position) bool {
	for p := range last {
		if last[p] > upTo[p] {
			return false
		}
	}
	return true
}

// load reads what was saved. A file that cannot be used only means that
// entries are kept until they are trimmed again.
func (t *trims) load(dir string, m manifest, end []events.Position, logger *slog.Logger) {
	t.upTo = make([]events.Position, m.Partitions)
	path := filepath.Join(dir, trimFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var saved savedTrims
	if err == nil {
		err = json.Unmarshal(b, &saved)
	}
	if err == nil && (saved.Log != m.ID || len(saved.UpTo) != m.Partitions) {
		err = fmt.Errorf("it belongs to the log %s of %d partitions", saved.Log, len(saved.UpTo))
	}
	if err != nil {
		logger.Warn("what may be dropped of the log is not known; it is kept until it is trimmed again", "file", path, "error", err)
		return
	}
	for p := range t.upTo {
		t.upTo[p] = min(saved.UpTo[p], end[p])
	}
}

// save writes the file, if there is anything new. t.mu is held.
func (t *trims) save(dir string, m manifest) error {
	if !t.unsaved {
		return nil
	}
	if err := writeJSON(filepath.Join(dir, trimFile), savedTrims{Log: m.ID, UpTo: t.upTo}); err != nil {
		return err
	}
	t.unsaved = false
	return nil
}
