package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/peakday/peakday/stats"
)

// Ledger reads what Credits has added up.
type Ledger interface {
	// Credits gives the sums of days from … to, both included.
	Credits(ctx context.Context, from, to int64) (map[Account]Credit, error)

	// Duels counts, for each pair of policies that took turns, the units that
	// took more from the first, more from the second, and the same from both.
	Duels(ctx context.Context) ([]DuelCount, error)
}

// DuelCount is the score of two policies by units.
type DuelCount struct {
	Experiment string
	Policies   [2]string
	Clicks     Tally
	Bought     Tally
}

// Tally counts units by which policy they took more from. Units that took
// nothing from either are not in it.
type Tally struct{ First, Second, Tied int64 }

// Earned is what a policy earned over some days.
type Earned struct {
	Experiment string
	Policy     string
	Credit
	ClickRate  float64 // clicks an impression
	Conversion float64 // order lines an impression
}

// Earnings sums what each policy earned on days from … to, by experiment and
// policy.
func Earnings(ctx context.Context, l Ledger, from, to int64) ([]Earned, error) {
	credits, err := l.Credits(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("read the credits: %w", err)
	}
	sums := map[Account]Credit{}
	for a, c := range credits {
		a.Day = 0
		sum := sums[a]
		sum.add(c)
		sums[a] = sum
	}
	out := make([]Earned, 0, len(sums))
	for a, c := range sums {
		e := Earned{Experiment: a.Experiment, Policy: a.Policy, Credit: c}
		if c.Impressions > 0 {
			e.ClickRate = float64(c.Clicks) / float64(c.Impressions)
			e.Conversion = float64(c.Bought) / float64(c.Impressions)
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Earned) int {
		return cmp.Or(cmp.Compare(a.Experiment, b.Experiment), cmp.Compare(a.Policy, b.Policy))
	})
	return out, nil
}

// Duel is which of two policies that took turns visitors preferred.
type Duel struct {
	DuelCount
	ByClicks *stats.Interleaving // of the second over the first; nil while nobody prefers either
	ByBought *stats.Interleaving
}

// Duels tests every pair of policies that took turns. A unit counts once,
// whatever it clicked.
func Duels(ctx context.Context, l Ledger, alpha float64) ([]Duel, error) {
	counts, err := l.Duels(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the scores: %w", err)
	}
	out := make([]Duel, len(counts))
	for i, c := range counts {
		out[i] = Duel{DuelCount: c, ByClicks: c.Clicks.test(alpha), ByBought: c.Bought.test(alpha)}
	}
	return out, nil
}

func (t Tally) test(alpha float64) *stats.Interleaving {
	result, err := stats.Interleave(t.Second, t.First, t.Tied, alpha)
	if err != nil {
		return nil // nobody has decided yet
	}
	return &result
}
