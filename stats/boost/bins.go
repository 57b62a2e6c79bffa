package boost

import "slices"

// maxBins is how many bins a feature has at most.
const maxBins = 64

// Bins are rows of features as trees see them: by feature, which of its bins a
// row lies in.
type Bins struct {
	cuts [][]float32 // by feature, between its bins
	bin  [][]uint8   // by feature, by row: how many cuts lie below
}

// Each runs do for every i from 0 to n−1, in any order or at once; worker is
// from 0 and belongs to one call at a time. An error says that some were left
// out.
type Each func(n int, do func(worker, i int)) error

// InTurn is an Each without workers.
func InTurn(n int, do func(worker, i int)) error {
	for i := range n {
		do(0, i)
	}
	return nil
}

// NewBins bins rows of width features. The cuts of a feature are chosen from
// about sample rows, so that about as many of them lie in each bin.
func NewBins(rows []float32, width, sample int, each Each) (*Bins, error) {
	b := &Bins{cuts: make([][]float32, width), bin: make([][]uint8, width)}
	n := len(rows) / max(width, 1)
	return b, each(width, func(_, f int) {
		b.cuts[f] = cutsOf(rows, width, f, max(1, n/sample))
		b.bin[f] = make([]uint8, n)
		for i := range n {
			at, _ := slices.BinarySearch(b.cuts[f], rows[i*width+f])
			b.bin[f][i] = uint8(at)
		}
	})
}

// cutsOf chooses the cuts of a feature from every step-th row.
func cutsOf(rows []float32, width, feature, step int) []float32 {
	var values []float32
	for i := feature; i < len(rows); i += step * width {
		values = append(values, rows[i])
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
