package experiments

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// JourneyQuery asks how far the units of a shop came through some steps, in any
// experiment or in none. A unit enters by its first event of the first step from
// From to before To, and reaches a later step within that step's limit after the
// one before it, be that after To.
type JourneyQuery struct {
	Unit     events.UnitKind // whose events they are; users if empty
	From, To time.Time
	Steps    []Step        // viewed, added, ordered and paid if empty
	Item     events.ItemID // only what is about this product; empty: all
	ByDay    bool          // units apart by the day on which they entered
	Zone     *time.Location
	Shop     events.Currency
}

// JourneyStep is how many units reached a step.
type JourneyStep struct {
	Date   string      `json:"date,omitempty"` // of entering, where days are apart
	Step   string      `json:"step"`
	Event  events.Type `json:"event"`
	Within Hours       `json:"within"`       // after the step before; 0 for the first
	Units  int64       `json:"units"`        // that reached it
	Share  float64     `json:"share"`        // of those that entered
	Onward float64     `json:"onward"`       // of those that reached the step before
	Hours  *float64    `json:"median_hours"` // from entering until the step; null if nobody reached it
}

// ShopSteps are the steps to a payment with their usual limits: a day to the
// cart, three to the order, and fifteen to the payment, as long as a presale's
// balance may take.
func ShopSteps() []Step {
	step := func(name string, event events.Type, hours int) Step {
		return Step{Numerator: Numerator{Event: event}, Name: name, Within: Hours(time.Duration(hours) * time.Hour)}
	}
	return []Step{
		step("viewed", events.ProductViewed, 0), step("added", events.ProductAdded, 24),
		step("ordered", events.OrderPlaced, 72), step("paid", events.OrderPaid, 15*24),
	}
}

// longestJourney is the longest period that can be asked for.
const longestJourney = 92 * 24 * time.Hour

// Journeys counts, step by step, ordered by day. It reads the kept facts of the
// period, one part of the units after the other: what arrived later than a live
// fact may is left out, as in reports. The error is an *events.Invalid for a
// query that cannot be.
func Journeys(ctx context.Context, archive Archive, q JourneyQuery) ([]JourneyStep, error) {
	m, err := q.metric()
	if err != nil {
		return nil, err
	}
	days := map[Day]*cohort{}
	if !q.ByDay {
		days[0] = newCohort(m)
	}
	for part := range events.Parts {
		facts, err := archive.FactsBetween(ctx, part, m.types(), q.From, q.From.Add(time.Duration(m.Window)))
		if err != nil {
			return nil, fmt.Errorf("read facts: %w", err)
		}
		for _, own := range byUnit(m.Identity, facts) {
			if err := q.walk(m, own, days); err != nil {
				return nil, err
			}
		}
	}
	out := []JourneyStep{}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		date := ""
		if q.ByDay {
			date = day.Date().Format(time.DateOnly)
		}
		out = append(out, days[day].steps(m, date)...)
	}
	return out, nil
}

// metric is the funnel of the query: its window is all that may matter.
func (q *JourneyQuery) metric() (*Metric, error) {
	period := q.To.Sub(q.From)
	if period <= 0 || period > longestJourney {
		return nil, wrong("to", "must be at most %d days after from, and not before it", longestJourney/(24*time.Hour))
	}
	steps := q.Steps
	if len(steps) == 0 {
		steps = ShopSteps()
	}
	m := &Metric{Key: "journey", Kind: Funnel, Identity: q.Unit, Steps: slices.Clone(steps), Window: Hours(period)}
	for i := range m.Steps {
		if i > 0 && m.Steps[i].Within <= 0 {
			return nil, wrong("within", "must be above 0h for step %d", i+1)
		}
		m.Window += m.Steps[i].Within
	}
	return m, m.Check(q.Shop)
}

// walk enters one unit, if it entered.
func (q *JourneyQuery) walk(m *Metric, facts []UnitFact, days map[Day]*cohort) error {
	if err := readFacts(facts, q.Shop); err != nil {
		return err
	}
	if q.Item != "" {
		facts = aboutItem(q.Item, facts)
	}
	walked := newFunnelProgress(m, q.From)
	var reached []time.Time // when each step was first reached
	for _, s := range m.stepReadings(q.From, facts) {
		if s.step == 0 && !s.at.Before(q.To) {
			continue
		}
		walked.take(s)
		if len(reached) == s.step && walked.ever[s.step] {
			reached = append(reached, s.at)
		}
	}
	if len(reached) == 0 {
		return nil
	}
	day := Day(0)
	if q.ByDay {
		day = DayOf(reached[0], q.Zone)
	}
	if days[day] == nil {
		days[day] = newCohort(m)
	}
	days[day].add(reached)
	return nil
}

// aboutItem keeps what was done with a product: looks at it, orders that hold
// it, and what became of these.
func aboutItem(item events.ItemID, facts []UnitFact) []UnitFact {
	orders := map[events.OrderID]bool{}
	for i := range facts {
		if o, ok := facts[i].data.(*events.Order); ok && slices.ContainsFunc(o.Lines, func(l events.Line) bool { return l.Item == item }) {
			orders[o.Order] = true
		}
	}
	return slices.DeleteFunc(facts, func(f UnitFact) bool {
		if b, ok := f.data.(*events.Behaviour); ok {
			return b.Item != item
		}
		return !orders[orderOf(&f)]
	})
}

// cohort counts the units that entered together.
type cohort struct {
	units []int64
	hours [][]float64 // from entering until each step
}

func newCohort(m *Metric) *cohort {
	return &cohort{make([]int64, len(m.Steps)), make([][]float64, len(m.Steps))}
}

func (c *cohort) add(reached []time.Time) {
	for k, at := range reached {
		c.units[k]++
		c.hours[k] = append(c.hours[k], at.Sub(reached[0]).Hours())
	}
}

func (c *cohort) steps(m *Metric, date string) []JourneyStep {
	out := make([]JourneyStep, len(m.Steps))
	for k := range m.Steps {
		s := &m.Steps[k]
		out[k] = JourneyStep{Date: date, Step: s.Name, Event: s.Event, Within: s.Within, Units: c.units[k]}
		if before := c.units[max(0, k-1)]; before > 0 {
			out[k].Share, out[k].Onward = float64(c.units[k])/float64(c.units[0]), float64(c.units[k])/float64(before)
		}
		if n := len(c.hours[k]); n > 0 {
			slices.Sort(c.hours[k])
			middle := (c.hours[k][(n-1)/2] + c.hours[k][n/2]) / 2
			out[k].Hours = &middle
		}
	}
	return out
}
