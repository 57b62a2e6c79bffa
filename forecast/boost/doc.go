// Package boost learns a quantile of a number from rows of features, by
// gradient-boosted trees: the median of what sells, say, from what sold before.
//
//	rows ──► bins, at most 64 a feature
//	           │
//	         tree by tree, each of one half of the rows by turns: a level asks
//	         one question of all rows, feature > cut, so that depth d has 2ᵈ leaves
//	           │
//	         f ← f + rate × the quantile of y − f in the row's leaf
//
// Questions are chosen by the gradient of the quantile loss, leaves are valued
// by the quantile itself, as in Friedman, "Greedy function approximation"
// (2001), section 4.3. Begin with
//
//	model := boost.Fit(lessons, boost.Learning{Quantile: .5, Trees: 60, Depth: 5, Rate: .1})
//	median := model.Value(row)
//
// The same lessons give the same model on every machine.
package boost
