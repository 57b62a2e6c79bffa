package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/peakday/peakday/stats"
)

// CreditReader reads what Credits has added up.
type CreditReader interface {
	// Credits gives the sums of days from … to, both included.
	Credits(ctx context.Context, from, to int64) (map[CreditKey]Credit, error)

	// InterleavingCounts counts, for each pair of policies that took turns, the units that
	// took more from the first, more from the second, and the same from both.
	InterleavingCounts(ctx context.Context) ([]InterleavingCount, error)
}

// InterleavingCount is the score of two policies by units.
type InterleavingCount struct {
	Experiment string
	Policies   [2]string
	Clicks     Preference
	Bought     Preference
}

// Preference counts units by which policy they took more from. Units that took
// nothing from either are not in it.
type Preference struct{ First, Second, Tied int64 }

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
func Earnings(ctx context.Context, l CreditReader, from, to int64) ([]Earned, error) {
	credits, err := l.Credits(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("read the credits: %w", err)
	}
	sums := map[CreditKey]Credit{}
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

// Interleaving is which of two policies that took turns visitors preferred.
type Interleaving struct {
	InterleavingCount
	ByClicks *stats.Interleaving // of the second over the first; nil while nobody prefers either
	ByBought *stats.Interleaving
}

// Interleavings tests every pair of policies that took turns. A unit counts once,
// whatever it clicked.
func Interleavings(ctx context.Context, l CreditReader, alpha float64) ([]Interleaving, error) {
	counts, err := l.InterleavingCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the scores: %w", err)
	}
	out := make([]Interleaving, len(counts))
	for i, c := range counts {
		out[i] = Interleaving{InterleavingCount: c, ByClicks: c.Clicks.test(alpha), ByBought: c.Bought.test(alpha)}
	}
	return out, nil
}

func (t Preference) test(alpha float64) *stats.Interleaving {
	result, err := stats.Interleave(t.Second, t.First, t.Tied, alpha)
	if err != nil {
		return nil // nobody has decided yet
	}
	return &result
}
