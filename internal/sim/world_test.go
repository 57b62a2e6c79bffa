package sim

import (
	"bytes"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// The world of the size that the demo plays.
func TestWorldOfTheDemo(t *testing.T) {
	t.Parallel()
	l := simulateInMemory(1, DefaultUsers)
	t.Run("sends as much as planned", l.sendsAsMuchAsPlanned)
	t.Run("has the rhythms of a shop", l.hasRhythms)
	t.Run("sells fifteen times a normal day on Double 11", l.peaks)
	t.Run("runs out of some things", l.runsOut)
	t.Run("can be planned better than by the shop's growth", l.canBePlanned)
	t.Run("has preferences that beat popularity", l.hasPreferences)
}

// What is sent by a small one, read as the service reads it.
func TestEventsOfAWorld(t *testing.T) {
	t.Parallel()
	l := simulateInMemory(2, 600)
	l.read(t)
	t.Run("are good and of every kind", l.sendsGoodEvents)
	t.Run("come late and twice, some of them", l.sendsLateAndTwice)
	t.Run("sell what the tally says", l.countsDemand)
	t.Run("say of the trials what the truth is measured by", l.measuresTrials)
}

func (l *recorded) sendsAsMuchAsPlanned(t *testing.T) {
	orders, lines, records, last := 0, 0, 0, int64(0)
	for _, p := range l.all() {
		records += p.records()
		if o, ok := p.data.(orderData); ok && p.typ == events.OrderCompleted && p.seq != last {
			orders++
			lines += len(o.Products)
			last = p.seq
		}
	}
	for _, n := range []struct {
		name            string
		got, least, max int
	}{
		{"orders of the history", orders, 24_000, 30_000},
		{"their lines", lines, 55_000, 80_000},
		{"records", records, 150_000, 200_000},
		{"SKUs", len(l.skus), 120, 150},
		{"units of the experiments", len(l.units), 2500, 3500},
	} {
		if n.got < n.least || n.got > n.max {
			t.Errorf("%s: %d, want %d to %d", n.name, n.got, n.least, n.max)
		}
	}
	t.Logf("%d orders, %d lines, %d records, %d units", orders, lines, records, len(l.units))
}

func (l *recorded) sendsGoodEvents(t *testing.T) {
	kinds := map[events.Type]int{}
	for _, f := range l.facts {
		kinds[f.Type]++
	}
	want := []events.Type{
		events.ExperimentExposed, events.ProductViewed, events.ProductFavorited, events.ProductAdded, events.ProductRemoved,
		events.OrderPlaced, events.OrderPaid, events.OrderCompleted, events.OrderPaymentFailed, events.OrderCancelled,
		events.OrderRefunded, events.DepositPaid, events.BalancePaid, events.StockLevelled, events.StockAdjusted,
		events.CouponIssued, events.CouponRedeemed, events.ProductChanged, events.UserChanged, events.UserIdentified,
		events.MetricObserved,
	}
	for _, k := range want {
		if kinds[k] == 0 {
			t.Errorf("there is no %s", k)
		}
	}
	if len(kinds) != len(want) {
		t.Errorf("got the types %v, want %v", slices.Sorted(maps.Keys(kinds)), want)
	}
}

func (l *recorded) sendsLateAndTwice(t *testing.T) {
	type id struct{ source, id string }
	first := map[id][]byte{}
	twice, late := 0, 0
	for _, p := range l.all() {
		line := p.line()
		k := id{p.source, p.message.id}
		if before, known := first[k]; known {
			twice++
			if !bytes.Equal(before, line) {
				t.Fatalf("two events have the id %v:\n%s%s", k, before, line)
			}
		}
		first[k] = line
	}
	for _, p := range l.during {
		wait := p.arrives.Sub(p.at)
		switch {
		case wait < 0 || p.arrives.After(l.begin(saleEnd())) || !p.at.Before(l.begin(saleEnd())):
			t.Fatalf("%s happens at %s and arrives at %s", p.message.id, p.at, p.arrives)
		case wait >= time.Hour && p.seq > 0:
			late++
		}
		if wait > (longest+36*3600)*time.Second {
			t.Errorf("%s comes %s late", p.message.id, wait)
		}
	}
	if r := float64(twice) / float64(len(first)); r < .01 || r > .02 {
		t.Errorf("%.3f of the events come twice, want .01 to .02", r)
	}
	if r := float64(late) / float64(len(l.during)); r < .014 || r > .025 {
		t.Errorf("%.3f of the live events come late, want about .02", r)
	}
}

func (l *recorded) hasRhythms(t *testing.T) {
	var hours [24]float64
	var weekdays [7]float64
	for _, p := range l.before {
		if d := l.dayOf(p.at); p.typ == events.OrderCompleted && dayProfileOf(d) == (dayProfile{orders: 1}) {
			hours[p.at.Hour()]++
			weekdays[d.Weekday()]++
		}
	}
	night, noon, afternoon, evening := hours[4], hours[12], hours[15], hours[21]
	if noon < 1.2*afternoon || evening < 1.5*afternoon || night > .2*afternoon {
		t.Errorf("orders by hour are %v, want peaks at noon and in the evening", hours)
	}
	if weekdays[time.Saturday] < 1.08*weekdays[time.Tuesday] {
		t.Errorf("orders by weekday are %v, want more on Saturday", weekdays)
	}
}

func (l *recorded) peaks(t *testing.T) {
	for year, day := range map[int]forecast.Day{2025: double11(2025), 2026: double11(2026)} {
		normal := l.soldBy(day-40, day-19) / 22
		if times := l.soldBy(day, day) / normal; times < 11 || times > 19 {
			t.Errorf("Double 11 %d is %.1f times a normal day, want about 15", year, times)
		}
	}
}

// soldBy is what the shop sold from one day to another, by the tally.
func (l *recorded) soldBy(from, to forecast.Day) (total float64) {
	for _, k := range l.skus {
		total += l.tally.soldIn(k, max(from, historyStart()), to)
	}
	return total
}

// countsDemand counts what was sent by the contract: an order on the day it
// was placed, a presale when its balance is paid, less what is taken back, on
// the day of the sale.
func (l *recorded) countsDemand(t *testing.T) {
	type sale struct {
		order events.OrderID
		sku   events.SKU
	}
	type sold struct {
		day    forecast.Day
		pieces int64
	}
	sales, back, known := map[sale]sold{}, map[sale]int64{}, map[string]bool{}
	for _, f := range l.facts {
		if known[f.Source+f.ID] {
			continue
		}
		known[f.Source+f.ID] = true
		switch d := f.Data.(type) {
		case *events.Order:
			for _, line := range d.Lines {
				k := sale{d.Order, line.SKU}
				switch {
				case f.Type == events.OrderCompleted, f.Type == events.OrderPlaced && d.Presale == nil:
					sales[k] = sold{l.dayOf(f.Time), line.Quantity}
				case f.Type == events.OrderCancelled, f.Type == events.OrderRefunded:
					back[k] += line.Quantity
				}
			}
		case *events.Payment:
			if f.Type == events.BalancePaid {
				sales[sale{d.Order, d.SKU}] = sold{l.dayOf(f.Time), d.Quantity}
			}
		}
	}
	got := make([]float64, len(l.tally.sold))
	for _, k := range l.skus {
		for s, n := range sales {
			if s.sku == k.code {
				got[l.tally.at(k, n.day)] += float64(n.pieces - back[s])
			}
		}
	}
	if !slices.Equal(got, l.tally.sold) {
		t.Error("the tally is not what the events say")
	}
	if wanted, sold := sum(l.tally.wanted), sum(l.tally.sold); wanted != sold || sold == 0 {
		t.Errorf("%g pieces were wanted and %g sold: stock must not change how many", wanted, sold)
	}
}

func (l *recorded) runsOut(t *testing.T) {
	now, then := 0, 0
	for i, k := range l.skus {
		if l.tally.wantedIn(k, saleStart(), saleEnd()-1) > 1.1*l.tally.soldIn(k, saleStart(), saleEnd()-1) {
			now++
		}
		if slices.ContainsFunc(l.stock.outages[i], func(o span) bool { return l.dayOf(o.from) == double11(2025) }) {
			then++
		}
	}
	if now < 5 || now > 40 || then < 10 || then > 45 {
		t.Errorf("%d SKUs ran out this year and %d last year, want some", now, then)
	}
}

// canBePlanned shows that there is something to learn: last year's sales times
// the growth of the category plan better than times that of the shop.
func (l *recorded) canBePlanned(t *testing.T) {
	from, to := saleStart(), double11(2026)
	var byShop, byCategory misses
	all := l.growth(from - 1)
	for c := range l.categories {
		now, then := 0., 0.
		for _, k := range l.byCategory[c] {
			now += l.tally.soldIn(k, from-28, from-1)
			then += l.tally.soldIn(k, lastYear(from-1)-27, lastYear(from-1))
		}
		for _, k := range l.byCategory[c] {
			sold, before := l.tally.soldIn(k, from, to), l.tally.soldIn(k, lastYear(from), lastYear(to))
			byShop.add(all*before, sold)
			byCategory.add(now/then*before, sold)
		}
	}
	if byCategory.wape() > byShop.wape()-.02 {
		t.Errorf("planned by category WAPE is %.3f, by the shop's growth %.3f: want at least .02 less", byCategory.wape(), byShop.wape())
	}
}

// hasPreferences shows that there is something to recommend: who knew the users'
// preferences would rank three times better than popularity.
func (l *recorded) hasPreferences(t *testing.T) {
	oracle, popular := 0., 0.
	users := l.sample(sampleUsers)
	for _, u := range users {
		next := l.next(u)
		oracle += ndcg(l.byPreference(u), next, 10)
		popular += ndcg(l.popularity(u), next, 10)
	}
	if oracle < 3*popular {
		t.Errorf("NDCG@10 by preference %.3f, by popularity %.3f, want 3 times", oracle/sampleUsers, popular/sampleUsers)
	}
}

// byPreference ranks what a user does not have by the chance that the next look is
// at it.
func (l *recorded) byPreference(u *user) []events.ItemID {
	m := l.states[u.number]
	chances := make([]float64, len(l.products))
	add := func(c int, chance float64) {
		weights, total := map[int]float64{}, 0.
		for _, k := range l.byCategory[c] {
			w := l.weight(u, &m, saleEnd(), k)
			weights[k.product.number] += w
			total += w
		}
		for n, w := range weights {
			chances[n] += chance * w / total
		}
	}
	add(m.interest, sameInterest)
	for c, chance := range u.preference {
		add(c, (1-sameInterest)*chance)
	}
	list := slices.Clone(l.products)
	slices.SortStableFunc(list, func(a, b *product) int {
		return int(math.Copysign(1, chances[b.number]-chances[a.number]))
	})
	var out []events.ItemID
	for _, p := range list {
		if l.open(u, p) {
			out = append(out, p.id)
		}
	}
	return out
}

func TestSameSeedSameWorld(t *testing.T) {
	t.Parallel()
	digest := func(seed uint64) uint64 {
		h := fnv.New64a()
		l := simulateInMemory(seed, 300)
		for _, p := range l.all() {
			h.Write(p.line())
		}
		for i := range l.trials {
			h.Write(mustJSON(l.truth(&l.trials[i], i, l.units)))
		}
		for _, u := range l.sample(20) {
			h.Write(mustJSON(l.next(u)))
		}
		return h.Sum64()
	}
	first, second, other := digest(7), digest(7), digest(8)
	if first != second {
		t.Error("two worlds of one seed differ")
	}
	if first == other {
		t.Error("the worlds of two seeds are the same")
	}
}

// Stock decides what is bought, never whether or when.
func TestStockDecidesOnlyWhat(t *testing.T) {
	t.Parallel()
	payments := func(pieces int) []time.Time {
		s := newShop(3, 400)
		p := newSale(newHistory(s))
		for i := range p.stock.left {
			p.stock.left[i] = pieces
		}
		for _, v := range p.visits {
			p.receive(v, s.coins(v.user))
		}
		var out []time.Time
		for _, parcel := range p.empty(s.begin(saleEnd())) {
			if parcel.typ == events.OrderPaid || parcel.typ == events.BalancePaid {
				out = append(out, parcel.at)
			}
		}
		slices.SortFunc(out, time.Time.Compare)
		return slices.CompactFunc(out, time.Time.Equal) // some are sent twice
	}
	scarce, plenty := payments(2), payments(1_000_000)
	if !slices.EqualFunc(scarce, plenty, time.Time.Equal) {
		t.Errorf("%d payments with little stock, %d with much", len(scarce), len(plenty))
	}
}
