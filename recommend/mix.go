package recommend

import "math"

// mix is what the candidates of a request come from, and what orders them: the
// ranker, or without one the sources' weights.
type mix struct {
	sources []sourced
	ranker  *Ranker
	in      *installed // the ranker's model
}

// mix is the policy's: its weights, or the model's ranker if the policy leaves
// it to that and there is one.
func (r *Recommender) mix(in *installed, policy *Policy) mix {
	if !policy.Learned || in == nil || in.model.ranker == nil {
		return mix{sources: r.sources(in, policy.Weights, LastDay)}
	}
	return in.mix
}

// install prepares a model, and the mix of its ranker.
func (r *Recommender) install(m *Model) *installed {
	in := install(m, r.catalog)
	if m.ranker != nil {
		in.mix = r.learned(in, m.ranker.sources, m.ranker)
	}
	return in
}

// learned asks a ranker's sources.
func (r *Recommender) learned(in *installed, names []string, ranker *Ranker) mix {
	weights := make([]Weight, len(names))
	for i, name := range names {
		weights[i] = Weight{name, 1}
	}
	return mix{sources: r.sources(in, weights, LastDay), ranker: ranker, in: in}
}

// rankedSources are those that a ranker learns to weigh.
func rankedSources() []string {
	return []string{
		SourceTransitions, SourceSimilar, SourceFactors, SourceTogether, SourceNext, SourceVisits, SourceAgain,
		SourceTrending, SourceAttributes, SourceFresh, SourcePopularity,
	}
}

// describe completes the slate once all sources have proposed.
func (d *desk) describe(ask *Ask, in *installed) {
	s := &d.slate
	for _, t := range ask.History {
		if m := d.filter.at(t.Slot); m != nil && m.candidate() > 0 {
			of := s.of(int(m.candidate()) - 1)
			of[s.own(featureTouched)], of[s.own(featureStrength)] = 1/float32(1+t.Moment), float32(t.Weight)
		}
	}
	likes := ask.likes(d.filter.catalog)
	known, deeds, repeats := float32(len(ask.History)), float32(ask.Deeds), float32(0)
	if items := itemsLately(ask.History); items < ask.Deeds {
		repeats = 1 - float32(items)/deeds
	}
	for i := range d.candidates {
		c, of := &d.candidates[i], s.of(i)
		of[s.own(featureHistory)], of[s.own(featureDeeds)], of[s.own(featureRepeats)] = known, deeds, repeats
		if number, ok := in.number(c.slot); ok {
			of[s.own(featurePopularity)] = in.model.popularity[number]
		}
		g := d.filter.catalog.glance(c.slot)
		of[s.own(featureCategory)] = float32(likes.categories.share(g.category()))
		of[s.own(featureBrand)] = float32(likes.brands.share(g.brand()))
	}
}

// judge scores the candidates by the ranker: by their chance to be what the
// visitor wants, relative to the best one's.
func (d *desk) judge(r *Ranker) {
	d.worth = r.scores(&d.slate, d.worth)
	top := float32(math.Inf(-1))
	for _, worth := range d.worth {
		top = max(top, worth)
	}
	for i, worth := range d.worth {
		d.candidates[i].score = exp2(float64(worth-top) * math.Log2E)
	}
}

// credit tells what the placed candidates owe to each source: by how much the
// chance would fall if the source had not proposed it. By weights the shares of
// the blend have told it.
func (d *desk) credit(m mix) {
	if m.ranker == nil {
		return
	}
	n := len(m.sources)
	d.shares = resized(d.shares, n*len(d.candidates))
	d.spare.begin(n)
	for _, at := range d.order {
		if int(at) >= d.slate.candidates {
			continue // put in later, by no source
		}
		for s := range n {
			if d.slate.proposed(s, int(at)) {
				d.spare.without(s, &d.slate, int(at))
			}
		}
	}
	d.without = m.ranker.scores(&d.spare, d.without)
	row := 0
	for _, at := range d.order {
		if int(at) >= d.slate.candidates {
			continue
		}
		shares, most := d.shares[int(at)*n:(int(at)+1)*n], float32(0)
		for s := range shares {
			if d.slate.proposed(s, int(at)) {
				shares[s] = max(0, 1-float32(math.Exp(float64(d.without[row]-d.worth[at]))))
				most = max(most, shares[s])
				row++
			}
		}
		if most > 0 {
			continue
		}
		for s := range shares { // each of them could be spared
			shares[s] = d.slate.relative(s, int(at))
		}
	}
}
