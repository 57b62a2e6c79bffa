package recommend

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// booster grows trees. Rows of examples that are held stand behind the others.
type booster struct {
	how         RankerTraining
	width       int
	groups      []queryGroup
	trainRows   int // rows up to here are learned from
	trainGroups int // examples up to here are
	cuts        [][]float32
	bins        [][]uint8 // by feature, by row: how many cuts lie below
	scores      []float64
	gradients   [][2]float32 // first and second derivative of the loss, by row
	leaf        []uint8
	hists       [][][2]float64 // by worker
	rng         *rand.Rand
	sampled     []bool // features that the tree at hand may ask for
}

// queryGroup is an example's rows: the wanted ones stand first.
type queryGroup struct{ from, wanted, to int }

const maxBins = 64

func newBooster(width int, examples []RankExample, how RankerTraining) *booster {
	b := &booster{how: how, width: width}
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
	b.scores, b.gradients, b.leaf = make([]float64, n), make([][2]float32, n), make([]uint8, n)
	b.cuts, b.bins = make([][]float32, width), make([][]uint8, width)
	_ = inShards(context.Background(), width, 1, func(_, f, _ int) {
		b.cuts[f] = cutsOf(rows, width, f)
		b.bins[f] = make([]uint8, n)
		for i := range n {
			at, _ := slices.BinarySearch(b.cuts[f], rows[i*width+f])
			b.bins[f][i] = uint8(at)
		}
	})
	b.hists = make([][][2]float64, workers())
	b.rng, b.sampled = rand.New(rand.NewPCG(how.Seed, 0x7472656573)), make([]bool, width)
	return b
}

// cutSample is how many rows the cuts of a feature are chosen from.
const cutSample = 50_000

// cutsOf chooses values of a feature so that about as many rows lie between
// each two.
func cutsOf(rows []float32, width, feature int) []float32 {
	n := len(rows) / width
	step := max(1, n/cutSample)
	var values []float32
	for i := 0; i < n; i += step {
		values = append(values, rows[i*width+feature])
	}
	slices.Sort(values)
	distinct := slices.Compact(slices.Clone(values))
	if len(distinct) <= maxBins {
		return distinct[:max(0, len(distinct)-1)]
	}
	var cuts []float32
	for k := 1; k < maxBins; k++ {
		cuts = append(cuts, values[k*(len(values)-1)/maxBins])
	}
	return slices.Compact(cuts)
}

// Each tree learns from a random part of the examples and asks for a random part
// of the features (Friedman, Stochastic Gradient Boosting, 2002; Chen and
// Guestrin, XGBoost, KDD 2016): the trees' errors are then not each other's.
const (
	exampleShare = 0.7
	featureShare = 0.5
)

// computeGradients sets the derivatives of the loss by the scores, 0 in the examples that
// the next tree does not learn from.
func (b *booster) computeGradients() {
	for _, l := range b.groups[:b.trainGroups] {
		if !b.how.noSampling && b.rng.Float64() >= exampleShare {
			clear(b.gradients[l.from:l.to])
			continue
		}
		shares := b.shares(l)
		target := 1 / float64(l.wanted-l.from)
		for i, p := range shares {
			g := p
			if i < l.wanted-l.from {
				g -= target
			}
			b.gradients[l.from+i] = [2]float32{float32(g), float32(p * (1 - p))}
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

// split is what a level of a tree asks.
type split struct {
	feature, cut int
	gain         float64
}

// grow finds the next tree and adds its values to the scores. A tree without
// levels finds nothing to add.
func (b *booster) grow(ctx context.Context) (tree, error) {
	clear(b.leaf)
	for f := range b.sampled {
		b.sampled[f] = b.how.noSampling || b.rng.Float64() < featureShare
	}
	var t tree
	gain := 0.0
	for level := range b.how.Depth {
		q, err := b.bestSplit(ctx, 1<<level)
		if err != nil {
			return tree{}, err
		}
		if q.gain <= gain+1e-9 {
			break
		}
		gain = q.gain
		t.feature = append(t.feature, uint16(q.feature))
		t.cut = append(t.cut, b.cuts[q.feature][q.cut])
		for i, bin := range b.bins[q.feature] {
			if int(bin) > q.cut {
				b.leaf[i] |= 1 << level
			}
		}
	}
	b.setLeafValues(&t)
	return t, nil
}

// bestSplit finds the question that parts the leaves best: each feature that is asked
// for is looked at by one worker, and of equal questions the first wins.
func (b *booster) bestSplit(ctx context.Context, leaves int) (split, error) {
	found := make([]split, b.width)
	err := inShards(ctx, b.width, 1, func(worker, f, _ int) {
		if !b.sampled[f] || len(b.cuts[f]) == 0 {
			return
		}
		if b.hists[worker] == nil {
			b.hists[worker] = make([][2]float64, maxBins<<b.how.Depth)
		}
		found[f] = b.bestSplitOf(f, leaves, b.hists[worker][:leaves*maxBins])
	})
	best := split{}
	for _, q := range found {
		if q.gain > best.gain {
			best = q
		}
	}
	return best, err
}

func (b *booster) bestSplitOf(f, leaves int, hist [][2]float64) split {
	clear(hist)
	bins := b.bins[f][:b.trainRows]
	leaf, slope := b.leaf[:len(bins)], b.gradients[:len(bins)]
	for i, bin := range bins {
		h := &hist[int(leaf[i])*maxBins+int(bin)]
		h[0] += float64(slope[i][0])
		h[1] += float64(slope[i][1])
	}
	gains := make([]float64, len(b.cuts[f]))
	for l := range leaves {
		row := hist[l*maxBins : (l+1)*maxBins]
		var g, h float64
		for _, v := range row {
			g, h = g+v[0], h+v[1]
		}
		var left, leftH float64
		for c := range gains {
			left, leftH = left+row[c][0], leftH+row[c][1]
			gains[c] += b.leafGain(left, leftH) + b.leafGain(g-left, h-leftH)
		}
	}
	best := split{feature: f}
	for c, gain := range gains {
		if gain > best.gain {
			best.cut, best.gain = c, gain
		}
	}
	return best
}

// leafGain is how much a leaf lowers the loss, doubled.
func (b *booster) leafGain(g, h float64) float64 { return g * g / (h + b.how.Lambda) }

// setLeafValues gives the leaves their values.
func (b *booster) setLeafValues(t *tree) {
	leaves := 1 << len(t.feature)
	sums := make([][2]float64, leaves)
	for i := range b.trainRows {
		s := &sums[b.leaf[i]]
		s[0] += float64(b.gradients[i][0])
		s[1] += float64(b.gradients[i][1])
	}
	t.value = make([]float32, leaves)
	for l, s := range sums {
		t.value[l] = float32(-b.how.LearningRate * s[0] / (s[1] + b.how.Lambda))
	}
	for i := range b.scores {
		b.scores[i] += float64(t.value[b.leaf[i]])
	}
}
