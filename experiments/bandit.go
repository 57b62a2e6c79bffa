package experiments

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/stats"
)

const (
	defaultRedraw = Hours(24 * time.Hour)
	leastRedraw   = Hours(10 * time.Minute)

	// banditUnits is how many units every variant needs before a bandit moves
	// anything.
	banditUnits = 100
	// banditFloor is the least share of a variant, divided by their number: what
	// gets no traffic can be estimated no more.
	banditFloor = 0.1
	// banditStep is the least change of a share that is worth a new phase.
	banditStep = 0.01
)

// RedrawDue reports whether a bandit is to draw its weights anew: at every
// Redraw since the last phase began.
func (e *Experiment) RedrawDue(now time.Time) bool {
	if !e.adaptive() || e.Status != Running || len(e.Phases) == 0 {
		return false
	}
	return now.Sub(e.Phases[len(e.Phases)-1].At) >= time.Duration(e.Redraw)
}

// Draw gives the shares that a bandit gives its variants after what its cells
// say of the primary metric, in their order. ok is false when there is too
// little to go by, or when the shares would hardly change. The chances to be
// best are computed and not drawn: the same cells give the same shares.
func Draw(e *Experiment, cells Cells) (shares []float64, ok bool) {
	m := e.metric(e.Primary)
	if m == nil || m.Kind == Ratio || m.Kind == Quantile {
		return nil, false
	}
	samples, proportions, ok := e.beliefs(m, sumUp(cells, ""))
	if !ok {
		return nil, false
	}
	shares, err := stats.ThompsonMeans(samples)
	if proportions {
		shares, err = stats.ThompsonProportions(samples)
	}
	if err == nil && e.Allocation == TopTwo {
		shares, err = stats.TopTwo(shares, 0.5)
	}
	if err == nil {
		shares, err = stats.AtLeast(shares, banditFloor/float64(len(shares)))
	}
	if err != nil {
		return nil, false
	}
	now := sharesOf(weightsOf(e.Variants))
	moves := 0.0
	for i := range shares {
		shares[i] = math.Round(shares[i]*1e4) / 1e4
		moves = math.Max(moves, math.Abs(shares[i]-now[i]))
	}
	return shares, moves >= banditStep
}

// beliefs are what is known of each variant's mean. Over several phases the
// units' values are weighted by the inverse of their shares: a variant that got
// more of a better week is not a better variant.
func (e *Experiment) beliefs(m *Metric, sums map[sumKey]daily) (samples []stats.Sample, proportions, ok bool) {
	phases := e.phaseArms(m, sums, lastDay)
	sign := m.Direction.sign()
	for i, v := range e.Variants {
		a := newArm(m, v.Key, sums[sumKey{m.row(), v.Key, allPhases}].upTo(lastDay, m.dim()))
		if a.Units < banditUnits {
			return nil, false, false
		}
		s := plain(a)
		if len(phases) > 1 {
			weighed, err := e.compareOver(m, phases, (i+1)%len(e.Variants), i, stats.Options{Alpha: e.Alpha})
			if err != nil {
				return nil, false, false
			}
			s.Mean, s.Variance = weighed.Treatment.Mean, weighed.Treatment.StdErr*weighed.Treatment.StdErr*float64(a.Units)
		}
		s.Mean *= sign
		samples = append(samples, s)
	}
	return samples, m.isShare() && len(phases) < 2 && sign > 0, true
}

// sign is +1 for what should grow and −1 for what should shrink.
func (d Direction) sign() float64 {
	if d == Decrease {
		return -1
	}
	return 1
}

// takeWeights gives e the weights of another definition's variants.
func (e *Experiment) takeWeights(of *Experiment) {
	e.Variants = slices.Clone(e.Variants)
	for i := range e.Variants {
		if v := of.Variant(e.Variants[i].Key); v != nil {
			e.Variants[i].Weight = v.Weight
		}
	}
}

// bandit is the author of weights that were drawn.
const bandit = "peakday bandit"

// Redraw gives a bandit's variants new weights, as a phase whose weights are
// the propensities of its units.
func (d *Editor) Redraw(ctx context.Context, now time.Time, key string, version int64, shares []float64) (*Experiment, error) {
	by := By{Author: bandit, Now: now, IfVersion: version}
	return d.move(ctx, by, key, "redraw", func(e *Experiment, _ *Definitions) ([]Change, error) {
		if e.Status != Running || len(shares) != len(e.Variants) {
			return nil, refuse("only a running experiment's weights can be drawn anew; it is %s", e.Status)
		}
		for i := range e.Variants {
			e.Variants[i].Weight = shares[i]
		}
		e.reweigh(now)
		return nil, nil
	})
}
