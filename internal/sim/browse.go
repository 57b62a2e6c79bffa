package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

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
