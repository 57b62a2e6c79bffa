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
func (r *Recommender) mix(in *installed, policy *Policy, w Window) mix {
	if !policy.Learned || in == nil || in.model.ranker == nil {
		return mix{sources: r.sources(in, policy.Weights, w)}
	}
	return r.learned(in, in.model.ranker.sources, in.model.ranker, w)
}

// learned asks a ranker's sources.
func (r *Recommender) learned(in *installed, names []string, ranker *Ranker, w Window) mix {
	weights := make([]Weight, len(names))
	for i, name := range names {
		weights[i] = Weight{name, 1}
	}
	return mix{sources: r.sources(in, weights, w), ranker: ranker, in: in}
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
	for _, t := range ask.History {
		if m := d.filter.at(t.Slot); m != nil && m.candidate() > 0 {
			row := d.slate.of(int(m.candidate()) - 1)
			row[featureTouched], row[featureStrength] = 1/float32(1+t.Moment), float32(t.Weight)
		}
	}
	likes := ask.likes(d.filter.catalog)
	known := float32(len(ask.History))
	for i := range d.candidates {
		c, row := &d.candidates[i], d.slate.of(i)
		row[featureHistory] = known
		if number, ok := in.number(c.slot); ok {
			row[featurePopularity] = in.model.popularity[number]
		}
		g := d.filter.catalog.glance(c.slot)
		row[featureCategory], row[featureBrand] = float32(likes.categories.share(g.category())), float32(likes.brands.share(g.brand()))
	}
}

// judge scores the candidates by the ranker: by their chance to be what the
// visitor wants, relative to the best one's. All are looked at roughly; those
// behind the keep best stay behind them, in that order.
func (d *desk) judge(r *Ranker, keep int) {
	d.top.reset(keep)
	for i := range d.candidates {
		rough := r.rough(d.slate.row(i))
		d.candidates[i].score = float64(rough)
		d.top.offer(int32(i), rough)
	}
	d.top.settle()
	bar, more := d.top.bar, d.top.cut
	top, least := math.Inf(-1), math.Inf(1)
	for i := range d.candidates {
		if c := &d.candidates[i]; !more || float32(c.score) >= bar {
			c.score += float64(r.fine(d.slate.row(i)))
			top, least = max(top, c.score), min(least, c.score)
			c.blended = 1 // for now: it was looked at finely
		} else {
			c.blended = 0
		}
	}
	for i := range d.candidates {
		c := &d.candidates[i]
		if c.blended == 0 {
			c.score += least - float64(bar)
		}
		c.score = math.Exp(c.score - top)
	}
}

// credit tells what the placed candidates owe to each source: by how much the
// chance would fall if the source had not proposed it. It replaces the shares
// of the blend.
func (d *desk) credit(m mix) {
	if m.ranker == nil {
		return
	}
	n := len(m.sources)
	d.without = resized(d.without, rankWidth(n))
	for _, at := range d.order {
		if int(at) >= d.slate.len() {
			continue // put in later, by no source
		}
		shares, row, most := d.shares[int(at)*n:(int(at)+1)*n], d.slate.row(int(at)), float32(0)
		d.said = m.ranker.each(row, d.said[:0])
		for s := range shares {
			shares[s] = 0
			if d.slate.proposes(s, int(at)) {
				d.slate.without(s, int(at), d.without)
				shares[s] = max(0, 1-float32(math.Exp(-float64(m.ranker.loss(s, d.said, d.without)))))
				most = max(most, shares[s])
			}
		}
		if most > 0 {
			continue
		}
		for s := range shares { // each of them could be spared
			shares[s] = row[s*sourceFeatures+1]
		}
	}
}
