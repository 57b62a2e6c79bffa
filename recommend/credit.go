package recommend

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

// CreditKey is what credit is added up by: the policy that answered, the experiment
// that chose it, and the shop's day.
type CreditKey struct {
	Experiment string // empty where none chose
	Policy     string
	Day        int64 // since 1 January 1970 in the shop's time zone
}

// Credit is what a policy's answers led to, attributed by the request id.
type Credit struct {
	Requests    int64        // that were shown
	Impressions int64        // of items
	Clicks      int64        // on them
	Carts       int64        // items put into the cart
	Bought      int64        // order lines
	Revenue     events.Money // of order lines, once they are paid; nothing is taken back
}

func (c *Credit) add(d Credit) {
	c.Requests += d.Requests
	c.Impressions += d.Impressions
	c.Clicks += d.Clicks
	c.Carts += d.Carts
	c.Bought += d.Bought
	c.Revenue += d.Revenue
}

// InterleavedUnit is a unit that met lists in which two policies took turns.
type InterleavedUnit struct {
	Experiment string
	Policies   [2]string
	Unit       events.Unit
}

// InterleavedScore is what a unit took from the items of either policy.
type InterleavedScore struct{ Clicks, Bought [2]int64 }

// Credits folds what requests led to, by the request id that shown, clicked and
// bought events carry. It is an events.Fold over records of users, devices and
// SKUs. Sums do not depend on the order in which facts arrive.
type Credits struct {
	Shop events.Currency
	Zone *time.Location
	// Known tells ids that peakday gave from made-up ones, which would fill the
	// table.
	Known func(Attribution) bool
}

// Name is what poison names.
func (Credits) Name() string { return "credits" }

// Wants picks the records to fold.
func (Credits) Wants(k events.Kind, t events.Type) bool {
	switch t {
	case events.Recommended, events.ProductClicked, events.ProductAdded, events.OrderPlaced, events.OrderPaid, events.OrderCompleted:
		return k == events.Kind(events.User) || k == events.Kind(events.Device) || k == events.ForSKU
	}
	return false
}

// CreditTx is what Credits needs of the transaction of a batch.
type CreditTx interface {
	// AddCredits adds to the keys, in the order given, on a shard of them.
	AddCredits(ctx context.Context, shard int, keys []CreditKey, by map[CreditKey]Credit) error

	// AddScores adds to the scores of units, in the order given.
	AddScores(ctx context.Context, units []InterleavedUnit, by map[InterleavedUnit]InterleavedScore) error
}

// creditShards is over how many rows a key is spread, so that log
// partitions do not wait for each other.
const creditShards = 4

// Apply adds up a batch of one log partition.
func (c Credits) Apply(ctx context.Context, tx CreditTx, batch []events.Delivery) error {
	sums, scores := map[CreditKey]Credit{}, map[InterleavedUnit]InterleavedScore{}
	for i := range batch {
		d := &batch[i]
		if !primary(d) {
			continue
		}
		day := c.day(d.Time)
		switch data := d.Fact.Data.(type) {
		case *events.Shown:
			c.shown(sums, data, day)
		case *events.Behaviour:
			c.behaved(sums, scores, data, d.Type, day)
		case *events.Order:
			c.ordered(sums, scores, data, d.Type, day)
		}
	}
	if len(sums) > 0 {
		keys := slices.SortedFunc(maps.Keys(sums), func(a, b CreditKey) int {
			return cmp.Or(cmp.Compare(a.Experiment, b.Experiment), cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Day, b.Day))
		})
		if err := tx.AddCredits(ctx, batch[0].Partition%creditShards, keys, sums); err != nil {
			return fmt.Errorf("credits: %w", err)
		}
	}
	if len(scores) == 0 {
		return nil
	}
	units := slices.SortedFunc(maps.Keys(scores), func(a, b InterleavedUnit) int {
		return cmp.Or(
			cmp.Compare(a.Unit.Kind, b.Unit.Kind), cmp.Compare(a.Unit.ID, b.Unit.ID), cmp.Compare(a.Experiment, b.Experiment),
			cmp.Compare(strings.Join(a.Policies[:], "+"), strings.Join(b.Policies[:], "+")))
	})
	if err := tx.AddScores(ctx, units, scores); err != nil {
		return fmt.Errorf("scores: %w", err)
	}
	return nil
}

func (c Credits) day(t time.Time) int64 {
	y, m, d := t.In(c.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// attribution gives the attribution of a request id that peakday gave.
func (c Credits) attribution(request string) (Attribution, bool) {
	if request == "" {
		return Attribution{}, false
	}
	s, ok := ParseRequestID(request)
	return s, ok && c.Known(s)
}

func (c Credits) shown(sums map[CreditKey]Credit, s *events.Shown, day int64) {
	origin, ok := c.attribution(s.Request)
	if !ok {
		return
	}
	impressions := [2]int64{}
	for _, item := range s.Items {
		impressions[origin.team(item)]++
	}
	for team, policy := range origin.Policies {
		if impressions[team] > 0 {
			credit(sums, origin, policy, day, Credit{Requests: 1, Impressions: impressions[team]})
		}
	}
}

func (c Credits) behaved(sums map[CreditKey]Credit, scores map[InterleavedUnit]InterleavedScore, b *events.Behaviour, t events.Type, day int64) {
	origin, ok := c.attribution(b.Request)
	if !ok {
		return
	}
	team := origin.team(b.Item)
	if t == events.ProductAdded {
		credit(sums, origin, origin.Policies[team], day, Credit{Carts: 1})
		return
	}
	credit(sums, origin, origin.Policies[team], day, Credit{Clicks: 1})
	score := InterleavedScore{}
	score.Clicks[team] = 1
	addScore(scores, origin, b.Who, score)
}

func (c Credits) ordered(sums map[CreditKey]Credit, scores map[InterleavedUnit]InterleavedScore, o *events.Order, t events.Type, day int64) {
	for _, l := range o.Lines {
		origin, ok := c.attribution(l.Request)
		if !ok {
			continue
		}
		team := origin.team(l.Item)
		if bought(t) {
			credit(sums, origin, origin.Policies[team], day, Credit{Bought: 1})
			score := InterleavedScore{}
			score.Bought[team] = 1
			addScore(scores, origin, o.Who, score)
		}
		if (t == events.OrderPaid || t == events.OrderCompleted) && o.Currency == c.Shop {
			credit(sums, origin, origin.Policies[team], day, Credit{Revenue: l.Amount()})
		}
	}
}

// team is Team, and 0 where one policy answered.
func (s *Attribution) team(item events.ItemID) int {
	if len(s.Policies) < 2 {
		return 0
	}
	return s.Team(item)
}

func credit(sums map[CreditKey]Credit, s Attribution, policy string, day int64, by Credit) {
	a := CreditKey{s.Experiment, policy, day}
	sum := sums[a]
	sum.add(by)
	sums[a] = sum
}

func addScore(scores map[InterleavedUnit]InterleavedScore, s Attribution, who events.Who, by InterleavedScore) {
	unit, ok := who.Visitor()
	if !ok || len(s.Policies) < 2 {
		return
	}
	m := InterleavedUnit{s.Experiment, [2]string(s.Policies), unit}
	sum := scores[m]
	for team := range 2 {
		sum.Clicks[team] += by.Clicks[team]
		sum.Bought[team] += by.Bought[team]
	}
	scores[m] = sum
}
