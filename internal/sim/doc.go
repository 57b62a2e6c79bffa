// Package sim is a shop whose truth is known, and one Double 11 played
// through peakday's public HTTP interface.
//
//	world    shop, user, item, season, intraday   preferences, prices, growth, what a day is like
//	truth    visit, truth, sales                  what would have happened under the other arm, without stock limits
//	run      history → 31 Oct → sale 1–13 Nov → reports     what is sent, and when
//	score    what the service answered, beside the truth
//
// Every random number is named by what it decides (random): the seed, the user,
// the visit, the decision. So the same world can be simulated again with other
// variants, and only what a variant changes is different: the true effect of an
// experiment is
//
//	(Σ units all treated − Σ the same units all control) / units
//
// measured by the service's own definition of the metric. None of it is ever
// sent. What a real shop would know is: products, orders, visits, stock.
//
//	result, err := sim.Run(ctx, sim.Options{Seed: 1, URL: "http://127.0.0.1:8080", Clock: clock})
//
// Stock does not bias the experiments: who finds an item sold out takes another
// one, so whether and when somebody buys never depends on stock.
package sim
