package experiments

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
)

// scannedExperiment is what a scan has seen of one experiment.
type scannedExperiment struct {
	experiment   *Experiment // whole
	folded       *Experiment // as the ledger knows it
	units        int64
	bots, mature Cells
	rebuilt      Cells // what the ledger leaves out
	botUnits     map[string]int64
	reasons      map[BotReason]int64
	values       map[quantileKey]*clustered
	ages         map[string][]tally // by variant: each day since exposure
	overlaps     map[string]map[[2]string]*tally
	skus         map[events.SKU]int64
}

// quantileKey names an arm of a quantile.
type quantileKey struct{ metric, variant, segment string }

// clustered are values with the units that they are of.
type clustered struct {
	values []float64
	owners []int
	units  int
}

func newScannedExperiment(folded, e *Experiment) *scannedExperiment {
	return &scannedExperiment{
		experiment: e, folded: folded, rebuilt: Cells{}, bots: Cells{}, mature: Cells{}, botUnits: map[string]int64{}, reasons: map[BotReason]int64{},
		values: map[quantileKey]*clustered{}, ages: map[string][]tally{}, overlaps: map[string]map[[2]string]*tally{}, skus: map[events.SKU]int64{},
	}
}

func (g *scannedExperiment) takeValues(m *Metric, first UnitExposure, facts []UnitFact) {
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

// quantiles computes every arm's quantile.
func (g *scannedExperiment) quantiles() []QuantileArm {
	out := []QuantileArm{}
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
		out = append(out, arm)
	}
	return out
}

// takeSKUs counts the units that bought a SKU in the metric's window.
func (g *scannedExperiment) takeSKUs(m *Metric, t0 time.Time, facts []UnitFact) {
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

// maxSKUs is how many SKUs of a metric are watched for selling out.
const maxSKUs = 200

// topSKUs lists those that the most units bought.
func (g *scannedExperiment) topSKUs() []events.SKU {
	all := slices.SortedFunc(maps.Keys(g.skus), func(a, b events.SKU) int {
		return cmp.Or(cmp.Compare(g.skus[b], g.skus[a]), cmp.Compare(a, b))
	})
	return all[:min(len(all), maxSKUs)]
}
