package experiments

import (
	"fmt"
	"math"
	"math/bits"
	"testing"

	"github.com/peakday/peakday/events"
)

// The laws of assignment, over many ids. Bounds are in standard deviations of
// what chance does to that many units; the ids are fixed, so that a law which
// holds today holds tomorrow.

const manyUnits = 100_000

// chosen lists, as a bit a unit, whom a predicate picks.
type chosen []uint64

func choose(units []events.UnitID, picks func(events.UnitID) bool) chosen {
	set := make(chosen, (len(units)+63)/64)
	for i, unit := range units {
		if picks(unit) {
			set[i/64] |= 1 << (i % 64)
		}
	}
	return set
}

func (c chosen) count() (n int) {
	for _, word := range c {
		n += bits.OnesCount64(word)
	}
	return n
}

// phi is the correlation of two indicators over n units. Its standard
// deviation is 1/√n if they are independent.
func phi(a, b chosen, n int) float64 {
	both := make(chosen, len(a))
	for i := range a {
		both[i] = a[i] & b[i]
	}
	pa, pb := float64(a.count())/float64(n), float64(b.count())/float64(n)
	return (float64(both.count())/float64(n) - pa*pb) / math.Sqrt(pa*(1-pa)*pb*(1-pb))
}

func TestSharesFollowTheWeights(t *testing.T) {
	t.Parallel()
	e := running(t, "checkout", `{"unit":"user","variants":[
		{"key":"control","weight":1},{"key":"nobody","weight":0},{"key":"b","weight":2},{"key":"c","weight":7}]}`)
	c := catalogOf(e)
	got := map[string]int{}
	for _, unit := range unitIDs(manyUnits) {
		a, _ := c.Evaluate("checkout", Subject{Key: unit}, nil)
		got[a.Variant.Key]++
	}
	for variant, p := range map[string]float64{"control": 0.1, "nobody": 0, "b": 0.2, "c": 0.7} {
		want := p * manyUnits
		if off := math.Abs(float64(got[variant]) - want); off > 4*math.Sqrt(want*(1-p)) {
			t.Errorf("%s has %d units, want %.0f within 4 standard deviations", variant, got[variant], want)
		}
	}
}

// TestCoverageOnlyAdds is what makes a ramp safe: nobody leaves, and nobody
// meets another variant.
func TestCoverageOnlyAdds(t *testing.T) {
	t.Parallel()
	units := unitIDs(20_000)
	before := make([]answer, len(units))
	for step, coverage := range []float64{1e-4, 0.01, 0.1, 0.5, 0.999, 1} {
		c := catalogOf(running(t, "checkout", fmt.Sprintf(
			`{"unit":"user","coverage":%g,"variants":[{"key":"control","weight":1},{"key":"b","weight":1},{"key":"c","weight":3}]}`, coverage)))
		enrolled := 0
		for i, unit := range units {
			e, _ := c.Evaluate("checkout", Subject{Key: unit}, nil)
			now := answerOf(e)
			if step > 0 && before[i].Enrolled && now != before[i] {
				t.Fatalf("at coverage %g %s has %v, had %v", coverage, unit, now, before[i])
			}
			if now.Enrolled {
				enrolled++
			}
			before[i] = now
		}
		if want := coverage * float64(len(units)); math.Abs(float64(enrolled)-want) > 4*math.Sqrt(want*(1-coverage)) {
			t.Errorf("coverage %g takes %d units in, want %.0f within 4 standard deviations", coverage, enrolled, want)
		}
	}
}

// TestLayerExcludesAndFills: the experiments of a layer share no unit, and when
// their shares add up to all of it, every unit is in one.
func TestLayerExcludesAndFills(t *testing.T) {
	t.Parallel()
	shares := []float64{0.1, 0.2, 0.3, 0.4}
	var all []*Experiment
	var used []Range
	for i, share := range shares {
		e := running(t, fmt.Sprintf("e%d", i), fmt.Sprintf(
			`{"unit":"user","layer":"home","coverage":%g,"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`, share))
		slots, ok := take(used, points(share))
		if !ok {
			t.Fatalf("no room for %g", share)
		}
		e.Slots, used = map[string][]Range{"home": slots}, append(used, slots...)
		all = append(all, e)
	}
	c := catalogOf(all...)
	counts := make([]int, len(all))
	units := unitIDs(30_000)
	for _, unit := range units {
		in := 0
		for k, e := range all {
			if a, _ := c.Evaluate(e.Key, Subject{Key: unit}, nil); a.Enrolled {
				in++
				counts[k]++
			}
		}
		if in != 1 {
			t.Fatalf("%s is in %d experiments of one layer", unit, in)
		}
	}
	for k, p := range shares {
		want := p * float64(len(units))
		if math.Abs(float64(counts[k])-want) > 4*math.Sqrt(want*(1-p)) {
			t.Errorf("e%d has %d units, want %.0f within 4 standard deviations", k, counts[k], want)
		}
	}
}

// TestExperimentsAreIndependent looks at 190 pairs of experiments whose names
// are as alike as names get. Peers' hashes have pairs with |phi| up to 0.89.
// 0.015 is 4.7 standard deviations: of 190 independent pairs one is beyond it
// once in 2,000 times.
func TestExperimentsAreIndependent(t *testing.T) {
	t.Parallel()
	units := unitIDs(manyUnits)
	var sets []chosen
	for k := range 20 {
		key := fmt.Sprintf("exp-%d", k+1)
		c := catalogOf(running(t, key, `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`))
		sets = append(sets, choose(units, func(unit events.UnitID) bool {
			a, _ := c.Evaluate(key, Subject{Key: unit}, nil)
			return a.Variant.Key == "b"
		}))
	}
	for i := range sets {
		for j := range i {
			if p := phi(sets[i], sets[j], manyUnits); math.Abs(p) > 0.015 {
				t.Errorf("experiments %d and %d are correlated: phi = %.4f", i+1, j+1, p)
			}
		}
	}
}

// TestHashesOfOneExperimentAreIndependent: who is covered, who is in the
// layer's slots and who meets which variant have nothing to do with each other,
// in one experiment and between two, even if the layer is named like them.
func TestHashesOfOneExperimentAreIndependent(t *testing.T) {
	t.Parallel()
	names := map[string]salt{
		"coverage of a": coverageSalt("a"), "variant of a": variantSalt("a"), "layer a": layerSalt("a"),
		"coverage of b": coverageSalt("b"), "variant of b": variantSalt("b"),
	}
	units := unitIDs(manyUnits)
	for _, f := range []float64{0.5, 0.1} {
		r := below(f)
		sets := map[string]chosen{}
		for name, s := range names {
			sets[name] = choose(units, func(unit events.UnitID) bool { return r.Contains(new(hasher).point(s, unit)) })
		}
		for a := range sets {
			for b := range sets {
				if p := phi(sets[a], sets[b], manyUnits); a < b && math.Abs(p) > 0.015 {
					t.Errorf("%s and %s are correlated at %g: phi = %.4f", a, b, f, p)
				}
			}
		}
	}
}
