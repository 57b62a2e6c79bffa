package forecast

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/peakday/peakday/events"
)

// Options of Fit. The zero value is fine.
type Options struct {
	Horizon int   // days to forecast and to backtest at: 30 if 0, at most 366
	Pool    *Pool // what is shared with other series; fitted on the series alone if nil
}

const (
	defaultHorizon = 30
	maxHorizon     = 366
)

// Model is a fitted series. It is immutable.
type Model struct {
	series   *Series
	pool     *Pool
	fit      *fit
	states   memberStates
	weights  [members]float64
	scale    float64 // of its squared deviations over those of the pool
	prior    level   // of series of its category
	trust    float64 // 0 to 1: what its own level counts against the prior
	levelVar float64 // relative variance of the level because it was seen so briefly
}

// Fit prepares the forecast of a series: it removes the effects of weekday and
// events, which it shares with the other series of the pool, weighs the
// methods for the rest by a rolling-origin backtest at the horizon, and
// calibrates its quantiles on the pool's errors. The same input gives the
// same model. A series may be of any length; one without a single sale gets
// the size of its category. The calendar is the pool's own if opt has a pool.
// The error is an *events.Invalid about opt.
func Fit(s *Series, c *Calendar, opt Options) (*Model, error) {
	if opt.Horizon == 0 {
		opt.Horizon = defaultHorizon
	}
	if opt.Horizon < 1 || opt.Horizon > maxHorizon {
		return nil, &events.Invalid{Field: "horizon", Problem: fmt.Sprintf("must be 1 to %d days, got %d", maxHorizon, opt.Horizon)}
	}
	p := opt.Pool
	if p == nil {
		p = FitPool([]*Series{s}, c, opt.Horizon)
	}
	f := p.fits[s]
	if f == nil {
		f = p.prepare(p.decompose(s))
	}
	m := &Model{series: s, pool: p, fit: f, weights: f.weights(p), prior: p.levelOf(s)}
	m.states = f.ensemble.statesAt([]int{len(f.t.y)})[0]
	m.scale = f.t.scale(p)
	m.trust, m.levelVar = m.seen()
	return m, nil
}

// seen weighs what a series showed of its level against what its category
// would suggest: the level is Gamma with the mean and the relative variance of
// those of other series, and what it sold so far is a count of it, each piece
// worth the less the more the days vary beyond counting:
//
//	posterior mean = (1/v + k·pieces) / (1/(v·m) + k·days),  k = evidence of a day at the level
//
// so that a series which rarely sells is not lifted by large ones beside it. In
// the mean, level is at most m, lest one of the largest be taken for an error.
func (m *Model) seen() (trust, cold float64) {
	days, pieces := 0., 0.
	for i, w := range m.fit.t.w {
		days += w
		pieces += w * m.fit.t.y[i]
	}
	if !(m.prior.mean > 0) {
		return 1, 0
	}
	if days == 0 {
		return 0, m.prior.spread
	}
	pieces = max(pieces, .5)
	n := m.pool.noise
	n.day = m.scale * (n.day + m.pool.spreads.day)
	worth := func(level float64) float64 { return n.evidence(level, 1) }
	k := days * worth(min(pieces/days, m.prior.mean))
	trust = k / (1/(m.prior.spread*m.prior.mean) + k)
	return trust, 1 / (1/m.prior.spread + pieces*worth(pieces/days))
}

// Predict forecasts the h days after the series' last; h is cut to 366.
func (m *Model) Predict(h int) *Forecast {
	h = min(max(h, 0), maxHorizon)
	t := m.fit.t
	paths := m.fit.ensemble.paths(m.states, h)
	from := m.series.End()
	base := m.start(&paths)
	size := sizeFor(base)
	f := &Forecast{SKU: m.series.SKU, Category: m.series.Category, Model: m.Name(), AsOf: from - 1, Members: m.Members(), days: m.pool.days.at(size), sums: m.pool.sums.at(size)}
	for k := range h {
		day := from + Day(k)
		level := max(0, m.trust*blend(m.weights, &paths, k)+(1-m.trust)*m.prior.mean)
		weekday := t.weekday[day.Weekday()]
		if len(t.y) == 0 {
			weekday = m.pool.weekOfCategory(t.category)[day.Weekday()]
		}
		uplift := m.pool.effects.uplift(day, t.category, t.response)
		f.Points = append(f.Points, m.point(day, k, base, level, weekday, uplift))
		f.requantile(day, day)
	}
	return f
}

// start is the level from which the paths set out.
func (m *Model) start(paths *[members][]float64) float64 {
	if len(paths[recentMean]) == 0 {
		return 0
	}
	return m.trust*blend(m.weights, paths, 0) + (1-m.trust)*m.prior.mean
}

func (m *Model) point(day Day, k int, base, level, weekday, uplift float64) ForecastPoint {
	mean := level * weekday * uplift
	pt := ForecastPoint{Day: day, Mean: mean, Components: Components{
		Level: base, Trend: level - base, Weekday: level * (weekday - 1), Event: level * weekday * (uplift - 1),
	}}
	pt.own = m.scale * m.pool.spreads.day * mean * mean
	if m.fit.t.pieces {
		pt.batch = m.pool.spreads.counting(m.scale)
		pt.own += pt.batch * mean
	}
	pt.shared = math.Sqrt(m.scale*m.pool.spreads.shared(k)+m.levelVar+m.eventVariance(day)) * mean
	pt.pieces = m.fit.t.pieces
	return pt
}

// eventVariance is the relative variance that a day's events add.
func (m *Model) eventVariance(day Day) float64 {
	e, sum := m.pool.effects, 0.
	for _, at := range e.on(day) {
		f := &e.all[at]
		reliability := 0.
		if m.fit.t.reliability != nil {
			reliability = m.fit.t.reliability[f.event]
		}
		sum += f.lift * f.lift * (e.responseVariance(reliability) + e.shock)
		if f.evidence == 0 {
			sum += guessed
		}
	}
	return sum
}

// guessed is the relative variance of an effect that was never seen.
const guessed = .3

// Members gives the weight of each method in the forecast.
func (m *Model) Members() map[string]float64 {
	out := map[string]float64{}
	for i, w := range m.weights {
		if w > 0 {
			out[member(i).String()] = w
		}
	}
	return out
}

// Name joins the methods that count for a tenth or more, the heaviest first.
func (m *Model) Name() string {
	var heavy []member
	for i, w := range m.weights {
		if w >= .1 {
			heavy = append(heavy, member(i))
		}
	}
	slices.SortStableFunc(heavy, func(a, b member) int { return cmp.Compare(m.weights[b], m.weights[a]) })
	names := make([]string, len(heavy))
	for i, h := range heavy {
		names[i] = h.String()
	}
	return strings.Join(names, "+")
}
