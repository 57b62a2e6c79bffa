package forecast

import (
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/peakday/peakday/events"
)

// shopModel is what was learned from the closed days. Its models
// and forecasts are made as they are asked for.
type shopModel struct {
	history     *history
	version     int64
	calendar    []Event // as stored
	made        time.Time
	pool        *Pool
	presales    *presaleModel
	regionParts map[string][]float64 // by category

	mu         sync.Mutex
	models     map[*Series]*Model
	categories map[string]*Series
	baselines  map[int]*onceBaseline
	priceOnce  sync.Once
	prices     *elasticities
}

// holds reports whether the view is still good enough.
func (s *shopModel) holds(asOf Day, version int64, stored []Event, now time.Time, refresh time.Duration) bool {
	sameCalendar := slices.EqualFunc(s.calendar, stored, func(a, b Event) bool { return a.Key == b.Key && a.Version == b.Version })
	fresh := s.version == version || now.Sub(s.made) < refresh && !now.Before(s.made)
	return s.history.asOf == asOf && sameCalendar && fresh
}

// find gives the place of a SKU among the articles; -1 if it never sold.
func (s *shopModel) find(sku events.SKU) int {
	all := s.history.articles
	i := sort.Search(len(all), func(i int) bool { return all[i].product.SKU >= sku })
	if i < len(all) && all[i].product.SKU == sku {
		return i
	}
	return -1
}

func (s *shopModel) article(sku events.SKU) *article {
	if i := s.find(sku); i >= 0 {
		return s.history.articles[i]
	}
	return nil
}

// model fits a series, once. Two who ask at the same time may both do the
// work: they find the same.
func (s *shopModel) model(series *Series) *Model {
	s.mu.Lock()
	m := s.models[series]
	s.mu.Unlock()
	if m != nil {
		return m
	}
	m = mustFit(series, s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.models[series]; first != nil {
		return first
	}
	s.models[series] = m
	return m
}

// mustFit cannot fail: the horizon is the desk's own.
func mustFit(series *Series, s *shopModel) *Model {
	m, err := Fit(series, s.history.calendar, Options{Horizon: defaultHorizon, Pool: s.pool})
	if err != nil {
		panic(err)
	}
	return m
}

// window is the next sale of an event, as far as it is not over. The error is
// an *events.Invalid.
func (s *shopModel) window(event string) (from, to Day, err error) {
	if _, ok := s.history.calendar.Event(event); !ok {
		return 0, 0, &events.Invalid{Field: "event", Problem: fmt.Sprintf("must be an event of the calendar, there is none %q", events.Clip(event))}
	}
	o, ok := s.history.calendar.Next(event, s.history.asOf)
	if ok {
		from, to = o.Sale()
		from = max(from, s.history.asOf+1)
	}
	if !ok || int(to-s.history.asOf) > maxHorizon {
		return 0, 0, &events.Invalid{Field: "event", Problem: fmt.Sprintf("must have a sale in the calendar within %d days after %s, %q has none", maxHorizon, s.history.asOf, events.Clip(event))}
	}
	return from, to, nil
}

// wholeShop stands for all categories where one is asked for; no id may hold it.
const wholeShop = "\x00"

// categoryNames lists the categories of all articles, in order.
func (s *shopModel) categoryNames() []string {
	names := map[string]bool{}
	for _, a := range s.history.articles {
		names[a.product.Category] = true
	}
	return sortedKeys(names)
}

// aggregate is the series of a whole category, or of the whole shop. A day's open share is that of
// its SKUs, by their usual sales.
func (s *shopModel) aggregate(category string) *Series {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sum := s.categories[category]; sum != nil {
		return sum
	}
	var own []*Series
	start := s.history.asOf + 1
	for _, a := range s.history.articles {
		if a.product.Category == category || category == wholeShop {
			own = append(own, a.series)
			start = min(start, a.series.Start)
		}
	}
	n := int(s.history.asOf - start + 1)
	sum := &Series{Category: category, Start: start, Sold: make([]float64, n), Open: ones(n)}
	usual, shut := make([]float64, n), make([]float64, n)
	for _, part := range own {
		total := 0.
		for _, v := range part.Sold {
			total += max(0, v)
		}
		mean := total / float64(len(part.Sold))
		for i, v := range part.Sold {
			at := int(part.Start-start) + i
			sum.Sold[at] += v
			usual[at] += mean
			if part.Open != nil {
				shut[at] += mean * (1 - part.Open[i])
			}
		}
	}
	for i := range usual {
		if usual[i] > 0 {
			sum.Open[i] = 1 - shut[i]/usual[i]
		}
	}
	s.categories[category] = sum
	return sum
}

// active reports whether the SKU sold in the last 90 days, or is new and will.
func (a *article) active() bool {
	sold := a.series.Sold
	if len(sold) == 0 {
		return true
	}
	for _, v := range sold[max(0, len(sold)-90):] {
		if v > 0 {
			return true
		}
	}
	return false
}
