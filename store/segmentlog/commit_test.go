package segmentlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/peakday/peakday/events"
)

// gated gives options for a log whose fsyncs of groups wait for a receive from
// gate, and count them.
func gated(t *testing.T) (o Options, gate chan struct{}, syncs *int) {
	t.Helper()
	gate, syncs = make(chan struct{}), new(int)
	o = quiet(t)
	o.wrap = func(_ string, f file) file {
		header := true
		return stub{file: f, sync: func(f file) error {
			if header {
				header = false
				return f.Sync()
			}
			*syncs++
			<-gate
			return f.Sync()
		}}
	}
	return o, gate, syncs
}

// TestNothingShowsBeforeItIsDurable stops the log inside fsync.
func TestNothingShowsBeforeItIsDurable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o, gate, _ := gated(t)
		l := mustOpen(t, dir, o)
		var appended, read bool
		go func() {
			mustAppend(t, l, to(0, "entry")...)
			appended = true
		}()
		go func() {
			if _, err := l.Read(t.Context(), 0, 0, 1); err != nil {
				t.Errorf("Read: %v", err)
			}
			read = true
		}()
		synctest.Wait()
		if appended || read {
			t.Errorf("before fsync: appended %v, read %v", appended, read)
		}
		if end, err := l.End(t.Context(), 0); end != 0 || err != nil {
			t.Errorf("End before fsync: %d, %v", end, err)
		}
		if lag, err := l.Lag(t.Context(), 0, 0); lag != 0 || err != nil {
			t.Errorf("Lag before fsync: %d, %v", lag, err)
		}
		close(gate)
		synctest.Wait()
		if !appended || !read {
			t.Errorf("after fsync: appended %v, read %v", appended, read)
		}
		mustClose(t, l)
	})
}

// TestGroupCommit: appends that come during an fsync share the next one.
func TestGroupCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o, gate, syncs := gated(t)
		l := mustOpen(t, dir, o)
		var all sync.WaitGroup
		all.Go(func() { mustAppend(t, l, to(0, "first")...) })
		synctest.Wait()
		for i := range 64 {
			all.Go(func() { mustAppend(t, l, to(i%2, "one", "two")...) })
		}
		synctest.Wait()
		if *syncs != 1 {
			t.Errorf("%d fsyncs under way, want 1", *syncs)
		}
		gate <- struct{}{}
		synctest.Wait()
		if *syncs != 2 {
			t.Errorf("%d fsyncs for 65 appends, want 2", *syncs)
		}
		close(gate)
		all.Wait()
		if end, err := l.End(t.Context(), 0); end != 65 || err != nil {
			t.Errorf("End: %d, %v; want 65", end, err)
		}
		mustClose(t, l)
	})
}

// TestAppendEndsWithContext: a stuck disk does not hold the caller.
func TestAppendEndsWithContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o, gate, _ := gated(t)
		o.SegmentSize = 1000 // and so groups of that size
		l := mustOpen(t, dir, o)
		ctx, cancel := context.WithCancel(t.Context())
		var failed atomic.Int32
		for range 3 { // the first is being written, the second waits, the third finds no room
			go func() {
				if err := l.Append(ctx, to(0, strings.Repeat("x", 1000))); !errors.Is(err, context.Canceled) {
					t.Errorf("Append: %v, want %v", err, context.Canceled)
				}
				failed.Add(1)
			}()
			synctest.Wait()
		}
		cancel()
		synctest.Wait()
		if failed.Load() != 3 {
			t.Errorf("%d appends ended with their context, want 3", failed.Load())
		}
		close(gate)
		mustClose(t, l)
	})
}

// TestLargeBatchGoesInParts: a batch beyond a group's size waits for room and
// keeps its order.
func TestLargeBatchGoesInParts(t *testing.T) {
	t.Parallel()
	o := quiet(t)
	o.SegmentSize = 2000
	l := mustOpen(t, t.TempDir(), o)
	var batch []events.Entry
	want := make([][]string, 2)
	for i := range 1000 {
		data := fmt.Sprint("entry ", i)
		batch = append(batch, to(i%2, data)...)
		want[i%2] = append(want[i%2], data)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for range 50 {
			mustAppend(t, l, to(3, "another's")...) // partition 1
		}
	})
	mustAppend(t, l, batch...)
	all.Wait()
	wantAll(t, l, 0, want[0]...)
	if end, err := l.End(t.Context(), 1); end != 550 || err != nil {
		t.Errorf("End: %d, %v; want 550", end, err)
	}
	mustClose(t, l)
}

// TestBrokenDisk: after a failed write or fsync the log acknowledges nothing
// more, still reads what is durable, and is whole again when it is reopened.
func TestBrokenDisk(t *testing.T) {
	t.Parallel()
	full := &os.PathError{Op: "write", Path: "segment", Err: syscall.ENOSPC}
	tests := []struct {
		name string
		stub func(armed *bool) stub
		want error
	}{
		{"the disk is full", func(armed *bool) stub {
			return stub{write: func(f file, b []byte, offset int64) (int, error) {
				if !*armed {
					return f.WriteAt(b, offset)
				}
				n, _ := f.WriteAt(b[:len(b)/2], offset) // as much as there is room for
				return n, full
			}}
		}, syscall.ENOSPC},
		{"fsync fails", func(armed *bool) stub {
			return stub{sync: func(f file) error {
				if !*armed {
					return f.Sync()
				}
				*armed = false // the next one would say that all is well
				return syscall.EIO
			}}
		}, syscall.EIO},
	}
	for _, tt := range tests {
		for _, size := range []int64{DefaultSegmentSize, 1} { // 1: it breaks while a segment is begun
			t.Run(fmt.Sprintf("%s, segments of %d", tt.name, size), func(t *testing.T) {
				t.Parallel()
				dir, armed := t.TempDir(), false
				o := quiet(t)
				o.SegmentSize = size
				o.wrap = func(_ string, f file) file {
					s := tt.stub(&armed)
					s.file = f
					return s
				}
				breakAndReopen(t, dir, o, &armed, tt.want)
			})
		}
	}
}

func breakAndReopen(t *testing.T, dir string, o Options, armed *bool, want error) {
	ctx := t.Context()
	l := mustOpen(t, dir, o)
	mustAppend(t, l, to(0, "accepted")...)
	if err := l.Broken(); err != nil {
		t.Errorf("Broken before it is: %v", err)
	}
	*armed = true
	for i := range 3 {
		if err := l.Append(ctx, to(0, "refused 1", "refused 2")); !errors.Is(err, want) {
			t.Fatalf("Append %d: %v, want %v", i, err, want)
		}
	}
	if err := l.Broken(); !errors.Is(err, want) {
		t.Errorf("Broken: %v, want %v", err, want)
	}
	wantAll(t, l, 0, "accepted")
	if err := l.Close(); !errors.Is(err, want) {
		t.Errorf("Close: %v, want %v", err, want)
	}

	again, _ := listening(t) // half a frame may be cut off
	l = mustOpen(t, dir, again)
	mustAppend(t, l, to(0, "after")...)
	got, err := all(l, 0)
	if err != nil || got[0] != "accepted" || got[len(got)-1] != "after" {
		t.Errorf("after reopen: %q, %v", got, err)
	}
	mustClose(t, l)
	mustClose(t, mustOpen(t, dir, quiet(t)))
}

// TestOthersOfABrokenGroup: all appenders of the group that failed, and of the
// one behind it, are told.
func TestOthersOfABrokenGroup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		o := quiet(t)
		o.wrap = func(_ string, f file) file {
			header := true
			return stub{file: f, sync: func(f file) error {
				if header {
					header = false
					return f.Sync()
				}
				<-gate
				return syscall.EIO
			}}
		}
		l := mustOpen(t, dir, o)
		var refused atomic.Int32
		for range 10 {
			go func() {
				if err := l.Append(t.Context(), to(0, "entry")); !errors.Is(err, syscall.EIO) {
					t.Errorf("Append: %v, want %v", err, syscall.EIO)
				}
				refused.Add(1)
			}()
		}
		synctest.Wait()
		close(gate)
		synctest.Wait()
		if refused.Load() != 10 {
			t.Errorf("%d appenders were refused, want 10", refused.Load())
		}
		if err := l.Close(); !errors.Is(err, syscall.EIO) {
			t.Errorf("Close: %v, want %v", err, syscall.EIO)
		}
	})
}

// TestCloseEndsEverything runs in a bubble, which fails if a goroutine is left.
func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := mustOpen(t, dir, quiet(t))
		var ended atomic.Int32
		for p := range 2 {
			go func() {
				if _, err := l.Read(t.Context(), p, 0, 1); !errors.Is(err, ErrClosed) {
					t.Errorf("Read: %v, want %v", err, ErrClosed)
				}
				ended.Add(1)
			}()
		}
		synctest.Wait()
		mustClose(t, l)
		synctest.Wait()
		if ended.Load() != 2 {
			t.Errorf("%d readers ended, want 2", ended.Load())
		}
		mustClose(t, l) // again: nothing happens
		if err := l.Append(t.Context(), to(0, "late")); !errors.Is(err, ErrClosed) {
			t.Errorf("Append after Close: %v, want %v", err, ErrClosed)
		}
		if _, err := l.End(t.Context(), 0); !errors.Is(err, ErrClosed) {
			t.Errorf("End after Close: %v, want %v", err, ErrClosed)
		}
	})
}

func TestLock(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	l := mustOpen(t, dir, quiet(t))
	if _, err := Open(dir, quiet(t)); !errors.Is(err, ErrLocked) {
		t.Errorf("a second Open: %v, want %v", err, ErrLocked)
	}
	mustAppend(t, l, to(0, "entry")...)
	mustClose(t, l)
	l = mustOpen(t, dir, quiet(t))
	wantAll(t, l, 0, "entry")
	mustClose(t, l)
}
