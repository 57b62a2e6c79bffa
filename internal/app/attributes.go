package app

import (
	"context"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/sqldb"
)

// knowledge lets experiments ask for what profiles and traits say of a user.
type knowledge struct {
	profiles recommend.Profiles
	db       *sqldb.DB
	clock    func() time.Time
}

// Attributes implements api.Knowledge.
func (k knowledge) Attributes(ctx context.Context, user events.UserID, names []string) (map[string]any, error) {
	out := map[string]any{}
	if slices.Contains(names, experiments.MemberTierAttribute) {
		tier, err := k.db.Trait(ctx, user, experiments.MemberTierAttribute, "tier")
		if err != nil {
			return nil, err
		}
		if tier != nil {
			out[experiments.MemberTierAttribute] = tier
		}
	}
	if len(names) == 1 && len(out) == 1 {
		return out, nil
	}
	stored, err := k.profiles.Load(ctx, []events.Unit{{Kind: events.User, ID: events.UnitID(user)}})
	if err != nil {
		return nil, err
	}
	var p recommend.Profile
	if stored[0] != nil {
		if p, err = recommend.DecodeProfile(stored[0]); err != nil {
			return nil, err
		}
	}
	computed := recommend.Attributes(&p, k.clock())
	computed[experiments.CustomerAttribute] = "new"
	if len(p.Kept()) > 0 {
		computed[experiments.CustomerAttribute] = "returning"
	}
	for _, name := range names {
		if v, there := computed[name]; there {
			out[name] = v
		}
	}
	return out, nil
}
