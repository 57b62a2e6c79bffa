// Package stats is the statistics of controlled experiments. It knows no
// experiment: it takes what arms' units did and says what the treatment
// changed, how sure that is, and what is wrong with the data.
//
//	Bernoulli, SampleOf ─► Sample  ─► TwoProportions, Welch, Z ─┐
//	MomentsOf           ─► Moments ─► Ratio, CUPED             ─┼─► Effect ─► At, Correct
//
// Start with one comparison:
//
//	control, _ := stats.Bernoulli(4000, 50000)
//	treatment, _ := stats.Bernoulli(4180, 50500)
//	e, err := stats.TwoProportions(control, treatment, stats.Options{})
//	// e.Estimate, e.Interval, e.P, e.Relative.Estimate, e.Relative.Interval, e.Method
//
// Which method for which metric: conversion, retention and steps of a funnel are
// proportions (TwoProportions); revenue, counts and latencies of a unit are
// means (Welch); anything per something else, and rows clustered in units, is a
// ratio (Ratio); CUPED sharpens means and ratios.
//
// Everything is computed from sufficient statistics, so that an experiment on
// 10⁸ units is analysed in microseconds. P-values are survival functions and
// never 1 − CDF: they keep their digits down to 1e-300, and as logarithms
// below. Bad input gives an *Error that says what is wrong in words; no result
// is NaN, and only the open ends of intervals are infinite.
package stats
