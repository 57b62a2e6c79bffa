package forecast

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

func drawGroup(t *rapid.T) []GroupItem {
	items := make([]GroupItem, rapid.IntRange(1, 12).Draw(t, "items"))
	for i := range items {
		mean := rapid.Float64Range(0, 80).Draw(t, "mean")
		items[i] = GroupItem{
			SKU: events.SKU(rune('a' + i)), Demand: Distribution{Mean: mean, Variance: mean * rapid.Float64Range(1, 9).Draw(t, "variance"), Pieces: true},
			Cost: float64(rapid.IntRange(0, 5000).Draw(t, "cost")),
		}
	}
	return items
}

func TestGroupTargetsHoldTheLevelOnAverage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items, level := drawGroup(t), rapid.Float64Range(.5, .999).Draw(t, "level")
		targets := GroupTargets(level, items)
		sum, n := 0., 0.
		for i, it := range items {
			chance := it.Demand.CDF(float64(targets[i]))
			if it.Demand.CDF(0) >= level {
				if targets[i] != 0 {
					t.Fatalf("%d pieces of what needs none", targets[i])
				}
				continue
			}
			if 1-chance > mostRisk*(1-level)+1e-9 {
				t.Fatalf("runs out with %g, at most twice %g is allowed", 1-chance, 1-level)
			}
			sum, n = sum+chance, n+1
		}
		if n > 0 && sum/n < level-1e-9 {
			t.Fatalf("%g on average over %g items, %g was asked for", sum/n, n, level)
		}
	})
}

// Of all stocks within the same limits that hold the level, none costs less than
// that of the marginal analysis without its last piece.
func TestGroupTargetsCostTheLeast(t *testing.T) {
	t.Parallel()
	const level = .9
	items := []GroupItem{
		{"a", Distribution{Mean: 1, Variance: 1.2, Pieces: true}, 100},
		{"b", Distribution{Mean: 3, Variance: 6, Pieces: true}, 900},
		{"c", Distribution{Mean: 6, Variance: 9, Pieces: true}, 250},
	}
	targets := GroupTargets(level, items)
	cost := 0.
	for i, it := range items {
		cost += it.Cost * float64(targets[i])
	}
	least := math.Inf(1)
	var best [3]int64
	for a := range int64(15) {
		for b := range int64(25) {
			for c := range int64(30) {
				sum, price := 0., 0.
				for i, q := range [...]int64{a, b, c} {
					chance := items[i].Demand.CDF(float64(q))
					if 1-chance > mostRisk*(1-level) {
						chance = math.Inf(-1)
					}
					sum += chance / 3
					price += items[i].Cost * float64(q)
				}
				if sum >= level && price < least {
					least, best = price, [3]int64{a, b, c}
				}
			}
		}
	}
	if cost > least+900 || cost < least {
		t.Errorf("%v for %g, %v for %g are enough", targets, cost, best, least)
	}
	own := 0.
	for _, it := range items {
		own += it.Cost * it.Demand.Quantile(level)
	}
	if cost >= own {
		t.Errorf("%v for %g, each SKU by itself costs %g", targets, cost, own)
	}
}

func TestGroupTargetsSpareWhatIsDear(t *testing.T) {
	t.Parallel()
	demand := Distribution{Mean: 20, Variance: 60, Pieces: true}
	got := GroupTargets(.9, []GroupItem{{"cheap", demand, 10}, {"dear", demand, 5000}, {"unknown", demand, 0}, {"middling", demand, 300}})
	if !(got[0] > got[3] && got[3] > got[1] && max(got[2]-got[3], got[3]-got[2]) <= 1) {
		t.Errorf("%v: the dearer, the fewer; the median of the known costs is 300", got)
	}
}

// A plan's level over all its SKUs: held on average, for less money, in whole
// packs and within the budget.
func TestDeskPlansWithALevelOverThePlan(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	for i := range 8 {
		m.supplies = append(m.supplies, Supply{SKU: events.SKU(rune('0' + i)), Cost: events.Money(100 + 700*i), Price: 9900, Pack: int64(1 + i%3)})
		m.supplies[i].SKU = "s" + m.supplies[i].SKU
	}
	now := at(t, shanghai(t), "2025-10-20 12:00")
	plan := func(over string, budget *events.Money) Plan {
		p, err := desk.Plan(t.Context(), "p", PlanRequest{Event: "11.11", Budget: budget, Terms: Terms{ServiceLevel: .9, ServiceOver: over}}, now)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	each, all := plan("", nil), plan(ServiceOverPlan, nil)
	mean := 0.
	for i, it := range all.Items {
		mean += it.ServiceLevel / float64(len(all.Items))
		if it.ServiceLevel < .8-1e-9 || it.Order%m.supplies[i].Pack != 0 || it.Order < it.Need || it.ReorderPoint <= 0 || it.Demand.Mean != each.Items[i].Demand.Mean {
			t.Errorf("%+v", it)
		}
	}
	if mean < .9 || mean > .91 || all.Spent >= each.Spent || all.ServiceOver != ServiceOverPlan || each.ServiceOver != ServiceOverSKU || all.ServiceLevel != .9 {
		t.Errorf("%g on average for %d, each SKU by itself for %d; %q and %q", mean, all.Spent, each.Spent, all.ServiceOver, each.ServiceOver)
	}
	half := all.Spent / 2
	if cut := plan(ServiceOverPlan, &half); cut.Spent > half || cut.Spent < half*9/10 || cut.Items[0].Target != all.Items[0].Target {
		t.Errorf("spent %d of %d", cut.Spent, half)
	}
}
