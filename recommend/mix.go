package recommend

import "math"

// mix is the sources that propose candidates, and what blends them: the ranker, or
// without one the sources' weights.
type mix struct {
	sources []weightedSource
	ranker  *Ranker
	in      *installed // the ranker's model
}

// mix gives the model's ranker if the policy is Learned and the model has one, else
// the policy's weights.
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

// learned mixes the named sources by a ranker.
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

// addItemFeatures fills in the features that are no source's, once all sources
// have proposed.
func (d *workspace) addItemFeatures(query *Query, in *installed) {
	s := &d.features
	for _, t := range query.History {
		if m := d.filter.at(t.Slot); m != nil && m.candidate() > 0 {
			of := s.at(int(m.candidate()) - 1)
			of[s.itemFeature(featureTouched)], of[s.itemFeature(featureStrength)] = 1/float32(1+t.Moment), float32(t.Weight)
		}
	}
	affinity := query.affinity(d.filter.catalog)
	known, recent, repeats := float32(len(query.History)), float32(query.RecentActions), float32(0)
	if items := recentItems(query.History); items < query.RecentActions {
		repeats = 1 - float32(items)/recent
	}
	for i := range d.candidates {
		c, of := &d.candidates[i], s.at(i)
		of[s.itemFeature(featureHistory)], of[s.itemFeature(featureRecent)], of[s.itemFeature(featureRepeats)] = known, recent, repeats
		if number, ok := in.number(c.slot); ok {
			of[s.itemFeature(featurePopularity)] = in.model.popularity[number]
		}
		g := d.filter.catalog.summary(c.slot)
		of[s.itemFeature(featureCategory)] = float32(affinity.categories.share(g.category()))
		of[s.itemFeature(featureBrand)] = float32(affinity.brands.share(g.brand()))
	}
}

// scoreByRanker scores the candidates by the ranker: by their chance to be what the
// visitor wants, relative to the best one's.
func (d *workspace) scoreByRanker(r *Ranker) {
	d.rankerScores = r.scores(&d.features, d.rankerScores)
	top := float32(math.Inf(-1))
	for _, worth := range d.rankerScores {
		top = max(top, worth)
	}
	for i, worth := range d.rankerScores {
		d.candidates[i].score = exp2(float64(worth-top) * math.Log2E)
	}
}

// attribute tells what the placed candidates owe to each source: by how much the
// chance would fall if the source had not proposed it. By weights the shares of
// the blend have told it.
func (d *workspace) attribute(m mix) {
	if m.ranker == nil {
		return
	}
	n := len(m.sources)
	d.shares = resized(d.shares, n*len(d.candidates))
	d.ablated.reset(n)
	for _, at := range d.order {
		if int(at) >= d.features.candidates {
			continue // put in later, by no source
		}
		for s := range n {
			if d.features.proposed(s, int(at)) {
				d.ablated.appendWithout(s, &d.features, int(at))
			}
		}
	}
	d.ablatedScores = m.ranker.scores(&d.ablated, d.ablatedScores)
	row := 0
	for _, at := range d.order {
		if int(at) >= d.features.candidates {
			continue
		}
		shares, most := d.shares[int(at)*n:(int(at)+1)*n], float32(0)
		for s := range shares {
			if d.features.proposed(s, int(at)) {
				shares[s] = max(0, 1-float32(math.Exp(float64(d.ablatedScores[row]-d.rankerScores[at]))))
				most = max(most, shares[s])
				row++
			}
		}
		if most > 0 {
			continue
		}
		for s := range shares { // redundant: none is missed alone
			shares[s] = d.features.relative(s, int(at))
		}
	}
}
