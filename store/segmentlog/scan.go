package segmentlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/peakday/peakday/events"
)

// scanned is what a segment's frames say.
type scanned struct {
	last []events.Position // each partition's last position
	end  int64             // after the last whole frame
	mark int64             // offset of the last mark, or of the end if there is none
	bad  *CorruptError     // what stands at end, or nil if the file ends there
}

// scan reads and checks every frame of a segment from its header on. err is
// an error of the disk; what is wrong with the bytes is in bad.
func scan(src io.ReaderAt, m manifest, s *segment, size int64) (scanned, error) {
	from := segmentHeader(m.Partitions)
	r := scanned{last: slices.Clone(s.before), end: from, mark: -1}
	w := walker{src: src, path: s.path, partitions: m.Partitions, at: from, end: size}
	for !w.done() {
		f, err := w.header()
		if err == nil {
			err = r.take(&w, m, f)
		}
		if errors.As(err, &r.bad) {
			break
		}
		if err != nil {
			return r, err
		}
		w.skip(f)
		r.end = w.at
	}
	if r.mark < 0 {
		r.mark = r.end
	}
	return r, nil
}

// take checks the frame f, at which w stands, and counts it.
func (r *scanned) take(w *walker, m manifest, f frame) error {
	data, err := w.data(f)
	switch {
	case err != nil:
		return err
	case f.partition == markPartition && id(data) != m.ID:
		return w.corrupt(fmt.Sprintf("a mark of the log %s", id(data)))
	case f.partition == markPartition:
		r.mark = w.at
	case f.position != r.last[f.partition]+1:
		return w.corrupt(fmt.Sprintf("position %d of partition %d, must be %d", f.position, f.partition, r.last[f.partition]+1))
	default:
		r.last[f.partition] = f.position
	}
	return nil
}

// laterMark finds a mark in b, which stands at offset in its file: proof that
// all before it had been made durable.
func laterMark(b []byte, log id, offset int64) bool {
	var start [8]byte // length and partition of a mark
	binary.LittleEndian.PutUint32(start[:], idSize)
	binary.LittleEndian.PutUint32(start[4:], markPartition)
	for from := 0; ; {
		i := bytes.Index(b[from:], start[:])
		if i < 0 {
			return false
		}
		at := from + i - 4 // the checksum precedes them
		if at >= 0 && at+markSize <= len(b) {
			mark := b[at : at+markSize]
			f := parseHeader(mark)
			if f.check(0, offset+int64(at)) == "" && checksum(mark[4:]) == f.crc && id(mark[frameHeader:]) == log {
				return true
			}
		}
		from += i + 1
	}
}
