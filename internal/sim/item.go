package sim

import (
	"fmt"
	"math"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// category is one of the shop's departments.
type category struct {
	key    string
	noun   string
	price  float64 // of a usual item, in the major unit
	share  float64 // of the users' first interest, relative
	growth float64 // a year, on the logarithm, beyond the shop's
	winter float64 // how much more it sells in winter than in summer, on the logarithm

	lasting float64            // response to every occasion, on the logarithm
	passing [occasions]float64 // and to this year's alone
	last    [occasions]float64 // and to last year's
}

// product is what a visitor sees; it has one or two SKUs.
type product struct {
	number   int
	id       events.ItemID
	title    string
	category int
	brand    int     // one of the category's three
	tier     float64 // cheap to dear within its category, about −1.5 to 1.5
	price    events.Money
	skus     []*sku
}

// sku is what is stocked and sold.
type sku struct {
	number  int
	code    events.SKU
	variant string
	product *product
	appeal  float64 // on the logarithm, at the start of the sale
	growth  float64 // a year, on the logarithm, beyond the category's
	launch  forecast.Day

	lasting float64
	passing [occasions]float64
	last    [occasions]float64
}

// How much growth and responses differ, as standard deviations of logarithms.
const (
	categoryGrowthSD  = .44
	categoryLastingSD = .15
	categoryPassingSD = .06
	skuAppealSD       = .55
	skuGrowthSD       = .3
	skuLastingSD      = .25
	skuPassingSD      = .12
)

const (
	categories          = 12
	productsPerCategory = 9
	brands              = 3
	newcomers           = .18 // the share of products launched since last Double 11
	secondSKU           = .22 // the share of products with two SKUs
)

func newCategories(d random) []category {
	list := []category{
		{key: "phones", noun: "phone", price: 2600, share: .8},
		{key: "laptops", noun: "laptop", price: 5200, share: .6},
		{key: "audio", noun: "headphones", price: 480, share: .9},
		{key: "skincare", noun: "face cream", price: 220, share: 1.4, winter: .15},
		{key: "makeup", noun: "lipstick", price: 140, share: 1.2},
		{key: "sneakers", noun: "sneakers", price: 520, share: 1.1},
		{key: "coats", noun: "down coat", price: 780, share: 1, winter: .35},
		{key: "snacks", noun: "nut box", price: 60, share: 1.3, winter: .1},
		{key: "kitchen", noun: "rice cooker", price: 330, share: .9},
		{key: "bedding", noun: "quilt", price: 360, share: .8, winter: .2},
		{key: "toys", noun: "building set", price: 190, share: 1},
		{key: "books", noun: "novel", price: 45, share: .9},
	}
	for i := range list {
		c, own := &list[i], d.on(ofCategory, uint64(i))
		c.lasting = categoryLastingSD * own.on(ofResponse).normal()
		for o := range occasions {
			c.passing[o] = categoryPassingSD * own.on(ofResponse, uint64(o), 1).normal()
			c.last[o] = categoryPassingSD * own.on(ofResponse, uint64(o), 2).normal()
		}
	}
	// Even steps of growth in an order of the seed's own: categories always differ.
	for rank, i := range d.on(ofCategory).stream().Perm(categories) {
		step := (float64(rank)+.5)/categories*2 - 1 // −1 … 1
		list[i].growth = categoryGrowthSD * math.Sqrt(3) * step
	}
	return list
}

func newProducts(d random, of []category) (products []*product, skus []*sku) {
	for c := range of {
		for k := range productsPerCategory {
			p := newProduct(d.on(ofProduct, uint64(c), uint64(k)), len(products), c, k, &of[c])
			products = append(products, p)
			for _, s := range p.skus {
				s.number = len(skus)
				skus = append(skus, s)
			}
		}
	}
	return products, skus
}

func newProduct(d random, number, c, k int, of *category) *product {
	rng := d.stream()
	brand := k % brands
	p := &product{number: number, category: c, brand: brand}
	p.id = events.ItemID(fmt.Sprintf("%s-%02d", of.key, k+1))
	p.title = fmt.Sprintf("%s %s No. %d", brandName(c, brand), of.noun, k+1)
	p.tier = 3*(float64(rng.IntN(productsPerCategory))+rng.Float64())/productsPerCategory - 1.5
	p.price = retail(of.price * math.Exp(.4*p.tier))
	appeal, launch := skuAppealSD*rng.NormFloat64(), historyStart()-200
	if rng.Float64() < newcomers {
		first, last := forecast.NewDay(2025, 11, 20), forecast.NewDay(2026, 9, 10)
		launch = first + forecast.Day(rng.IntN(int(last-first)))
	}
	names := []string{""}
	if rng.Float64() < secondSKU {
		names = []string{"-a", "-b"}
	}
	for i, name := range names {
		s := &sku{product: p, variant: name, code: events.SKU(string(p.id) + name), launch: launch}
		s.appeal = appeal + math.Log([]float64{1, .6}[i]) + .2*rng.NormFloat64()
		s.growth, s.lasting = skuGrowthSD*rng.NormFloat64(), skuLastingSD*rng.NormFloat64()
		for o := range occasions {
			s.passing[o], s.last[o] = skuPassingSD*rng.NormFloat64(), skuPassingSD*rng.NormFloat64()
		}
		p.skus = append(p.skus, s)
	}
	return p
}

// retail rounds a price to one that ends in 9.
func retail(major float64) events.Money {
	return events.Money(max(1, math.Round(major/10))*10-1) * 100
}

// brandName is a made-up name, another one for each category.
func brandName(c, brand int) string {
	first := [...]string{"Lu", "Hai", "Mo", "Qing", "Bei", "Yun", "Song", "Tian", "Nan", "Shu", "Feng", "Lan"}
	second := [...]string{"mira", "tone", "vale"}
	return first[c%len(first)] + second[brand]
}

// Factors of SKU and category on day d, as multiples of what they are at the
// start of the sale.

func (c *category) factor(d forecast.Day, m dayProfile) float64 {
	winter := math.Cos(2 * math.Pi * float64(d-forecast.NewDay(2026, 1, 15)) / 365)
	autumn := math.Cos(2 * math.Pi * float64(saleStart()-forecast.NewDay(2026, 1, 15)) / 365)
	response := c.lasting + c.passing[m.occasion]
	if d < saleStart()-100 {
		response = c.lasting + c.last[m.occasion]
	}
	return math.Exp(c.growth*years(d) + c.winter*(winter-autumn) + m.strength()*response)
}

func (s *sku) factor(d forecast.Day, m dayProfile) float64 {
	if d < s.launch {
		return 0
	}
	response := s.lasting + s.passing[m.occasion]
	if d < saleStart()-100 {
		response = s.lasting + s.last[m.occasion]
	}
	young := min(1, .3+.7*float64(d-s.launch)/21) // new items take three weeks to become known
	return young * math.Exp(s.appeal+s.growth*years(d)+m.strength()*response)
}

// years is the time from the start of the sale to d.
func years(d forecast.Day) float64 { return float64(d-saleStart()) / 365 }
