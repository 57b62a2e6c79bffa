package segmentlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/peakday/peakday/events"
)

// TestDamagedOldSegment flips bytes all over a complete segment. A
// reader gets what was written or an error that names the file and the place,
// never other data; and readers of the undamaged segment go on.
func TestDamagedOldSegment(t *testing.T) {
	t.Parallel()
	made := t.TempDir()
	o := quiet(t)
	o.SegmentSize = 500
	l := mustOpen(t, made, o)
	written := make([][]string, 2)
	for i := range 12 {
		p := i % 2
		data := fmt.Sprintf("entry %d %s", i, strings.Repeat("x", i))
		written[p] = append(written[p], data)
		mustAppend(t, l, to(p, data)...)
	}
	mustClose(t, l)
	if n := len(segmentFiles(t, made)); n < 3 {
		t.Fatalf("%d segments, want at least 3", n)
	}
	image := mustRead(t, segmentFiles(t, made)[1])
	for at := 0; at < len(image); at += 3 {
		dir := copyLog(t, made)
		path := segmentFiles(t, dir)[1]
		damaged := bytes.Clone(image)
		damaged[at] ^= 0x40
		mustWrite(t, path, damaged)
		l, err := Open(dir, o)
		if int64(at) < segmentHeader(2) {
			wantCorrupt(t, at, path, err)
			continue
		}
		if err != nil {
			t.Fatalf("byte %d flipped: Open: %v", at, err)
		}
		for p := range written {
			got, err := all(l, p)
			if err != nil {
				wantCorrupt(t, at, path, err)
			}
			if len(got) > len(written[p]) || strings.Join(got, "|") != strings.Join(written[p][:len(got)], "|") {
				t.Fatalf("byte %d flipped: read %q, want the first of %q", at, got, written[p])
			}
			if err == nil && len(got) != len(written[p]) {
				t.Fatalf("byte %d flipped: %d entries and no error, want %d", at, len(got), len(written[p]))
			}
			end := l.durable[p]
			if last, err := l.Read(context.Background(), p, end-1, 1); err != nil || string(last[0].Data) != written[p][len(written[p])-1] {
				t.Fatalf("byte %d flipped: the last entry: %v, %v", at, last, err)
			}
		}
		mustClose(t, l)
	}
}

// wantCorrupt wants an error of the file, at the flipped byte's frame.
func wantCorrupt(t *testing.T, at int, path string, err error) {
	t.Helper()
	var corrupt *CorruptError
	if !errors.As(err, &corrupt) || corrupt.File != path {
		t.Fatalf("byte %d flipped: %v, want a CorruptError of %s", at, err, path)
	}
	if corrupt.Offset > int64(at) || int64(at)-corrupt.Offset > 200 && corrupt.Offset > 0 {
		t.Fatalf("byte %d flipped: %v", at, err)
	}
}

func TestOldSegmentCutShort(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := quiet(t)
	o.SegmentSize = 1
	l := mustOpen(t, dir, o)
	mustAppend(t, l, to(0, "first")...)
	mustAppend(t, l, to(0, "second")...)
	mustClose(t, l)
	path := segmentFiles(t, dir)[0]
	if err := os.Truncate(path, int64(len(mustRead(t, path))-1)); err != nil {
		t.Fatal(err)
	}
	l = mustOpen(t, dir, o)
	var corrupt *CorruptError
	if _, err := l.Read(context.Background(), 0, 0, 1); !errors.As(err, &corrupt) || corrupt.File != path {
		t.Errorf("Read: %v, want a CorruptError of %s", err, path)
	}
	if stored, err := l.Read(context.Background(), 0, 1, 1); err != nil || string(stored[0].Data) != "second" {
		t.Errorf("Read behind it: %v, %v", stored, err)
	}
}

// TestOpenRefuses lists directories that cannot be the log that they claim.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		harm func(t *testing.T, dir string, o *Options)
		want string
	}{
		{"another number of partitions", func(_ *testing.T, _ string, o *Options) { o.Partitions = 3 }, "made with 2 partitions"},
		{"too many partitions", func(_ *testing.T, _ string, o *Options) { o.Partitions = events.Parts + 1 }, "must be 1 to 1024"},
		{"a segment is missing", func(t *testing.T, dir string, _ *Options) { mustRemove(t, segmentPath(dir, 2)) }, "none between"},
		{"no manifest", func(t *testing.T, dir string, _ *Options) { mustRemove(t, dir+"/"+manifestFile) }, "no log.json"},
		{"a later format", func(t *testing.T, dir string, _ *Options) {
			mustWrite(t, dir+"/"+manifestFile, bytes.Replace(mustRead(t, dir+"/"+manifestFile), []byte(`"format":1`), []byte(`"format":2`), 1))
		}, "format 2"},
		{"a broken manifest", func(t *testing.T, dir string, _ *Options) { mustWrite(t, dir+"/"+manifestFile, []byte("{")) }, manifestFile},
		{"another log's segment", func(t *testing.T, dir string, o *Options) {
			other := t.TempDir()
			l := mustOpen(t, other, *o)
			mustAppend(t, l, to(0, "of another log")...)
			mustAppend(t, l, to(0, "of another log")...)
			mustClose(t, l)
			mustWrite(t, segmentPath(dir, 2), mustRead(t, segmentPath(other, 2)))
		}, "a segment of the log"},
		{"segments in the wrong order", func(t *testing.T, dir string, _ *Options) {
			mustWrite(t, segmentPath(dir, 1), mustRead(t, segmentPath(dir, 2)))
		}, "the header of segment 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			o := quiet(t)
			o.SegmentSize = 1
			l := mustOpen(t, dir, o)
			for range 3 {
				mustAppend(t, l, to(0, "entry")...)
			}
			mustClose(t, l)
			tt.harm(t, dir, &o)
			l, err := Open(dir, o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Open: %v, want an error with %q", err, tt.want)
			}
			if l != nil {
				t.Error("Open gives a log beside its error")
			}
		})
	}
}

func mustRemove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
