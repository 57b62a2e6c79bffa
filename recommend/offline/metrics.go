package offline

import (
	"context"
	"math"
	"slices"

	"github.com/peakday/peakday/recommend"
)

// Scorer is a fitted model: it scores every item for a history.
type Scorer interface {
	// Score adds to out, which has a zeroed cell for each item. It may be
	// called from several goroutines at a time.
	Score(query *Query, out []float32)
}

// Query is what a scorer knows of a case.
type Query struct {
	History []recommend.HistoryItem // newest first, each item once; a Slot is an item's number
	Steps   []Step                  // as they were, oldest first
	Recent  int                     // how many interactions of the last half hour
	Visitor int                     // in the training set, -1 if not there
	Masked  []int32                 // sorted
}

// Metrics are means over cases, by cutoff k: how far up a list of k items
// stands what came next. Equal scores share the mean of their places.
type Metrics struct {
	K        int     // how long the list is
	HR       float64 // share of cases with any relevant item in the list
	NDCG     float64 // Σ 1/log₂(place+1) over relevant items in the list, relative to the best order
	Recall   float64 // share of the relevant items that are in the list
	MRR      float64 // 1/place of the first relevant item, 0 if it is not in the list
	Coverage float64 // share of all items that are in anybody's list
}

// caseShard is how many cases are measured at a time; their sums are added up
// in this order, whoever made them.
const caseShard = 64

// Measure ranks all items for each case.
func Measure(ctx context.Context, s Scorer, cases []Case, items int, cutoffs []int) ([]Metrics, error) {
	shards := (len(cases) + caseShard - 1) / caseShard
	sums := make([][]Metrics, shards)
	listed := make([][][]bool, recommend.Workers())
	workspaces := make([]workspace, recommend.Workers())
	err := recommend.InShards(ctx, len(cases), caseShard, func(worker, from, to int) {
		w := &workspaces[worker]
		if listed[worker] == nil {
			listed[worker] = make([][]bool, len(cutoffs))
			for i := range cutoffs {
				listed[worker][i] = make([]bool, items)
			}
		}
		sum := make([]Metrics, len(cutoffs))
		for i := from; i < to; i++ {
			places := w.places(s, &cases[i], items)
			for k, cutoff := range cutoffs {
				sum[k].add(places, cutoff)
				w.list(cutoff, listed[worker][k])
			}
		}
		sums[from/caseShard] = sum
	})
	if err != nil {
		return nil, err
	}
	out := make([]Metrics, len(cutoffs))
	for k := range out {
		out[k] = total(sums, k, len(cases))
		out[k].K = cutoffs[k]
		out[k].Coverage = covered(listed, k, items)
	}
	return out, nil
}

// workspace is the memory of one worker that measures.
type workspace struct {
	scores  []float32
	tastes  []recommend.HistoryItem
	ranking []int32
}

// query prepares a case for a scorer.
func (w *workspace) query(c *Case) *Query {
	steps := make([]recommend.IndexedStep, len(c.History))
	for i, s := range c.History {
		steps[i] = s.IndexedStep
	}
	w.tastes = recommend.HistoryOf(w.tastes, steps)
	return &Query{History: w.tastes, Steps: c.History, Recent: recommend.RecentActionsIn(steps), Visitor: c.Visitor, Masked: c.Masked}
}

// score leaves the scores in w.scores, the masked items at −∞.
func (w *workspace) score(s Scorer, c *Case, items int) {
	if len(w.scores) != items {
		w.scores = make([]float32, items)
	}
	clear(w.scores)
	s.Score(w.query(c), w.scores)
	for _, item := range c.Masked {
		w.scores[item] = float32(math.Inf(-1))
	}
}

// places gives the place of each relevant item, from 1, best first.
func (w *workspace) places(s Scorer, c *Case, items int) []float64 {
	w.score(s, c, items)
	places := make([]float64, len(c.Relevant))
	for i, item := range c.Relevant {
		mine := w.scores[item]
		above, same := 0, 0
		for _, x := range w.scores {
			if x > mine {
				above++
			} else if x == mine {
				same++
			}
		}
		places[i] = float64(above) + float64(same-1)/2 + 1
	}
	slices.Sort(places)
	return places
}

// list marks the items of the list of k, of equal scores the first.
func (w *workspace) list(k int, listed []bool) {
	w.ranking = topOf(w.scores, k, w.ranking)
	for _, item := range w.ranking {
		if !math.IsInf(float64(w.scores[item]), -1) {
			listed[item] = true
		}
	}
}

func (m *Metrics) add(places []float64, k int) {
	gain, ideal, hits := 0.0, 0.0, 0
	for i, place := range places {
		if place <= float64(k) {
			hits++
			gain += 1 / math.Log2(place+1)
		}
		if i < k {
			ideal += 1 / math.Log2(float64(i)+2)
		}
	}
	if hits > 0 {
		m.HR++
		m.MRR += 1 / places[0]
		m.NDCG += gain / ideal
		m.Recall += float64(hits) / float64(len(places))
	}
}

func total(sums [][]Metrics, k, cases int) Metrics {
	var m Metrics
	for _, s := range sums {
		m.HR += s[k].HR
		m.NDCG += s[k].NDCG
		m.Recall += s[k].Recall
		m.MRR += s[k].MRR
	}
	n := float64(max(1, cases))
	return Metrics{HR: m.HR / n, NDCG: m.NDCG / n, Recall: m.Recall / n, MRR: m.MRR / n}
}

func covered(listed [][][]bool, k, items int) float64 {
	n := 0
	for item := range items {
		if slices.ContainsFunc(listed, func(w [][]bool) bool { return w != nil && w[k][item] }) {
			n++
		}
	}
	return float64(n) / float64(max(1, items))
}
