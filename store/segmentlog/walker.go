package segmentlog

import (
	"errors"
	"fmt"
	"io"
)

// Windows of a segment are read into memory: small first, for readers at the
// log's end, then larger.
const (
	firstWindow = 16 << 10
	lastWindow  = 256 << 10
)

// walker steps through the frames of a segment without reading the data of
// those that it skips.
type walker struct {
	src        io.ReaderAt
	path       string
	partitions int
	at         int64 // where the walker stands: at a frame, or at end
	end        int64 // where the segment's frames end

	window []byte // the bytes of src from start on
	start  int64
	grow   int // size of the next window
	spare  []byte
}

// header reads the header of the frame at w.at.
func (w *walker) header() (frame, error) {
	b, err := w.bytes(frameHeader)
	if err != nil {
		return frame{}, err
	}
	f := parseHeader(b)
	if problem := f.check(w.partitions, w.at); problem != "" {
		return f, w.corrupt(problem)
	}
	if f.size() > w.end-w.at {
		return f, w.corrupt(fmt.Sprintf("a frame of %d bytes where %d are left", f.size(), w.end-w.at))
	}
	return f, nil
}

// data reads the data of the frame f at w.at and checks it. The bytes are
// good until the next call.
func (w *walker) data(f frame) ([]byte, error) {
	b, err := w.bytes(int(f.size()))
	if err != nil {
		return nil, err
	}
	if checksum(b[4:]) != f.crc {
		return nil, w.corrupt("a frame with a wrong checksum")
	}
	return b[frameHeader:], nil
}

// skip steps over the frame f.
func (w *walker) skip(f frame) { w.at += f.size() }

// done reports whether the walker stands at the end.
func (w *walker) done() bool { return w.at >= w.end }

// bytes gives the n bytes at w.at.
func (w *walker) bytes(n int) ([]byte, error) {
	if left := w.end - w.at; int64(n) > left {
		return nil, w.corrupt(fmt.Sprintf("%d bytes are left, must be %d", left, n))
	}
	if w.at < w.start || w.at+int64(n) > w.start+int64(len(w.window)) {
		if err := w.load(n); err != nil {
			return nil, err
		}
	}
	return w.window[w.at-w.start:][:n], nil
}

// load reads a window of at least n bytes at w.at.
func (w *walker) load(n int) error {
	w.grow = min(max(4*w.grow, firstWindow), lastWindow)
	size := int(min(int64(max(n, w.grow)), w.end-w.at))
	if cap(w.spare) < size {
		w.spare = make([]byte, size)
	}
	w.window, w.start = w.spare[:size], w.at
	got, err := w.src.ReadAt(w.window, w.at)
	w.window = w.window[:got]
	if got >= n {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return w.corrupt(fmt.Sprintf("the file ends after %d bytes", w.at+int64(got)))
	}
	return fmt.Errorf("read %s at byte %d: %w", w.path, w.at, err)
}

func (w *walker) corrupt(problem string) error {
	return &CorruptError{File: w.path, Offset: w.at, Problem: problem}
}

// reset makes the walker stand at a frame of another segment. It keeps its
// memory, unless a large frame made that large.
func (w *walker) reset(src io.ReaderAt, path string, partitions int, at, end int64) {
	spare := w.spare
	if cap(spare) > lastWindow {
		spare = nil
	}
	*w = walker{src: src, path: path, partitions: partitions, at: at, end: end, spare: spare}
}
