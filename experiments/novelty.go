package experiments

import (
	"math"
	"time"

	"github.com/peakday/peakday/stats"
)

// Novelty is how the effect on the primary metric changes with the days since
// exposure, among units for which all of these days are over.
type Novelty struct {
	Metric  string      `json:"metric"`
	Variant string      `json:"variant"`
	Units   int64       `json:"units"`
	Slope   Number      `json:"slope"` // change of the effect a day
	PValue  Number      `json:"p_value"`
	First   Number      `json:"first"` // fitted effect on the first day
	Last    Number      `json:"last"`
	Days    []AgeEffect `json:"days"`
}

// AgeEffect is the effect on one day since exposure; 0 is the day of it.
type AgeEffect struct {
	Day int `json:"day"`
	Estimate
}

// maxAges is how many days since exposure are told apart.
const maxAges = 14

// ageDays is how many days since exposure are told apart of a metric; 0 for a
// kind without.
func (m *Metric) ageDays() int {
	switch m.Kind {
	case Proportion, Mean, Count:
		return min(maxAges, int(time.Duration(m.Window).Hours()/24))
	}
	return 0
}

// takeAges enters what the unit did on each day since its exposure, if all of
// these days are over: the change of the mix would look like a trend otherwise.
func (g *scannedExperiment) takeAges(m *Metric, first UnitExposure, facts []UnitFact, asOf time.Time) {
	const day = 24 * time.Hour
	n := m.ageDays()
	if n < 3 || first.At.Add(time.Duration(n)*day).After(asOf) {
		return
	}
	if g.ages[first.Variant] == nil {
		g.ages[first.Variant] = make([]tally, n)
	}
	days := make([]aggregator, n)
	for _, r := range m.readings(facts) {
		if age := int(math.Floor(float64(r.at.Sub(first.At)) / float64(day))); age >= 0 && age < n {
			days[age].aggregate = m.Aggregate
			days[age].take(r)
		}
	}
	for age := range days {
		g.ages[first.Variant][age].add(float64(m.capped(days[age].y)) / math.Pow10(m.Decimals))
	}
}

// novelty compares the arms day by day since exposure.
func (g *scannedExperiment) novelty() []Novelty {
	e := g.experiment
	var out []Novelty
	control := g.ages[e.Control().Key]
	for _, v := range e.Variants {
		ages := g.ages[v.Key]
		if v.Key == e.Control().Key || len(ages) == 0 || len(control) == 0 {
			continue
		}
		n := Novelty{Metric: e.Primary, Variant: v.Key, Units: int64(ages[0].n)}
		var days []stats.DayEffect
		for age := range ages {
			effect, err := stats.Welch(control[age].sample(), ages[age].sample(), stats.Options{Alpha: e.Alpha})
			if err != nil {
				continue
			}
			days = append(days, stats.DayEffect{Day: float64(age), Estimate: effect.Estimate, StdErr: effect.StdErr})
			absolute, _ := estimates(effect)
			n.Days = append(n.Days, AgeEffect{age, *absolute})
		}
		trend, err := stats.EffectTrend(days)
		if err != nil {
			continue
		}
		n.Slope, n.PValue, n.First, n.Last = Number(trend.Slope), Number(trend.P), Number(trend.First), Number(trend.Last)
		out = append(out, n)
	}
	return out
}
