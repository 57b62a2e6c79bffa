package segmentlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sort"

	"github.com/peakday/peakday/events"
)

// maxRead is about how many bytes of data one Read returns at most, however
// many entries are asked for. One entry is always returned.
const maxRead = 8 << 20

// Read returns up to max entries of partition behind position, oldest first,
// and waits until there is one. It may return fewer than there are: at the end
// of a segment, or after some megabytes. Each entry's Data may be kept.
//
// A position of dropped entries gives events.ErrTrimmed, one beyond End
// ErrBeyondEnd, and bytes that are not those that were written a *CorruptError.
func (l *Log) Read(ctx context.Context, partition int, behind events.Position, max int) ([]events.Stored, error) {
	if err := l.checkPartition(partition); err != nil {
		return nil, err
	}
	if max < 1 {
		return nil, fmt.Errorf("read %d entries: must be at least 1", max)
	}
	if behind < 0 {
		return nil, fmt.Errorf("read behind position %d: must be at least 0", behind)
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, grown, err := l.look(partition, behind, max)
		if err != nil {
			return nil, err
		}
		if grown != nil {
			select {
			case <-grown:
			case <-ctx.Done():
			}
			continue
		}
		stored, err := l.readView(v)
		if err != nil && l.outdated(v, err) {
			continue
		}
		return stored, err
	}
}

// view is the part of a segment that one Read goes through: fixed bytes that
// are durable.
type view struct {
	segment   *segment
	reader    *os.File // of the last segment, else nil
	size      int64
	partition int
	behind    events.Position
	count     int   // how many entries to return; so many are there
	start     place // at or before the first of them
}

// look finds where the entries behind a position lie. If there are none yet it
// returns a channel that closes when there may be.
func (l *Log) look(partition int, behind events.Position, max int) (v view, grown <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end := l.durable[partition]
	switch {
	case l.closed:
		return v, nil, ErrClosed
	case behind < l.segments[0].before[partition]:
		return v, nil, fmt.Errorf("partition %d is kept behind position %d, not behind %d: %w", partition, l.segments[0].before[partition], behind, events.ErrTrimmed)
	case behind > end:
		return v, nil, fmt.Errorf("partition %d ends at position %d, read behind %d: %w", partition, end, behind, ErrBeyondEnd)
	case behind == end:
		if l.grown[partition] == nil {
			l.grown[partition] = make(chan struct{})
		}
		return v, l.grown[partition], nil
	}
	i := holding(l.segments, partition, behind)
	s := l.segments[i]
	if i+1 < len(l.segments) {
		end = l.segments[i+1].before[partition]
	}
	v = view{
		segment: s, reader: s.reader, size: s.size,
		partition: partition, behind: behind, count: int(min(int64(max), int64(end-behind))),
		start: place{segment: s.number, position: s.before[partition], offset: segmentHeader(l.manifest.Partitions)},
	}
	v.start = closest(v.start, l.newest[partition], behind)
	return v, nil, nil
}

// holding gives the index of the segment that holds the entry behind the
// given position of partition: the last that begins at or before it.
func holding(segments []*segment, partition int, behind events.Position) int {
	return sort.Search(len(segments), func(i int) bool { return segments[i].before[partition] > behind }) - 1
}

// readView reads what v shows.
func (l *Log) readView(v view) ([]events.Stored, error) {
	var src io.ReaderAt = v.reader
	if v.reader == nil {
		f, err := os.Open(v.segment.path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		src = f
	}
	w := l.windows.Get().(*walker)
	defer l.windows.Put(w)
	start := l.trails[v.partition].from(v.start, v.behind)
	w.reset(src, v.segment.path, l.manifest.Partitions, start.offset, v.size)
	stored, err := collect(w, v, start.position)
	var corrupt *CorruptError
	if errors.As(err, &corrupt) {
		return nil, l.diagnose(src, v, corrupt)
	}
	if err != nil {
		return nil, err
	}
	l.trails[v.partition].add(v.behind, place{segment: v.segment.number, position: stored[len(stored)-1].Position, offset: w.at})
	return stored, nil
}

// collect gathers the entries that v shows. w stands behind the entry of v's
// partition with the given position.
func collect(w *walker, v view, position events.Position) ([]events.Stored, error) {
	stored := make([]events.Stored, 0, v.count)
	var chunk []byte
	for total := 0; len(stored) < v.count && total < maxRead; {
		f, err := w.header()
		if err != nil {
			return nil, err
		}
		if f.partition == uint32(v.partition) {
			position++
			if f.position != position {
				return nil, w.corrupt(fmt.Sprintf("position %d of partition %d, must be %d", f.position, f.partition, position))
			}
			if position > v.behind {
				data, err := w.data(f)
				if err != nil {
					return nil, err
				}
				chunk = roomFor(chunk, len(data), v.count-len(stored))
				from := len(chunk)
				chunk = append(chunk, data...)
				stored = append(stored, events.Stored{Position: position, Appended: events.FromMicros(f.appended), Data: chunk[from:len(chunk):len(chunk)]})
				total += len(data)
			}
		}
		w.skip(f)
	}
	return stored, nil
}

// roomFor gives a chunk with room for n bytes: chunk itself, or a new one for
// several entries of that size, of which left are still to come.
func roomFor(chunk []byte, n, left int) []byte {
	const several = 64 << 10
	if cap(chunk)-len(chunk) >= n {
		return chunk
	}
	return make([]byte, 0, max(n, min(n*left, several)))
}

// diagnose finds the first bad byte of the segment: the length of another
// partition's frame may have led the reader astray.
func (l *Log) diagnose(src io.ReaderAt, v view, seen *CorruptError) error {
	r, err := scan(src, l.manifest, v.segment, v.size)
	if err != nil {
		return err
	}
	if r.bad != nil {
		return r.bad
	}
	return seen
}

// outdated reports whether err only says that v is too old: its segment was
// sealed or dropped since, or the log closed. Another look tells.
func (l *Log) outdated(v view, err error) bool {
	if errors.Is(err, os.ErrClosed) {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Is(err, fs.ErrNotExist) && l.segments[0].number > v.segment.number
}
