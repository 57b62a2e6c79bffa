package ann

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
)

func snapshot(t testing.TB, x *Index) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := x.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("%d bytes of %d: %v", n, b.Len(), err)
	}
	return b.Bytes()
}

func TestSnapshotComesBack(t *testing.T) {
	t.Parallel()
	x, all := small(t, 1000, 20, 2)
	empty, err := New(Options{Dimension: 20})
	if err != nil {
		t.Fatal(err)
	}
	for id := range uint32(100) {
		x.Delete(id)
	}
	for _, index := range []*Index{x, empty} {
		file := snapshot(t, index)
		back, err := Read(bytes.NewReader(file), 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []Path{Scan, Graph} {
			got, want := back.SearchWith(SearchOptions{Path: path}, all[:20], 10, nil, nil), index.SearchWith(SearchOptions{Path: path}, all[:20], 10, nil, nil)
			if !slices.Equal(got, want) || back.Len() != index.Len() {
				t.Errorf("path %d: %v, want %v", path, got, want)
			}
		}
		if !bytes.Equal(snapshot(t, back), file) {
			t.Error("written again, it differs")
		}
		if err := back.Insert(5000, all[:20]); err != nil || !back.Contains(5000) || !back.Delete(5000) {
			t.Errorf("what was read does not change: %v", err)
		}
	}
}

func TestBadSnapshotIsRefused(t *testing.T) {
	t.Parallel()
	x, _ := small(t, 300, 8, 1)
	file := snapshot(t, x)
	changed := slices.Clone(file)
	changed[len(file)/2] ^= 4
	for _, c := range []struct {
		name      string
		file      []byte
		dimension int
		want      string
	}{
		{"cut", file[:len(file)-1], 8, "cut short"},
		{"cut in the middle", file[:len(file)/2], 8, "cut short"},
		{"empty", nil, 8, "cut short"},
		{"other dimension", file, 9, "have 8 numbers: expected 9"},
		{"another file", []byte("something else altogether"), 8, "begin with"},
		{"changed", changed, 8, "checksum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := Read(bytes.NewReader(c.file), c.dimension); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// FuzzRead holds what Read accepts to be searchable, also with a checksum that
// was made to fit.
func FuzzRead(f *testing.F) {
	x, _ := small(f, 40, 4, 1)
	x.Delete(3)
	f.Add(snapshot(f, x))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 4 {
			file = slices.Clone(file)
			body := file[:len(file)-4]
			binary.LittleEndian.PutUint32(file[len(body):], crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
		}
		x, err := Read(bytes.NewReader(file), 4)
		if err != nil {
			return
		}
		for _, path := range []Path{Fastest, Scan, Graph} {
			x.SearchWith(SearchOptions{Path: path}, []float32{1, 2, 3, 4}, 5, nil, nil)
		}
		if x.Len() < 1000 && !x.Contains(7) {
			if err := x.Insert(7, []float32{1, 2, 3, 4}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
