package sim

import (
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

// sale is the sale itself: the history, and the units of the experiments.
type sale struct {
	*history
	trials [trials]trial
	visits []*visit
	units  []*enrolled // in the order of their first visits
	of     []*enrolled // by user; nil before the first visit
	orders int
}

func newSale(p *history) *sale {
	p.outbox.live = true
	return &sale{history: p, trials: newTrials(), visits: p.visitsOfSale(p.states), of: make([]*enrolled, len(p.users))}
}

// assignment is the variant that the service gave a unit.
type assignment struct {
	variant string
	version int
}

// opening is what happens at the beginning of an hour by itself.
func (p *sale) opening(at time.Time) {
	switch d := p.dayOf(at); {
	case at.Equal(p.begin(d)):
		p.anonymousTraffic(d)
	case d == double11(d.Year())+1 && at.Equal(p.begin(d).Add(10*time.Hour)):
		p.restock(at)
	}
}

// receive lets a visit happen to a user who was assigned these variants.
func (p *sale) receive(v *visit, given [trials]assignment) {
	e := p.of[v.user.number]
	if e == nil {
		e = p.enroll(v, given)
	}
	e.visits = append(e.visits, v)
	outcome := p.outcomeOf(v, e.arms)
	p.outbox.add(v.loadEvent(outcome.load))

	m := &p.states[v.user.number]
	m.interest = v.interest
	var o *order
	if !outcome.ordered.IsZero() && outcome.ordered.Before(p.outbox.end) {
		o = p.buy(v, m, outcome)
	}
	p.browse(v, m, outcome, o)
	if o != nil {
		p.book(o, m)
	}
}

// enroll exposes a user to all trials, once, as clients do that remember it.
func (p *sale) enroll(v *visit, given [trials]assignment) *enrolled {
	e := &enrolled{user: v.user, first: v.at, paid: p.presold[v.user.number]}
	if v.random.on(ofAnonymous).chance(signInRate) {
		p.signIn(v)
	}
	for i := range p.trials {
		e.arms[i] = given[i].variant == "treatment"
		data := exposureData{p.trials[i].key, given[i].variant, v.user.id, given[i].version, v.user.attributes()}
		p.outbox.add(message{v.at, website, v.id() + "/exposed/" + data.Experiment, events.ExperimentExposed, data})
	}
	p.of[v.user.number] = e
	p.units = append(p.units, e)
	return e
}

// signInRate is the share of users who look around before they sign in.
const signInRate = .04

func (p *sale) signIn(v *visit) {
	device := "d-" + v.user.id
	look := behaviourData{Device: device, Session: v.id(), Product: p.byCategory[v.interest][0].product.id}
	p.popular[p.byCategory[v.interest][0].product.number]++
	p.outbox.add(message{v.at.Add(-20 * time.Second), website, v.id() + "/before", events.ProductViewed, look})
	p.outbox.add(message{v.at, website, v.id() + "/signed-in", events.UserIdentified, identityData{device, v.user.id}})
}

// attributes are what clients tell about a user.
func (u *user) attributes() map[string]string {
	return map[string]string{"tier": u.tier, "region": u.region}
}

func (v *visit) loadEvent(ms float64) message {
	data := observationData{map[string]string{"user": v.user.id}, pageLoad, ms}
	return message{v.loaded(), website, v.id() + "/load", events.MetricObserved, data}
}

// buy places the order of a visit and takes its pieces out of the stock.
func (p *sale) buy(v *visit, m *userState, outcome visitOutcome) *order {
	p.orders++
	o := &order{id: fmt.Sprintf("%s-%05d", outcome.ordered.Format("060102"), p.orders), user: v.user, at: outcome.ordered}
	o.presale, o.fulfilment = outcome.presale, outcome.fulfilment
	size := basketSize(v.random)
	if outcome.presale || outcome.impulse {
		size = 1
	}
	o.lines = p.basket(v.user, m, o.at, v.interest, size, p.stock, v.random.on(ofBasket).stream())
	p.priced(o)
	if v.user.hasCoupon() && p.dayOf(o.at) == double11(2026) && o.total() >= 4*couponValue && !p.usedCoupon(v.user) {
		o.coupon = couponValue
	}
	if !o.presale || !o.fulfilment.paid.IsZero() {
		for _, l := range o.lines {
			p.stock.left[l.got.number] -= l.quantity
		}
	}
	for _, t := range append(p.orderEvents(o, true), o.stockEvents()...) {
		p.outbox.add(t)
	}
	return o
}

// usedCoupon reports whether a user's coupon is spent, and spends it.
func (p *sale) usedCoupon(u *user) bool {
	m := &p.states[u.number]
	used := m.spent
	m.spent = true
	return used
}

// restock brings new pieces of every second SKU that is sold out.
func (p *sale) restock(at time.Time) {
	for i, k := range p.skus {
		if p.stock.left[i] > 0 || i%2 == 1 {
			continue
		}
		p.stock.left[i] += restockPieces
		p.outbox.add(k.stockEvent(at, restockPieces, true, "received"))
	}
}

const restockPieces = 60
