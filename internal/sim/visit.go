package sim

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/peakday/peakday/forecast"
)

// visit is one visit of a user to the shop during the sale. When users come
// and what they are interested in does not depend on any variant.
type visit struct {
	user     *user
	number   int // of the user's visits, from 1
	at       time.Time
	interest int
	random   random
}

// visitsOfSale lists all visits of the sale in order of time. The interests of each
// user go on from where the history left them.
func (s *shop) visitsOfSale(states []userState) []*visit {
	var all []*visit
	for _, u := range s.users {
		own := s.visitsOf(u, saleStart(), saleEnd())
		last := states[u.number].interest
		for i, v := range own {
			v.number = i + 1
			v.interest = u.interest(last, v.random.on(ofFocus))
			last = v.interest
		}
		all = append(all, own...)
	}
	slices.SortFunc(all, compareVisits)
	return all
}

func compareVisits(a, b *visit) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.user.number, b.user.number))
}

func (s *shop) visitsOf(u *user, from, to forecast.Day) []*visit {
	var own []*visit
	for d := from; d < to; d++ {
		day := s.random.on(ofVisit, uint64(u.number), uint64(d))
		mean := u.activity * s.visits(d)
		n := int(distuv.Poisson{Lambda: mean, Src: day.stream()}.Rand())
		for k := range n {
			v := &visit{user: u, random: day.on(ofVisit, uint64(k))}
			v.at = s.drawTime(d, s.day(d).surge, v.random.on(ofMoment))
			own = append(own, v)
		}
	}
	slices.SortFunc(own, compareVisits)
	return own
}

// id names the visit as a session.
func (v *visit) id() string { return fmt.Sprintf("%s.%d", v.user.id, v.number) }

// visitOutcome is what a visit leads to: whether, when and how fast, but not which
// items. It depends on the arms and on nothing else that the service decides.
type visitOutcome struct {
	views      int
	carted     time.Time // zero: nothing was put into the cart
	ordered    time.Time // zero: no order
	impulse    bool      // an order of one item that only the winner's treatment brings
	presale    bool
	fulfilment fulfilment
	load       float64 // milliseconds
}

// outcomeOf decides what a visit leads to under the arms.
func (s *shop) outcomeOf(v *visit, a arms) visitOutcome {
	d := s.dayOf(v.at)
	outcome := visitOutcome{load: v.load(a)}
	outcome.views = 1 + int(math.Log(1-v.random.on(ofViews).uniform())/math.Log(.62)) // 2.6 on average
	outcome.views = min(outcome.views, 12)

	usual, roll := s.orderRate(d, v.interest), v.random.on(ofOrder).uniform()
	if roll < v.user.orderChance(usual, a) {
		outcome.impulse = roll >= usual
		outcome.presale = !outcome.impulse && v.random.on(ofPresale).chance(s.day(d).presale)
		outcome.ordered = v.at.Add(seconds(v.random.on(ofOrder, 1).logUniform(120, 1500)))
		outcome.fulfilment = s.fulfilmentOf(v.random, outcome.ordered, outcome.presale)
	}
	if !outcome.ordered.IsZero() || v.random.on(ofCart).chance(cartRate) {
		outcome.carted = v.at.Add(seconds(v.random.on(ofCart, 1).logUniform(20, 110)))
	}
	return outcome
}

// cartRate is the share of visits without an order that put something into
// the cart.
const cartRate = .22
