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

// Account is whom a credit is for: a policy, as an experiment or nobody chose
// it, on a day of the shop.
type Account struct {
	Experiment string // empty where none chose
	Policy     string
	Day        int64 // since 1 January 1970 in the shop's time zone
}

// Credit is what answers of a policy led to.
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

// Match is a unit that met lists in which two policies took turns.
type Match struct {
	Experiment string
	Policies   [2]string
	Unit       events.Unit
}

// Score is what a unit took from the items of either policy.
type Score struct{ Clicks, Bought [2]int64 }

// Credits folds what requests led to, by the request id that shown, clicked and
// bought events carry. It is an events.Fold over records of users, devices and
// SKUs. Sums do not depend on the order in which facts arrive.
type Credits struct {
	Shop events.Currency
	Zone *time.Location
	// Known tells ids that peakday gave from made-up ones, which would fill the
	// table.
	Known func(Stamp) bool
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
	// AddCredits adds to the accounts, in the order given, on a shard of them.
	AddCredits(ctx context.Context, shard int, accounts []Account, by map[Account]Credit) error

	// AddScores adds to the scores of matches, in the order given.
	AddScores(ctx context.Context, matches []Match, by map[Match]Score) error
}

// creditShards is over how many rows an account is spread, so that log
// partitions do not wait for each other.
const creditShards = 4

// Apply adds up a batch of one log partition.
func (c Credits) Apply(ctx context.Context, tx CreditTx, batch []events.Delivery) error {
	sums, scores := map[Account]Credit{}, map[Match]Score{}
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
		accounts := slices.SortedFunc(maps.Keys(sums), func(a, b Account) int {
			return cmp.Or(cmp.Compare(a.Experiment, b.Experiment), cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Day, b.Day))
		})
		if err := tx.AddCredits(ctx, batch[0].Partition%creditShards, accounts, sums); err != nil {
			return fmt.Errorf("credits: %w", err)
		}
	}
	if len(scores) == 0 {
		return nil
	}
	matches := slices.SortedFunc(maps.Keys(scores), func(a, b Match) int {
		return cmp.Or(
			cmp.Compare(a.Unit.Kind, b.Unit.Kind), cmp.Compare(a.Unit.ID, b.Unit.ID), cmp.Compare(a.Experiment, b.Experiment),
			cmp.Compare(strings.Join(a.Policies[:], "+"), strings.Join(b.Policies[:], "+")))
	})
	if err := tx.AddScores(ctx, matches, scores); err != nil {
		return fmt.Errorf("scores: %w", err)
	}
	return nil
}

func (c Credits) day(t time.Time) int64 {
	y, m, d := t.In(c.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// read gives the stamp of a request id that peakday gave.
func (c Credits) read(request string) (Stamp, bool) {
	if request == "" {
		return Stamp{}, false
	}
	s, ok := ReadStamp(request)
	return s, ok && c.Known(s)
}

func (c Credits) shown(sums map[Account]Credit, s *events.Shown, day int64) {
	stamp, ok := c.read(s.Request)
	if !ok {
		return
	}
	impressions := [2]int64{}
	for _, item := range s.Items {
		impressions[stamp.team(item)]++
	}
	for team, policy := range stamp.Policies {
		if impressions[team] > 0 {
			credit(sums, stamp, policy, day, Credit{Requests: 1, Impressions: impressions[team]})
		}
	}
}

func (c Credits) behaved(sums map[Account]Credit, scores map[Match]Score, b *events.Behaviour, t events.Type, day int64) {
	stamp, ok := c.read(b.Request)
	if !ok {
		return
	}
	team := stamp.team(b.Item)
	if t == events.ProductAdded {
		credit(sums, stamp, stamp.Policies[team], day, Credit{Carts: 1})
		return
	}
	credit(sums, stamp, stamp.Policies[team], day, Credit{Clicks: 1})
	score := Score{}
	score.Clicks[team] = 1
	addScore(scores, stamp, b.Who, score)
}

func (c Credits) ordered(sums map[Account]Credit, scores map[Match]Score, o *events.Order, t events.Type, day int64) {
	for _, l := range o.Lines {
		stamp, ok := c.read(l.Request)
		if !ok {
			continue
		}
		team := stamp.team(l.Item)
		if bought(t) {
			credit(sums, stamp, stamp.Policies[team], day, Credit{Bought: 1})
			score := Score{}
			score.Bought[team] = 1
			addScore(scores, stamp, o.Who, score)
		}
		if (t == events.OrderPaid || t == events.OrderCompleted) && o.Currency == c.Shop {
			credit(sums, stamp, stamp.Policies[team], day, Credit{Revenue: l.Amount()})
		}
	}
}

// team is Team, and 0 where one policy answered.
func (s *Stamp) team(item events.ItemID) int {
	if len(s.Policies) < 2 {
		return 0
	}
	return s.Team(item)
}

func credit(sums map[Account]Credit, s Stamp, policy string, day int64, by Credit) {
	a := Account{s.Experiment, policy, day}
	sum := sums[a]
	sum.add(by)
	sums[a] = sum
}

func addScore(scores map[Match]Score, s Stamp, who events.Who, by Score) {
	unit, ok := who.Visitor()
	if !ok || len(s.Policies) < 2 {
		return
	}
	m := Match{s.Experiment, [2]string(s.Policies), unit}
	sum := scores[m]
	for team := range 2 {
		sum.Clicks[team] += by.Clicks[team]
		sum.Bought[team] += by.Bought[team]
	}
	scores[m] = sum
}
