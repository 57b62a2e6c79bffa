package segmentlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/peakday/peakday/events"
)

// Options say how a log is opened. The zero value is good.
type Options struct {
	// Partitions is the number of partitions of a new log, 1 to events.Parts;
	// 0 is DefaultPartitions. A log that exists keeps its number: 0 takes any,
	// another one is an error.
	Partitions int

	// SegmentSize is the size in bytes at which a new segment is begun; 0 is
	// DefaultSegmentSize. A segment is larger only if one write is.
	SegmentSize int64

	// Now gives the append time of entries; nil is time.Now.
	Now func() time.Time

	// Logger is told what was cut off a torn log; nil is slog.Default.
	Logger *slog.Logger

	// wrap stands between the log and a segment that it writes.
	wrap func(path string, f file) file
}

// Defaults of Options.
const (
	DefaultPartitions  = 8
	DefaultSegmentSize = 64 << 20
)

// Log is an events.Log in the segment files of one directory.
type Log struct {
	dir      string
	manifest manifest
	now      func() time.Time
	lockFile *os.File
	queue    *queue
	trails   []trail // of each partition's readers
	windows  sync.Pool
	trims    trims
	writer   writer
	stopped  chan struct{} // closed when the writer has ended
	closing  func() error  // once

	mu       sync.Mutex
	closed   bool
	segments []*segment        // oldest first, at least one; replaced, never changed in place
	durable  []events.Position // each partition's last durable position
	newest   []place           // where each partition's newest group begins
	grown    []chan struct{}   // closed when the partition grows; nil if nobody waits
}

var _ events.Log = (*Log)(nil)

// Open opens the log in dir, or makes one there. ErrLocked says that it is
// open already, a *CorruptError that what was durable is damaged. A torn last
// write is cut off, kept in a file beside the segment and told to o.Logger.
func Open(dir string, o Options) (*Log, error) {
	o, err := o.checked()
	if err != nil {
		return nil, fmt.Errorf("open the log %s: %w", dir, err)
	}
	l, err := open(dir, o)
	if err != nil {
		return nil, fmt.Errorf("open the log %s: %w", dir, err)
	}
	return l, nil
}

func (o Options) checked() (Options, error) {
	if o.Partitions < 0 || o.Partitions > events.Parts {
		return o, fmt.Errorf("%d partitions, must be 1 to %d", o.Partitions, events.Parts)
	}
	if o.SegmentSize < 0 {
		return o, fmt.Errorf("segments of %d bytes, must be positive", o.SegmentSize)
	}
	if o.SegmentSize == 0 {
		o.SegmentSize = DefaultSegmentSize
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.wrap == nil {
		o.wrap = func(_ string, f file) file { return f }
	}
	return o, nil
}

func open(dir string, o Options) (l *Log, err error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	lockFile, err := lock(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, lockFile.Close())
		}
	}()
	m, err := openManifest(dir, o.Partitions)
	if err != nil {
		return nil, err
	}
	found, err := recoverSegments(dir, m, o.Logger)
	if err != nil {
		return nil, err
	}
	l = &Log{
		dir: dir, manifest: m, now: o.Now, lockFile: lockFile,
		queue:    newQueue(found.last, o.SegmentSize),
		trails:   make([]trail, m.Partitions),
		windows:  sync.Pool{New: func() any { return new(walker) }},
		stopped:  make(chan struct{}),
		segments: found.segments,
		durable:  found.last,
		newest:   make([]place, m.Partitions),
		grown:    make([]chan struct{}, m.Partitions),
	}
	l.closing = sync.OnceValue(l.close)
	l.writer = writer{dir: dir, manifest: m, segmentSize: o.SegmentSize, wrap: o.wrap}
	if err := l.begin(o.Logger); err != nil {
		return nil, err
	}
	go l.write()
	return l, nil
}

// begin opens the last segment for writing, making the first if there is none.
func (l *Log) begin(logger *slog.Logger) error {
	if len(l.segments) == 0 {
		if err := l.writer.begin(1, l.durable); err != nil {
			return err
		}
		l.segments = []*segment{l.writer.segment}
	} else if err := l.writer.resume(l.segments[len(l.segments)-1]); err != nil {
		return err
	}
	l.trims.load(l.dir, l.manifest, l.durable, logger)
	return nil
}

// ID names the log; it was made by chance with the log.
func (l *Log) ID() string { return l.manifest.ID.String() }

// Partitions is the number of partitions, fixed when the log was made.
func (l *Log) Partitions() int { return l.manifest.Partitions }

// End is the position of the last durable entry of partition, or 0.
func (l *Log) End(ctx context.Context, partition int) (events.Position, error) {
	if err := l.checkPartition(partition); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, ErrClosed
	}
	return l.durable[partition], ctx.Err()
}

// Lag is the number of entries of partition behind position that the log
// still holds. Positions are dense, so it costs no reading.
func (l *Log) Lag(ctx context.Context, partition int, behind events.Position) (int64, error) {
	if err := l.checkPartition(partition); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, ErrClosed
	}
	first := l.segments[0].before[partition]
	return max(0, int64(l.durable[partition]-max(behind, first))), ctx.Err()
}

// Broken says why the log takes no more entries, nil while it does: a write or
// an fsync has failed, and only opening the log again mends that.
func (l *Log) Broken() error { return l.queue.failure() }

// Close makes what was accepted durable and releases the log. It waits for
// appends that are under way; later ones, and readers that wait, get ErrClosed.
// It returns the error that broke the log, if one did.
func (l *Log) Close() error { return l.closing() }

func (l *Log) close() error {
	l.queue.close()
	<-l.stopped
	l.mu.Lock()
	l.closed = true
	for p := range l.grown {
		l.wake(p)
	}
	last := l.segments[len(l.segments)-1]
	l.mu.Unlock()
	failure := l.queue.failure()
	l.trims.mu.Lock()
	defer l.trims.mu.Unlock()
	return errors.Join(failure, l.trims.save(l.dir, l.manifest), l.writer.close(failure != nil), last.reader.Close(), l.lockFile.Close())
}

func (l *Log) checkPartition(partition int) error {
	if partition < 0 || partition >= l.manifest.Partitions {
		return fmt.Errorf("partition %d: the log has %d, numbered from 0", partition, l.manifest.Partitions)
	}
	return nil
}
