package boost

import (
	"cmp"
	"slices"
)

// Params says what FitQuantile learns and how.
type Params struct {
	Quantile float64 // the probability, between 0 and 1
	Trees    int
	Depth    int     // levels of a tree, at most 8
	Rate     float64 // the learning rate, up to 1
	Lambda   float64 // shrinks each leaf to 0, as by so many rows of the mean weight
}

// Model gives a quantile by a row's features.
type Model struct {
	start float64
	trees []tree
}

type tree struct {
	Splits
	value []float64 // by leaf
}

// Value is the quantile for a row of features.
func (m *Model) Value(row []float32) float64 {
	sum := m.start
	for i := range m.trees {
		sum += m.trees[i].value[m.trees[i].Leaf(row)]
	}
	return sum
}

// cutSample is how many rows the cuts of a feature are chosen from.
const cutSample = 20_000

// FitQuantile learns a model. Without an example it says 0.
func FitQuantile(e Examples, p Params) *Model {
	n := e.Len()
	f := quantileFit{e: e, p: p, predicted: make([]float64, n)}
	for _, w := range e.weight {
		f.lambda += p.Lambda * w / float64(n)
	}
	bins, _ := NewBins(e.rows, e.width, cutSample, InTurn)
	f.grower = NewGrower[float64](bins, n, p.Depth, f.lambda, 1, InTurn)
	m := &Model{}
	m.start, _ = quantile(f.residuals(0, n), p.Quantile)
	for i := range f.predicted {
		f.predicted[i] = m.start
	}
	for i := range p.Trees {
		from, to := 0, n/2
		if i%2 == 1 {
			from, to = to, n
		}
		t, ok := f.grow(from, to)
		if !ok {
			break
		}
		m.trees = append(m.trees, t)
	}
	return m
}

// quantileFit is a model in the making.
type quantileFit struct {
	e         Examples
	p         Params
	lambda    float64
	grower    *Grower[float64]
	predicted []float64 // by row
}

// grow adds the next tree, grown on the rows from to to, to the predictions; ok
// is false if it finds nothing to split.
func (f *quantileFit) grow(from, to int) (t tree, ok bool) {
	for i := from; i < to; i++ {
		w := f.e.weight[i]
		gradient := w * f.p.Quantile
		if f.e.target[i] <= f.predicted[i] {
			gradient -= w
		}
		f.grower.Gradients[i] = [2]float64{gradient, w}
	}
	t.Splits, _ = f.grower.Grow(from, to, func(int) bool { return true })
	if len(t.Feature) == 0 {
		return t, false
	}
	leaves := make([][]residual, 1<<len(t.Feature))
	for i, r := range f.residuals(from, to) {
		leaf := f.grower.Leaf[from+i]
		leaves[leaf] = append(leaves[leaf], r)
	}
	t.value = make([]float64, len(leaves))
	for l, rest := range leaves {
		if at, weight := quantile(rest, f.p.Quantile); weight > 0 {
			t.value[l] = f.p.Rate * at * weight / (weight + f.lambda)
		}
	}
	for i := range f.predicted {
		f.predicted[i] += t.value[f.grower.Leaf[i]]
	}
	return t, true
}

// residual is a row's target less its prediction.
type residual struct{ value, weight float64 }

func (f *quantileFit) residuals(from, to int) []residual {
	out := make([]residual, to-from)
	for i := range out {
		out[i] = residual{f.e.target[from+i] - f.predicted[from+i], f.e.weight[from+i]}
	}
	return out
}

// quantile is that of residuals, by weights, which it adds up; it reorders them.
func quantile(of []residual, p float64) (at, weight float64) {
	slices.SortFunc(of, func(a, b residual) int { return cmp.Compare(a.value, b.value) })
	for _, r := range of {
		weight += r.weight
	}
	below := 0.
	for _, r := range of {
		at = r.value
		if below += r.weight; below >= p*weight {
			break
		}
	}
	return at, weight
}
