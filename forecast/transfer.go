package forecast

import (
	"slices"

	"github.com/peakday/peakday/events"
)

// Transfer is a suggestion to move pieces from a region that has more than it
// needs to one that will run short.
type Transfer struct {
	SKU      events.SKU `json:"sku"`
	From     string     `json:"from"`
	To       string     `json:"to"`
	Quantity int64      `json:"quantity"`
}

// need is what a region has and should have.
type need struct {
	region string
	more   int64 // than its target; negative where it lacks
}

// transfers moves stock between the regions of a SKU until what is ordered can
// be there, at the latest by the plan's end: from the largest surplus to the
// largest want. A region keeps what its own service level asks for.
func (p *snapshot) transfers(article int, whole *Forecast, to Day, level float64, s Supply) []Transfer {
	a := p.shop.history.articles[article]
	if a.stock == nil || len(a.stock.Regions) < 2 {
		return nil
	}
	base := p.shop.baselineOf(len(whole.Points))
	until := min(to, whole.AsOf+max(7, Day(s.LeadTimeDays+.5)))
	var rows []need
	for r, name := range p.shop.history.regionNames {
		if a.stock.Regions[name] == nil {
			continue
		}
		pieces, known := p.left(a, name)
		if !known {
			continue
		}
		target := p.shop.inRegion(whole, a, base, r, true).Sum(whole.AsOf+1, until).Quantile(level)
		rows = append(rows, need{name, max(0, pieces) - int64(target)})
	}
	var out []Transfer
	for len(rows) > 1 {
		slices.SortStableFunc(rows, func(x, y need) int { return int(min(max(y.more-x.more, -1), 1)) })
		first, last := &rows[0], &rows[len(rows)-1]
		n := min(first.more, -last.more)
		if n <= 0 {
			break
		}
		out = append(out, Transfer{a.product.SKU, first.region, last.region, n})
		first.more, last.more = first.more-n, last.more+n
	}
	return out
}
