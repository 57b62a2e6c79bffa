package recommend

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/peakday/peakday/stats/boost"
)

// booster grows trees. The rows of validation examples follow those of training
// examples.
type booster struct {
	how         RankerTraining
	groups      []queryGroup
	trainRows   int // the first rows, of training examples
	trainGroups int // the first groups, likewise
	scores      []float64
	grower      *boost.Grower[float32]
	rng         *rand.Rand
	sampled     []bool // features that the next tree may use
}

// queryGroup is the rows of one example, the wanted ones first.
type queryGroup struct{ from, wanted, to int }

// cutSample is how many rows the cuts of a feature are chosen from.
const cutSample = 50_000

func newBooster(ctx context.Context, width int, examples []RankExample, how RankerTraining) (*booster, error) {
	b := &booster{how: how}
	var rows []float32
	add := func(e RankExample) {
		from := len(rows) / width
		rows = append(rows, e.rows...)
		b.groups = append(b.groups, queryGroup{from, from + len(e.wanted), len(rows) / width})
	}
	for i, e := range examples {
		if i%validationEvery != 0 {
			add(e)
		}
	}
	b.trainRows, b.trainGroups = len(rows)/width, len(b.groups)
	for i, e := range examples {
		if i%validationEvery == 0 {
			add(e)
		}
	}
	n := len(rows) / width
	each := func(n int, do func(worker, i int)) error {
		return inShards(ctx, n, 1, func(worker, i, _ int) { do(worker, i) })
	}
	bins, err := boost.NewBins(rows, width, cutSample, each)
	if err != nil {
		return nil, err
	}
	b.grower = boost.NewGrower[float32](bins, n, how.Depth, how.Lambda, workers(), each)
	b.scores = make([]float64, n)
	b.rng, b.sampled = rand.New(rand.NewPCG(how.Seed, 0x7472656573)), make([]bool, width)
	return b, nil
}

// Each tree learns from a random part of the examples and uses a random part
// of the features (Friedman, Stochastic Gradient Boosting, 2002; Chen and
// Guestrin, XGBoost, KDD 2016): the errors of the trees are then less correlated.
const (
	exampleShare = 0.7
	featureShare = 0.5
)

// computeGradients sets the derivatives of the loss by the scores, 0 in the examples that
// the next tree does not learn from.
func (b *booster) computeGradients() {
	for _, l := range b.groups[:b.trainGroups] {
		if !b.how.noSampling && b.rng.Float64() >= exampleShare {
			clear(b.grower.Gradients[l.from:l.to])
			continue
		}
		shares := b.shares(l)
		target := 1 / float64(l.wanted-l.from)
		for i, p := range shares {
			g := p
			if i < l.wanted-l.from {
				g -= target
			}
			b.grower.Gradients[l.from+i] = [2]float32{float32(g), float32(p * (1 - p))}
		}
	}
}

// shares is the softmax of an example's scores.
func (b *booster) shares(l queryGroup) []float64 {
	scores := b.scores[l.from:l.to]
	top := slices.Max(scores)
	out := make([]float64, len(scores))
	sum := 0.0
	for i, s := range scores {
		out[i] = math.Exp(s - top)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// validationLoss is the mean loss of the validation examples.
func (b *booster) validationLoss() float64 {
	sum := 0.0
	for _, l := range b.groups[b.trainGroups:] {
		for _, p := range b.shares(l)[:l.wanted-l.from] {
			sum -= math.Log(p+1e-300) / float64(l.wanted-l.from)
		}
	}
	return sum / float64(len(b.groups)-b.trainGroups)
}

// grow finds the next tree and adds its values to the scores. A tree without
// levels finds nothing to add.
func (b *booster) grow() (tree, error) {
	for f := range b.sampled {
		b.sampled[f] = b.how.noSampling || b.rng.Float64() < featureShare
	}
	splits, err := b.grower.Grow(0, b.trainRows, func(f int) bool { return b.sampled[f] })
	if err != nil {
		return tree{}, err
	}
	t := tree{feature: splits.Feature, cut: splits.Cut}
	b.setLeafValues(&t)
	return t, nil
}

// setLeafValues gives the leaves their values, by Newton steps.
func (b *booster) setLeafValues(t *tree) {
	leaf := b.grower.Leaf
	sums := make([][2]float64, 1<<len(t.feature))
	for i, g := range b.grower.Gradients[:b.trainRows] {
		s := &sums[leaf[i]]
		s[0] += float64(g[0])
		s[1] += float64(g[1])
	}
	t.value = make([]float32, len(sums))
	for l, s := range sums {
		t.value[l] = float32(-b.how.LearningRate * s[0] / (s[1] + b.how.Lambda))
	}
	for i := range b.scores {
		b.scores[i] += float64(t.value[leaf[i]])
	}
}
