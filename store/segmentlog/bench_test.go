package segmentlog

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/peakday/peakday/events"
)

// payload is an event of 84 bytes.
const payload = `{"id":"0123456789abcdef","type":"order.completed","user":"user-123456","total":19.9}`

// spread makes n entries over all virtual partitions.
func spread(n int) []events.Entry {
	entries := make([]events.Entry, n)
	for i := range entries {
		entries[i] = events.Entry{Part: events.Part(i * 7 % events.Parts), Data: []byte(payload)}
	}
	return entries
}

// BenchmarkAppend500 appends durable batches of 500, one after the other.
func BenchmarkAppend500(b *testing.B) {
	l := mustOpen(b, b.TempDir(), Options{Partitions: 8})
	batch := spread(500)
	b.ReportAllocs()
	for b.Loop() {
		mustAppend(b, l, batch...)
	}
	b.ReportMetric(float64(b.N)*500/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkAppendBy64 has 64 appenders append single entries.
func BenchmarkAppendBy64(b *testing.B) {
	l := mustOpen(b, b.TempDir(), Options{Partitions: 8})
	entries := spread(64)
	var appender atomic.Int64
	b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		i := int(appender.Add(1)) % len(entries)
		for pb.Next() {
			if err := l.Append(context.Background(), entries[i:i+1]); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkReadOneOf8 reads one of 8 partitions through, 1,000 entries a time.
func BenchmarkReadOneOf8(b *testing.B) {
	l := mustOpen(b, b.TempDir(), Options{Partitions: 8})
	batch := spread(20_000)
	for range 25 {
		mustAppend(b, l, batch...)
	}
	end, err := l.End(b.Context(), 3)
	if err != nil {
		b.Fatal(err)
	}
	var behind events.Position
	read := 0
	b.ReportAllocs()
	for b.Loop() {
		stored, err := l.Read(b.Context(), 3, behind, 1000)
		if err != nil {
			b.Fatal(err)
		}
		if behind = stored[len(stored)-1].Position; behind == end {
			behind = 0
		}
		read += len(stored)
	}
	b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "entries/s")
}
