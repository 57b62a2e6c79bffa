package experiments

import (
	"slices"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
)

// Findings is what a UnitScan found of one experiment.
type Findings struct {
	AsOf         time.Time           `json:"as_of"`
	Version      int64               `json:"version"` // of the experiment
	Units        int64               `json:"units"`
	LeftOut      int64               `json:"left_out,omitempty"` // of a holdout: units that a change of its share moved
	Rebuilt      StoredCells         `json:"-"`                  // what was added after the start, which the ledger leaves out
	Bots         StoredCells         `json:"-"`                  // what suspected bots contribute to the ledger
	Mature       StoredCells         `json:"-"`                  // what units contribute whose windows are over
	BotUnits     map[string]int64    `json:"suspect_units"`
	BotReasons   map[BotReason]int64 `json:"suspicions"`
	Quantiles    []QuantileArm       `json:"quantiles"`
	Novelty      []Novelty           `json:"novelty,omitempty"`
	Interactions []Interaction       `json:"interactions,omitempty"`
	SKUs         []events.SKU        `json:"skus,omitempty"` // that the most units bought
	SoldOut      []SoldOut           `json:"sold_out,omitempty"`
}

// QuantileArm is an arm's quantile. Where it cannot be had, Problem says why.
type QuantileArm struct {
	Metric   string          `json:"metric"`
	Variant  string          `json:"variant"`
	Segment  string          `json:"segment,omitempty"`
	Units    int64           `json:"units"`
	Quantile *stats.Quantile `json:"quantile,omitempty"`
	Problem  string          `json:"problem,omitempty"`
}

// SoldOut is a SKU of the primary metric that could not be bought while the
// experiment ran: arms share stock.
type SoldOut struct {
	SKU   events.SKU `json:"sku"`
	Since time.Time  `json:"since"`
}

// Bots is who does not behave like a customer, and what the primary metric is
// without them.
type Bots struct {
	AsOf    time.Time           `json:"as_of"`
	Units   map[string]int64    `json:"units"`   // by variant
	Reasons map[BotReason]int64 `json:"reasons"` // units by the first reason found
	// Without is the primary metric without them.
	Without []DayResult `json:"without,omitempty"`
}

// quantiles puts the arms' quantiles of the last scan into out.
func (v View) quantiles(out *MetricReport, e *Experiment, m *Metric) {
	out.State = AsOfState
	arms := make([]arm, len(e.Variants))
	problems := make([]string, len(e.Variants))
	for i, variant := range e.Variants {
		arms[i].Variant = variant.Key
		problems[i] = errNoQuantile.Error()
		if v.Findings == nil {
			continue
		}
		out.AsOf = &v.Findings.AsOf
		k := slices.IndexFunc(v.Findings.Quantiles, func(q QuantileArm) bool {
			return q.Metric == m.Key && q.Variant == variant.Key && q.Segment == v.Segment
		})
		if k < 0 {
			continue
		}
		q := v.Findings.Quantiles[k]
		arms[i].Units, arms[i].quantile, problems[i] = q.Units, q.Quantile, q.Problem
		if q.Quantile != nil {
			arms[i].Mean = q.Quantile.Value
		}
	}
	c := e.controlAt()
	out.Control = arms[c].ArmReport
	for i := range arms {
		if i == c {
			continue
		}
		res := compare(m, arms[c], arms[i], e.Alpha)
		if res.effect == nil {
			for _, why := range []string{problems[c], problems[i]} {
				if why != "" {
					res.Problem = why
					break
				}
			}
		}
		out.Results = append(out.Results, res)
	}
}

// addFindings puts the rest of the last scan into the health of a report, with
// warnings where it matters.
func (v View) addFindings(r *Report, e *Experiment) {
	f := v.Findings
	if f == nil {
		return
	}
	r.Health.Novelty, r.Health.Interactions, r.Health.SoldOut = f.Novelty, f.Interactions, f.SoldOut
	r.Health.Bots = &Bots{AsOf: f.AsOf, Units: f.BotUnits, Reasons: f.BotReasons}
	suspects := int64(0)
	for _, n := range f.BotUnits {
		suspects += n
	}
	if suspects > 0 && v.Bots == "" {
		r.warn("%d units do not behave like customers (see health.bots); ?bots=exclude shows the report without them", suspects)
	}
	for _, n := range f.Novelty {
		if float64(n.PValue) < 0.01 {
			r.warn("the effect of %s on %s changes with the days since exposure, from %.4g to %.4g a day (p = %.2g): novelty that wears off, or a habit that is learned", n.Variant, n.Metric, n.First, n.Last, n.PValue)
		}
	}
	for _, i := range f.Interactions {
		if float64(i.AdjustedPValue) < 0.05 {
			r.warn("the effect on %s depends on the variant that units have in %s, which runs at the same time (p = %.2g, adjusted %.2g)", i.Metric, i.Experiment, i.PValue, i.AdjustedPValue)
		}
	}
	if n := len(f.SoldOut); n > 0 {
		r.warn("%d of the SKUs that %s rests on sold out while it ran (such as %s): arms share stock, so what one arm buys the other cannot", n, e.Primary, f.SoldOut[0].SKU)
	}
}

// withoutBots is the primary metric without suspected bots, beside the report with
// them.
func (v View) withoutBots(r *Report, e *Experiment, sums map[sumKey]daily) {
	m := e.metric(e.Primary)
	if r.Health.Bots == nil || m == nil || m.Kind == Quantile || v.Bots != "" || v.Mature || v.Findings.Bots.Empty() {
		return
	}
	own := Cells{}
	for k, days := range sums {
		if k.metric == m.row() && k.phase != allPhases {
			for day, t := range days {
				own[Cell{e.Key, k.phase, k.metric, k.variant, v.Segment, day}] = t
			}
		}
	}
	_, results := compareAll(e, m, sumUp(own.without(v.Findings.Bots.of(m.row(), v.Segment)), v.Segment), v.last(m))
	for _, res := range results {
		r.Health.Bots.Without = append(r.Health.Bots.Without, DayResult{res.ArmReport, res.Absolute})
	}
}
