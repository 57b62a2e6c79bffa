package experiments

import (
	"math"
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
			[]string{"conversion", "revenue", "capped", "north", "pieces", "orders", "basket", "deposits", "placed", "views", "red-views", "latency", "rating"},
			append(money, events.OrderPlaced, events.ProductViewed, events.MetricObserved)}
	case "app":
		return lawOf{"device", func(d time.Duration) bool { return d >= -240*hour },
			[]string{"orders", "views", "latency"}, append(money, events.ProductViewed, events.MetricObserved)}
	}
	return lawOf{"user", func(d time.Duration) bool { return d >= 72*hour },
		[]string{"revenue", "coupons"}, append(money, events.CouponRedeemed)}
}

func (o oracle) standings(experiment string) map[standing]string {
	sums := map[standing]Triangle{}
	law := lawOfExperiment(experiment)
	for _, unit := range []string{"u0", "u1", "u2", "u3", "d1"} {
		if experiment == "checkout" && unit == "u0" {
			continue // put there by hand: never analysed
		}
		first, flicker := o.firstExposure(experiment, law, unit)
		if first == nil {
			continue
		}
		facts, late := o.facts(law, unit)
		x := first.Fact.Data.(*events.Exposure)
		for _, day := range days() {
			end := endOf(day)
			if !first.Fact.Time.Before(end) {
				continue
			}
			for _, segment := range []string{"", "tier=" + x.Attributes["tier"].(string)} {
				o.add(sums, standing{UnitsCell, x.Variant, segment, day}, []int64{1, late, flicker})
				for _, m := range law.metrics {
					o.add(sums, standing{m, x.Variant, segment, day}, vector(m, first.Fact.Time, end, facts))
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
				o.add(sums, standing{"late exposures", x.Variant, "", day}, []int64{1})
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

// firstExposure gives the exposure that decides, and 1 if the unit met two
// variants.
func (o oracle) firstExposure(experiment string, law lawOf, unit string) (first *events.Delivery, flicker int64) {
	variants := map[string]bool{}
	for i := range o.all {
		d := &o.all[i]
		x, ok := d.Fact.Data.(*events.Exposure)
		if !ok || x.Experiment != experiment || string(x.Unit) != unit || x.Variant == "nonsense" || tooSlow(*d) || !law.runs(d.Fact.Time.Sub(opening)) {
			continue
		}
		variants[x.Variant] = true
		if first == nil || d.Fact.Time.Before(first.Fact.Time) || d.Fact.Time.Equal(first.Fact.Time) && tieBefore(d, first) {
			first = d
		}
	}
	if len(variants) > 1 {
		flicker = 1
	}
	return first, flicker
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

// movement is what one fact moved.
type movement struct {
	at          time.Time
	order       string
	sale        bool
	fen, pieces int64
	lines       []coins // of a sale
}

// coins are what a line has brought in.
type coins struct {
	sku         events.SKU
	fen, pieces int64
}

// bookkeeper finds what a fact moved by going through the order's past anew
// each time.
type bookkeeper struct{ north bool }

func (b bookkeeper) moved(d events.Delivery, past []events.Delivery) movement {
	id := orderName(d)
	past = slices.DeleteFunc(slices.Clone(past), func(p events.Delivery) bool { return orderName(p) != id })
	m := movement{order: id}
	switch d.Type {
	case events.OrderPaid, events.OrderCompleted, events.DepositPaid, events.BalancePaid:
		m = b.sale(d, past)
	case events.OrderReturned:
		if o := d.Fact.Data.(*events.Order); !b.north || o.Region == "north" {
			m.fen = -int64(o.Total)
			for _, l := range o.Lines {
				m.pieces -= l.Quantity
			}
		}
	case events.OrderCancelled, events.OrderRefunded:
		left, _ := b.takeBack(d, past)
		was, pieces := b.held(past)
		m.fen = left - was
		m.pieces = -pieces
		for _, c := range b.linesAfter(d, past) {
			m.pieces += c.pieces
		}
	}
	return m
}

func orderName(d events.Delivery) string {
	switch data := d.Fact.Data.(type) {
	case *events.Order:
		return string(data.Order)
	case *events.Payment:
		return string(data.Order)
	}
	return ""
}

// sale is what a payment brought in, given what was paid before it.
func (b bookkeeper) sale(d events.Delivery, past []events.Delivery) movement {
	m := movement{order: orderName(d)}
	switch data := d.Fact.Data.(type) {
	case *events.Payment:
		covered := slices.ContainsFunc(past, func(p events.Delivery) bool {
			return p.Type == events.OrderPaid && p.ID == firstPaid(past) && covers(p, data.SKU)
		})
		balanced := b.balanced(data.SKU, past)
		amount := int64(data.Total)
		switch {
		case d.Type == events.DepositPaid && !balanced, d.Type == events.BalancePaid && (balanced || covered):
			return m
		case d.Type == events.BalancePaid:
			m.pieces = data.Quantity
			for _, p := range past {
				if q, ok := p.Fact.Data.(*events.Payment); ok && p.Type == events.DepositPaid && q.SKU == data.SKU {
					amount += int64(q.Total)
				}
			}
		}
		m.fen, m.sale = amount, true
		m.lines = []coins{{data.SKU, amount, m.pieces}}
		if b.north {
			return movement{order: m.order} // a payment names no region
		}
	case *events.Order:
		if d.Type == events.OrderPaid && firstPaid(past) != "" {
			return m
		}
		m = b.orderSale(d, data, past)
		if b.north && data.Region != "north" {
			return movement{order: m.order}
		}
	}
	return m
}

// covers reports whether an order names the line, or none and so all of them.
func covers(d events.Delivery, sku events.SKU) bool {
	lines := d.Fact.Data.(*events.Order).Lines
	return len(lines) == 0 || slices.ContainsFunc(lines, func(l events.Line) bool { return l.SKU == sku })
}

// firstPaid is the id of the order.paid that counts; the others repeat it.
func firstPaid(past []events.Delivery) string {
	for _, p := range past {
		if p.Type == events.OrderPaid {
			return p.ID
		}
	}
	return ""
}

// balanced reports whether a balance has paid a line, and not an order.paid
// before it.
func (b bookkeeper) balanced(sku events.SKU, past []events.Delivery) bool {
	for _, p := range past {
		switch data := p.Fact.Data.(type) {
		case *events.Order:
			if p.Type == events.OrderPaid && p.ID == firstPaid(past) && covers(p, sku) {
				return false
			}
		case *events.Payment:
			if p.Type == events.BalancePaid && data.SKU == sku {
				return true
			}
		}
	}
	return false
}

func (b bookkeeper) orderSale(d events.Delivery, o *events.Order, past []events.Delivery) movement {
	m := movement{order: string(o.Order), sale: true, fen: int64(o.Total)}
	anyBalance, dropped, price := false, int64(0), int64(0)
	for _, p := range past {
		if q, ok := p.Fact.Data.(*events.Payment); ok && d.Type == events.OrderPaid && b.balanced(q.SKU, past) {
			anyBalance = true
		}
	}
	for _, l := range o.Lines {
		amount := int64(l.Price) * l.Quantity
		if d.Type == events.OrderPaid && b.balanced(l.SKU, past) {
			dropped += amount
			continue
		}
		price += amount
		m.pieces += l.Quantity
		m.lines = append(m.lines, coins{l.SKU, amount, l.Quantity})
	}
	if anyBalance && len(m.lines) == 0 {
		return movement{order: m.order}
	}
	m.fen -= dropped
	if m.fen < 0 {
		m.fen = min(int64(o.Total), price)
	}
	return m
}

// held is the money and the pieces that are left of the past.
func (b bookkeeper) held(past []events.Delivery) (fen, pieces int64) {
	fen, lines := b.stand(past)
	for _, c := range lines {
		pieces += c.pieces
	}
	return fen, pieces
}

// stand goes through the past: what is left in all, and of each line.
func (b bookkeeper) stand(past []events.Delivery) (fen int64, lines map[events.SKU]coins) {
	lines = map[events.SKU]coins{}
	for i, p := range past {
		switch p.Type {
		case events.OrderPaid, events.OrderCompleted, events.DepositPaid, events.BalancePaid:
			m := b.sale(p, past[:i])
			fen += m.fen
			for _, c := range m.lines {
				had := lines[c.sku]
				lines[c.sku] = coins{c.sku, had.fen + c.fen, had.pieces + c.pieces}
			}
		case events.OrderCancelled, events.OrderRefunded:
			fen = refund(p.Fact.Data.(*events.Order), fen, lines)
		}
	}
	return fen, lines
}

func (b bookkeeper) takeBack(d events.Delivery, past []events.Delivery) (left int64, lines map[events.SKU]coins) {
	fen, lines := b.stand(past)
	return refund(d.Fact.Data.(*events.Order), fen, lines), lines
}

func (b bookkeeper) linesAfter(d events.Delivery, past []events.Delivery) map[events.SKU]coins {
	_, lines := b.takeBack(d, past)
	return lines
}

// refund takes lines, or all of them, and gives the money that is left: no
// less than nothing.
func refund(o *events.Order, fen int64, lines map[events.SKU]coins) int64 {
	if len(o.Lines) == 0 {
		clear(lines)
		return 0
	}
	for _, l := range o.Lines {
		had := lines[l.SKU]
		n := min(l.Quantity, had.pieces)
		if n == 0 {
			continue
		}
		amount := int64(math.Floor(float64(had.fen) * float64(n) / float64(had.pieces)))
		if l.Price > 0 {
			amount = min(int64(l.Price)*n, had.fen)
		}
		lines[l.SKU] = coins{l.SKU, had.fen - amount, had.pieces - n}
		fen -= min(amount, fen)
	}
	return fen
}
