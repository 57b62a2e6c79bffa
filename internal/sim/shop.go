package sim

import (
	"math"
	"sort"
	"time"

	"github.com/peakday/peakday/forecast"
)

// shop is the world: everything that the seed decides before anything happens.
type shop struct {
	random             random
	zone               *time.Location
	users              []*user
	cumulativeActivity []float64 // running sums of the users' activity, to pick one
	categories         []category
	products           []*product
	skus               []*sku
	byCategory         [categories][]*sku
	affinities         []float32    // of each user for each SKU
	days               []dayEffects // from historyStart
}

// dayEffects is what a day is like for all.
type dayEffects struct {
	dayProfile
	weekday        float64
	shock          float64             // of the day alone
	categoryDemand [categories]float64 // how many times the usual share of interested visits orders
	skuDemand      []float64           // of each SKU within its category
}

// Rates of a normal day at the start of the sale, and what grows.
const (
	baseVisitRate = .1  // visits of an average user a day
	baseOrderRate = .19 // the share of visits that order
	shopGrowth    = .22 // a year, on the logarithm
	shockSD       = .05
)

// newShop makes the world of a seed. Users are 1 or more.
func newShop(seed uint64, users int) *shop {
	s := &shop{random: newRandom(seed), zone: time.FixedZone("Asia/Shanghai", 8*3600)}
	s.categories = newCategories(s.random)
	s.products, s.skus = newProducts(s.random, s.categories)
	for _, k := range s.skus {
		c := k.product.category
		s.byCategory[c] = append(s.byCategory[c], k)
	}
	sum := 0.
	for n := range users {
		u := newUser(s.random, n, s.categories)
		s.users = append(s.users, u)
		sum += u.activity
		s.cumulativeActivity = append(s.cumulativeActivity, sum)
		for _, k := range s.skus {
			s.affinities = append(s.affinities, float32(u.affinity(k)))
		}
	}
	for _, u := range s.users {
		u.activity *= float64(users) / sum
	}
	for d := historyStart(); d < saleEnd()+forecast.Day(30); d++ {
		s.days = append(s.days, s.newDay(d))
	}
	return s
}

func (s *shop) newDay(d forecast.Day) dayEffects {
	t := dayEffects{dayProfile: dayProfileOf(d), weekday: weekday(d), skuDemand: make([]float64, len(s.skus))}
	t.shock = math.Exp(shockSD * s.random.on(ofDay, uint64(d)).normal())
	for c := range s.categories {
		t.categoryDemand[c] = s.categories[c].factor(d, t.dayProfile)
	}
	for i, k := range s.skus {
		t.skuDemand[i] = k.factor(d, t.dayProfile)
	}
	return t
}

func (s *shop) day(d forecast.Day) *dayEffects { return &s.days[d-historyStart()] }

// visits is how often an average user comes on day d.
func (s *shop) visits(d forecast.Day) float64 {
	t := s.day(d)
	return baseVisitRate * t.visitUplift() * t.weekday * t.shock
}

// orderRate is the chance that a visit of day d with an interest orders.
func (s *shop) orderRate(d forecast.Day, interest int) float64 {
	t := s.day(d)
	return min(.9, baseOrderRate*t.orderUplift()*t.categoryDemand[interest]*math.Exp(shopGrowth*years(d)))
}

// drawUser is a user, each with the chance of their activity.
func (s *shop) drawUser(share float64) *user {
	x := share * s.cumulativeActivity[len(s.cumulativeActivity)-1]
	return s.users[min(sort.SearchFloat64s(s.cumulativeActivity, x), len(s.users)-1)]
}

// affinity is how well a SKU suits a user within its category.
func (s *shop) affinity(u *user, k *sku) float64 {
	return float64(s.affinities[u.number*len(s.skus)+k.number])
}
