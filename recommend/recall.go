package recommend

import (
	"context"
	"fmt"
	"math"

	"github.com/peakday/peakday/events"
)

// RecallOfExact measures the search by item vectors: the share of the k items
// with the largest dot products, computed one by one in float64, that the
// search finds for the visitors. It is 1 for a search that looks at every
// item but for rounding, and what an approximate one is worth otherwise.
// Visitors whose items the model does not know are left out; NaN if that is
// all of them.
func (r *Recommender) RecallOfExact(ctx context.Context, visitors []events.Unit, k int) (float64, error) {
	in := r.model.Load()
	if in == nil {
		return math.NaN(), nil
	}
	read, err := r.profiles.Load(ctx, visitors)
	if err != nil {
		return 0, fmt.Errorf("read the profiles: %w", err)
	}
	d := &workspace{}
	d.begin(r.catalog, "", "", nil)
	found, wanted := 0, 0
	for _, b := range read {
		p, err := DecodeProfile(b)
		if err != nil {
			return 0, fmt.Errorf("read a profile: %w", err)
		}
		query := Query{History: history(nil, r.catalog.interner, &p, nil, r.policy.HistoryHalfLife), AsOf: r.trends.AsOf()}
		exact := in.exact(&query, &d.filter, k)
		var out Proposals
		out.begin(&d.filter)
		out.best.reset(k)
		newNearest(in).Propose(&query, &out)
		for _, s := range out.best.ranked() {
			if exact[Slot(s.index)] {
				found++
			}
		}
		wanted += len(exact)
	}
	return float64(found) / float64(wanted), nil
}

// exact gives the k items of the largest dot products with the visitor's vector.
func (in *installed) exact(query *Query, allowed *filter, k int) map[Slot]bool {
	v := in.model.vectors
	user := make([]float32, v.dims)
	if !newNearest(in).userVector(user, query) {
		return nil
	}
	var top Proposals
	top.begin(allowed)
	top.best.reset(k)
	for item, slot := range in.slots {
		dot := 0.
		for dim, q := range user {
			dot += float64(q) * float64(v.data[v.at(item, dim)])
		}
		top.Add(slot, float32(dot))
	}
	if in.model.towers != nil {
		in.cold.propose(in, user, &top)
	}
	out := map[Slot]bool{}
	for _, s := range top.best.ranked() {
		out[Slot(s.index)] = true
	}
	return out
}
