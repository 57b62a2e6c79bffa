package segmentlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

func TestSegmentsRollOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := quiet(t)
	o.SegmentSize = 2000
	l := mustOpen(t, dir, o)
	var want []string
	for i := range 100 {
		data := fmt.Sprintf("entry %d %s", i, strings.Repeat("x", i))
		want = append(want, data)
		mustAppend(t, l, to(0, data)...)
	}
	mustAppend(t, l, to(0, strings.Repeat("large", 1000))...) // alone it is larger than a segment
	want = append(want, strings.Repeat("large", 1000))
	for range 2 {
		wantAll(t, l, 0, want...)
		files := segmentFiles(t, dir)
		if len(files) < 8 {
			t.Errorf("%d segments, want at least 8", len(files))
		}
		for i, f := range files {
			if size := len(mustRead(t, f)); size > 2000+markSize && i < len(files)-1 {
				t.Errorf("%s has %d bytes, want at most 2000", f, size)
			}
		}
		mustClose(t, l)
		l = mustOpen(t, dir, o)
	}
	mustClose(t, l)
}

func TestAppendTimesAreExact(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	times := []time.Time{
		begun,
		time.Date(2026, 11, 11, 0, 0, 0, 999_999_999, time.FixedZone("CST", 8*3600)),
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 1000, time.UTC),
	}
	o := quiet(t)
	next := 0
	o.Now = func() time.Time { next++; return times[next-1] }
	l := mustOpen(t, dir, o)
	for range times {
		mustAppend(t, l, to(0, "entry")...)
	}
	for range 2 {
		for i, want := range times {
			stored, err := l.Read(t.Context(), 0, events.Position(i), 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := stored[0].Appended; got.UnixMicro() != want.UnixMicro() || got.Nanosecond()%1000 != 0 {
				t.Errorf("appended %v, want %v to the microsecond", got, want)
			}
		}
		mustClose(t, l)
		l = mustOpen(t, dir, o)
	}
}

func TestEntriesThatAreRefused(t *testing.T) {
	t.Parallel()
	l := mustOpen(t, t.TempDir(), quiet(t))
	largest := bytes.Repeat([]byte("peak"), MaxEntry/4)
	tests := []struct {
		name  string
		entry events.Entry
		field string
	}{
		{"too large", events.Entry{Data: append(bytes.Clone(largest), 'x')}, "entries[1]"},
		{"negative part", events.Entry{Part: -1}, "entries[1]"},
		{"a part beyond the last", events.Entry{Part: events.Parts}, "entries[1]"},
	}
	for _, tt := range tests {
		err := l.Append(t.Context(), []events.Entry{{Data: []byte("good")}, tt.entry})
		var invalid *events.Invalid
		if !errors.As(err, &invalid) || invalid.Field != tt.field {
			t.Errorf("%s: %v, want an Invalid of %s", tt.name, err, tt.field)
		}
	}
	wantAll(t, l, 0) // nothing of these batches was stored
	mustAppend(t, l, events.Entry{Data: largest})
	mustAppend(t, l, to(0, "after")...)
	stored, err := l.Read(t.Context(), 0, 0, 2)
	if err != nil || len(stored) != 1 || !bytes.Equal(stored[0].Data, largest) {
		t.Errorf("the largest entry: %d entries, %v; want it alone", len(stored), err)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	l := mustOpen(t, t.TempDir(), quiet(t))
	mustAppend(t, l, to(0, "first", "second")...)
	if _, err := l.Read(t.Context(), 0, 3, 1); !errors.Is(err, ErrBeyondEnd) {
		t.Errorf("behind the end: %v, want %v", err, ErrBeyondEnd)
	}
	if _, err := l.Read(t.Context(), 0, -1, 1); err == nil {
		t.Error("behind -1: no error")
	}
	if _, err := l.Read(t.Context(), 0, 0, 0); err == nil {
		t.Error("at most 0 entries: no error")
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Read(done, 0, 0, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that is done: %v, want %v", err, context.Canceled)
	}
}

// TestReadersGoOnWhereTheyStopped: two readers of a partition page through a
// segment by turns, and neither walks it from the start again.
func TestReadersGoOnWhereTheyStopped(t *testing.T) {
	t.Parallel()
	l := mustOpen(t, t.TempDir(), quiet(t))
	for i := range 100 {
		mustAppend(t, l, append(to(0, fmt.Sprint(i)), to(1, "other", "other")...)...)
	}
	readers := []events.Position{0, 50}
	for range 20 {
		for r, behind := range readers {
			start := l.trails[0].from(place{segment: 1, offset: segmentHeader(2)}, behind)
			if behind != 0 && behind != 50 && start.position != behind {
				t.Fatalf("reader %d behind %d begins behind %d", r, behind, start.position)
			}
			stored, err := l.Read(t.Context(), 0, behind, 2)
			if err != nil {
				t.Fatal(err)
			}
			readers[r] = stored[len(stored)-1].Position
		}
	}
}

// TestReaderAtTheEnd: one that waits begins at the newest group, whatever the
// other partitions wrote before it.
func TestReaderAtTheEnd(t *testing.T) {
	t.Parallel()
	l := mustOpen(t, t.TempDir(), quiet(t))
	mustAppend(t, l, to(0, "first")...)
	for range 50 {
		mustAppend(t, l, to(1, "other")...)
	}
	mustAppend(t, l, to(0, "second")...)
	v, _, err := l.look(0, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if left := v.size - v.start.offset; left != frameHeader+int64(len("second")) {
		t.Errorf("begins %d bytes before the end, want at the last frame", left)
	}
}

func TestTrimDropsWholeSegments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := quiet(t)
	o.SegmentSize = 100
	l := mustOpen(t, dir, o)
	for i := range 10 { // segment i+1 holds entry i+1 of both partitions
		mustAppend(t, l, append(to(0, fmt.Sprint(i)), to(1, fmt.Sprint(i))...)...)
	}
	trim := func(partition int, upTo events.Position, segments int) {
		t.Helper()
		if err := l.Trim(t.Context(), partition, upTo); err != nil {
			t.Fatalf("Trim: %v", err)
		}
		if n := len(segmentFiles(t, dir)); n != segments {
			t.Errorf("after Trim of %d to %d: %d segments, want %d", partition, upTo, n, segments)
		}
	}
	trim(0, 7, 10) // partition 1 allows nothing yet
	trim(1, 3, 7)
	if _, err := l.Read(t.Context(), 0, 2, 1); !errors.Is(err, events.ErrTrimmed) {
		t.Errorf("Read behind 2: %v, want %v", err, events.ErrTrimmed)
	}
	if lag, err := l.Lag(t.Context(), 0, 0); lag != 7 || err != nil {
		t.Errorf("Lag behind 0: %d, %v; want the 7 entries that are kept", lag, err)
	}
	mustClose(t, l)
	l = mustOpen(t, dir, o) // remembers what partition 0 allowed
	trim(1, 5, 5)
	trim(1, 1<<40, 3)
	trim(0, 1<<40, 1) // the last one stays
	mustAppend(t, l, to(0, "after")...)
	stored, err := l.Read(t.Context(), 0, 10, 1)
	if err != nil || string(stored[0].Data) != "after" {
		t.Errorf("after everything was trimmed: %v, %v", stored, err)
	}
	mustClose(t, l)
}

// TestReadWhileTrimmed: a reader gets each entry or is told that it is gone.
func TestReadWhileTrimmed(t *testing.T) {
	t.Parallel()
	o := quiet(t)
	o.SegmentSize = 300
	l := mustOpen(t, t.TempDir(), o)
	const count = 150
	read := make(chan error, 4)
	for range cap(read) {
		go func() { read <- readThrough(t.Context(), l, count) }()
	}
	for i := range count {
		mustAppend(t, l, to(0, fmt.Sprint(i+1))...)
		for p := range 2 {
			if err := l.Trim(t.Context(), p, events.Position(i-3)); err != nil {
				t.Fatalf("Trim: %v", err)
			}
		}
	}
	for range cap(read) {
		if err := <-read; err != nil {
			t.Error(err)
		}
	}
}

// readThrough reads partition 0 up to a position. What was trimmed is skipped.
func readThrough(ctx context.Context, l *Log, end events.Position) error {
	for behind := events.Position(0); behind < end; {
		stored, err := l.Read(ctx, 0, behind, 5)
		if errors.Is(err, events.ErrTrimmed) {
			behind++
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range stored {
			if e.Position != behind+1 || string(e.Data) != fmt.Sprint(e.Position) {
				return fmt.Errorf("behind %d: %q at %d", behind, e.Data, e.Position)
			}
			behind++
		}
	}
	return nil
}

// TestTrimFileThatCannotBeUsed: entries are kept, and the owner is told.
func TestTrimFileThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"not JSON":        "{",
		"of another log":  `{"log":"00000000000000000000000000000000","up_to":[1,1]}`,
		"of another size": `{"up_to":[1]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			mustClose(t, mustOpen(t, dir, quiet(t)))
			mustWrite(t, dir+"/"+trimFile, []byte(content))
			o, warnings := listening(t)
			mustClose(t, mustOpen(t, dir, o))
			if !strings.Contains(warnings.String(), trimFile) {
				t.Errorf("no warning names %s: %s", trimFile, warnings)
			}
		})
	}
}

// TestViewsGrowOld: a reader that looked before a segment was sealed, dropped
// or lost learns that when it comes to read.
func TestViewsGrowOld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := quiet(t)
	o.SegmentSize = 100
	l := mustOpen(t, dir, o)
	look := func(behind events.Position) view {
		t.Helper()
		v, _, err := l.look(0, behind, 1)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	mustAppend(t, l, to(0, "first")...)
	sealed := look(0)
	mustAppend(t, l, to(0, "second")...)
	mustAppend(t, l, to(0, "third")...)
	if _, err := l.readView(sealed); !l.outdated(sealed, err) {
		t.Errorf("sealed since: %v is not taken for outdated", err)
	}
	wantAll(t, l, 0, "first", "second", "third")

	dropped := look(0)
	for p := range 2 {
		if err := l.Trim(t.Context(), p, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.readView(dropped); !l.outdated(dropped, err) {
		t.Errorf("dropped since: %v is not taken for outdated", err)
	}
	if _, err := l.Read(t.Context(), 0, 0, 1); !errors.Is(err, events.ErrTrimmed) {
		t.Errorf("Read: %v, want %v", err, events.ErrTrimmed)
	}

	mustRemove(t, look(1).segment.path)
	if _, err := l.Read(t.Context(), 0, 1, 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of a segment that someone removed: %v, want %v", err, fs.ErrNotExist)
	}
}
