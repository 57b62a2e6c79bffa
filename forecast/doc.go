// Package forecast says what each SKU will sell, and how much of it to stock
// before an event.
//
//	order and stock events ── Sales (fold) ──► hours per SKU and region, stock moves
//	                                               │ Desk reads closed days
//	                                               ▼
//	        Series: pieces a day, and the share of the day that had stock
//	                                               │ FitPool, once over all SKUs
//	                                               ▼
//	    demand = base × weekday × events      (shrunk: series → category → all)
//	                                               │ Fit: methods for the base, weighted by backtest
//	                                               ▼
//	        Forecast: mean, quantiles, components ──► Plan: orders, safety stock
//
// A day without stock is not a day without demand: it weighs as much as the
// share of its usual sales that could be made, and is never a zero. Events are
// known by (event, phase, day offset), so that a sale that was seen once, a
// year ago, is found again on its new dates; how strongly a SKU reacts to it is
// learned from all SKUs together. What the forecasts of earlier days turned
// out to be worth corrects the quantiles of later ones.
//
// Without a store, begin with
//
//	pool := forecast.FitPool(series, forecast.NewCalendar(nil), 30)
//	model, err := forecast.Fit(series[0], forecast.NewCalendar(nil), forecast.Options{Pool: pool})
//	f := model.Predict(30)
//	window := f.Sum(from, to) // the distribution of a sum, not the sum of quantiles
//
// and with one, ask a Desk. Everything here is computed: time, data and files
// are the caller's, and the same input gives the same output.
package forecast
