package recommend

import (
	"context"
	"slices"
)

// Ablation says what one source contributes to a ranker.
type Ablation struct {
	Source string
	Used   bool    // the ranker reads it; the others are not asked
	Lost   float32 // NDCG@10 lost without it; 0 if that was not tried
}

// ablatableSources lists the sources that a ranker may do without, the slowest
// first. The others take next to no time, and anonymous visitors and new items, of
// which there are few examples, depend on them.
func ablatableSources() []string {
	return []string{
		SourceVisits, SourceFactors, SourceAttributes, SourceTransitions, SourceSimilar, SourceTogether, SourceNext,
	}
}

// chooseSources tries each source's ablation in turn, and leaves it out if the
// examples are ranked no worse without it than with all sources.
func chooseSources(ctx context.Context, sources []string, examples []RankExample, how RankerTraining) ([]Ablation, error) {
	ablations := make([]Ablation, len(sources))
	for i, name := range sources {
		ablations[i] = Ablation{Source: name, Used: true}
	}
	if len(examples) < how.MinForAblation {
		return ablations, nil
	}
	t := newAblationTrial(len(sources), examples, how)
	all, err := t.ndcg(ctx, ablations)
	if err != nil {
		return nil, err
	}
	with := all
	for _, name := range ablatableSources() {
		s := slices.IndexFunc(ablations, func(w Ablation) bool { return sameSource(w.Source, name) })
		if s < 0 {
			continue
		}
		ablations[s].Used = false
		without, err := t.ndcg(ctx, ablations)
		if err != nil {
			return nil, err
		}
		ablations[s].Lost = float32(with - without)
		if ablations[s].Used = without < all; !ablations[s].Used {
			with = without
		}
	}
	return ablations, nil
}

// ablationTrial compares sets of sources by small rankers, two-fold
// cross-validated.
type ablationTrial struct {
	test  [2][]RankExample // the examples, in two folds
	train [2][]RankExample // the same with half of the candidates, which are enough to learn from
	how   RankerTraining
}

// newAblationTrial samples neither examples nor features: that would make rankers
// differ by more than a source contributes.
func newAblationTrial(sources int, examples []RankExample, how RankerTraining) *ablationTrial {
	how.Trees, how.Depth, how.LearningRate, how.noSampling = min(how.Trees, 20), min(how.Depth, 4), 2*how.LearningRate, true
	t := &ablationTrial{how: how}
	for i, e := range examples {
		half := max(candidatesPerExample/2, len(e.wanted)+1) * rankWidth(sources)
		t.test[i%2] = append(t.test[i%2], e)
		t.train[i%2] = append(t.train[i%2], RankExample{e.rows[:min(half, len(e.rows))], e.wanted})
	}
	return t
}

// ndcg is the mean NDCG@10 of all examples, each by a ranker that has
// learned from the other half of them.
func (t *ablationTrial) ndcg(ctx context.Context, ablations []Ablation) (mean float64, err error) {
	examples := float64(len(t.test[0]) + len(t.test[1]))
	for half, fold := range t.test {
		r, err := fitTrees(ctx, usedSources(ablations), narrowed(t.train[1-half], ablations), t.how)
		if err != nil {
			return 0, err
		}
		for _, e := range fold {
			mean += r.ndcg(e.narrow(ablations), len(e.wanted)) / examples
		}
	}
	return mean, nil
}

// ndcg is how well the ranker orders the candidates of an example, NDCG@10, when
// so many items were wanted, even if not all of them are candidates. One of
// several with equal scores counts as standing in their middle.
func (r *Ranker) ndcg(e RankExample, wanted int) float64 {
	width := rankWidth(len(r.sources))
	scores := make([]float32, len(e.rows)/width)
	for i := range scores {
		scores[i] = r.Score(e.rows[i*width : (i+1)*width])
	}
	sum := 0.0
	for _, at := range e.wanted {
		place := 0.0
		for i, s := range scores {
			switch {
			case s > scores[at]:
				place++
			case s == scores[at] && i != int(at):
				place += 0.5
			}
		}
		if place < ndcgAt {
			sum += gain(place)
		}
	}
	return sum / idealGain(wanted)
}

// usedSources names the sources that are asked.
func usedSources(ablations []Ablation) []string {
	var out []string
	for _, w := range ablations {
		if w.Used {
			out = append(out, w.Source)
		}
	}
	return out
}

// narrowed are the examples as they would be if only the used sources had been
// asked, without those that have nothing left to learn from.
func narrowed(examples []RankExample, ablations []Ablation) []RankExample {
	width := rankWidth(len(usedSources(ablations)))
	out := make([]RankExample, 0, len(examples))
	for _, e := range examples {
		if n := e.narrow(ablations); len(n.wanted) > 0 && len(n.wanted) < len(n.rows)/width {
			out = append(out, n)
		}
	}
	return out
}

// narrow keeps of an example what the used sources say; an item that none of
// them proposes is no candidate.
func (e *RankExample) narrow(ablations []Ablation) (out RankExample) {
	width := rankWidth(len(ablations))
	out.rows = make([]float32, 0, len(e.rows))
	for i := range len(e.rows) / width {
		row, from := e.rows[i*width:(i+1)*width], len(out.rows)
		agreed := float32(0)
		for s, w := range ablations {
			if !w.Used {
				continue
			}
			of := row[s*sourceFeatures : (s+1)*sourceFeatures]
			out.rows = append(out.rows, of...)
			if of[sourcePlace] > 0 {
				agreed++
			}
		}
		if agreed == 0 {
			out.rows = out.rows[:from]
			continue
		}
		own := len(out.rows)
		out.rows = append(out.rows, row[len(ablations)*sourceFeatures:]...)
		out.rows[own+featureAgreed] = agreed
		if i < len(e.wanted) {
			out.wanted = append(out.wanted, int32(len(out.wanted)))
		}
	}
	return out
}
