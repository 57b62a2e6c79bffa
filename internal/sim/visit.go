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

// visit is one visit of a user to the shop during the play. When users come
// and what they are interested in does not depend on any variant.
type visit struct {
	user     *user
	number   int // of the user's visits, from 1
	at       time.Time
	interest int
	dice     dice
}

// visitsOfPlay lists all visits of the play in order of time. The interests of each
// user go on from where the history left them.
func (s *shop) visitsOfPlay(states []state) []*visit {
	var all []*visit
	for _, u := range s.users {
		own := s.visitsOf(u, playStart(), playEnd())
		last := states[u.number].interest
		for i, v := range own {
			v.number = i + 1
			v.interest = u.interest(last, v.dice.on(ofFocus))
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
		day := s.dice.on(ofVisit, uint64(u.number), uint64(d))
		mean := u.activity * s.visits(d)
		n := int(distuv.Poisson{Lambda: mean, Src: day.stream()}.Rand())
		for k := range n {
			v := &visit{user: u, dice: day.on(ofVisit, uint64(k))}
			v.at = s.moment(d, s.day(d).surge, v.dice.on(ofMoment))
			own = append(own, v)
		}
	}
	slices.SortFunc(own, compareVisits)
	return own
}

// id names the visit as a session.
func (v *visit) id() string { return fmt.Sprintf("%s.%d", v.user.id, v.number) }

// deed is what a visit leads to: whether, when and how fast, but not which
// items. It depends on the arms and on nothing else that the service decides.
type deed struct {
	looks   int
	carted  time.Time // zero: nothing was put into the cart
	ordered time.Time // zero: no order
	impulse bool      // an order of one item that only the winner's treatment brings
	presale bool
	fate    fate
	load    float64 // milliseconds
}

// act decides what a visit leads to under the arms.
func (s *shop) act(v *visit, a arms) deed {
	d := s.dayOf(v.at)
	deed := deed{load: v.load(a)}
	deed.looks = 1 + int(math.Log(1-v.dice.on(ofViews).share())/math.Log(.62)) // 2.6 on average
	deed.looks = min(deed.looks, 12)

	resolve, roll := s.resolve(d, v.interest), v.dice.on(ofOrder).share()
	if roll < v.user.eased(resolve, a) {
		deed.impulse = roll >= resolve
		deed.presale = !deed.impulse && v.dice.on(ofPresale).chance(s.day(d).presale)
		deed.ordered = v.at.Add(seconds(v.dice.on(ofOrder, 1).between(120, 1500)))
		deed.fate = s.fateOf(v.dice, deed.ordered, deed.presale)
	}
	if !deed.ordered.IsZero() || v.dice.on(ofCart).chance(cartRate) {
		deed.carted = v.at.Add(seconds(v.dice.on(ofCart, 1).between(20, 110)))
	}
	return deed
}

// cartRate is the share of visits without an order that put something into
// the cart.
const cartRate = .22
