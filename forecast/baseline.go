package forecast

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// baseline is the forecast of every SKU so many days ahead, reconciled with those
// of categories, regions and the whole shop.
type baseline struct {
	days          int
	forecasts     []*Forecast // by article
	categories    map[string]*Forecast
	regions       map[string]*Forecast
	whole         *Forecast
	regionFactors [][]float64 // by day: of each region (history.regionNames)
}

// span is the number of days that a horizon is rounded up to, so that requests
// of all lengths share few computations.
func span(horizon int) int {
	for _, days := range []int{nearDays, 2 * nearDays, 4 * nearDays} {
		if horizon <= days {
			return days
		}
	}
	return maxHorizon
}

// nearDays covers a presale from its first deposit to its last balance.
const nearDays = 42

// baselineOf computes, once, all forecasts of at least so many days.
func (s *shopModel) baselineOf(horizon int) *baseline {
	days := span(horizon)
	s.mu.Lock()
	cell := s.baselines[days]
	if cell == nil {
		cell = &onceBaseline{}
		s.baselines[days] = cell
	}
	s.mu.Unlock()
	cell.once.Do(func() { cell.baseline = s.forecastAll(days) })
	return cell.baseline
}

type onceBaseline struct {
	once     sync.Once
	baseline *baseline
}

func (s *shopModel) forecastAll(days int) *baseline {
	a := &baseline{days: days, forecasts: make([]*Forecast, len(s.history.articles)), categories: map[string]*Forecast{}, regions: map[string]*Forecast{}}
	inParallel(len(a.forecasts), func(i int) {
		a.forecasts[i] = s.model(s.history.articles[i].series).Predict(days)
	})
	if len(a.forecasts) == 0 {
		return a
	}
	names := s.categoryNames()
	var all []*Series
	for _, c := range names {
		all = append(all, s.aggregate(c))
	}
	for _, r := range s.history.regionNames {
		all = append(all, s.history.regions[r])
	}
	all = append(all, s.aggregate(wholeShop))
	made := make([]*Forecast, len(all))
	inParallel(len(all), func(i int) { made[i] = s.model(all[i]).Predict(days) })
	for i, c := range names {
		a.categories[c] = made[i]
	}
	for i, r := range s.history.regionNames {
		a.regions[r] = made[len(names)+i]
	}
	a.whole = made[len(made)-1]
	s.reconcile(a, names)
	return a
}

// inParallel runs do for each of n, on all cores.
func inParallel(n int, do func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}

// reconcile makes the means of each day add up.
func (s *shopModel) reconcile(a *baseline, names []string) {
	category := map[string]int{}
	for i, c := range names {
		category[c] = i
	}
	shares := make([][]float64, len(a.forecasts))
	of := make([]int, len(a.forecasts))
	for i, x := range s.history.articles {
		of[i] = category[x.product.Category]
		shares[i] = s.regionShares(x)
	}
	for k := range a.days {
		h := &hierarchy{whole: nodeOf(a.whole, k), of: of}
		for _, c := range names {
			h.categories = append(h.categories, nodeOf(a.categories[c], k))
		}
		for _, r := range s.history.regionNames {
			h.regions = append(h.regions, nodeOf(a.regions[r], k))
		}
		for _, f := range a.forecasts {
			h.skus = append(h.skus, nodeOf(f, k))
		}
		h.reconcile()
		for i, f := range a.forecasts {
			f.Points[k].become(h.skus[i].mean)
		}
		for i, c := range names {
			a.categories[c].Points[k].become(h.categories[i].mean)
		}
		for i, r := range s.history.regionNames {
			a.regions[r].Points[k].become(h.regions[i].mean)
		}
		a.whole.Points[k].become(h.whole.mean)
		a.regionFactors = append(a.regionFactors, fitRegionFactors(h.skus, h.regions, shares))
	}
	inParallel(len(a.forecasts), func(i int) {
		f := a.forecasts[i]
		f.requantile(f.AsOf+1, f.AsOf+Day(a.days))
	})
}

func nodeOf(f *Forecast, k int) node {
	p := &f.Points[k]
	return node{p.Mean, p.own + p.shared*p.shared}
}

// become gives the point the mean that the hierarchy wants. Its spread moves
// along.
func (p *ForecastPoint) become(mean float64) {
	p.Components.Whole += mean - p.Mean
	if p.Mean > 0 {
		before := p.Mean
		p.scale(mean / before)
		p.Mean = mean
		return
	}
	p.set(mean, mean, mean)
}
