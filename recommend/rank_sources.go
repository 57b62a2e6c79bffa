package recommend

import (
	"context"
	"slices"
)

// Worth is what a source was worth when a ranker was learned.
type Worth struct {
	Source string
	Asked  bool    // the ranker reads it; the others are not asked
	Earned float32 // by how much NDCG@10 fell when it was left out; 0 if that was not tried
}

// spared lists the sources that a ranker may do without, those first that take
// longest. The others take next to no time, and strangers and new items, who
// are too few among lessons to be heard, have nothing else.
func spared() []string {
	return []string{
		SourceVisits, SourceFactors, SourceAttributes, SourceTransitions, SourceSimilar, SourceTogether, SourceNext,
	}
}

// chooseSources says what each source is worth, and which are to be asked: one
// after the other is left out if lessons are ranked no worse without it than
// with all sources.
func chooseSources(ctx context.Context, sources []string, lessons []Lesson, how Ranking) ([]Worth, error) {
	worths := make([]Worth, len(sources))
	for i, name := range sources {
		worths[i] = Worth{Source: name, Asked: true}
	}
	if len(lessons) < how.Choose {
		return worths, nil
	}
	t := newTrial(len(sources), lessons, how)
	all, err := t.marks(ctx, worths)
	if err != nil {
		return nil, err
	}
	with := all
	for _, name := range spared() {
		s := slices.IndexFunc(worths, func(w Worth) bool { return sameSource(w.Source, name) })
		if s < 0 {
			continue
		}
		worths[s].Asked = false
		without, err := t.marks(ctx, worths)
		if err != nil {
			return nil, err
		}
		worths[s].Earned = float32(with - without)
		if worths[s].Asked = without < all; !worths[s].Asked {
			with = without
		}
	}
	return worths, nil
}

// trial learns small rankers of some of the sources, by which these are
// compared.
type trial struct {
	judged [2][]Lesson // the lessons, in halves
	heard  [2][]Lesson // the same with half of the candidates, which are enough to learn from
	how    Ranking
}

// newTrial leaves nothing to chance: rankers that drew different lessons and
// features would differ by more than a source is worth.
func newTrial(sources int, lessons []Lesson, how Ranking) *trial {
	how.Trees, how.Depth, how.Rate, how.steady = min(how.Trees, 20), min(how.Depth, 4), 2*how.Rate, true
	t := &trial{how: how}
	for i, l := range lessons {
		half := max(lessonCandidates/2, len(l.wanted)+1) * rankWidth(sources)
		t.judged[i%2] = append(t.judged[i%2], l)
		t.heard[i%2] = append(t.heard[i%2], Lesson{l.rows[:min(half, len(l.rows))], l.wanted})
	}
	return t
}

// marks is the mean NDCG@10 of all lessons, each by a ranker that has
// learned from the other half of them.
func (t *trial) marks(ctx context.Context, worths []Worth) (mean float64, err error) {
	lessons := float64(len(t.judged[0]) + len(t.judged[1]))
	for half, judged := range t.judged {
		r, err := boost(ctx, askedOf(worths), narrowed(t.heard[1-half], worths), t.how)
		if err != nil {
			return 0, err
		}
		for _, l := range judged {
			mean += r.ndcg(l.narrow(worths), len(l.wanted)) / lessons
		}
	}
	return mean, nil
}

// ndcg is how well the ranker orders the candidates of a lesson, NDCG@10, when
// so many items were wanted, even if not all of them are candidates. One of
// several with equal scores counts as standing in their middle.
func (r *Ranker) ndcg(l Lesson, wanted int) float64 {
	width := rankWidth(len(r.sources))
	scores := make([]float32, len(l.rows)/width)
	for i := range scores {
		scores[i] = r.Score(l.rows[i*width : (i+1)*width])
	}
	sum := 0.0
	for _, at := range l.wanted {
		place := 0.0
		for i, s := range scores {
			switch {
			case s > scores[at]:
				place++
			case s == scores[at] && i != int(at):
				place += 0.5
			}
		}
		if place < examTop {
			sum += gain(place)
		}
	}
	return sum / idealGain(wanted)
}

// askedOf names the sources that are asked.
func askedOf(worths []Worth) []string {
	var out []string
	for _, w := range worths {
		if w.Asked {
			out = append(out, w.Source)
		}
	}
	return out
}

// narrowed are the lessons as they would be if only some of their sources had
// been asked, without those that teach nothing then.
func narrowed(lessons []Lesson, worths []Worth) []Lesson {
	width := rankWidth(len(askedOf(worths)))
	out := make([]Lesson, 0, len(lessons))
	for _, l := range lessons {
		if n := l.narrow(worths); len(n.wanted) > 0 && len(n.wanted) < len(n.rows)/width {
			out = append(out, n)
		}
	}
	return out
}

// narrow leaves of a lesson what the asked sources say; an item that none of
// them proposes is no candidate.
func (l *Lesson) narrow(worths []Worth) (out Lesson) {
	width := rankWidth(len(worths))
	out.rows = make([]float32, 0, len(l.rows))
	for i := range len(l.rows) / width {
		row, from := l.rows[i*width:(i+1)*width], len(out.rows)
		agreed := float32(0)
		for s, w := range worths {
			if !w.Asked {
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
		out.rows = append(out.rows, row[len(worths)*sourceFeatures:]...)
		out.rows[own+featureAgreed] = agreed
		if i < len(l.wanted) {
			out.wanted = append(out.wanted, int32(len(out.wanted)))
		}
	}
	return out
}
