package sim

import (
	"fmt"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// history is what has happened up to the sale, simulated day by day.
type history struct {
	*shop
	states  []userState
	stock   *stock
	tally   *tally
	outbox  *outbox
	popular []int         // what was done with each product, as sent
	presold [][]time.Time // of each user: balances that will be paid in the sale
}

func newHistory(s *shop) *history {
	p := &history{shop: s, states: make([]userState, len(s.users)), stock: newStock(s), tally: newTally(s)}
	p.outbox = newOutbox(s.random, s.begin(saleEnd()))
	p.popular, p.presold = make([]int, len(s.products)), make([][]time.Time, len(s.users))
	for i := range p.states {
		p.states[i].interest = -1
	}
	return p
}

// simulateDay lets day d happen: what it sends goes to the outbox.
func (p *history) simulateDay(d forecast.Day) {
	p.morning(d)
	for k := range p.ordersOn(d) {
		own := p.random.on(ofHistory, uint64(d), uint64(k))
		at := p.drawTime(d, p.day(d).surge, own.on(ofMoment))
		u := p.drawUser(own.on(ofUser).uniform())
		m := &p.states[u.number]
		m.interest = u.interest(m.interest, own.on(ofFocus))
		if own.on(ofOrder).chance(p.orderRate(d, m.interest) / p.maxOrderRate(d)) {
			p.order(u, m, at, own, fmt.Sprintf("%s-%04d", at.Format("060102"), k))
		}
	}
	for i, k := range p.skus {
		for _, o := range p.stock.outages[i] {
			if p.dayOf(o.from) == d {
				p.outbox.add(k.stockEvent(o.from, 0, false, ""))
				p.outbox.add(k.stockEvent(o.to, usualLevel, false, ""))
			}
		}
	}
	if d == saleStart()-1 {
		p.evening(d)
	}
}

// usualLevel is what the history says of stock that does not run out.
const usualLevel = 500

// ordersOn draws how many visits of a day might order, before each visit's
// interest decides.
func (p *history) ordersOn(d forecast.Day) int {
	mean := float64(len(p.users)) * p.visits(d) * p.maxOrderRate(d)
	return int(distuv.Poisson{Lambda: mean, Src: p.random.on(ofHistory, uint64(d)).stream()}.Rand())
}

// maxOrderRate is the chance of an order with the most wanted interest.
func (s *shop) maxOrderRate(d forecast.Day) float64 {
	most := 0.
	for c := range categories {
		most = max(most, s.orderRate(d, c))
	}
	return most
}

// order places an order. One that was never paid is not in an old shop's books.
func (p *history) order(u *user, m *userState, at time.Time, own random, id string) {
	o := &order{id: id, user: u, at: at}
	o.presale = own.on(ofPresale).chance(p.day(p.dayOf(at)).presale)
	size := basketSize(own)
	if o.presale {
		size = 1
	}
	if o.fulfilment = p.fulfilmentOf(own, at, o.presale); !o.presale && o.fulfilment.paid.IsZero() {
		return
	}
	o.lines = p.basket(u, m, at, m.interest, size, p.stock, own.on(ofBasket).stream())
	p.priced(o)
	p.book(o, m)
	for _, t := range p.orderEvents(o, false) {
		p.outbox.add(t)
	}
	if due := o.fulfilment.paid; o.presale && !due.Before(p.stock.from) {
		p.presold[u.number] = append(p.presold[u.number], due)
		for _, l := range o.lines {
			p.stock.promise[l.got.number] += l.quantity
		}
		for _, t := range o.stockEvents() {
			p.outbox.add(t)
		}
	}
}

// book enters an order into what the shop and the user remember.
func (p *history) book(o *order, m *userState) {
	p.tally.add(p.shop, o)
	for _, l := range o.lines {
		m.owned.add(l.got.product.number)
		m.cart.drop(l.got.product.number)
		p.popular[l.got.product.number]++
	}
}

// morning tells of what is new in the morning: products and their first stock,
// and on the first day the customers.
func (p *history) morning(d forecast.Day) {
	at := p.begin(d)
	first := d == historyStart()
	for _, item := range p.products {
		if launch := item.skus[0].launch; launch != d && !(first && launch < d) {
			continue
		}
		for _, t := range item.changes(at, &p.categories[item.category]) {
			p.outbox.add(t)
		}
		for _, k := range item.skus {
			p.outbox.add(k.stockEvent(at, usualLevel, false, ""))
		}
	}
	if !first {
		return
	}
	for _, u := range p.users {
		if u.tier != "basic" {
			data := userData{u.id, map[string]string{"tier": u.tier, "city_region": u.region}}
			p.outbox.add(message{at, website, "user/" + u.id, events.UserChanged, data})
		}
	}
}

// evening counts the stock on the last evening and gives coupons to the best
// customers.
func (p *history) evening(d forecast.Day) {
	p.stock.fill(p.shop)
	at := p.begin(d + 1).Add(-30 * time.Minute)
	for i, k := range p.skus {
		p.outbox.add(k.stockEvent(at, p.stock.left[i]+p.stock.promise[i], false, ""))
	}
	for _, u := range p.users {
		if u.hasCoupon() {
			data := couponData{u.id, couponName, cny.Format(couponValue)}
			p.outbox.add(message{at, cashier, "coupon/" + u.id, events.CouponIssued, data})
		}
	}
}

func (u *user) hasCoupon() bool { return u.tier == "platinum" }
