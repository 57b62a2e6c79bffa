// Package boost grows gradient-boosted trees on binned features.
//
//	rows ──► Bins: at most 64 a feature
//	           │
//	         Grower: tree by tree; a level asks one question of all rows,
//	         feature > cut, so that depth d has 2ᵈ leaves (an oblivious tree)
//	           │
//	         the caller's loss gives each row's gradient and each leaf its value
//
// The split of a level is the one of the highest Σ gradient²/(hessian + λ) over
// the leaves (Chen and Guestrin, XGBoost, 2016). FitQuantile is a complete
// learner: its leaves are valued by the quantile of what is left of their rows,
// as in Friedman, "Greedy function approximation" (2001), section 4.3.
//
//	model := boost.FitQuantile(examples, boost.Params{Quantile: .5, Trees: 60, Depth: 5, Rate: .1})
//	median := model.Value(row)
//
// The same rows give the same trees on every machine, however many workers look
// for the splits.
package boost
