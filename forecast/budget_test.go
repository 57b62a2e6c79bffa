package forecast

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

// plannings makes items of a flat demand.
func plannings(t *rapid.T) []planning {
	var out []planning
	for i := range rapid.IntRange(1, 6).Draw(t, "items") {
		mean := rapid.Float64Range(1, 60).Draw(t, "mean")
		f := flatForecast(99, 10, mean, 2*mean)
		f.SKU = events.SKU(rune('a' + i))
		s := Supply{
			Cost: events.Money(rapid.IntRange(0, 900).Draw(t, "cost")), Price: 1000,
			Pack: rapid.Int64Range(1, 30).Draw(t, "pack"), MinOrder: rapid.Int64Range(0, 60).Draw(t, "min"),
		}
		it := newPlanning(skuState{forecast: f, stock: stockOf(0), supply: s}, 100, 109, Terms{})
		it.aim(it.quantile(), Terms{})
		out = append(out, it)
	}
	return out
}

func TestBudgetIsKeptAndSpentOnPacks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := plannings(t)
		budget := events.Money(rapid.IntRange(0, 500_000).Draw(t, "budget"))
		wanted, price := make([]int64, len(items)), events.Money(0)
		for i := range items {
			wanted[i] = items[i].Order
		}
		spent := spend(items, budget)
		for i := range items {
			it := &items[i]
			price += money(it.cost * float64(it.Order))
			if it.Order > wanted[i] || it.Order%it.supply.Pack != 0 || it.Order > 0 && it.Order < it.supply.MinOrder {
				t.Fatalf("order %d of %d wanted, pack %d, minimum %d", it.Order, wanted[i], it.supply.Pack, it.supply.MinOrder)
			}
			if it.Limited != (it.Order < wanted[i]) || it.cost == 0 && it.Limited {
				t.Fatalf("limited %v: %d of %d", it.Limited, it.Order, wanted[i])
			}
		}
		if spent > budget || price > budget+events.Money(len(items)) {
			t.Fatalf("spent %d, orders cost %d, budget %d", spent, price, budget)
		}
	})
}

// Two SKUs that cost the same; one earns nine times as much a piece. A budget
// for half of it buys that one first.
func TestBudgetGoesWhereItEarnsMost(t *testing.T) {
	t.Parallel()
	item := func(sku events.SKU, price events.Money) planning {
		f := flatForecast(99, 10, 10, 20)
		f.SKU = sku
		it := newPlanning(skuState{forecast: f, stock: stockOf(0), supply: Supply{Cost: 100, Price: price}}, 100, 109, Terms{ServiceLevel: .9})
		it.aim(it.quantile(), Terms{})
		return it
	}
	items := []planning{item("dear", 1000), item("cheap", 200)}
	spent := spend(items, 12_000)
	if items[0].Order < 105 || items[1].Order > 15 || spent > 12_000 || spent < 11_800 {
		t.Errorf("%d of the dear, %d of the cheap for %d", items[0].Order, items[1].Order, spent)
	}
}

// A mixture of lead times is as wide as the lead time's variance makes it:
// variance = L·σ² + sd²·μ².
func TestProtectionConvolvesTheLeadTime(t *testing.T) {
	t.Parallel()
	f := flatForecast(99, 40, 100, 100)
	m := protection(f, Supply{LeadTimeDays: 10, LeadTimeSD: 3}, 0)
	mean, squares := m.Mean(), 0.
	for _, w := range m {
		squares += w.weight * (w.demand.Variance + (w.demand.Mean-mean)*(w.demand.Mean-mean))
	}
	if want := 10*100. + 9*100*100; math.Abs(mean/1000-1) > .03 || math.Abs(squares/want-1) > .1 {
		t.Errorf("mean %g, variance %g; want 1000 and %g", mean, squares, want)
	}
	if q := m.Quantile(.95); math.Abs(m.CDF(q)-.95) > .01 || q < 1400 || q > 1700 {
		t.Errorf("the 95 %% quantile is %g, where the CDF is %g", q, m.CDF(q))
	}
}

func TestTransfersMoveWhatARegionCanSpare(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	level := func(id int64, where string, pieces int64) StockMove {
		return StockMove{ID: events.RecordID{Lo: id}, SKU: "s4", Location: where, Region: where, Level: true, Quantity: pieces, Version: 1, Time: NewDay(2025, 10, 1).In(desk.Zone)}
	}
	m.moves = []StockMove{level(1, "east", 2000), level(2, "west", 3)}
	p, err := desk.Plan(t.Context(), "p", PlanRequest{To: NewDay(2025, 10, 30), SKUs: []events.SKU{"s4"}, Terms: Terms{ServiceLevel: .95}}, NewDay(2025, 10, 20).In(desk.Zone))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Transfers) != 1 || p.Transfers[0].From != "east" || p.Transfers[0].To != "west" || p.Transfers[0].Quantity < 15 || p.Transfers[0].Quantity > 90 {
		t.Errorf("%+v: about 5 a day are sold in the west, for a week", p.Transfers)
	}
	if len(p.Categories) != 1 || p.Categories[0].OnHand != 2003 || p.Categories[0].Cover == nil || p.Items[0].Turnover == nil {
		t.Errorf("%+v, %+v", p.Categories, p.Items[0])
	}
}
