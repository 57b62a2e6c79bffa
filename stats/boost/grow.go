package boost

// Splits are the questions of a tree, one a level: bit l of a row's leaf is
// whether its feature Feature[l] exceeds Cut[l].
type Splits struct {
	Feature []uint16
	Cut     []float32
}

// Leaf is the leaf of a row of features.
func (s *Splits) Leaf(row []float32) int {
	leaf := 0
	for level, f := range s.Feature {
		if row[f] > s.Cut[level] {
			leaf |= 1 << level
		}
	}
	return leaf
}

// Grower grows trees on binned rows. Gradients are kept as T.
type Grower[T float32 | float64] struct {
	Gradients [][2]T  // of the loss, by row: its first and second derivative, or a weight
	Leaf      []uint8 // by row, in the tree that was grown last

	bins   *Bins
	depth  int
	lambda float64
	each   Each
	sums   [][][2]float64 // by worker: of derivatives, by leaf and bin
	found  []split        // by feature
}

// NewGrower grows trees of up to depth levels, 8 at most; lambda is added to the
// second derivatives of each leaf. each looks for the splits, by workers from 0
// to less than workers.
func NewGrower[T float32 | float64](bins *Bins, rows, depth int, lambda float64, workers int, each Each) *Grower[T] {
	return &Grower[T]{
		Gradients: make([][2]T, rows), Leaf: make([]uint8, rows),
		bins: bins, depth: depth, lambda: lambda, each: each,
		sums: make([][][2]float64, workers), found: make([]split, len(bins.cuts)),
	}
}

// split is a question and how much it lowers the loss.
type split struct {
	feature, cut int
	gain         float64
}

// Grow finds the splits of the next tree by the derivatives of the rows from to
// to, among the features that may be used, and puts all rows into its leaves. No
// split means that none lowers the loss. The error is that of each.
func (g *Grower[T]) Grow(from, to int, may func(feature int) bool) (Splits, error) {
	clear(g.Leaf)
	var s Splits
	gain := 0.
	for level := range g.depth {
		best, err := g.bestSplit(from, to, 1<<level, may)
		if err != nil {
			return Splits{}, err
		}
		if best.gain <= gain*(1+1e-9) {
			break
		}
		gain = best.gain
		s.Feature, s.Cut = append(s.Feature, uint16(best.feature)), append(s.Cut, g.bins.cuts[best.feature][best.cut])
		for i, bin := range g.bins.bin[best.feature] {
			if int(bin) > best.cut {
				g.Leaf[i] |= 1 << level
			}
		}
	}
	return s, nil
}

// bestSplit is the split of all leaves at once with the highest gain; of equal
// ones the first.
func (g *Grower[T]) bestSplit(from, to, leaves int, may func(feature int) bool) (best split, err error) {
	clear(g.found)
	err = g.each(len(g.found), func(worker, f int) {
		if !may(f) || len(g.bins.cuts[f]) == 0 {
			return
		}
		if g.sums[worker] == nil {
			g.sums[worker] = make([][2]float64, maxBins<<g.depth)
		}
		g.found[f] = g.bestOf(f, from, to, g.sums[worker][:leaves*maxBins])
	})
	for _, s := range g.found {
		if s.gain > best.gain {
			best = s
		}
	}
	return best, err
}

// bestOf is the best split by one feature.
func (g *Grower[T]) bestOf(f, from, to int, sums [][2]float64) split {
	clear(sums)
	leaf, gradients := g.Leaf[from:to], g.Gradients[from:to]
	for i, bin := range g.bins.bin[f][from:to] {
		s := &sums[int(leaf[i])*maxBins+int(bin)]
		s[0] += float64(gradients[i][0])
		s[1] += float64(gradients[i][1])
	}
	gains := make([]float64, len(g.bins.cuts[f]))
	for ; len(sums) > 0; sums = sums[maxBins:] {
		var first, second, left, leftSecond float64
		for _, s := range sums[:maxBins] {
			first, second = first+s[0], second+s[1]
		}
		for c := range gains {
			left, leftSecond = left+sums[c][0], leftSecond+sums[c][1]
			gains[c] += g.gain(left, leftSecond) + g.gain(first-left, second-leftSecond)
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

// gain is how much a leaf lowers the loss, doubled.
func (g *Grower[T]) gain(first, second float64) float64 {
	if second <= 0 {
		return 0
	}
	return first * first / (second + g.lambda)
}
