package sim

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// misses sums absolute errors of predictions, for WAPE = Σ|p−y| / Σy.
type misses struct{ off, actual float64 }

func (m *misses) add(predicted, actual float64) {
	m.off += math.Abs(predicted - actual)
	m.actual += actual
}

func (m *misses) wape() float64 {
	if m.actual == 0 {
		return 0
	}
	return m.off / m.actual
}

// scoreForecasts compares the forecasts of the days from one to another with
// what was wanted on them, whatever the stock, and with what the same weekday
// of the last week before sold. A SKU without a forecast is forecast to sell
// nothing.
func (p *sale) scoreForecasts(got []forecastOf, from, to forecast.Day) ForecastScore {
	of := map[events.SKU]*forecastOf{}
	for i := range got {
		of[got[i].SKU] = &got[i]
	}
	var service, naive misses
	within, days := 0., 0.
	for _, k := range p.skus {
		for d := from; d <= to; d++ {
			wanted := p.tally.wantedIn(k, d, d)
			back := (d-from)/7*7 + 7
			naive.add(p.tally.soldIn(k, d-back, d-back), wanted)
			mean, low, high := of[k.code].on(d)
			service.add(mean, wanted)
			if wanted >= low && wanted <= high {
				within++
			}
			days++
		}
	}
	return ForecastScore{service.wape(), naive.wape(), within / days}
}

// on gives mean and 80 % interval of a day, zeros without a forecast.
func (f *forecastOf) on(d forecast.Day) (mean, low, high float64) {
	if f == nil {
		return 0, 0, 0
	}
	for _, p := range f.Points {
		if p.Date == d {
			return p.Mean, p.Quantiles["0.1"], p.Quantiles["0.9"]
		}
	}
	return 0, 0, 0
}

// scorePlan compares the planned demand of each SKU over the plan's window
// with what was sold, and with last year's sales of that window times the
// shop's growth. Short are the SKUs that would have run out with what the plan
// orders.
func (p *sale) scorePlan(plan stockPlan) PlanScore {
	growth := p.growth(plan.From - 1)
	var service, naive misses
	score := PlanScore{SKUs: len(plan.Items)}
	planned, there := map[events.SKU]float64{}, map[events.SKU]float64{}
	for _, it := range plan.Items {
		planned[it.SKU], there[it.SKU] = it.Demand.Mean, it.OnHand+it.OnOrder+it.Order
	}
	for _, k := range p.skus {
		sold := p.tally.soldIn(k, plan.From, plan.To)
		service.add(planned[k.code], sold)
		naive.add(growth*p.tally.soldIn(k, lastYear(plan.From), lastYear(plan.To)), sold)
		if p.tally.wantedIn(k, plan.From, plan.To) > there[k.code] {
			score.Short++
		}
	}
	score.Accuracy, score.NaiveAccuracy = 1-service.wape(), 1-naive.wape()
	return score
}

// growth is the shop's sales of the four weeks up to a day over those of the
// same weeks a year before.
func (p *sale) growth(last forecast.Day) float64 {
	now, then := 0., 0.
	for _, k := range p.skus {
		now += p.tally.soldIn(k, last-27, last)
		then += p.tally.soldIn(k, lastYear(last)-27, lastYear(last))
	}
	return now / then
}

// lastYear is the same date a year before.
func lastYear(d forecast.Day) forecast.Day {
	y, m, day := d.Date()
	return forecast.NewDay(y-1, m, day)
}

// ndcg is the normalised discounted cumulative gain of the first k items, each
// relevant or not (Järvelin and Kekäläinen 2002).
func ndcg(ranked []events.ItemID, relevant []events.ItemID, k int) float64 {
	gain, ideal := 0., 0.
	for i := range min(k, len(ranked)) {
		if slices.Contains(relevant, ranked[i]) {
			gain += 1 / math.Log2(float64(i)+2)
		}
	}
	for i := range min(k, len(relevant)) {
		ideal += 1 / math.Log2(float64(i)+2)
	}
	if ideal == 0 {
		return 0
	}
	return gain / ideal
}

// percentile is the value below which a share of the durations lies.
func percentile(of []time.Duration, share float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

// popularity ranks what a user does not have yet by how much was done with it,
// as far as it is in stock.
func (p *sale) popularity(u *user) []events.ItemID {
	list := slices.Clone(p.products)
	slices.SortFunc(list, func(a, b *product) int {
		return cmp.Or(cmp.Compare(p.popular[b.number], p.popular[a.number]), cmp.Compare(a.id, b.id))
	})
	var out []events.ItemID
	for _, item := range list {
		if p.open(u, item) {
			out = append(out, item.id)
		}
	}
	return out
}
