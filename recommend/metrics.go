package recommend

import "math"

// Metrics are the means over the cases of a test set.
type Metrics struct {
	Cases  int
	Recall float64 // Recall@20
	NDCG   float64 // NDCG@10

	perCase []float64 // NDCG by test case
}

// WorseThan reports whether m is significantly worse than another model's metrics
// on the same test set: the mean paired difference of NDCG lies more than two
// standard errors below 0. It is false of fewer than 100 cases.
func (m Metrics) WorseThan(other Metrics) bool {
	if len(m.perCase) != len(other.perCase) || len(m.perCase) < minTestCases {
		return false
	}
	n := float64(len(m.perCase))
	mean, squares := 0.0, 0.0
	for i, v := range m.perCase {
		mean += (v - other.perCase[i]) / n
	}
	for i, v := range m.perCase {
		d := v - other.perCase[i] - mean
		squares += d * d
	}
	return mean < -significantErrors*math.Sqrt(squares/(n*(n-1)))
}

// gain is what a relevant item adds to DCG at a place, the first being 0.
func gain(place float64) float64 { return 1 / math.Log2(place+2) }

// idealGain is the DCG@10 of so many relevant items in the first places.
func idealGain(wanted int) (sum float64) {
	for place := range min(ndcgAt, wanted) {
		sum += gain(float64(place))
	}
	return sum
}
