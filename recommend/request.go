package recommend

import (
	"fmt"

	"github.com/peakday/peakday/events"
)

// Request asks for recommendations, for a user, a device, the items of a
// session, or any of them together.
type Request struct {
	ID         string // of this request; events that it leads to carry it
	User       events.UserID
	Device     events.UnitID
	Session    []Step // in this session, oldest first
	Placement  string
	Limit      int    // 1 to 100
	Category   string // only this one, if set
	Region     string // only what is sold and in stock there, if set
	Exclude    []events.ItemID
	Policy     string   // its key; empty: the default one
	Interleave []string // the keys of two policies that take turns; nil: Policy alone
	Seed       uint64   // of what is left to chance: exploration, and who goes first
	Explain    bool
	NameItems  bool // explanations may name items of the visitor's history
}

// Step is what somebody without a profile did: an item and what was done with
// it. The zero Action is a view.
type Step struct {
	Item   events.ItemID
	Action Action
}

// MaxLimit is the largest Limit.
const MaxLimit = 100

func checkLimit(limit int) error {
	if limit < 1 || limit > MaxLimit {
		return &events.Invalid{Field: "limit", Problem: fmt.Sprintf("must be 1 to %d, got %d", MaxLimit, limit)}
	}
	return nil
}
