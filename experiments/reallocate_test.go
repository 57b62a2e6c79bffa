package experiments

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

func weighted(weights []float64) (out []Variant) {
	for i, w := range weights {
		out = append(out, Variant{Key: string(rune('a' + i)), Weight: w})
	}
	return out
}

// drawWeights draws weights that add up to more than 0.
func drawWeights(t *rapid.T, n int, what string) []float64 {
	weight := rapid.OneOf(
		rapid.Float64Range(0, 1e6), rapid.SampledFrom([]float64{0, 0, 1, 1, 2, 1.0 / 3, 1e-9, 1e-300}),
		rapid.Map(rapid.IntRange(0, 100), func(n int) float64 { return float64(n) }),
	)
	ws := rapid.SliceOfN(weight, n, n).Draw(t, what)
	for _, w := range ws {
		if w > 0 {
			return ws
		}
	}
	ws[0] = 1
	return ws
}

// pointsMoved counts the points that have another variant in b than in a.
func pointsMoved(a, b []Share) *big.Int {
	stay := new(big.Int)
	for _, x := range a {
		for _, y := range b {
			if x.Variant == y.Variant {
				stay.Add(stay, common(x.Range, y.Range))
			}
		}
	}
	return stay.Sub(points(1), stay)
}

// common counts the points that two ranges share.
func common(a, b Range) *big.Int {
	from := new(big.Int).SetUint64(max(a.From, b.From))
	end := func(r Range) *big.Int { return new(big.Int).Add(new(big.Int).SetUint64(r.From), r.size()) }
	to := end(a)
	if other := end(b); other.Cmp(to) < 0 {
		to = other
	}
	if to.Cmp(from) <= 0 {
		return new(big.Int)
	}
	return to.Sub(to, from)
}

// TestReallocateMovesTheFewest: over any run of changes of weights the circle
// stays full, each variant owns exactly what its weight is worth, and the
// points that move are exactly those which some variant had too many. No way of
// meeting the weights moves fewer.
func TestReallocateMovesTheFewest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 7).Draw(t, "variants")
		var shares []Share
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			variants := weighted(drawWeights(t, n, "weights"))
			next := reallocate(shares, variants)
			if next[0].Range.From != 0 || next[len(next)-1].Range.To != 0 {
				t.Fatalf("the circle is not full: %v", next)
			}
			for i := 1; i < len(next); i++ {
				if next[i].Range.From != next[i-1].Range.To || next[i].Range.From == 0 || next[i].Variant == next[i-1].Variant {
					t.Fatalf("there is a gap, an overlap or a needless border before %v: %v", next[i], next)
				}
			}
			least := new(big.Int)
			for i, want := range portions(variants) {
				if got := held(next, variants[i].Key); got.Cmp(want) != 0 {
					t.Fatalf("%s owns %s points, want %s", variants[i].Key, got, want)
				}
				if spare := new(big.Int).Sub(held(shares, variants[i].Key), want); spare.Sign() > 0 {
					least.Add(least, spare)
				}
			}
			if shares != nil && pointsMoved(shares, next).Cmp(least) != 0 {
				t.Fatalf("%s points moved, %s are enough:\n%v\n%v", pointsMoved(shares, next), least, shares, next)
			}
			shares = next
		}
	})
}

// TestReallocateKeepsTheCircleInOnePiece: a bandit changes weights every hour
// for weeks, and finding a unit's variant must stay cheap.
func TestReallocateKeepsTheCircleInOnePiece(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 4, 10} {
		rapid.Check(t, func(t *rapid.T) {
			var shares []Share
			most := 0
			for range 40 {
				shares = reallocate(shares, weighted(drawWeights(t, n, "weights")))
				most = max(most, len(shares))
			}
			if limit := 8 * n; most > limit {
				t.Fatalf("%d variants came to own %d ranges, want at most %d", n, most, limit)
			}
		})
	}
}

// TestWeightsAndCoverageMoveTheFewest is the same law as visitors feel it:
// whatever weights and coverage become, a unit that was in the experiment stays
// in it, and it changes its variant only if its point had to move.
func TestWeightsAndCoverageMoveTheFewest(t *testing.T) {
	t.Parallel()
	units := unitIDs(300)
	rapid.Check(t, func(t *rapid.T) {
		e := &Experiment{Key: "checkout", Unit: events.User, Coverage: 0.1, Status: Running}
		before := make([]answer, len(units))
		var shares []Share
		for step := range rapid.IntRange(2, 6).Draw(t, "steps") {
			reweighed := step == 0 || rapid.Bool().Draw(t, "reweigh")
			if reweighed {
				e.Variants = weighted(drawWeights(t, 3, "weights"))
				e.Variants[0].Control = true
				e.open(opening)
			} else {
				e.Coverage = min(1, e.Coverage*rapid.Float64Range(1, 4).Draw(t, "more"))
			}
			c := catalogOf(e)
			for i, unit := range units {
				got, _ := c.Evaluate("checkout", Subject{Key: unit}, nil)
				now := answerOf(got)
				if before[i].Enrolled && !now.Enrolled {
					t.Fatalf("%s was put out", unit)
				}
				if before[i].Enrolled && now.Variant != before[i].Variant && !reweighed {
					t.Fatalf("more coverage moved %s", unit)
				}
				before[i] = now
			}
			if !reweighed && len(pointsMoved(shares, e.Shares).Bits()) != 0 {
				t.Fatal("more coverage moved points of the circle")
			}
			shares = e.Shares
		}
	})
}
