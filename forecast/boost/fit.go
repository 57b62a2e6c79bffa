package boost

import (
	"cmp"
	"slices"
)

// Fit learns a model. Without a row it says 0.
func Fit(l Lessons, how Learning) *Model {
	g := newGrower(l, how)
	left := make([]rest, l.Len())
	for i := range left {
		left[i] = g.restOf(i)
	}
	m := &Model{}
	m.start, _ = quantile(left, how.Quantile)
	for i := range g.said {
		g.said[i] = m.start
	}
	for i := range how.Trees {
		from, to := 0, l.Len()/2
		if i%2 == 1 {
			from, to = to, l.Len()
		}
		t := g.grow(from, to)
		if len(t.feature) == 0 {
			break
		}
		m.trees = append(m.trees, t)
	}
	return m
}

// grower grows the trees of one model.
type grower struct {
	l     Lessons
	how   Learning
	calm  float64
	cuts  [][]float32
	bins  [][]uint8 // by feature, by row: how many cuts lie below
	said  []float64 // by row
	slope []float64 // of the loss, by row
	leaf  []uint8
	sums  [][2]float64 // of slopes and of weights, by leaf and bin
}

const maxBins = 64

func newGrower(l Lessons, how Learning) *grower {
	n := l.Len()
	g := &grower{l: l, how: how, said: make([]float64, n), slope: make([]float64, n), leaf: make([]uint8, n)}
	g.cuts, g.bins = make([][]float32, l.width), make([][]uint8, l.width)
	for f := range l.width {
		g.cuts[f] = cutsOf(l, f)
		g.bins[f] = make([]uint8, n)
		for i := range n {
			bin, _ := slices.BinarySearch(g.cuts[f], l.rows[i*l.width+f])
			g.bins[f][i] = uint8(bin)
		}
	}
	g.sums = make([][2]float64, maxBins<<how.Depth)
	for _, w := range l.weight {
		g.calm += how.Calm * w / float64(n)
	}
	return g
}

// cutsOf chooses values of a feature so that about as many rows lie between
// each two.
func cutsOf(l Lessons, feature int) []float32 {
	step := max(1, l.Len()/20_000)
	var values []float32
	for i := 0; i < l.Len(); i += step {
		values = append(values, l.rows[i*l.width+feature])
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

// grow finds the next tree by the rows from to to and adds it to what is said
// of all. A tree without questions finds nothing more.
func (g *grower) grow(from, to int) tree {
	for i := from; i < to; i++ {
		g.slope[i] = g.l.weight[i] * g.how.Quantile
		if g.l.target[i] <= g.said[i] {
			g.slope[i] -= g.l.weight[i]
		}
	}
	clear(g.leaf)
	var t tree
	gain := 0.
	for level := range g.how.Depth {
		q := g.ask(from, to, 1<<level)
		if q.gain <= gain*(1+1e-9) {
			break
		}
		gain = q.gain
		t.feature, t.cut = append(t.feature, uint16(q.feature)), append(t.cut, g.cuts[q.feature][q.cut])
		for i, bin := range g.bins[q.feature] {
			if int(bin) > q.cut {
				g.leaf[i] |= 1 << level
			}
		}
	}
	g.settle(&t, from, to)
	return t
}

// question is what a level of a tree asks.
type question struct {
	feature, cut int
	gain         float64
}

// ask finds the question that parts the leaves best; of equal ones the first.
func (g *grower) ask(from, to, leaves int) question {
	best := question{}
	for f := range g.cuts {
		if q := g.askOf(f, from, to, leaves); q.gain > best.gain {
			best = q
		}
	}
	return best
}

func (g *grower) askOf(f, from, to, leaves int) question {
	sums := g.sums[:leaves*maxBins]
	clear(sums)
	leaf, slope, weight := g.leaf[from:to], g.slope[from:to], g.l.weight[from:to]
	for i, bin := range g.bins[f][from:to] {
		s := &sums[int(leaf[i])*maxBins+int(bin)]
		s[0] += slope[i]
		s[1] += weight[i]
	}
	gains := make([]float64, len(g.cuts[f]))
	for l := range leaves {
		row := sums[l*maxBins : (l+1)*maxBins]
		var slope, weight, left, leftWeight float64
		for _, s := range row {
			slope, weight = slope+s[0], weight+s[1]
		}
		for c := range gains {
			left, leftWeight = left+row[c][0], leftWeight+row[c][1]
			gains[c] += g.worth(left, leftWeight) + g.worth(slope-left, weight-leftWeight)
		}
	}
	best := question{feature: f}
	for c, gain := range gains {
		if gain > best.gain {
			best.cut, best.gain = c, gain
		}
	}
	return best
}

// worth is how much a leaf lowers the loss, in no unit.
func (g *grower) worth(slope, weight float64) float64 {
	if weight <= 0 {
		return 0
	}
	return slope * slope / (weight + g.calm)
}

// settle gives the leaves the quantile of what was left of their rows, and
// adds it to what is said of all rows.
func (g *grower) settle(t *tree, from, to int) {
	leaves := make([][]rest, 1<<len(t.feature))
	for i := from; i < to; i++ {
		leaves[g.leaf[i]] = append(leaves[g.leaf[i]], g.restOf(i))
	}
	t.value = make([]float64, len(leaves))
	for l, left := range leaves {
		if at, weight := quantile(left, g.how.Quantile); weight > 0 {
			t.value[l] = g.how.Rate * at * weight / (weight + g.calm)
		}
	}
	for i := range g.said {
		g.said[i] += t.value[g.leaf[i]]
	}
}

// rest is what is left of a row: the target less what was said.
type rest struct{ value, weight float64 }

func (g *grower) restOf(i int) rest { return rest{g.l.target[i] - g.said[i], g.l.weight[i]} }

// quantile is that of what is left, by weights, which it adds up; it reorders
// them.
func quantile(left []rest, p float64) (at, weight float64) {
	slices.SortFunc(left, func(a, b rest) int { return cmp.Compare(a.value, b.value) })
	for _, r := range left {
		weight += r.weight
	}
	below := 0.
	for _, r := range left {
		at = r.value
		if below += r.weight; below >= p*weight {
			break
		}
	}
	return at, weight
}
