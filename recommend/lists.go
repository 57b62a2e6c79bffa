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
	if err := checkLimit(l.Limit); err != nil {
		return nil, err
	}
	it, ok := r.catalog.Item(item)
	if !ok {
		return nil, fmt.Errorf("%q: %w", item, ErrUnknownItem)
	}
	slot := r.catalog.register.Enter(item)
	ask := Ask{History: []Taste{{Slot: slot, Weight: 1}}, AsOf: r.trends.AsOf()}
	in := r.model.Load()
	sources := r.sources(in, similarWeights(), LastWeek)
	d := r.desks.Get().(*desk)
	defer r.desks.Put(d)
	d.begin(r.catalog, l.Region, l.Category, []events.ItemID{item})
	d.blend(&ask, sources, &r.policy, l.Limit)
	d.fill(l.Limit, len(sources), it.Category)
	return d.scored(), nil
}

// Trending lists what is wanted now, the catalogue's newest items behind it.
func (r *Recommender) Trending(l List) ([]Scored, error) {
	if err := checkLimit(l.Limit); err != nil {
		return nil, err
	}
	if l.Window >= windows {
		return nil, &events.Invalid{Field: "window", Problem: fmt.Sprintf("must be 0 to %d, got %d", windows-1, l.Window)}
	}
	ask := Ask{AsOf: r.trends.AsOf()}
	sources := []sourced{{&trending{r.trends, l.Window}, 1}}
	policy := r.policy
	policy.ItemHalfLife = 0 // being wanted now is recency enough
	d := r.desks.Get().(*desk)
	defer r.desks.Put(d)
	d.begin(r.catalog, l.Region, l.Category, nil)
	d.blend(&ask, sources, &policy, l.Limit)
	d.fill(l.Limit, 1, "")
	return d.scored(), nil
}

func (d *desk) scored() []Scored {
	out := make([]Scored, len(d.order))
	for i, at := range d.order {
		c := &d.candidates[at]
		out[i] = Scored{c.item.ID, c.score}
	}
	return out
}
