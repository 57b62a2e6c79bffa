package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
)

// sharesDays is over how many closed days a SKU's regions are counted.
const sharesDays = 56

// regionShares is the part of a SKU's demand in each region: its own of the
// last weeks, shrunk to its category's and the shop's.
func (s *shopModel) regionShares(a *article) []float64 {
	const belief = 20
	names := s.history.regionNames
	out := make([]float64, len(names))
	pieces := 0.
	for _, n := range a.regions {
		pieces += max(0, n)
	}
	for r, name := range names {
		out[r] = (max(0, a.regions[name]) + belief*s.regionParts[a.product.Category][r]) / (pieces + belief)
	}
	return out
}

// learnRegions counts the regions of each category, shrunk to those of all.
func (s *shopModel) learnRegions() {
	names := s.history.regionNames
	all := map[string]float64{}
	of := map[string]map[string]float64{}
	for _, a := range s.history.articles {
		c := of[a.product.Category]
		if c == nil {
			c = map[string]float64{}
			of[a.product.Category] = c
		}
		for name, n := range a.regions {
			all[name] += max(0, n)
			c[name] += max(0, n)
		}
	}
	even := make([]float64, len(names))
	for r := range even {
		even[r] = 1 / float64(len(names))
	}
	shop := partsOf(names, all, even, 10)
	s.regionParts = map[string][]float64{}
	for c, counts := range of {
		s.regionParts[c] = partsOf(names, counts, shop, 50)
	}
}

func partsOf(names []string, counts map[string]float64, parent []float64, belief float64) []float64 {
	out, sum := make([]float64, len(names)), belief
	for _, name := range names {
		sum += counts[name]
	}
	for r, name := range names {
		out[r] = (counts[name] + belief*parent[r]) / sum
	}
	return out
}

// inRegion is the part of a SKU's forecast that falls on one region. Rough ones
// keep the SKU's quantiles in proportion: enough to be summed up.
func (s *shopModel) inRegion(f *Forecast, a *article, base *baseline, region int, rough bool) *Forecast {
	shares := s.regionShares(a)
	out := f.clone()
	out.Region = s.history.regionNames[region]
	for k := range out.Points {
		whole := 0.
		for r, p := range shares {
			whole += p * base.regionFactors[k][r]
		}
		p := &out.Points[k]
		part := shares[region] * base.regionFactors[k][region] / whole
		p.scale(part)
		p.widen((1 - part) * .02) // how the region's part moves from day to day
		c := &p.Components
		for _, x := range []*float64{&c.Level, &c.Trend, &c.Weekday, &c.Event, &c.Presale, &c.Promotion, &c.Whole, &c.Override} {
			*x *= part
		}
		if rough {
			scaled := make(Quantiles, len(p.Quantiles))
			for i, q := range p.Quantiles {
				scaled[i] = Quantile{q.P, q.Value * part}
			}
			p.Quantiles = scaled
		}
	}
	if rough {
		return out
	}
	out.requantile(out.AsOf+1, out.AsOf+Day(len(out.Points)))
	return out
}

// draws is how many samples of a sum are taken.
const draws = 200

// sumUp is the forecast of parts together. Its means are their sums. Its
// quantiles come from samples in which each part follows its own quantiles,
// and the parts hang together so much (a Gaussian copula with one factor) that
// the sum varies as much, relative to its mean, as base says: the forecast
// that was made of the sum itself.
func sumUp(parts []*Forecast, base *Forecast, seed uint64) *Forecast {
	out := base.clone()
	rng := rand.New(rand.NewPCG(seed, 1))
	common := make([]float64, draws)
	for i := range common {
		common[i] = normalQuantile((float64(i) + .5) / draws)
	}
	sums := make([]float64, draws)
	for k := range out.Points {
		p := &out.Points[k]
		mean, own, sds := 0., 0., 0.
		c := Components{}
		for _, f := range parts {
			q := &f.Points[k]
			mean += q.Mean
			c.add(q.Components)
			v := q.own + q.shared*q.shared
			own += v
			sds += math.Sqrt(v)
		}
		if p.Mean > 0 {
			p.scale(mean / p.Mean)
		} else {
			p.set(mean, own, 0)
		}
		p.Mean, p.Components = mean, c
		want := p.own + p.shared*p.shared
		load := 0.
		if cross := sds*sds - own; cross > 0 {
			load = min(max((want-own)/cross, 0), 1)
		}
		clear(sums)
		total := 0.
		for _, f := range parts {
			marginal := newInterpolated(&f.Points[k])
			for i := range sums {
				z := math.Sqrt(load)*common[i] + math.Sqrt(1-load)*rng.NormFloat64()
				sums[i] += marginal.at(z)
			}
		}
		for _, v := range sums {
			total += v
		}
		p.Quantiles = sampleQuantiles(sums, mean*draws/max(total, 1e-12))
	}
	return out
}

func (c *Components) add(o Components) {
	c.Level += o.Level
	c.Trend += o.Trend
	c.Weekday += o.Weekday
	c.Event += o.Event
	c.Presale += o.Presale
	c.Promotion += o.Promotion
	c.Whole += o.Whole
	c.Override += o.Override
}

// interpolated is a distribution through a point's stated quantiles, straight
// in normal scores, as steep beyond them as before.
type interpolated struct{ z, value []float64 }

func newInterpolated(p *ForecastPoint) interpolated {
	var out interpolated
	for _, q := range p.Quantiles {
		out.z = append(out.z, normalQuantile(q.P))
		out.value = append(out.value, q.Value)
	}
	return out
}

func (d *interpolated) at(z float64) float64 {
	n := len(d.z)
	if n < 2 {
		return 0
	}
	i := 1
	for i < n-1 && z > d.z[i] {
		i++
	}
	slope := (d.value[i] - d.value[i-1]) / (d.z[i] - d.z[i-1])
	return max(0, d.value[i-1]+slope*(z-d.z[i-1]))
}

// sampleQuantiles reads the stated quantiles off samples, which it sorts,
// scaled so that their mean is that of the forecast.
func sampleQuantiles(samples []float64, scale float64) Quantiles {
	slices.Sort(samples)
	var out Quantiles
	for _, p := range Probabilities() {
		at := p*float64(len(samples)) - .5
		i := min(max(int(at), 0), len(samples)-2)
		part := min(max(at-float64(i), 0), 1)
		out = append(out, Quantile{p, max(0, scale*(samples[i]+part*(samples[i+1]-samples[i])))})
	}
	return out
}
