package sim

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

func TestNDCG(t *testing.T) {
	t.Parallel()
	ids := func(s string) (out []events.ItemID) {
		for _, r := range s {
			out = append(out, events.ItemID(r))
		}
		return out
	}
	for _, c := range []struct {
		name             string
		ranked, relevant string
		want             float64
	}{
		{"perfect", "abcd", "ab", 1},
		{"nothing", "cd", "ab", 0},
		{"nothing relevant", "cd", "", 0},
		{"second place", "xa", "a", 1 / math.Log2(3)},
		{"beyond the cut", "xyza", "a", 0},
		{"both orders of two", "xab", "ab", (1/math.Log2(3) + .5) / (1 + 1/math.Log2(3))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := ndcg(ids(c.ranked), ids(c.relevant), 3); math.Abs(got-c.want) > 1e-12 {
				t.Errorf("got %g, want %g", got, c.want)
			}
		})
	}
}

func TestWAPEAndPercentile(t *testing.T) {
	t.Parallel()
	var m misses
	if m.wape() != 0 {
		t.Error("nothing sold is no miss")
	}
	m.add(3, 5)
	m.add(6, 5)
	if m.wape() != .3 {
		t.Errorf("WAPE %g, want 0.3", m.wape())
	}
	var waits []time.Duration
	for i := range 100 {
		waits = append(waits, time.Duration(100-i))
	}
	if p := percentile(waits, .99); p != 100 {
		t.Errorf("p99 of 1 to 100 is %d", p)
	}
	if percentile(nil, .5) != 0 {
		t.Error("a percentile of nothing")
	}
}

func TestDice(t *testing.T) {
	t.Parallel()
	const n = 20_000
	sum, square, first, second := 0., 0., 0., 0.
	for i := range uint64(n) {
		d := newRandom(5).on(ofOrder, i)
		x, z := d.uniform(), d.normal()
		sum, square = sum+x, square+x*x
		first, second = first+z, second+z*z
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"mean", sum / n, .5}, {"second moment", square / n, 1. / 3},
		{"normal mean", first / n, 0}, {"normal variance", second / n, 1},
	} {
		if math.Abs(c.got-c.want) > .04 {
			t.Errorf("%s is %.3f, want %.3f", c.name, c.got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		seed, key := rapid.Uint64().Draw(t, "seed"), rapid.Uint64().Draw(t, "key")
		d := newRandom(seed)
		if d.on(ofOrder, key) != newRandom(seed).on(ofOrder, key) || d.on(ofOrder, key) == d.on(ofCart, key) || d.on(ofOrder, key) == d.on(ofOrder, key+1) {
			t.Fatal("a number must depend on seed, topic and key, and on nothing else")
		}
		if x := d.on(ofOrder, key).logUniform(2, 8); x < 2 || x >= 8 {
			t.Fatalf("%g is not between 2 and 8", x)
		}
	})
}
