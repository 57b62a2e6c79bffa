package forecast

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// TestDeskSeesThroughASoldOutPeak sells one shop three times: with stock for
// everyone, with shelves that ran empty early in last year's peak, and with
// such shelves of which no stock event tells. What the desk plans in the
// second must come near the first; the third shows what it would miss.
func TestDeskSeesThroughASoldOutPeak(t *testing.T) {
	t.Parallel()
	var full, told, untold float64
	const seeds = 2
	for seed := range uint64(seeds) {
		full += peakAccuracy(t, seed, false, false) / seeds
		told += peakAccuracy(t, seed, true, true) / seeds
		untold += peakAccuracy(t, seed, true, false) / seeds
	}
	t.Logf("plan accuracy %.3f; after a sold-out peak %.3f, without stock events %.3f", full, told, untold)
	if told < full-.08 || told < untold+.05 {
		t.Errorf("plan accuracy %.3f; after a sold-out peak %.3f, without stock events %.3f", full, told, untold)
	}
}

// peakAccuracy is that of the plan for this year's peak. Half of the SKUs sell
// out in the first hours of last year's, when most of the day is sold.
func peakAccuracy(t *testing.T, seed uint64, soldOut, told bool) float64 {
	zone := shanghai(t)
	rng := rand.New(rand.NewPCG(seed, 3))
	m := newMemory()
	cal := NewCalendar(nil)
	first, last := NewDay(2024, time.October, 1), NewDay(2025, time.November, 10)
	peak := NewDay(2024, time.November, 11)
	truth := map[events.SKU]float64{}
	for i := range 20 {
		sku := events.SKU(fmt.Sprintf("s%02d", i))
		level := 8 * math.Exp(.7*rng.NormFloat64())
		response := math.Exp(.15 * rng.NormFloat64())
		shut := 1 + rng.IntN(10)
		for d := first; d <= last+1; d++ {
			mean, hours := level, [24]float64{9: .2, 13: .3, 20: .4, 23: .1}
			for _, l := range cal.Labels(d) {
				mean *= math.Pow(eventTruth(l)*response, min(1, max(0, math.Log2(eventTruth(l)))))
				if l.Phase == PhaseDay {
					hours = [24]float64{0: .4, 1: .2, 9: .1, 13: .1, 20: .2}
				}
			}
			for h, part := range hours {
				y := drawCount(rng, mean*part, .05)
				if d == last+1 {
					truth[sku] += y
					continue
				}
				if soldOut && i%2 == 0 && d == peak && h >= shut || y == 0 {
					continue
				}
				m.put(Hour{SKU: sku, Start: d.In(zone).Add(time.Duration(h) * time.Hour), Quantity: int64(y), Revenue: events.Money(y * 100)})
			}
		}
		if told && i%2 == 0 {
			from := peak.In(zone).Add(time.Duration(shut) * time.Hour)
			for v, q := range []int64{0, 500} {
				m.moves = append(m.moves, StockMove{
					ID: events.RecordID{Hi: int64(i), Lo: int64(v)}, SKU: sku, Location: "l", Region: "l", Level: true,
					Quantity: q, Version: int64(v), Time: from.Add(time.Duration(v) * 24 * time.Hour),
				})
			}
		}
	}
	m.put(Hour{SKU: "other", Start: (last + 1).In(zone), Quantity: 1}) // closes the last day
	desk := &Desk{Reader: m, Zone: zone, Currency: "CNY"}
	p, err := desk.Plan(context.Background(), "p", PlanRequest{Event: "11.11"}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	var missed, total float64
	for _, it := range p.Items {
		median, _ := it.Demand.Quantiles.At(.5)
		missed += math.Abs(median - truth[it.SKU])
		total += truth[it.SKU]
	}
	return 1 - missed/total
}
