package experiments

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/peakday/peakday/events"
)

// manyFlags is a catalogue as a large shop has it: of three experiments one has
// a rule, one a coverage, and one lies in a layer.
func manyFlags(tb testing.TB, n int) *Catalog {
	var all []*Experiment
	for i := range n {
		text := `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]`
		switch i % 3 {
		case 0:
			text += `,"audience":{"tier":{"$in":["gold","platinum"]},"age":{"$gte":18}}`
		case 1:
			text += `,"coverage":0.5`
		case 2:
			text += `,"layer":"home"`
		}
		e := running(tb, fmt.Sprintf("experiment-%d", i), text+"}")
		e.Slots = map[string][]Range{e.Layer: {{0, 1 << 63}}}
		all = append(all, e)
	}
	return NewCatalog(Definitions{Experiments: all})
}

func shopper() (Subject, Attributes) {
	return Subject{Key: "user_0001234", Units: map[events.UnitKind]events.UnitID{events.Device: "d-1"}},
		Attributes{"tier": "gold", "age": 31.0, "country": "CN"}
}

func BenchmarkEvaluate(b *testing.B) {
	c := manyFlags(b, 1)
	s, a := shopper()
	b.ReportAllocs()
	for b.Loop() {
		if got, ok := c.Evaluate("experiment-0", s, a); !ok || !got.Enrolled {
			b.Fatal("not enrolled")
		}
	}
}

func BenchmarkEvaluateAll300(b *testing.B) {
	c := manyFlags(b, 300)
	s, a := shopper()
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		c.EvaluateAll(s, a, func(Evaluation) bool { n++; return true })
		if n != 300 {
			b.Fatal(n)
		}
	}
}

// TestEvaluateDoesNotAllocate runs alone: it counts allocations.
func TestEvaluateDoesNotAllocate(t *testing.T) {
	c := manyFlags(t, 30)
	s, a := shopper()
	s.Key = events.UnitID(strings.Repeat("7", 256))
	n := 0
	count := func(e Evaluation) bool {
		if e.Enrolled {
			n++
		}
		return true
	}
	if allocs := leastAllocations(func() { c.EvaluateAll(s, a, count) }); allocs != 0 {
		t.Errorf("30 evaluations allocate %v times", allocs)
	}
	if allocs := leastAllocations(func() { _, _ = c.Evaluate("experiment-0", s, a) }); allocs != 0 {
		t.Errorf("an evaluation allocates %v times", allocs)
	}
	if n == 0 {
		t.Error("nothing was enrolled: the test proves nothing")
	}
}

// leastAllocations is how often f allocates, by the least of ten counts: under
// the race detector a sync.Pool drops a quarter of what it gets back, so that a
// single count may come to one by chance. What f allocates by itself is in all.
func leastAllocations(f func()) float64 {
	least := math.Inf(1)
	for range 10 {
		least = min(least, testing.AllocsPerRun(100, f))
	}
	return least
}
