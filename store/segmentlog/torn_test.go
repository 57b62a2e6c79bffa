package segmentlog

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// twoGroups is a log of one segment: what it holds is durable up to last, where
// the last of its two groups begins. It was not closed.
type twoGroups struct {
	dir   string
	image []byte // of the segment
	last  int
}

// The last group's frames end here, after the group's mark.
var lastGroup = []string{"fourth", "", "sixth, a longer one"}

func makeTwoGroups(t *testing.T) twoGroups {
	t.Helper()
	dir := t.TempDir()
	l := mustOpen(t, dir, quiet(t))
	mustAppend(t, l, append(to(0, "first", "second"), to(1, "third")...)...)
	path := segmentFiles(t, dir)[0]
	last := len(mustRead(t, path))
	mustAppend(t, l, to(0, lastGroup...)...)
	return twoGroups{dir: copyLog(t, dir), image: mustRead(t, path), last: last}
}

// kept is how many entries of the last group lie whole before offset.
func (g twoGroups) kept(offset int) int {
	end := g.last + markSize
	for i, data := range lastGroup {
		end += frameHeader + len(data)
		if end > offset {
			return i
		}
	}
	return len(lastGroup)
}

// wholeEnd is where the last frame, or mark, that is whole before offset ends.
func (g twoGroups) wholeEnd(offset int) int {
	end := g.last
	if offset >= end+markSize {
		end += markSize
		for _, data := range lastGroup[:g.kept(offset)] {
			end += frameHeader + len(data)
		}
	}
	return end
}

func TestTornLastWrite(t *testing.T) {
	t.Parallel()
	g := makeTwoGroups(t)
	tests := []struct {
		name string
		step int // of the cuts, in bytes
		tail func(cut int) []byte
	}{
		{"the file ends", 1, func(int) []byte { return nil }},
		{"zeros follow", 5, func(cut int) []byte { return make([]byte, len(g.image)-cut) }},
		{"rubbish follows", 5, func(cut int) []byte { return bytes.Repeat([]byte{0xA5}, len(g.image)-cut+700) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for cut := g.last; cut < len(g.image); cut += tt.step {
				torn := append(bytes.Clone(g.image[:cut]), tt.tail(cut)...)
				// Zeros may be what stood there.
				whole := cut
				for whole < len(torn) && whole < len(g.image) && torn[whole] == g.image[whole] {
					whole++
				}
				g.check(t, torn, whole)
			}
		})
	}
}

// check opens the log with a torn segment whose first whole bytes are good.
func (g twoGroups) check(t *testing.T, torn []byte, whole int) {
	t.Helper()
	dir := copyLog(t, g.dir)
	path := segmentFiles(t, dir)[0]
	mustWrite(t, path, torn)
	o, warnings := listening(t)
	l := mustOpen(t, dir, o)

	end := g.wholeEnd(whole)
	want := append([]string{"first", "second"}, lastGroup[:g.kept(whole)]...)
	wantAll(t, l, 0, want...)
	wantAll(t, l, 1, "third")
	aside := glob(t, dir, "*.torn")
	if end == len(torn) {
		if len(aside) > 0 || warnings.Len() > 0 {
			t.Fatalf("cut at %d: nothing is torn, but kept aside: %v; said: %s", whole, aside, warnings)
		}
	} else {
		if len(aside) != 1 || !bytes.Equal(mustRead(t, aside[0]), torn[end:]) {
			t.Fatalf("cut at %d: kept aside %v, want one file of the last %d bytes", whole, aside, len(torn)-end)
		}
		if !strings.Contains(warnings.String(), filepath.Base(path)) {
			t.Fatalf("cut at %d: no warning names the segment: %s", whole, warnings)
		}
	}

	// The log goes on as if the torn bytes had never been.
	mustAppend(t, l, to(0, "after")...)
	mustClose(t, l)
	l = mustOpen(t, dir, quiet(t))
	wantAll(t, l, 0, append(want, "after")...)
	mustClose(t, l)
}

func TestTornSegmentHeader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		entries int // before the segment whose header is torn
		want    []string
	}{
		{"of the first segment", 0, nil},
		{"of a later segment", 2, []string{"entry", "entry"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			made := t.TempDir()
			o := quiet(t)
			o.SegmentSize = 1 // each group begins a segment
			l := mustOpen(t, made, o)
			for range tt.entries {
				mustAppend(t, l, to(0, "entry")...)
			}
			number := uint64(len(segmentFiles(t, made)) + 1)
			if tt.entries == 0 {
				number = 1
			}
			header := encodeHeader(l.manifest.ID, number, l.durable)
			for cut := range header {
				dir := copyLog(t, made)
				mustWrite(t, segmentPath(dir, number), header[:cut])
				o, warnings := listening(t)
				o.SegmentSize = 1
				l := mustOpen(t, dir, o)
				wantAll(t, l, 0, tt.want...)
				if len(glob(t, dir, "*.torn")) != 1 || warnings.Len() == 0 {
					t.Fatalf("header cut to %d bytes: not kept aside, or no warning: %s", cut, warnings)
				}
				mustAppend(t, l, to(0, "after")...)
				mustClose(t, l)
				l = mustOpen(t, dir, quiet(t))
				wantAll(t, l, 0, append(tt.want, "after")...)
				mustClose(t, l)
			}
		})
	}
}

// TestTornTwiceAtOnePlace: what was kept aside first is not overwritten.
func TestTornTwiceAtOnePlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := mustOpen(t, dir, quiet(t))
	mustClose(t, l)
	path := segmentFiles(t, dir)[0]
	whole := mustRead(t, path)
	for _, rubbish := range []string{"one", "two", "three"} {
		mustWrite(t, path, append(bytes.Clone(whole), rubbish...))
		o, _ := listening(t)
		l := mustOpen(t, dir, o)
		mustClose(t, l)
		mustWrite(t, path, whole)
	}
	if aside := glob(t, dir, "*.torn"); len(aside) != 3 {
		t.Errorf("kept aside %v, want three files", aside)
	}
}

// TestDamageIsNotTorn: with a durable group behind it, a bad frame is damage.
func TestDamageIsNotTorn(t *testing.T) {
	t.Parallel()
	g := makeTwoGroups(t)
	header := int(segmentHeader(2))
	for at := range g.last {
		damaged := bytes.Clone(g.image)
		damaged[at] ^= 0x10
		dir := copyLog(t, g.dir)
		path := segmentFiles(t, dir)[0]
		mustWrite(t, path, damaged)
		_, err := Open(dir, quiet(t))
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) {
			t.Fatalf("byte %d flipped: Open: %v, want a CorruptError", at, err)
		}
		if corrupt.File != path || corrupt.Offset > int64(at) || at >= header && corrupt.Offset < int64(header) {
			t.Fatalf("byte %d flipped: %v", at, corrupt)
		}
		if !bytes.Equal(mustRead(t, path), damaged) {
			t.Fatalf("byte %d flipped: Open changed the damaged file", at)
		}
	}
}

// TestDamageAfterClose: once the log was closed, its last group is behind a
// mark too, and damage to it is no longer taken for a torn write.
func TestDamageAfterClose(t *testing.T) {
	t.Parallel()
	made := t.TempDir()
	l := mustOpen(t, made, quiet(t))
	mustAppend(t, l, to(0, "first", "second")...)
	mustClose(t, l)
	image := mustRead(t, segmentFiles(t, made)[0])
	for at := range len(image) - markSize {
		dir := copyLog(t, made)
		damaged := bytes.Clone(image)
		damaged[at] ^= 0x01
		mustWrite(t, segmentFiles(t, dir)[0], damaged)
		var corrupt *CorruptError
		if _, err := Open(dir, quiet(t)); !errors.As(err, &corrupt) {
			t.Fatalf("byte %d flipped: Open: %v, want a CorruptError", at, err)
		}
	}
}
