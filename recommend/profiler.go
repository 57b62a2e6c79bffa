package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/peakday/peakday/events"
)

// Profiler folds facts into Profiles. It is an events.Follower: each fact
// counts once, whatever is killed between two of its steps, because a record
// is skipped when its part has come further already.
type Profiler struct {
	store Profiles
	log   string
	shop  events.Currency
}

// NewProfiler returns the follower of log that writes to store.
func NewProfiler(store Profiles, log string) *Profiler {
	return &Profiler{store: store, log: log}
}

// In lets only amounts in the shop's currency count as money spent.
func (p *Profiler) In(shop events.Currency) *Profiler {
	p.shop = shop
	return p
}

// Name implements events.Follower.
func (p *Profiler) Name() string { return "profiles" }

// Position implements events.Follower.
func (p *Profiler) Position(ctx context.Context, partition int) (events.Position, error) {
	return p.store.Position(ctx, p.log, partition)
}

// Follow implements events.Follower: it opens the profiles of the batch's
// visitors, folds, commits part by part, and advances the partition.
func (p *Profiler) Follow(ctx context.Context, partition int, from, to events.Position, batch []events.Delivery) error {
	at, err := p.store.Position(ctx, p.log, partition)
	if err != nil {
		return fmt.Errorf("position of partition %d: %w", partition, err)
	}
	if at != from {
		return fmt.Errorf("partition %d stands at %d, not at %d: %w", partition, at, from, ErrStale)
	}
	parts, facts := groupByPart(batch)
	if len(parts) > 0 {
		if err := p.fold(ctx, parts, facts, to); err != nil {
			return fmt.Errorf("profiles of partition %d: %w", partition, err)
		}
	}
	return p.store.Advance(ctx, p.log, partition, from, to)
}

func (p *Profiler) fold(ctx context.Context, parts []PartProfiles, facts map[events.Unit][]*events.Delivery, to events.Position) error {
	if err := p.store.Open(ctx, p.log, parts); err != nil {
		return err
	}
	changed := parts[:0]
	for _, s := range parts {
		if s.At >= to {
			continue // this part was committed before a crash
		}
		for i := range s.Profiles {
			if err := s.Profiles[i].fold(facts[s.Profiles[i].Visitor], s.At, p.shop); err != nil {
				return err
			}
		}
		s.To = to
		changed = append(changed, s)
	}
	if len(changed) == 0 {
		return nil
	}
	return p.store.Commit(ctx, p.log, changed)
}

// fold applies the records behind the part's position.
func (g *VisitorProfile) fold(records []*events.Delivery, behind events.Position, shop events.Currency) error {
	profile, err := DecodeProfile(g.Profile)
	if err != nil {
		return fmt.Errorf("%s %s: %w", g.Visitor.Kind, g.Visitor.ID, err)
	}
	for _, d := range records {
		if d.Position > behind {
			profile.Apply(d.Fact, shop)
		}
	}
	g.Profile = EncodeProfile(nil, &profile)
	return nil
}

// groupByPart groups the records that count for a visitor by part and visitor,
// in a fixed order.
func groupByPart(batch []events.Delivery) ([]PartProfiles, map[events.Unit][]*events.Delivery) {
	facts := map[events.Unit][]*events.Delivery{}
	var parts []PartProfiles
	at := map[events.Part]int{}
	for i := range batch {
		d := &batch[i]
		visitor, ok := visitorOf(d.Fact)
		if !ok || !primary(d) || !tells(d.Type) {
			continue
		}
		if facts[visitor] == nil {
			part := d.Part()
			n, known := at[part]
			if !known {
				n = len(parts)
				at[part] = n
				parts = append(parts, PartProfiles{Part: part})
			}
			parts[n].Profiles = append(parts[n].Profiles, VisitorProfile{Visitor: visitor})
		}
		facts[visitor] = append(facts[visitor], d)
	}
	slices.SortFunc(parts, func(a, b PartProfiles) int { return cmp.Compare(a.Part, b.Part) })
	return parts, facts
}

// tells reports whether facts of this type change a profile.
func tells(t events.Type) bool {
	switch t {
	case events.ProductViewed, events.ProductClicked, events.ProductFavorited, events.ProductAdded, events.ProductRemoved,
		events.Recommended, events.OrderPlaced, events.OrderCompleted, events.OrderCancelled:
		return true
	}
	return false
}
