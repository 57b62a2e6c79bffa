package panel

import (
	"math"

	"github.com/peakday/peakday/forecast/smooth"
)

// shared is what the regressions of a panel's series have in common:
// coefficients of all and of each group, and how much those of a series differ
// from them (empirical Bayes):
//
//	all → group → series,  β(series) ~ Normal(β(group), τ²)
type shared struct {
	all       []float64
	groups    map[string][]float64
	precision []float64 // 1/τ² by column
}

// prior is what a series' coefficients are shrunk to: those of its narrowest
// group that is known.
func (s *shared) prior(of *Series) []float64 {
	for _, g := range of.Groups {
		if beta := s.groups[g]; beta != nil {
			return beta
		}
	}
	return s.all
}

// sample is one series as the shared coefficients are learned from it.
type sample struct {
	s     *Series
	z, w  []float64
	x     []smooth.Row
	level []float64
	gram  *smooth.Gram
	noise float64 // variance of the rest
	beta  []float64
}

// minSeries is how many series a panel needs for anything to be shared.
const minSeries = 5

// learn estimates what samples share, by turns: levels, coefficients, spreads.
func learn(all []*sample, penalty []float64, slow float64) *shared {
	cols := len(penalty)
	s := &shared{precision: make([]float64, cols), groups: map[string][]float64{}}
	for j := range s.precision {
		s.precision[j] = 20
	}
	for _, sa := range all {
		sa.beta = make([]float64, cols)
		sa.refresh(slow)
	}
	for range 4 {
		s.average(all, penalty)
		between := make([]float64, cols)
		count := make([]float64, cols)
		for _, sa := range all {
			precision := scaled(s.precision, sa.noise)
			prior := s.prior(sa.s)
			sa.beta = sa.gram.Solve(precision, prior)
			variances := sa.gram.Variances(precision)
			for j := range between {
				d := sa.beta[j] - prior[j]
				if v := sa.noise * variances[j]; sa.gram.XX[j*(j+1)/2+j] > 0 {
					between[j] += d*d + v
					count[j]++
				}
			}
			sa.refresh(slow)
		}
		for j := range s.precision {
			// A prior of two more series that differ by 0.2 each.
			s.precision[j] = 1 / max((between[j]+2*.04)/(count[j]+2), 1e-5)
		}
	}
	s.average(all, penalty)
	return s
}

// refresh fits the sample's level and normal equations to its coefficients.
func (sa *sample) refresh(slow float64) {
	rest := make([]float64, len(sa.z))
	for i := range rest {
		rest[i] = sa.z[i] - sa.x[i].Dot(sa.beta)
	}
	sa.level = twoSided(rest, sa.w, slow)
	if sa.gram == nil {
		sa.gram = smooth.NewGram(len(sa.beta))
		for i, x := range sa.x {
			if sa.w[i] > 0 {
				sa.gram.AddRow(x, sa.w[i])
			}
		}
	}
	clear(sa.gram.XY)
	squares, n := 1e-6, 1.
	for i := range rest {
		if sa.w[i] > 0 {
			sa.gram.AddTarget(sa.x[i], sa.z[i]-sa.level[i], sa.w[i])
			e := rest[i] - sa.level[i]
			squares += e * e
			n++
		}
	}
	sa.noise = squares / n
}

// average fits the coefficients of all and of each group.
func (s *shared) average(all []*sample, penalty []float64) {
	total := smooth.NewGram(len(penalty))
	groups := map[string]*smooth.Gram{}
	for _, sa := range all {
		total.Merge(sa.gram, 1/sa.noise)
		for _, g := range sa.s.Groups {
			if groups[g] == nil {
				groups[g] = smooth.NewGram(len(penalty))
			}
			groups[g].Merge(sa.gram, 1/sa.noise)
		}
	}
	weak := make([]float64, len(penalty))
	for j, p := range penalty {
		weak[j] = 5 * p
	}
	s.all = total.Solve(weak, nil)
	for g, gram := range groups {
		s.groups[g] = gram.Solve(s.precision, s.all)
	}
}

func scaled(x []float64, by float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v * by
	}
	return out
}

// logs is y as a regression of its logarithm sees it; zeros count as half the
// smallest value.
func logs(y []float64) []float64 {
	least := math.Inf(1)
	for _, v := range y {
		if v > 0 {
			least = min(least, v)
		}
	}
	out := make([]float64, len(y))
	for i, v := range y {
		out[i] = math.Log(max(v, least/2))
	}
	return out
}
