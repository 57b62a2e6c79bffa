package segmentlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// begun is what the clocks of these tests show.
var begun = time.Date(2026, 11, 11, 0, 0, 0, 123_456_000, time.UTC)

// quiet are options for a log of two partitions that fails the test when it
// finds anything to warn of.
func quiet(t testing.TB) Options {
	t.Helper()
	return Options{Partitions: 2, Now: func() time.Time { return begun }, Logger: slog.New(slog.NewTextHandler(failing{t}, nil))}
}

// failing fails the test with what is written to it.
type failing struct{ testing.TB }

func (f failing) Write(b []byte) (int, error) {
	f.Errorf("the log warns: %s", b)
	return len(b), nil
}

// listening are the same options with warnings gathered in the buffer.
func listening(t testing.TB) (Options, *bytes.Buffer) {
	o, warnings := quiet(t), &bytes.Buffer{}
	o.Logger = slog.New(slog.NewTextHandler(warnings, nil))
	return o, warnings
}

func mustOpen(t testing.TB, dir string, o Options) *Log {
	t.Helper()
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // tests that care have closed it
	return l
}

func mustClose(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// to makes entries of one partition of a log.
func to(partition int, data ...string) []events.Entry {
	entries := make([]events.Entry, len(data))
	for i, d := range data {
		entries[i] = events.Entry{Part: events.Part(partition), Data: []byte(d)}
	}
	return entries
}

func mustAppend(t testing.TB, l *Log, entries ...events.Entry) {
	t.Helper()
	if err := l.Append(context.Background(), entries); err != nil {
		t.Fatalf("Append: %v", err)
	}
}

// all reads a partition from its start to its end, or to the first error.
func all(l *Log, partition int) ([]string, error) {
	ctx := context.Background()
	end, err := l.End(ctx, partition)
	if err != nil {
		return nil, err
	}
	var data []string
	for behind := events.Position(0); behind < end; {
		stored, err := l.Read(ctx, partition, behind, 100)
		if err != nil {
			return data, err
		}
		for _, e := range stored {
			if e.Position != behind+1 {
				return data, fmt.Errorf("position %d behind %d", e.Position, behind)
			}
			behind = e.Position
			data = append(data, string(e.Data))
		}
	}
	return data, nil
}

func wantAll(t testing.TB, l *Log, partition int, want ...string) {
	t.Helper()
	got, err := all(l, partition)
	if err != nil {
		t.Fatalf("partition %d: %v", partition, err)
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Fatalf("partition %d holds %q, want %q", partition, got, want)
	}
}

// segmentFiles lists the segment files of dir.
func segmentFiles(t testing.TB, dir string) []string {
	t.Helper()
	return glob(t, dir, "*"+segmentExt)
}

func glob(t testing.TB, dir, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustWrite(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// copyLog copies the files of a log, which may be open, to a new directory: what
// a killed process leaves.
func copyLog(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	return to
}

// stub is a segment file whose writes and syncs a test decides on.
type stub struct {
	file
	write func(f file, b []byte, offset int64) (int, error)
	sync  func(f file) error
}

func (s stub) WriteAt(b []byte, offset int64) (int, error) {
	if s.write == nil {
		return s.file.WriteAt(b, offset)
	}
	return s.write(s.file, b, offset)
}

func (s stub) Sync() error {
	if s.sync == nil {
		return s.file.Sync()
	}
	return s.sync(s.file)
}
