package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// browse sends what a visitor looked at on the way: first what they ordered,
// then other things.
func (p *sale) browse(v *visit, m *userState, outcome visitOutcome, o *order) {
	rng := v.random.on(ofViews).stream()
	seen := p.viewed(v, m, outcome, o, rng)
	at := v.at.Add(4 * time.Second)
	for i, item := range seen {
		p.view(v, events.ProductViewed, at, i, item)
		if rng.Float64() < favouriteRate {
			p.view(v, events.ProductFavorited, at.Add(3*time.Second), i, item)
		}
		at = at.Add(seconds(5 + 15*rng.Float64()))
	}
	if outcome.carted.IsZero() {
		return
	}
	if o == nil {
		p.view(v, events.ProductAdded, outcome.carted, 0, seen[0])
		if rng.Float64() < removeRate {
			p.view(v, events.ProductRemoved, outcome.carted.Add(40*time.Second), 0, seen[0])
			return
		}
		m.cart.add(seen[0].number)
		return
	}
	for i, l := range o.lines {
		p.view(v, events.ProductAdded, outcome.carted.Add(time.Duration(i)*time.Second), i, l.got.product)
	}
}

// What visitors do beside looking and buying.
const (
	favouriteRate = .04 // of views
	removeRate    = .15 // of carts that lead to no order
)

func (p *sale) viewed(v *visit, m *userState, outcome visitOutcome, o *order, rng *rand.Rand) []*product {
	var seen []*product
	var not productSet
	if o != nil {
		for _, l := range o.lines {
			seen = append(seen, l.got.product)
			not.add(l.got.product.number)
		}
	}
	for n := len(seen); n < outcome.views || n == 0; n++ {
		d := p.dayOf(v.at)
		k := p.choose(v.user, m, d, p.further(v.user, d, v.interest, viewWithin, rng), not, rng)
		if !not.has(k.product.number) {
			seen = append(seen, k.product)
			not.add(k.product.number)
		}
	}
	return seen
}

func (p *sale) view(v *visit, t events.Type, at time.Time, i int, item *product) {
	data := behaviourData{User: v.user.id, Session: v.id(), Product: item.id}
	p.outbox.add(message{at, website, fmt.Sprintf("%s/%s/%d", v.id(), t, i), t, data})
	if at.Before(p.outbox.end) {
		p.popular[item.number]++
	}
}

// anonymousTraffic sends the views of the day's anonymous visitors, who look
// and leave, and of bots, which look at everything.
func (p *sale) anonymousTraffic(d forecast.Day) {
	rng := p.random.on(ofAnonymous, uint64(d)).stream()
	views := func(device string, n int) {
		for i := range n {
			item := p.skus[rng.IntN(len(p.skus))].product
			at := p.drawTime(d, p.day(d).surge, random(rng.Uint64()))
			id := fmt.Sprintf("%s/%s/%d", device, d, i)
			p.outbox.add(message{at, website, id, events.ProductViewed, behaviourData{Device: device, Product: item.id}})
			p.popular[item.number]++
		}
	}
	for i := range int(float64(len(p.users)) * anonymousRate * p.day(d).visitUplift()) {
		views(fmt.Sprintf("d-%s-%d", d, i+1), 1+rng.IntN(2))
	}
	for i := range bots {
		views(fmt.Sprintf("bot-%d", i+1), botViews)
	}
}

const (
	anonymousRate = .004 // a day, for each user
	bots          = 3
	botViews      = 40 // a day
)
