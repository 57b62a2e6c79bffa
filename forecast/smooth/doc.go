// Package smooth fits the classical models of one regular series: exponential
// smoothing and the ETS family, Theta, decomposition by loess, autoregression,
// ridge regression, and the methods for demand that is mostly zero.
//
//	e := smooth.FitETS(y, 12, smooth.Form{Error: 'A', Trend: 'D', Season: 'M'})
//	path := e.Forecast(18)
//
// Values are equally spaced, the oldest first. What takes weights w takes
// missing values with weight 0; what does not wants every value to be finite.
// The package knows no dates and no other series: forecast and forecast/panel
// do. Everything is deterministic.
package smooth
