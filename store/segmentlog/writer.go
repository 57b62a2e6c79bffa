package segmentlog

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/peakday/peakday/events"
)

// writer appends groups to the last segment. Only one goroutine uses it.
type writer struct {
	dir         string
	manifest    manifest
	segmentSize int64
	wrap        func(path string, f file) file

	segment *segment
	file    file
	offset  int64 // where the next group goes; all before it is durable
	marked  bool  // the last bytes before offset are a mark or a header
}

// write hands groups to the disk, one after the other, until the queue is
// closed and empty.
func (l *Log) write() {
	defer close(l.stopped)
	for {
		// Those whom the last group woke may have more to add to this one.
		runtime.Gosched()
		g, more := l.queue.take()
		switch {
		case g != nil:
			l.commit(g)
		case !more:
			return
		default:
			<-l.queue.ready
		}
	}
}

// commit makes a group durable and tells readers and appenders. After a
// failure nothing is written any more.
func (l *Log) commit(g *group) {
	if err := l.queue.failure(); err != nil {
		g.finish(err)
		return
	}
	segment, offset, err := l.writer.put(g.buf, l.durable)
	if err != nil {
		err = fmt.Errorf("the log takes no more entries until it is opened again: %w", err)
		l.queue.fail(err)
		g.finish(err)
		return
	}
	l.published(g, segment, offset)
	g.finish(nil)
	l.queue.recycle(g)
}

// put writes a group, whose first markSize bytes are free, and makes it
// durable. It returns where the group lies. last is each partition's last
// position before the group.
func (w *writer) put(group []byte, last []events.Position) (*segment, int64, error) {
	if w.offset+int64(len(group)) > w.segmentSize && w.offset > segmentHeader(len(last)) {
		if err := w.roll(last); err != nil {
			return nil, 0, fmt.Errorf("begin a segment: %w", err)
		}
	}
	at := w.offset
	putMark(group, w.manifest.ID, at)
	if _, err := w.file.WriteAt(group, at); err != nil {
		return nil, 0, fmt.Errorf("write %s: %w", w.segment.path, err)
	}
	if err := w.file.Sync(); err != nil {
		return nil, 0, fmt.Errorf("sync %s: %w", w.segment.path, err)
	}
	w.offset += int64(len(group))
	w.marked = false
	return w.segment, at, nil
}

// roll goes on in a new segment. The one before it is durable.
func (w *writer) roll(last []events.Position) error {
	old := w.file
	if err := w.begin(w.segment.number+1, last); err != nil {
		return err
	}
	return old.Close()
}

// begin makes a segment, durable with its name, and goes on in it.
func (w *writer) begin(number uint64, before []events.Position) error {
	s := &segment{number: number, path: segmentPath(w.dir, number), before: slices.Clone(before)}
	header := encodeHeader(w.manifest.ID, number, before)
	s.size = int64(len(header))
	return w.use(s, os.O_CREATE|os.O_EXCL, func(f file) error {
		if _, err := f.WriteAt(header, 0); err != nil {
			return err
		}
		return f.Sync()
	})
}

// resume goes on in a segment that is there already.
func (w *writer) resume(s *segment) error {
	return w.use(s, 0, func(file) error { return nil })
}

// use opens s for writing and reading, prepares it and makes its name durable.
func (w *writer) use(s *segment, flags int, prepare func(file) error) error {
	opened, err := os.OpenFile(s.path, os.O_WRONLY|flags, 0o644)
	if err != nil {
		return err
	}
	f := w.wrap(s.path, opened)
	if err := errors.Join(prepare(f), syncDir(w.dir)); err != nil {
		return errors.Join(err, f.Close())
	}
	if s.reader, err = os.Open(s.path); err != nil {
		return errors.Join(err, f.Close())
	}
	w.segment, w.file, w.offset, w.marked = s, f, s.size, flags != 0
	return nil
}

// close ends the last group with a mark, so that damage to it is told from a
// torn write, and releases the file. broken says that it may not be written.
func (w *writer) close(broken bool) error {
	var err error
	if !broken && !w.marked {
		mark := make([]byte, markSize)
		putMark(mark, w.manifest.ID, w.offset)
		if _, err = w.file.WriteAt(mark, w.offset); err == nil {
			err = w.file.Sync()
		}
	}
	return errors.Join(err, w.file.Close())
}
