package forecast

import (
	"math"
	"slices"
)

// elasticities is what the shop's own days say about prices: by how many per cent
// demand falls when the price rises by one per cent.
type elasticities struct {
	of     map[*article]elasticity
	prior  elasticity
	pooled map[string]elasticity
}

// elasticity is an exponent: demand ~ price^mean, known up to sd.
type elasticity struct{ mean, sd float64 }

// What is believed of the effect of prices before any of the shop is seen
// (about what reviews of retail elasticities find: Bijmolt, van Heerde and
// Pieters 2005 report a mean of −2.6 and a median of −2.2; most of it from
// promotions, so less is assumed here).
const (
	priorElasticity   = -1.8
	priorElasticitySD = .8

	// elasticityDiffers is the standard deviation of elasticities between
	// categories, between the SKUs of one, and of a SKU between prices that it
	// was seen at and prices that it was not.
	elasticityDiffers = .4
)

// factor is what demand is multiplied by where the price is, and the standard
// deviation that it is known to. It grows with the distance, on the
// logarithm: by the uncertainty of the elasticity over all of it, and for the part
// that lies beyond all prices seen by the chance that the elasticity differs there.
func (e elasticity) factor(change, beyond float64) (factor, sd float64) {
	distance := math.Log(change)
	factor = math.Exp(e.mean * distance)
	return factor, factor * math.Hypot(e.sd*distance, elasticityDiffers*beyond)
}

// learnPrices regresses, SKU by SKU, the logarithm of a day's sales over what
// weekday, events and level explain on the logarithm of its price over the
// SKU's usual price. Days of events are left out: there a price cannot be told
// from the event. SKU, category and all are shrunk to one another.
func (s *shopModel) learnPrices() *elasticities {
	b := &elasticities{of: map[*article]elasticity{}, pooled: map[string]elasticity{}}
	sums := make([]priceSums, len(s.history.articles))
	all, category := priceSums{}, map[string]priceSums{}
	for i, a := range s.history.articles {
		sums[i] = s.pricesOf(a)
		all.add(sums[i])
		c := category[a.product.Category]
		c.add(sums[i])
		category[a.product.Category] = c
	}
	prior := elasticity{priorElasticity, priorElasticitySD}
	b.prior = all.toward(prior)
	between := math.Hypot(b.prior.sd, elasticityDiffers)
	for name, c := range category {
		b.pooled[name] = c.toward(elasticity{b.prior.mean, between})
	}
	for i, a := range s.history.articles {
		from := b.pooled[a.product.Category]
		b.of[a] = sums[i].toward(elasticity{from.mean, math.Hypot(from.sd, elasticityDiffers)})
	}
	return b
}

// priceSums are those of a weighted regression through the origin.
type priceSums struct{ xx, xy float64 }

func (p *priceSums) add(o priceSums) { p.xx, p.xy = p.xx+o.xx, p.xy+o.xy }

// toward is the slope shrunk to a prior by precision.
func (p priceSums) toward(prior elasticity) elasticity {
	w := 1 / (prior.sd * prior.sd)
	return elasticity{(p.xy + w*prior.mean) / (p.xx + w), 1 / math.Sqrt(p.xx+w)}
}

func (s *shopModel) pricesOf(a *article) (sums priceSums) {
	usual := usualPrice(a.prices)
	if !(usual > 0) {
		return sums
	}
	level := 0.
	for i, price := range a.prices {
		sold := math.Max(0, a.series.Sold[i])
		open := len(a.series.Open) == 0 || a.series.Open[i] > .99
		if level == 0 {
			level = sold
		}
		x := 0.
		if price > 0 {
			x = math.Log(float64(price) / usual)
		}
		if s.history.label(a.series.Start+Day(i)) == nil && open && level > .2 && math.Abs(x) > .01 && math.Abs(x) < 1.2 {
			y := math.Log((sold + .5) / (level + .5))
			weight := level / (1 + .3*level) // counting and a day's own noise
			sums.xx += weight * x * x
			sums.xy += weight * x * y
		}
		if math.Abs(x) < .05 { // the level of days at the usual price
			level += .08 * (sold - level)
		}
	}
	return sums
}

// usualPrice is the median of the prices of days that sold something.
func usualPrice(prices []float32) float64 {
	var seen []float64
	for _, p := range prices {
		if p > 0 {
			seen = append(seen, float64(p))
		}
	}
	if len(seen) == 0 {
		return 0
	}
	slices.Sort(seen)
	return seen[len(seen)/2]
}

// beyond is how far, on the logarithm, a price lies below the lowest or above
// the highest of those that something sold at; of what never sold, from its
// usual price. Up to a hundredth is none.
func beyond(prices []float32, usual, price float64) float64 {
	low, high := math.Inf(1), 0.
	for _, p := range prices {
		if p > 0 {
			low, high = min(low, float64(p)), max(high, float64(p))
		}
	}
	if high == 0 {
		low, high = usual, usual
	}
	switch {
	case price < .99*low:
		return math.Log(low / price)
	case price > 1.01*high:
		return math.Log(price / high)
	}
	return 0
}

// elasticityOf is that of an article.
func (s *shopModel) elasticityOf(a *article) elasticity {
	s.priceOnce.Do(func() { s.prices = s.learnPrices() })
	return s.prices.of[a]
}
