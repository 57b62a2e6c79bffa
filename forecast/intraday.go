package forecast

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/peakday/peakday/events"
)

// intraday is what has come in since the last closed day, and the deposits of
// the presales that are going on.
type intraday struct {
	version  int64
	made     time.Time // by the caller's clock
	at       time.Time // of the newest order: how much of today is known
	today    Day
	waves    []*activeWave
	sold     map[events.SKU]float64 // today, balances included, less what was taken back
	paid     map[events.SKU]float64 // today's balances
	progress map[string]progress    // by category; "" for all
	factor   map[string]float64     // today's demand outside presale over what was expected by now, by category
}

// progress says how far a day has come.
type progress struct{ seen, expected, whole float64 }

// readLive reads what has come since the closed days of shop.
func readLive(ctx context.Context, from Reader, s *shopModel, mark Mark) (*intraday, error) {
	zone := s.history.zone
	l := &intraday{
		version: mark.Version, at: mark.Newest, today: s.history.asOf + 1,
		sold: map[events.SKU]float64{}, paid: map[events.SKU]float64{},
	}
	begin := l.today.In(zone)
	far := (l.today + maxHorizon).In(zone)
	l.open(s)
	err := from.PresaleHours(ctx, (l.today - longestPresale).In(zone), far, func(p PresaleHour) error {
		l.enter(s.presales.waves[p.Event], &p, zone)
		if !p.Start.Before(begin) {
			l.paid[p.SKU] += float64(p.Balances)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read presales: %w", err)
	}
	err = from.SaleHours(ctx, nil, begin, far, func(h Hour) error {
		l.sold[h.SKU] += float64(h.Quantity)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read today's sales: %w", err)
	}
	return l, nil
}

// open lists the waves that still matter.
func (l *intraday) open(s *shopModel) {
	for _, e := range s.history.calendar.Events() {
		for _, w := range s.presales.waves[e.Key] {
			until := min(w.due+longestBalance, max(w.next, w.last+1))
			if until <= l.today || w.due > l.today+longestPresale {
				continue
			}
			lw := &activeWave{wave: w, cohorts: map[events.SKU]*cohort{}, complete: map[string]float64{}, factor: map[string]float64{}}
			lw.left = hoursBetween(l.at, w.due.In(s.history.zone))
			l.waves = append(l.waves, lw)
		}
	}
}

func (l *intraday) enter(ws []wave, p *PresaleHour, zone *time.Location) {
	i := waveOfDeposit(ws, DayOf(p.Start, zone))
	if i < 0 {
		return
	}
	for _, w := range l.waves {
		if w.wave != ws[i] {
			continue
		}
		c := w.cohort(p.SKU)
		c.deposits += float64(p.Deposits)
		c.void += float64(p.Void)
		c.paid += float64(p.Paid)
		c.value += float64(p.DepositValue)
		w.any = w.any || p.Deposits > 0
	}
}

// How well the share of deposits (or of a day's sales) that has come by now is
// known, for the shop, a category and a SKU: as from so many earlier pieces.
const (
	shopConcentration     = 60
	categoryConcentration = 40
	skuConcentration      = 25
)

// weigh compares what has come with what the forecasts expected by now, for
// the whole shop and for each category: a presale that goes better than last
// year's goes better for all. forecasts are those of the articles.
func (l *intraday) weigh(s *shopModel, forecasts []*Forecast) {
	for _, w := range l.waves {
		if reach := s.history.asOf + Day(nearDays); (w.any || s.presales.seen[w.event]) && w.due+3 <= reach {
			w.expect(s, forecasts)
			w.known = true
		}
	}
	l.progress = map[string]progress{}
	for i, a := range s.history.articles {
		f := forecasts[i]
		if len(f.Points) == 0 {
			continue
		}
		share := l.partOfToday(s, a.product.Category)
		come := s.hoursPassed(l.today, l.at)
		for _, c := range pools(a.product.Category) {
			p := l.progress[c]
			p.seen += max(0, l.sold[a.product.SKU]-l.paid[a.product.SKU])
			p.expected += f.Points[0].Mean * (1 - share) * come
			p.whole += f.Points[0].Mean * (1 - share)
			l.progress[c] = p
		}
	}
	l.factor = factors(l.progress, s.pool.spreads.batch)
}

// pools are those that a category belongs to: all, and itself.
func pools(category string) []string {
	if category == "" {
		return []string{""}
	}
	return []string{"", category}
}

// factors shrinks what was seen over what was expected: a category's to the
// shop's, the shop's to 1.
func factors(of map[string]progress, batch float64) map[string]float64 {
	ratio := func(p progress, before, v, concentration float64) float64 {
		if !(p.whole > 0) || !(p.expected > 0) {
			return before
		}
		m, _ := update(p.whole*before, v, p.seen, p.expected/p.whole, concentration, batch)
		return m / p.whole
	}
	out := map[string]float64{"": ratio(of[""], 1, .1, shopConcentration)}
	for c, p := range of {
		if c != "" {
			out[c] = ratio(p, out[""], .05, categoryConcentration)
		}
	}
	return out
}

// partOfToday is presale's share of today's demand.
func (l *intraday) partOfToday(s *shopModel, category string) float64 {
	if w := l.waveOf(l.today); w != nil && w.known && l.today >= w.due {
		share, _ := s.presales.part(s.history.calendar, w.event, category, l.today)
		return share
	}
	return 0
}

// waveOf is the wave whose balances come on a day, else the one whose sale it
// belongs to; nil if there is none. Where sales follow closely, the last
// balances of one come on days of the next: then it is the next, unless that
// has no presale.
func (l *intraday) waveOf(d Day) *activeWave {
	var due, open *activeWave
	for _, w := range l.waves {
		switch {
		case d >= w.due && d < min(w.next, max(w.due+longestBalance, w.last+1)):
			if due == nil || w.known && !due.known || w.known == due.known && w.due > due.due {
				due = w
			}
		case d < w.due && d >= w.opens && open == nil:
			open = w
		}
	}
	if due != nil {
		return due
	}
	return open
}

// hoursPassed is the share of a day's demand outside presale that has usually
// come by a moment of it.
func (s *shopModel) hoursPassed(d Day, at time.Time) float64 {
	begin := d.In(s.history.zone)
	if !at.After(begin) || s.history.hourly == nil {
		return 0
	}
	label := s.history.label(d)
	usual := s.history.hourly.usual(label, &profile{})
	if label != nil && s.presales.outside[*label] != nil {
		usual = s.presales.outside[*label].shares(&usual, 50)
	}
	gone, hours := 0., at.Sub(begin).Hours()
	for h, part := range usual {
		gone += part * math.Min(math.Max(hours-float64(h), 0), 1)
	}
	return min(gone, 1)
}
