package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// present is the play itself: the past, and the units of the experiments.
type present struct {
	*past
	trials [trials]trial
	visits []*visit
	units  []*enrolled // in the order of their first visits
	of     []*enrolled // by user; nil before the first visit
	orders int
}

func newPresent(p *past) *present {
	p.mail.live = true
	return &present{past: p, trials: newTrials(), visits: p.visitsOfPlay(p.states), of: make([]*enrolled, len(p.users))}
}

// assignment is the variant that the service gave a unit.
type assignment struct {
	variant string
	version int
}

// receive lets a visit happen to a user who was assigned these variants.
func (p *present) receive(v *visit, given [trials]assignment) {
	e := p.of[v.user.number]
	if e == nil {
		e = p.enroll(v, given)
	}
	e.visits = append(e.visits, v)
	deed := p.act(v, e.arms)
	p.mail.post(v.tellLoad(deed.load))

	m := &p.states[v.user.number]
	m.interest = v.interest
	var o *order
	if !deed.ordered.IsZero() && deed.ordered.Before(p.mail.end) {
		o = p.buy(v, m, deed)
	}
	p.browse(v, m, deed, o)
	if o != nil {
		p.book(o, m)
	}
}

// enroll exposes a user to all trials, once, as clients do that remember it.
func (p *present) enroll(v *visit, given [trials]assignment) *enrolled {
	e := &enrolled{user: v.user, first: v.at, paid: p.presold[v.user.number]}
	if v.dice.on(ofStrangers).chance(signInRate) {
		p.signIn(v)
	}
	for i := range p.trials {
		e.arms[i] = given[i].variant == "treatment"
		data := exposureData{p.trials[i].key, given[i].variant, v.user.id, given[i].version, v.user.attributes()}
		p.mail.post(message{v.at, website, v.id() + "/exposed/" + data.Experiment, events.ExperimentExposed, data})
	}
	p.of[v.user.number] = e
	p.units = append(p.units, e)
	return e
}

// signInRate is the share of users who look around before they sign in.
const signInRate = .04

func (p *present) signIn(v *visit) {
	device := "d-" + v.user.id
	look := behaviourData{Device: device, Session: v.id(), Product: p.byCategory[v.interest][0].product.id}
	p.mail.post(message{v.at.Add(-20 * time.Second), website, v.id() + "/before", events.ProductViewed, look})
	p.mail.post(message{v.at, website, v.id() + "/signed-in", events.UserIdentified, identityData{device, v.user.id}})
}

// attributes are what clients tell about a user.
func (u *user) attributes() map[string]string {
	return map[string]string{"tier": u.tier, "region": u.region}
}

func (v *visit) tellLoad(ms float64) message {
	data := observationData{map[string]string{"user": v.user.id}, pageLoad, ms}
	return message{v.loaded(), website, v.id() + "/load", events.MetricObserved, data}
}

// buy places the order of a visit and takes its pieces out of the stock.
func (p *present) buy(v *visit, m *state, deed deed) *order {
	p.orders++
	o := &order{id: fmt.Sprintf("%s-%05d", deed.ordered.Format("060102"), p.orders), user: v.user, at: deed.ordered}
	o.presale, o.fate = deed.presale, deed.fate
	size := basketSize(v.dice)
	if deed.presale || deed.impulse {
		size = 1
	}
	o.lines = p.basket(v.user, m, o.at, v.interest, size, p.stock, v.dice.on(ofBasket).stream())
	p.priced(o)
	if v.user.hasCoupon() && p.dayOf(o.at) == double11(2026) && o.total() >= 4*couponValue && !p.usedCoupon(v.user) {
		o.coupon = couponValue
	}
	if !o.presale || !o.fate.paid.IsZero() {
		for _, l := range o.lines {
			p.stock.left[l.got.number] -= l.quantity
		}
	}
	for _, t := range append(p.tell(o, true), o.tellTaken()...) {
		p.mail.post(t)
	}
	return o
}

// usedCoupon reports whether a user's coupon is spent, and spends it.
func (p *present) usedCoupon(u *user) bool {
	m := &p.states[u.number]
	used := m.spent
	m.spent = true
	return used
}

// browse tells what a visitor looked at on the way: first what they ordered,
// then other things.
func (p *present) browse(v *visit, m *state, deed deed, o *order) {
	rng := v.dice.on(ofViews).stream()
	seen := p.looks(v, m, deed, o, rng)
	at := v.at.Add(4 * time.Second)
	for i, item := range seen {
		p.look(v, events.ProductViewed, at, i, item)
		if rng.Float64() < favouriteRate {
			p.look(v, events.ProductFavorited, at.Add(3*time.Second), i, item)
		}
		at = at.Add(seconds(5 + 15*rng.Float64()))
	}
	if deed.carted.IsZero() {
		return
	}
	if o == nil {
		p.look(v, events.ProductAdded, deed.carted, 0, seen[0])
		if rng.Float64() < removeRate {
			p.look(v, events.ProductRemoved, deed.carted.Add(40*time.Second), 0, seen[0])
			return
		}
		m.cart.add(seen[0].number)
		return
	}
	for i, l := range o.lines {
		p.look(v, events.ProductAdded, deed.carted.Add(time.Duration(i)*time.Second), i, l.got.product)
	}
}

// What visitors do beside looking and buying.
const (
	favouriteRate = .04 // of looks
	removeRate    = .15 // of carts that lead to no order
)

func (p *present) looks(v *visit, m *state, deed deed, o *order, rng *rand.Rand) []*product {
	var seen []*product
	var not bits
	if o != nil {
		for _, l := range o.lines {
			seen = append(seen, l.got.product)
			not.add(l.got.product.number)
		}
	}
	for n := len(seen); n < deed.looks || n == 0; n++ {
		d := p.dayOf(v.at)
		k := p.wish(v.user, m, d, p.further(v.user, d, v.interest, lookWithin, rng), not, rng)
		if !not.has(k.product.number) {
			seen = append(seen, k.product)
			not.add(k.product.number)
		}
	}
	return seen
}

func (p *present) look(v *visit, t events.Type, at time.Time, i int, item *product) {
	data := behaviourData{User: v.user.id, Session: v.id(), Product: item.id}
	p.mail.post(message{at, website, fmt.Sprintf("%s/%s/%d", v.id(), t, i), t, data})
	if at.Before(p.mail.end) {
		p.popular[item.number]++
	}
}

// passersBy tells of the day's strangers, who look and leave, and of robots,
// which look at everything.
func (p *present) passersBy(d forecast.Day) {
	rng := p.dice.on(ofStrangers, uint64(d)).stream()
	looks := func(device string, n int) {
		for i := range n {
			item := p.skus[rng.IntN(len(p.skus))].product
			at := p.moment(d, p.day(d).surge, dice(rng.Uint64()))
			id := fmt.Sprintf("%s/%s/%d", device, d, i)
			p.mail.post(message{at, website, id, events.ProductViewed, behaviourData{Device: device, Product: item.id}})
			p.popular[item.number]++
		}
	}
	for i := range int(float64(len(p.users)) * strangerRate * p.day(d).visits()) {
		looks(fmt.Sprintf("d-%s-%d", d, i+1), 1+rng.IntN(2))
	}
	for i := range robots {
		looks(fmt.Sprintf("bot-%d", i+1), robotLooks)
	}
}

const (
	strangerRate = .004 // a day, for each user
	robots       = 3
	robotLooks   = 40 // a day
)

// restock brings new pieces of every second SKU that is sold out.
func (p *present) restock(at time.Time) {
	for i, k := range p.skus {
		if p.stock.left[i] > 0 || i%2 == 1 {
			continue
		}
		p.stock.left[i] += restockPieces
		p.mail.post(k.tellStock(at, restockPieces, true, "received"))
	}
}

const restockPieces = 60
