// Package stats is the statistics of controlled experiments. It knows no
// experiment: it takes what arms' units did and says what the treatment
// changed, how sure that is, and what is wrong with the data.
//
//	Bernoulli, SampleOf ─► Sample   ─► TwoProportions, Welch, PostStratify ─┐
//	MomentsOf           ─► Moments  ─► Ratio, CUPED                        ─┼─► Effect
//	Quantiles           ─► Quantile ─► CompareQuantiles                    ─┘
//
//	Effect ─► AlwaysValid      looked at all the time       (else: at one size, fixed beforehand)
//	       ─► At               at another alpha, as SpendingBounds wants for a few looks
//	       ─► Correct          one of many
//	       ─► AgainstMargin    a guardrail: non-inferior or harmful
//	       ─► Believe          chance to win, expected loss
//
// Start with one comparison:
//
//	control, _ := stats.Bernoulli(4000, 50000)
//	treatment, _ := stats.Bernoulli(4180, 50500)
//	e, err := stats.TwoProportions(control, treatment, stats.Options{})
//	// e.Estimate, e.Interval, e.P, e.Relative.Estimate, e.Relative.Interval, e.Method
//
// Which for what: conversion, retention on a day and steps of a funnel (Funnel)
// are proportions; revenue, counts and latencies of a unit are means; anything
// per something else, and rows clustered in units, is a ratio; CUPED and
// PostStratify sharpen; ExactProportions and BetaBinomial need no large sample.
//
// Is the experiment healthy: SampleRatio, SequentialSampleRatio,
// PreExposureBias, EffectTrend (novelty), CompareSegments, Interact. Before it:
// SampleSize, DetectableEffect, Duration. With moving traffic:
// ThompsonProportions, TopTwo, Adaptive. For ranked lists: Interleave.
//
// Everything but quantiles is computed from sufficient statistics, so that an
// experiment on 10⁸ units is analysed in microseconds. P-values are survival
// functions and never 1 − CDF: they keep their digits down to 1e-300, and as
// logarithms below. Bad input gives an *Error that says what is wrong in words;
// no result is NaN, and only the open ends of intervals and bounds are infinite.
package stats
