package sim

import (
	"math"
	"time"

	"github.com/peakday/peakday/forecast"
)

// stock is what the warehouse holds. In the history it is known only when a SKU
// was out; from the start of the sale on, every piece is counted.
type stock struct {
	from    time.Time // of the sale
	outages [][]span  // of each SKU before it, in order
	left    []int     // of each SKU, not promised to anybody yet
	promise []int     // of each SKU: presold, its balance still to be paid
}

// span is a time without stock.
type span struct{ from, to time.Time }

// Outages: ordinary ones now and then, and in last year's peak.
const (
	outageRate   = .002 // that one begins on a day
	soldOutThen  = .2   // the share of SKUs that sold out on last year's Double 11
	scarceNow    = .14  // the share that has too little for this year's
	scarceLeast  = .45  // of what will be wanted of those, they have between this
	scarceMost   = .75  // and this
	plenty       = 2.2  // times what will be wanted of the others
	plentyPieces = 20
)

func newStock(s *shop) *stock {
	st := &stock{from: s.begin(saleStart()), left: make([]int, len(s.skus)), promise: make([]int, len(s.skus))}
	for _, k := range s.skus {
		st.outages = append(st.outages, s.outagesOf(k))
	}
	return st
}

func (s *shop) outagesOf(k *sku) []span {
	var out []span
	eleven := double11(2025)
	peak := s.random.on(ofOutage, uint64(k.number))
	for d := max(historyStart(), k.launch) + 3; d < saleStart()-10; d++ {
		own := s.random.on(ofOutage, uint64(k.number), uint64(d))
		switch {
		case d == eleven && k.launch < historyStart() && peak.chance(soldOutThen):
			from := s.begin(d).Add(time.Duration(own.logUniform(40, 16*60)) * time.Minute)
			to := s.begin(d + 2).Add(time.Duration(9+own.on(ofMoment).uniform()*60) * time.Hour)
			out = append(out, span{from, to})
			d = s.dayOf(to) + 3
		case d > eleven-5 && d <= eleven:
			// the peak has its own
		case own.chance(outageRate):
			from := s.begin(d).Add(time.Duration(own.on(ofMoment).uniform()*24*60) * time.Minute)
			to := from.Add(time.Duration(own.on(ofSize).logUniform(8, 100)) * time.Hour)
			out = append(out, span{from, to})
			d = s.dayOf(to) + 3
		}
	}
	return out
}

// fill stocks the warehouse for the sale: most SKUs have plenty, some too
// little.
func (st *stock) fill(s *shop) {
	wanted := s.expect(saleStart(), saleEnd())
	for i, k := range s.skus {
		d := s.random.on(ofStock, uint64(k.number))
		pieces := plenty*wanted[i] + plentyPieces
		if d.chance(scarceNow) {
			pieces = wanted[i] * (scarceLeast + (scarceMost-scarceLeast)*d.on(ofSize).uniform())
		}
		st.left[i] = max(2, int(math.Round(pieces))-st.promise[i])
	}
}

// has reports whether so many pieces of a SKU can be bought at a time.
func (st *stock) has(k *sku, pieces int, at time.Time) bool {
	if !at.Before(st.from) {
		return st.left[k.number] >= pieces
	}
	for _, o := range st.outages[k.number] {
		if at.Before(o.from) {
			break
		}
		if at.Before(o.to) {
			return false
		}
	}
	return true
}

// expect is about how many pieces of each SKU will be wanted from one day up
// to before another, for somebody who knows the shop but not its luck. It asks
// every eighth user.
func (s *shop) expect(from, to forecast.Day) []float64 {
	const every, lines, quantity = 8, 2.26, 1.15
	out := make([]float64, len(s.skus))
	anonymous := &userState{interest: -1}
	for d := from; d < to; d++ {
		for n := 0; n < len(s.users); n += every {
			u := s.users[n]
			for c, list := range s.byCategory {
				total := 0.
				for _, k := range list {
					total += s.weight(u, anonymous, d, k)
				}
				orders := every * u.activity * s.visits(d) * u.preference[c] * s.orderRate(d, c)
				for _, k := range list {
					out[k.number] += orders * lines * quantity * s.weight(u, anonymous, d, k) / total
				}
			}
		}
	}
	return out
}
