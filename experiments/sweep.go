package experiments

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
)

// UnitHistory is what is kept of one unit: its exposures to all experiments,
// and its facts.
type UnitHistory struct {
	Unit      events.UnitID
	Exposures []UnitExposure
	Facts     []UnitFact
}

// Sweep looks once at every unit that was exposed, for what sums cannot tell:
// quantiles, suspects, units whose window is over, novelty, interactions, and
// which SKUs a metric rests on. It holds the values of quantiles in memory, 16
// bytes each; the rest is small.
type Sweep struct {
	asOf        time.Time
	zone        *time.Location
	shop        events.Currency
	definitions Definitions
	of          map[string]*gathered
}

// NewSweep begins a sweep over the experiments of d that have started. asOf is
// the event time of the newest record that was applied.
func NewSweep(d Definitions, asOf time.Time, zone *time.Location, shop events.Currency) *Sweep {
	whole := Definitions{Revision: d.Revision}
	for _, e := range d.Experiments {
		whole.Experiments = append(whole.Experiments, e.whole())
	}
	whole.index()
	s := &Sweep{asOf: asOf, zone: zone, shop: shop, definitions: whole, of: map[string]*gathered{}}
	for _, e := range d.Experiments {
		if len(e.Changes) > 0 {
			s.of[e.Key] = newGathered(e, whole.Experiment(e.Key))
		}
	}
	return s
}

// Types lists the facts that the sweep wants of units.
func (s *Sweep) Types() []events.Type {
	types := append(s.definitions.factTypes(), suspectTypes()...)
	slices.Sort(types)
	return slices.Compact(types)
}

// Take takes in one unit with all its exposures and facts, in any order.
func (s *Sweep) Take(h UnitHistory) error {
	for i := range h.Facts {
		if err := h.Facts[i].read(s.shop); err != nil {
			return fmt.Errorf("fact of %s %s: %w", h.Facts[i].Unit.Kind, h.Unit, err)
		}
	}
	exposed := byExperiment(h.Exposures)
	why := map[events.UnitKind]Suspicion{}
	for _, key := range slices.Sorted(maps.Keys(exposed)) {
		g := s.of[key]
		if g == nil {
			continue
		}
		e := g.experiment
		if _, known := why[e.Unit]; !known {
			why[e.Unit] = suspicionOf(factsOfKind(e.Unit, h.Facts))
		}
		s.takeUnit(g, exposed, factsFor(e, h.Facts), why[e.Unit])
		if g.folded.pending() {
			contribute(g.rebuilt, e, exposed[key], factsFor(e, h.Facts), s.zone, 1)
			contribute(g.rebuilt, g.folded, exposed[key], factsFor(g.folded, h.Facts), s.zone, -1)
		}
	}
	return nil
}

func factsOfKind(kind events.UnitKind, facts []UnitFact) []UnitFact {
	var out []UnitFact
	for _, f := range facts {
		if f.Unit.Kind == kind || f.Unit.Kind == events.AnyUnit {
			out = append(out, f)
		}
	}
	sortFacts(out)
	return out
}

// takeUnit enters a unit into what is gathered of one experiment.
func (s *Sweep) takeUnit(g *gathered, exposed map[string][]UnitExposure, facts []UnitFact, why Suspicion) {
	e := g.experiment
	xs := exposed[e.Key]
	first := slices.MinFunc(xs, UnitExposure.earlier)
	g.units++
	if why != "" {
		contribute(g.suspects, e, xs, facts, s.zone, 1)
		g.suspicions[why]++
		g.suspectUnits[first.Variant]++
	}
	if !first.At.Add(e.longestWindow()).After(s.asOf) {
		contribute(g.mature, e, xs, facts, s.zone, 1)
	}
	for i := range e.Metrics {
		if m := &e.Metrics[i]; m.Kind == Quantile {
			g.takeValues(m, first, facts)
		}
	}
	m := e.metric(e.Primary)
	if m == nil {
		return
	}
	g.takeSKUs(m, first.At, facts)
	g.takeAges(m, first, facts, s.asOf)
	if e.Status == Running {
		s.takeMeetings(g, m, first, exposed, facts)
	}
}

// longestWindow is that of all metrics.
func (e *Experiment) longestWindow() time.Duration {
	var longest Hours
	for i := range e.Metrics {
		longest = max(longest, e.Metrics[i].Window)
	}
	return time.Duration(longest)
}

// takeMeetings notes which arms of other running experiments on the same units
// the unit is in.
func (s *Sweep) takeMeetings(g *gathered, m *Metric, first UnitExposure, exposed map[string][]UnitExposure, facts []UnitFact) {
	y, ok := 0.0, false
	for other, xs := range exposed {
		o := s.of[other]
		if o == nil || other == g.experiment.Key || o.experiment.Status != Running || o.experiment.Unit != g.experiment.Unit {
			continue
		}
		if !ok {
			y, ok = m.number(first.At, facts), true
		}
		there := slices.MinFunc(xs, UnitExposure.earlier)
		g.meet(other, first.Variant, there.Variant, y)
	}
}

// number is a unit's number over its window, in the metric's own unit; of a
// ratio, its numerator.
func (m *Metric) number(t0 time.Time, facts []UnitFact) float64 {
	return float64(m.vector(t0, facts)[1]) / math.Pow10(m.Decimals)
}

// vector is what a unit contributes once its window is over, added up over the
// days: (1, y, …).
func (m *Metric) vector(t0 time.Time, facts []UnitFact) []int64 {
	own := Cells{}
	u := unitCells{cs: own, base: Cell{Phase: 1}, segments: []string{""}, zone: time.UTC, sign: 1}
	u.metric(m, t0, facts)
	v := make([]int64, m.dim())
	for _, t := range own {
		for k := range v {
			v[k] += t.count(k)
		}
	}
	return v
}

// gathered is what a sweep has seen of one experiment.
type gathered struct {
	experiment       *Experiment // whole
	folded           *Experiment // as the ledger knows it
	units            int64
	suspects, mature Cells
	rebuilt          Cells // what the ledger leaves out
	suspectUnits     map[string]int64
	suspicions       map[Suspicion]int64
	values           map[quantileKey]*clustered
	ages             map[string][]tally // by variant: each day since exposure
	meetings         map[string]map[[2]string]*tally
	skus             map[events.SKU]int64
}

// quantileKey names an arm of a quantile.
type quantileKey struct{ metric, variant, segment string }

// clustered are values with the units that they are of.
type clustered struct {
	values []float64
	owners []int
	units  int
}

func newGathered(folded, e *Experiment) *gathered {
	return &gathered{
		experiment: e, folded: folded, rebuilt: Cells{}, suspects: Cells{}, mature: Cells{}, suspectUnits: map[string]int64{}, suspicions: map[Suspicion]int64{},
		values: map[quantileKey]*clustered{}, ages: map[string][]tally{}, meetings: map[string]map[[2]string]*tally{}, skus: map[events.SKU]int64{},
	}
}

func (g *gathered) takeValues(m *Metric, first UnitExposure, facts []UnitFact) {
	var values []float64
	end := first.At.Add(time.Duration(m.Window))
	for _, r := range m.readings(facts) {
		if !r.at.Before(first.At) && r.at.Before(end) {
			values = append(values, float64(r.value)/math.Pow10(m.Decimals))
		}
	}
	for _, segment := range append([]string{""}, segmentsOf(g.experiment, first.Attributes)...) {
		k := quantileKey{m.Key, first.Variant, segment}
		c := g.values[k]
		if c == nil {
			c = &clustered{}
			g.values[k] = c
		}
		for _, v := range values {
			c.values, c.owners = append(c.values, v), append(c.owners, c.units)
		}
		c.units++
	}
}

// takeSKUs counts the units that bought a SKU in the metric's window.
func (g *gathered) takeSKUs(m *Metric, t0 time.Time, facts []UnitFact) {
	end := t0.Add(time.Duration(m.Window))
	seen := map[events.SKU]bool{}
	for i := range facts {
		o, ok := facts[i].data.(*events.Order)
		if !ok || facts[i].At.Before(t0) || !facts[i].At.Before(end) {
			continue
		}
		for _, l := range o.Lines {
			if !seen[l.SKU] {
				seen[l.SKU] = true
				g.skus[l.SKU]++
			}
		}
	}
}

func (g *gathered) meet(other, mine, theirs string, y float64) {
	if g.meetings[other] == nil {
		g.meetings[other] = map[[2]string]*tally{}
	}
	k := [2]string{mine, theirs}
	if g.meetings[other][k] == nil {
		g.meetings[other][k] = &tally{}
	}
	g.meetings[other][k].add(y)
}

// maxAges is how many days since exposure are told apart.
const maxAges = 14

// ages is how many days since exposure a metric has; 0 for a kind without.
func (m *Metric) ageDays() int {
	switch m.Kind {
	case Proportion, Mean, Count:
		return min(maxAges, int(time.Duration(m.Window).Hours()/24))
	}
	return 0
}

// takeAges enters what the unit did on each day since its exposure, if all of
// these days are over: the change of the mix would look like a trend otherwise.
func (g *gathered) takeAges(m *Metric, first UnitExposure, facts []UnitFact, asOf time.Time) {
	const day = 24 * time.Hour
	n := m.ageDays()
	if n < 3 || first.At.Add(time.Duration(n)*day).After(asOf) {
		return
	}
	if g.ages[first.Variant] == nil {
		g.ages[first.Variant] = make([]tally, n)
	}
	days := make([]gauge, n)
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
func (g *gathered) novelty() []Novelty {
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

// leastInMeeting is how many units each pair of arms needs before an
// interaction is looked for.
const leastInMeeting = 50

func (g *gathered) interactions(arms func(experiment string) []string) []Interaction {
	var out []Interaction
	var ps []float64
	mine := arms(g.experiment.Key)
	for _, other := range slices.Sorted(maps.Keys(g.meetings)) {
		theirs := arms(other)
		cells := make([][]stats.Sample, len(mine))
		fewest := math.Inf(1)
		for i, a := range mine {
			for _, b := range theirs {
				t := g.meetings[other][[2]string{a, b}]
				if t == nil {
					t = &tally{}
				}
				fewest = min(fewest, t.n)
				cells[i] = append(cells[i], t.sample())
			}
		}
		if fewest < leastInMeeting {
			continue
		}
		found, err := stats.Interact(cells)
		if err != nil {
			continue
		}
		out = append(out, Interaction{Experiment: other, Metric: g.experiment.Primary, PValue: Number(found.P), Estimate: Number(found.Estimate)})
		ps = append(ps, found.P)
	}
	adjusted, err := stats.BenjaminiHochberg(ps)
	for i := range out {
		if err == nil {
			out[i].AdjustedPValue = Number(adjusted[i])
		}
	}
	slices.SortStableFunc(out, func(a, b Interaction) int { return cmp.Compare(a.PValue, b.PValue) })
	return out[:min(len(out), maxInteractions)]
}

// maxInteractions is how many pairs a report shows, the clearest first.
const maxInteractions = 20

// Findings gives what was found of each experiment that has started.
func (s *Sweep) Findings() map[string]*Findings {
	arms := func(key string) []string {
		var out []string
		for _, v := range s.definitions.Experiment(key).Variants {
			out = append(out, v.Key)
		}
		return out
	}
	out := map[string]*Findings{}
	for key, g := range s.of {
		f := &Findings{
			AsOf: s.asOf, Version: g.folded.Version, Units: g.units, Rebuilt: KeepCells(g.rebuilt), Suspects: KeepCells(g.suspects), Mature: KeepCells(g.mature), SuspectUnits: g.suspectUnits, Suspicions: g.suspicions,
			Quantiles: []QuantileArm{}, Novelty: g.novelty(), Interactions: g.interactions(arms), SKUs: g.topSKUs(),
		}
		for _, k := range slices.SortedFunc(maps.Keys(g.values), func(a, b quantileKey) int {
			return cmp.Or(cmp.Compare(a.metric, b.metric), cmp.Compare(a.variant, b.variant), cmp.Compare(a.segment, b.segment))
		}) {
			c := g.values[k]
			arm := QuantileArm{Metric: k.metric, Variant: k.variant, Segment: k.segment, Units: int64(c.units)}
			q, err := stats.Quantiles(c.values, c.owners, []float64{g.experiment.metric(k.metric).Level})
			if err != nil {
				arm.Problem = err.Error()
			} else {
				arm.Quantile = &q[0]
			}
			f.Quantiles = append(f.Quantiles, arm)
		}
		out[key] = f
	}
	return out
}

// maxSKUs is how many SKUs of a metric are watched for selling out.
const maxSKUs = 200

// topSKUs lists those that the most units bought.
func (g *gathered) topSKUs() []events.SKU {
	all := slices.SortedFunc(maps.Keys(g.skus), func(a, b events.SKU) int {
		return cmp.Or(cmp.Compare(g.skus[b], g.skus[a]), cmp.Compare(a, b))
	})
	return all[:min(len(all), maxSKUs)]
}
