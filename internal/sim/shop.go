package sim

import (
	"math"
	"sort"
	"time"

	"github.com/peakday/peakday/forecast"
)

// shop is the world: everything that the seed decides before anything happens.
type shop struct {
	dice       dice
	zone       *time.Location
	users      []*user
	crowd      []float64 // running sums of the users' activity, to pick one
	categories []category
	products   []*product
	skus       []*sku
	byCategory [categories][]*sku
	likings    []float32 // of each user for each SKU
	days       []today   // from historyStart
}

// today is what a day is like for all.
type today struct {
	mood
	weekday float64
	shock   float64             // of the day alone
	desire  [categories]float64 // how many times the usual share of interested visits orders
	pull    []float64           // of each SKU within its category
}

// Rates of a normal day at the start of the play, and what grows.
const (
	visitRate   = .1  // visits of an average user a day
	resolveRate = .19 // the share of visits that order
	shopGrowth  = .22 // a year, on the logarithm
	shockSD     = .05
)

// newShop makes the world of a seed. Users are 1 or more.
func newShop(seed uint64, users int) *shop {
	s := &shop{dice: newDice(seed), zone: time.FixedZone("Asia/Shanghai", 8*3600)}
	s.categories = newCategories(s.dice)
	s.products, s.skus = newProducts(s.dice, s.categories)
	for _, k := range s.skus {
		c := k.product.category
		s.byCategory[c] = append(s.byCategory[c], k)
	}
	sum := 0.
	for n := range users {
		u := newUser(s.dice, n, s.categories)
		s.users = append(s.users, u)
		sum += u.activity
		s.crowd = append(s.crowd, sum)
		for _, k := range s.skus {
			s.likings = append(s.likings, float32(u.liking(k)))
		}
	}
	for _, u := range s.users {
		u.activity *= float64(users) / sum
	}
	for d := historyStart(); d < playEnd()+forecast.Day(30); d++ {
		s.days = append(s.days, s.newDay(d))
	}
	return s
}

func (s *shop) newDay(d forecast.Day) today {
	t := today{mood: moodOf(d), weekday: weekday(d), pull: make([]float64, len(s.skus))}
	t.shock = math.Exp(shockSD * s.dice.on(ofDay, uint64(d)).normal())
	for c := range s.categories {
		t.desire[c] = s.categories[c].factor(d, t.mood)
	}
	for i, k := range s.skus {
		t.pull[i] = k.factor(d, t.mood)
	}
	return t
}

func (s *shop) day(d forecast.Day) *today { return &s.days[d-historyStart()] }

// visits is how often an average user comes on day d.
func (s *shop) visits(d forecast.Day) float64 {
	t := s.day(d)
	return visitRate * t.visits() * t.weekday * t.shock
}

// resolve is the chance that a visit of day d with an interest orders.
func (s *shop) resolve(d forecast.Day, interest int) float64 {
	t := s.day(d)
	return min(.9, resolveRate*t.resolve()*t.desire[interest]*math.Exp(shopGrowth*years(d)))
}

// someone is a user, each with the chance of their activity.
func (s *shop) someone(share float64) *user {
	x := share * s.crowd[len(s.crowd)-1]
	return s.users[min(sort.SearchFloat64s(s.crowd, x), len(s.users)-1)]
}

// liking is how well a SKU suits a user within its category.
func (s *shop) liking(u *user, k *sku) float64 {
	return float64(s.likings[u.number*len(s.skus)+k.number])
}
