package segmentlog

import (
	"bytes"
	"testing"

	"github.com/peakday/peakday/events"
)

// FuzzScan gives the decoder any bytes as a segment. It never panics, never
// reads beyond them, and what it takes for whole frames is what the encoder
// would write.
func FuzzScan(f *testing.F) {
	m := manifest{Format: formatNow, ID: id{1, 2, 3}, Partitions: 3}
	before := []events.Position{4, 0, 9}
	header := encodeHeader(m.ID, 7, before)
	mark := make([]byte, markSize)
	putMark(mark, m.ID, int64(len(header)))
	good := append(bytes.Clone(header), mark...)
	good = appendFrame(good, 0, 5, 1_000_000, []byte("first"))
	good = appendFrame(good, 2, 10, 1_000_001, nil)
	good = appendFrame(good, 0, 6, -1, bytes.Repeat([]byte{0}, 100))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(append(bytes.Clone(good), mark...)) // a mark at the wrong place
	f.Add(header)
	f.Add(bytes.Repeat([]byte{0xff}, 200))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, problem := decodeHeader(b, m, 7)
		if problem != "" {
			return
		}
		if again := encodeHeader(m.ID, 7, got); !bytes.Equal(again, b[:len(again)]) {
			t.Fatalf("the header %x is encoded as %x", b[:len(again)], again)
		}
		r, err := scan(bytes.NewReader(b), m, &segment{number: 7, path: "fuzz", before: got}, int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if r.end > int64(len(b)) || (r.bad == nil) != (r.end == int64(len(b))) || r.mark > r.end {
			t.Fatalf("%d bytes: frames end at %d, the last mark is at %d, then %v", len(b), r.end, r.mark, r.bad)
		}
		again := encodeAgain(t, m, b[:r.end], got)
		if !bytes.Equal(again, b[:r.end]) {
			t.Fatalf("%x is encoded as %x", b[:r.end], again)
		}
		laterMark(b[r.end:], m.ID, r.end)
	})
}

// encodeAgain reads frames as a reader does and writes them as an appender.
func encodeAgain(t *testing.T, m manifest, b []byte, before []events.Position) []byte {
	again := encodeHeader(m.ID, 7, before)
	w := walker{src: bytes.NewReader(b), path: "fuzz", partitions: m.Partitions, at: int64(len(again)), end: int64(len(b))}
	for !w.done() {
		h, err := w.header()
		if err != nil {
			t.Fatal(err)
		}
		data, err := w.data(h)
		if err != nil {
			t.Fatal(err)
		}
		if h.partition == markPartition {
			mark := make([]byte, markSize)
			putMark(mark, id(data), w.at)
			// A mark's append time is written as 0 but not looked at.
			putHeader(mark, markPartition, h.position, h.appended)
			again = append(again, mark...)
		} else {
			again = appendFrame(again, h.partition, h.position, h.appended, data)
		}
		w.skip(h)
	}
	return again
}

// FuzzHeader gives the walker one frame's header in front of other bytes.
func FuzzHeader(f *testing.F) {
	f.Add(appendFrame(nil, 1, 1, 1, []byte("data")), int64(56))
	f.Add(make([]byte, frameHeader), int64(0))
	f.Fuzz(func(t *testing.T, b []byte, at int64) {
		if len(b) < frameHeader {
			return
		}
		h := parseHeader(b)
		if h.check(3, at) != "" {
			return
		}
		if h.size() > frameHeader+MaxEntry || h.partition >= 3 && h.partition != markPartition {
			t.Fatalf("%+v passes", h)
		}
	})
}
