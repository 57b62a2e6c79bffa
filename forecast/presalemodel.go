package forecast

import (
	"math"
	"slices"
	"time"
)

// presaleModel is what was learned from earlier presales of the shop: how deposits come in
// until they are due, how many of them are paid, how soon, how many come back,
// and what part of a day's demand they make.
type presaleModel struct {
	zone    *time.Location
	waves   map[string][]wave // by event
	prior   map[string]PresalePrior
	curves  map[string]*arrivals // by wave.key
	lag     [longestBalance*24 + 1]float64
	paid    map[payCell]*beta
	back    beta
	share   map[Label]map[string]*beta // by category; "" for all
	outside map[Label]*profile         // hours of the demand outside presale
	seen    map[string]bool            // events that ever had a presale
}

// payCell is what the chance of a balance depends on; empty parts are all.
type payCell struct {
	category     string
	price, ratio int // bands, from 1
}

// arrivals counts deposits by the hours that were left until they were due.
type arrivals struct {
	all [longestPresale*24 + 1]float64
	of  map[string]*[longestPresale*24 + 1]float64
}

// cells are those that a SKU's deposits belong to, the widest first.
func cells(a *article, value, deposits float64) []payCell {
	all := []payCell{{}, {category: a.product.Category}}
	if a.price > 0 {
		price := 1 + int(2*math.Log10(max(a.price, 1)))
		all = append(all, payCell{a.product.Category, price, 0})
		if deposits > 0 {
			all = append(all, payCell{a.product.Category, price, 1 + int(10*min(value/deposits/a.price, 1))})
		}
	}
	return all
}

// completion is the share of a wave's deposits that has come when so many hours
// are left: by what the category showed, shrunk to all, shrunk to an even
// stream over the whole window.
func (b *presaleModel) completion(w *wave, category string, left int) float64 {
	const beliefEven, beliefAll = 20, 200
	whole := max(1, int(w.due-w.opens)*24)
	even := 1 - min(1, float64(left)/float64(whole))
	c := b.curves[w.key()]
	if c == nil {
		return even
	}
	come := func(counts *[longestPresale*24 + 1]float64) beta {
		var s beta
		for h, n := range counts {
			s.all += n
			if h > left {
				s.yes += n
			}
		}
		return s
	}
	share := come(&c.all).toward(even, beliefEven)
	if of := c.of[category]; of != nil {
		share = come(of).toward(share, beliefAll)
	}
	return share
}

// settled is the share of the balances that are ever paid which has been paid
// so many hours behind the due moment. Before any presale was seen: half in
// the first three hours, the rest over three days.
func (b *presaleModel) settled(hours float64) float64 {
	const belief = 20
	if hours <= 0 {
		return 0
	}
	guess := .5*(1-math.Exp(-hours/4.3)) + .5*min(1, hours/72)
	sum, all := 0., 0.
	for h, n := range b.lag {
		all += n
		sum += n * min(max(hours-float64(h), 0), 1)
	}
	return (sum + belief*guess) / (all + belief)
}

// chance is how likely the balance of a SKU's deposit is paid, and the pieces
// of experience behind it.
func (b *presaleModel) chance(event string, a *article, value, deposits float64) float64 {
	prior := b.prior[event]
	p := prior.Paid
	for _, c := range cells(a, value, deposits) {
		if seen := b.paid[c]; seen != nil {
			p = seen.toward(p, prior.Pieces)
		}
	}
	return min(max(p, .01), .999)
}

// kept is the share of paid pieces that stays with its buyer.
func (b *presaleModel) kept(event string) float64 {
	prior := b.prior[event]
	return 1 - min(b.back.toward(prior.Returned, 4*prior.Pieces), .95)
}

// part is presale's share of the demand on a day of a sale, and the relative
// variance of that share. The few balances that come when the sale is over are
// in no share.
func (b *presaleModel) part(c *Calendar, event, category string, d Day) (share, relVar float64) {
	labels := c.Labels(d)
	i := slices.IndexFunc(labels, func(l Label) bool { return l.Event == event && l.Phase != PhaseReturns })
	if i < 0 {
		return 0, 1
	}
	prior := b.prior[event]
	share, pieces := prior.Share, prior.Pieces
	if of := b.share[labels[i]]; of != nil {
		pieces += of[""].all
		share = of[""].toward(share, prior.Pieces)
		if c := of[category]; c != nil && category != "" {
			share = c.toward(share, 4*prior.Pieces)
		}
	}
	share = min(max(share, 0), .95)
	return share, (1 - share) / (max(share, .01) * (min(pieces, 400)/10 + 1))
}
