package recommend

import (
	"errors"
	"fmt"

	"github.com/peakday/peakday/events"
)

// ErrUnknownItem says that no fact has named an item.
var ErrUnknownItem = errors.New("the item is not known")

// List asks for items that do not depend on a visitor.
type List struct {
	Limit    int    // 1 to 100
	Category string // only this one, if set
	Region   string // only what is sold and in stock there, if set
	Window   Window // of Trending
}

// Scored is an item of a list.
type Scored struct {
	Item  events.ItemID
	Score float64 // 0 to 1, falling
}

// Similar lists items like one: those that the same visitors like or come to
// next, then what is wanted, then the newest items, of its category first. It
// returns ErrUnknownItem, or an *events.Invalid.
func (r *Recommender) Similar(item events.ItemID, l List) ([]Scored, error) {
	return r.beside(item, l, similarWeights(), true)
}

// BoughtTogether lists what is bought in one order with an item, the most
// often first; nothing if nobody has. It returns ErrUnknownItem, or an
// *events.Invalid.
func (r *Recommender) BoughtTogether(item events.ItemID, l List) ([]Scored, error) {
	return r.beside(item, l, togetherWeights(), false)
}

func (r *Recommender) beside(item events.ItemID, l List, weights []Weight, fill bool) ([]Scored, error) {
	if err := checkLimit(l.Limit); err != nil {
		return nil, err
	}
	it, ok := r.catalog.Item(item)
	if !ok {
		return nil, fmt.Errorf("%q: %w", item, ErrUnknownItem)
	}
	slot := r.catalog.interner.Intern(item)
	query := Query{History: []HistoryItem{{Slot: slot, Weight: 1}}, AsOf: r.trends.AsOf()}
	d := r.workspaces.Get().(*workspace)
	defer r.workspaces.Put(d)
	d.begin(r.catalog, l.Region, l.Category, []events.ItemID{item})
	return d.list(&query, mix{sources: r.sources(r.model.Load(), weights, LastWeek)}, &r.policy, l.Limit, fill, it.Category), nil
}

// Trending lists what is wanted now, the catalogue's newest items behind it.
func (r *Recommender) Trending(l List) ([]Scored, error) {
	if err := checkLimit(l.Limit); err != nil {
		return nil, err
	}
	if l.Window >= windows {
		return nil, &events.Invalid{Field: "window", Problem: fmt.Sprintf("must be 0 to %d, got %d", windows-1, l.Window)}
	}
	policy := r.policy
	policy.ItemHalfLife = 0 // being wanted now is recency enough
	d := r.workspaces.Get().(*workspace)
	defer r.workspaces.Put(d)
	d.begin(r.catalog, l.Region, l.Category, nil)
	return d.list(&Query{AsOf: r.trends.AsOf()}, mix{sources: []weightedSource{{&trending{r.trends, l.Window}, 1}}}, &policy, l.Limit, true, ""), nil
}

// list ranks what the sources propose, without rules and without a visitor.
func (d *workspace) list(query *Query, m mix, policy *Policy, limit int, fill bool, prefer string) []Scored {
	d.blend(query, m, max(policy.Candidates, limit))
	d.rank(&adjustments{catalog: d.filter.catalog, policy: policy, region: d.filter.region, asOf: query.AsOf}, limit)
	if fill {
		d.fill(limit, prefer)
	}
	return d.scored()
}

func (d *workspace) scored() []Scored {
	out := make([]Scored, len(d.order))
	for i, at := range d.order {
		c := &d.candidates[at]
		out[i] = Scored{c.item.ID, c.score}
	}
	return out
}
