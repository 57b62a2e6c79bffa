// Package panel forecasts many series of one frequency together: hourly,
// daily, weekly, monthly or any other step, read from a long table.
//
//	rows ── Builder ──► Panel: every series on its grid, with regressors and events
//	                      │
//	     what all share: coefficients (all → group → series), lags, scores, errors
//	                      │
//	   backtest: every method from up to six rolling origins, at the real horizon
//	                      │
//	   weights ∝ error⁻⁶, shrunk to the segment's  ──►  combination of the methods' paths
//	                      │            blended with trees boosted over all series, if many
//	   quantiles: conformal on the pooled backtest errors; counts by a negative
//	   binomial  ──►  Result
//
// It needs no shop: package forecast forecasts a shop's SKUs by the day, with
// its calendar and stock. Begin with
//
//	result, err := p.Forecast(panel.Spec{Horizon: 28, Quantiles: []float64{.1, .5, .9}})
//	score, err := p.Backtest(panel.Spec{Horizon: 28}, 6)
//
// The same panel and spec give the same result on every machine.
package panel
