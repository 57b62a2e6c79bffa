package experiments

import (
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// oracle computes what the ledger should hold from all records at once, the
// slow and obvious way. It knows the law's experiments and metrics by name and
// shares nothing with the ledger but the triangle that it writes.
type oracle struct{ all []events.Delivery }

// lawOf is what the oracle must know of an experiment.
type lawOf struct {
	kind    events.Kind
	runs    func(since time.Duration) bool // since the opening
	phase   func(since time.Duration) int
	metrics []string
	reads   []events.Type // of which facts can be late
}

const hour = time.Hour

func lawOfExperiment(key string) lawOf {
	money := []events.Type{events.OrderPaid, events.OrderCompleted, events.OrderCancelled, events.OrderRefunded,
		events.OrderReturned, events.DepositPaid, events.BalancePaid}
	switch key {
	case "checkout":
		return lawOf{"user", func(d time.Duration) bool { return d >= 0 && (d < 70*hour || d >= 74*hour) },
			func(d time.Duration) int {
				switch {
				case d >= 110*hour:
					return 4
				case d >= 72*hour:
					return 3
				case d >= 30*hour:
					return 2
				}
				return 1
			},
			[]string{"conversion", "revenue", "capped", "north", "pieces", "orders", "basket", "deposits", "placed", "views", "red-views", "latency", "rating"},
			append(money, events.OrderPlaced, events.ProductViewed, events.MetricObserved)}
	case "app":
		return lawOf{"device", func(d time.Duration) bool { return d >= -240*hour }, always1,
			[]string{"orders", "views", "latency"}, append(money, events.ProductViewed, events.MetricObserved)}
	}
	return lawOf{"user", func(d time.Duration) bool { return d >= 72*hour }, always1,
		[]string{"revenue", "coupons"}, append(money, events.CouponRedeemed)}
}

func always1(time.Duration) int { return 1 }

func (o oracle) standings(experiment string) map[standing]string {
	sums := map[standing]Triangle{}
	law := lawOfExperiment(experiment)
	for _, unit := range []string{"u0", "u1", "u2", "u3", "d1"} {
		if experiment == "checkout" && unit == "u0" {
			continue // put there by hand: never analysed
		}
		first := o.firstExposure(experiment, law, unit, "")
		if first == nil {
			continue
		}
		phase := law.phase(first.Fact.Time.Sub(opening))
		flicker := o.otherVariants(sums, experiment, law, unit, first)
		facts, late := o.facts(law, unit)
		x := first.Fact.Data.(*events.Exposure)
		for _, day := range days() {
			end := endOf(day)
			if !first.Fact.Time.Before(end) {
				continue
			}
			for _, segment := range []string{"", "tier=" + x.Attributes["tier"].(string)} {
				o.add(sums, standing{phase, UnitsCell, x.Variant, segment, day}, []int64{1, late, flicker})
				for _, m := range law.metrics {
					o.add(sums, standing{phase, m, x.Variant, segment, day}, vector(m, first.Fact.Time, end, facts))
				}
			}
		}
	}
	for _, d := range o.all {
		x, ok := d.Fact.Data.(*events.Exposure)
		if !ok || x.Experiment != experiment || experiment == "checkout" && x.Unit == "u0" ||
			x.Variant == "nonsense" || !tooSlow(d) || !law.runs(d.Fact.Time.Sub(opening)) {
			continue
		}
		for _, day := range days() {
			if d.Fact.Time.Before(endOf(day)) {
				o.add(sums, standing{law.phase(d.Fact.Time.Sub(opening)), "late exposures", x.Variant, "", day}, []int64{1})
			}
		}
	}
	out := map[standing]string{}
	for k, t := range sums {
		text, _ := t.MarshalText()
		out[k] = string(text)
	}
	return out
}

// endOf is midnight in Shanghai.
func endOf(day Day) time.Time { return day.Date().Add(24*hour - 8*hour) }

func (o oracle) add(sums map[standing]Triangle, k standing, v []int64) {
	if _, ok := sums[k]; !ok {
		sums[k] = NewTriangle(len(v))
	}
	sums[k].addOuter(v, 1)
}

func tooSlow(d events.Delivery) bool {
	return !d.Fact.Imported && d.Fact.Appended.Sub(d.Fact.Time) > 72*hour
}

// firstExposure gives the exposure that decides; with a variant, the first one
// to that.
func (o oracle) firstExposure(experiment string, law lawOf, unit, variant string) (first *events.Delivery) {
	for i := range o.all {
		d := &o.all[i]
		x, ok := d.Fact.Data.(*events.Exposure)
		if !ok || x.Experiment != experiment || string(x.Unit) != unit || x.Variant == "nonsense" || tooSlow(*d) || !law.runs(d.Fact.Time.Sub(opening)) {
			continue
		}
		if variant != "" && x.Variant != variant {
			continue
		}
		if first == nil || d.Fact.Time.Before(first.Fact.Time) || d.Fact.Time.Equal(first.Fact.Time) && tieBefore(d, first) {
			first = d
		}
	}
	return first
}

// otherVariants gives 1 if the unit met another variant in the phase of its
// first exposure, and counts it once in each other phase in which it met one.
func (o oracle) otherVariants(sums map[standing]Triangle, experiment string, law lawOf, unit string, first *events.Delivery) (flicker int64) {
	phaseOf := func(d *events.Delivery) int { return law.phase(d.Fact.Time.Sub(opening)) }
	left := map[int]*events.Delivery{}
	for _, variant := range []string{"b", "c", "control"} {
		d := o.firstExposure(experiment, law, unit, variant)
		switch {
		case d == nil || variant == first.Fact.Data.(*events.Exposure).Variant:
		case phaseOf(d) == phaseOf(first):
			flicker = 1
		case left[phaseOf(d)] == nil || d.Fact.Time.Before(left[phaseOf(d)].Fact.Time):
			left[phaseOf(d)] = d
		}
	}
	for phase, d := range left {
		for _, day := range days() {
			if d.Fact.Time.Before(endOf(day)) {
				o.add(sums, standing{phase, "left out", d.Fact.Data.(*events.Exposure).Variant, "", day}, []int64{1})
			}
		}
	}
	return flicker
}

func tieBefore(a, b *events.Delivery) bool {
	x, y := a.Fact.Data.(*events.Exposure), b.Fact.Data.(*events.Exposure)
	if x.Variant != y.Variant {
		return x.Variant < y.Variant
	}
	return x.Attributes["tier"].(string) < y.Attributes["tier"].(string)
}

// facts gives the unit's facts that count, in order, and how many of those that
// the experiment reads came too late.
func (o oracle) facts(law lawOf, unit string) (*unitFacts, int64) {
	var facts []events.Delivery
	late := int64(0)
	for _, d := range o.all {
		mine := d.Key == unit && (d.Kind == law.kind || d.Kind == "unit")
		if !mine || !slices.Contains(law.reads, d.Type) {
			continue
		}
		if tooSlow(d) {
			late++
		} else {
			facts = append(facts, d)
		}
	}
	slices.SortFunc(facts, func(a, b events.Delivery) int {
		if c := a.Fact.Time.Compare(b.Fact.Time); c != 0 {
			return c
		}
		if x, y := bringsBack(a)-bringsBack(b), a.RecordID(); x != 0 {
			return x
		} else if z := b.RecordID(); y.Hi < z.Hi || y.Hi == z.Hi && y.Lo < z.Lo {
			return -1
		}
		return 1
	})
	return &unitFacts{sorted: facts}, late
}

// bringsBack orders facts of one moment: -1 for a deposit, 1 for what takes
// something back, 0 for the rest.
func bringsBack(d events.Delivery) int {
	switch d.Type {
	case events.DepositPaid:
		return -1
	case events.OrderCancelled, events.OrderRefunded, events.OrderReturned:
		return 1
	}
	return 0
}

// vector is a unit's numbers at the end of a day.
func vector(metric string, t0, end time.Time, facts *unitFacts) []int64 {
	window, pre := 168*hour, 336*hour
	switch metric {
	case "views":
		window = 30 * hour
	case "pieces":
		window = 48 * hour
	case "capped":
		pre = 48 * hour
	case "orders", "rating", "placed":
		pre = 0
	}
	if t0.Add(window).Before(end) {
		end = t0.Add(window)
	}
	v := []int64{1, number(metric, t0, end, facts)}
	if metric == "basket" {
		v = append(v, number("orders", t0, end, facts))
	}
	if pre > 0 {
		v = append(v, number(metric, t0.Add(-pre), t0, facts))
		if metric == "basket" {
			v = append(v, number("orders", t0.Add(-pre), t0, facts))
		}
	}
	return v
}

// number is a unit's number from the facts in [from, to).
func number(metric string, from, to time.Time, facts *unitFacts) (n int64) {
	switch metric {
	case "conversion", "orders", "revenue", "capped", "north", "pieces", "basket":
		return moneyNumber(metric, from, to, facts)
	}
	for _, d := range facts.sorted {
		if d.Fact.Time.Before(from) || !d.Fact.Time.Before(to) {
			continue
		}
		switch data := d.Fact.Data.(type) {
		case *events.Behaviour:
			if metric == "views" || metric == "red-views" && data.Placement == "red" {
				n++
			}
		case *events.Observation:
			if data.Metric == metric && metric == "latency" {
				n += int64(data.Value * 1e6)
			} else if data.Metric == metric {
				n = int64(data.Value * 1e6)
			}
		case *events.Payment:
			if metric == "deposits" && d.Type == events.DepositPaid {
				n += int64(data.Total)
			}
		case *events.Order:
			if metric == "placed" && (d.Type == events.OrderPlaced || d.Type == events.OrderCompleted) && data.Currency == "CNY" {
				n += int64(data.Total)
			}
		case *events.Coupon:
			if metric == "coupons" {
				n += int64(data.Value)
			}
		}
	}
	return n
}

// moneyNumber counts what moved in [from, to).
func moneyNumber(metric string, from, to time.Time, facts *unitFacts) int64 {
	var sum int64
	orders := map[string]bool{}
	for _, m := range facts.movements(metric) {
		if m.at.Before(from) || !m.at.Before(to) {
			continue
		}
		switch metric {
		case "pieces":
			sum += m.pieces
		case "conversion", "orders":
			if m.sale {
				orders[m.order] = true
			}
		default:
			sum += m.fen
		}
	}
	switch metric {
	case "conversion":
		return int64(min(len(orders), 1))
	case "orders":
		return int64(len(orders))
	case "capped":
		return min(sum, 300)
	}
	return sum
}

// unitFacts are a unit's facts in order, with what the bookkeeper has made of
// them.
type unitFacts struct {
	sorted []events.Delivery
	booked map[[2]bool][]movement
}

// movements books a unit's money over its whole history, since a refund knows
// what came in before the window.
func (u *unitFacts) movements(metric string) []movement {
	anyCurrency := metric == "conversion" || metric == "orders" || metric == "pieces"
	north := metric == "north"
	if u.booked[[2]bool{anyCurrency, north}] != nil {
		return u.booked[[2]bool{anyCurrency, north}]
	}
	var past []events.Delivery
	out := []movement{}
	for _, d := range u.sorted {
		if o, ok := d.Fact.Data.(*events.Order); ok && o.Currency != "CNY" && !anyCurrency {
			continue
		}
		m := bookkeeper{north}.moved(d, past)
		m.at = d.Fact.Time
		out, past = append(out, m), append(past, d)
	}
	if u.booked == nil {
		u.booked = map[[2]bool][]movement{}
	}
	u.booked[[2]bool{anyCurrency, north}] = out
	return out
}
