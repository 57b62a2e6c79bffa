package experiments

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const top = math.MaxUint64

func TestRangeContains(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		r       Range
		in, out []uint64
	}{
		{"whole circle", Range{0, 0}, []uint64{0, 1, top}, nil},
		{"to the top", Range{5, 0}, []uint64{5, top}, []uint64{0, 4}},
		{"half-open", Range{5, 7}, []uint64{5, 6}, []uint64{0, 4, 7, top}},
		{"one point", Range{0, 1}, []uint64{0}, []uint64{1, top}},
		{"nothing", Range{3, 3}, nil, []uint64{0, 2, 3, 4, top}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, h := range c.in {
				if !c.r.Contains(h) {
					t.Errorf("%d is not in it", h)
				}
			}
			for _, h := range c.out {
				if c.r.Contains(h) {
					t.Errorf("%d is in it", h)
				}
			}
		})
	}
}

func TestRangeJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := Range{rapid.Uint64().Draw(t, "from"), rapid.Uint64().Draw(t, "to")}
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Range
		if err := json.Unmarshal(b, &got); err != nil || got != want {
			t.Fatalf("%s became %v: %v", b, got, err)
		}
	})
	for _, bad := range []string{`[]`, `["1"]`, `["", ""]`, `["g","0"]`, `["0","-1"]`, `["0","10000000000000000"]`, `[0,1]`, `{}`, `"0"`} {
		var r Range
		if err := json.Unmarshal([]byte(bad), &r); err == nil {
			t.Errorf("%s was read as %v", bad, r)
		}
	}
}

// TestAllocateFillsTheCircle: whatever the weights, the shares lie end to end
// from the bottom to the top, and each is as long as its weight says.
func TestAllocateFillsTheCircle(t *testing.T) {
	t.Parallel()
	weight := rapid.OneOf(
		rapid.Float64Range(0, 1e6),
		rapid.Map(rapid.IntRange(0, 100), func(n int) float64 { return float64(n) }),
		rapid.SampledFrom([]float64{0, 1, 1.0 / 3, 0.1, 1e6, 1e-9, 1e-300, math.SmallestNonzeroFloat64}),
	)
	rapid.Check(t, func(t *rapid.T) {
		var variants []Variant
		total := 0.0
		for i, w := range rapid.SliceOfN(weight, 1, 12).Draw(t, "weights") {
			variants = append(variants, Variant{Key: string(rune('a' + i)), Weight: w})
			total += w
		}
		if total == 0 {
			t.Skip("Check refuses weights that add up to nothing")
		}
		shares := allocate(variants)
		if len(shares) == 0 || shares[0].Range.From != 0 || shares[len(shares)-1].Range.To != 0 {
			t.Fatalf("they do not reach from the bottom to the top: %v", shares)
		}
		size := map[string]*big.Int{}
		for i, s := range shares {
			if i > 0 && s.Range.From != shares[i-1].Range.To {
				t.Fatalf("there is a gap or an overlap before %s: %v", s.Variant, shares)
			}
			if s.Range.size().Sign() <= 0 {
				t.Fatalf("%s has no points: %v", s.Variant, shares)
			}
			size[s.Variant] = s.Range.size()
		}
		for _, v := range variants {
			got := 0.0
			if size[v.Key] != nil {
				got, _ = new(big.Float).SetMantExp(new(big.Float).SetInt(size[v.Key]), -64).Float64()
			}
			if want := v.Weight / total; math.Abs(got-want) > 1e-14 {
				t.Fatalf("%s has %g of the circle, want %g", v.Key, got, want)
			}
			if v.Weight == 0 && size[v.Key] != nil {
				t.Fatalf("%s has points without a weight", v.Key)
			}
		}
	})
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	v := func(weights ...float64) (out []Variant) {
		for i, w := range weights {
			out = append(out, Variant{Key: string(rune('a' + i)), Weight: w})
		}
		return out
	}
	for _, c := range []struct {
		name     string
		variants []Variant
		want     []Share
	}{
		{"halves", v(1, 1), []Share{{"a", Range{0, 1 << 63}}, {"b", Range{1 << 63, 0}}}},
		{"one", v(0, 5, 0), []Share{{"b", Range{0, 0}}}},
		{"none at the end", v(1, 3, 0), []Share{{"a", Range{0, 1 << 62}}, {"b", Range{1 << 62, 0}}}},
		{"less than a point comes first", v(1e-300, 1e6), []Share{{"a", Range{0, 1}}, {"b", Range{1, 0}}}},
		{"less than a point comes last", v(1e6, 1e-300), []Share{{"a", Range{0, 0}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, allocate(c.variants)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestBelow: a larger fraction holds all that a smaller one holds, its own
// share of the circle, and only 1 holds everything.
func TestBelow(t *testing.T) {
	t.Parallel()
	fraction := rapid.OneOf(rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{0, 1e-300, 1e-20, 1.0 / 3, 0.1, 0.5, 1 - 1.0/(1<<53), 1}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := fraction.Draw(t, "a"), fraction.Draw(t, "b")
		if points(a).Cmp(points(b)) > 0 && a <= b {
			t.Fatalf("%g has more points than %g", a, b)
		}
		if a == 0 {
			return
		}
		r := below(a)
		if (r.To == 0) != (a == 1) {
			t.Fatalf("the first %g of the circle is %v", a, r)
		}
		share, _ := new(big.Float).SetMantExp(new(big.Float).SetInt(r.size()), -64).Float64()
		if math.Abs(share-a) > 1e-15 {
			t.Fatalf("the first %g of the circle has %g of it", a, share)
		}
	})
}

// TestTakeFromGaps: what is taken is free, has the size that was asked for, and
// leaves the rest.
func TestTakeFromGaps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cuts := rapid.SliceOfNDistinct(rapid.Uint64Range(1, top), 0, 9, rapid.ID).Draw(t, "cuts")
		slices.Sort(cuts)
		cuts = append([]uint64{0}, append(cuts, 0)...)
		var used []Range
		for i := range len(cuts) - 1 {
			if rapid.Bool().Draw(t, "used") {
				used = append(used, Range{cuts[i], cuts[i+1]})
			}
		}
		free := new(big.Int)
		for _, g := range gaps(used) {
			free.Add(free, g.size())
		}
		if got := new(big.Int).Sub(points(1), sizes(used)); got.Cmp(free) != 0 {
			t.Fatalf("the gaps have %s points, want %s", free, got)
		}

		want := points(rapid.Float64Range(0, 1).Draw(t, "want"))
		got, ok := take(used, want)
		lack := new(big.Int).Sub(want, free)
		nearly := lack.Sign() > 0 && lack.BitLen() < want.BitLen()-28 // take may put up with it
		if ok != (lack.Sign() <= 0) && !nearly {
			t.Fatalf("taking %s of %s gives %v", want, free, ok)
		}
		if lack.Sign() <= 0 && sizes(got).Cmp(want) != 0 {
			t.Fatalf("it took %s, want %s", sizes(got), want)
		}
		if overlap(append(slices.Clone(used), got...)) {
			t.Fatalf("%v were taken although %v are used", got, used)
		}
	})
}

func sizes(rs []Range) *big.Int {
	sum := new(big.Int)
	for _, r := range rs {
		sum.Add(sum, r.size())
	}
	return sum
}

// overlap reports whether two of the ranges share a point.
func overlap(rs []Range) bool {
	rs = slices.Clone(rs)
	slices.SortFunc(rs, func(a, b Range) int { return new(big.Int).SetUint64(a.From).Cmp(new(big.Int).SetUint64(b.From)) })
	for i := range rs {
		if i > 0 && (rs[i-1].To == 0 || rs[i-1].To > rs[i].From) {
			return true
		}
	}
	return false
}

// TestTakeShares takes one share after the other: decimal shares that add up to
// 1 must fit, although ten times 0.1 is more than 1 as a binary fraction.
func TestTakeShares(t *testing.T) {
	t.Parallel()
	repeat := func(f float64, n int) []float64 { return slices.Repeat([]float64{f}, n) }
	for _, c := range []struct {
		name   string
		shares []float64
		fits   int // how many of them
	}{
		{"all", []float64{1, 0.001}, 1},
		{"tenths", repeat(0.1, 11), 10},
		{"thirds", repeat(1.0/3, 4), 3},
		{"sevenths", repeat(1.0/7, 8), 7},
		{"hundredths", repeat(0.01, 101), 100},
		{"thousandths", repeat(0.001, 1001), 1000},
		{"70, 20 and 10 %", []float64{0.7, 0.2, 0.1, 0.0001}, 3},
		{"10, 20 and 70 %", []float64{0.1, 0.2, 0.7, 0.0001}, 3},
		{"a little too much", []float64{0.5, 0.500001}, 1},
		{"too much, then less", []float64{0.6, 0.5}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var used []Range
			for i, share := range c.shares {
				got, ok := take(used, points(share))
				if ok != (i < c.fits) {
					t.Fatalf("share %d of %g: room is %v, want %v", i, share, ok, i < c.fits)
				}
				if ok {
					used = append(used, got...)
				}
				slices.SortFunc(used, func(a, b Range) int { return new(big.Int).SetUint64(a.From).Cmp(new(big.Int).SetUint64(b.From)) })
			}
			if overlap(used) {
				t.Errorf("they overlap: %v", used)
			}
		})
	}
}
