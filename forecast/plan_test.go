package forecast

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

// flatForecast has n days of a known mean and variance, all independent.
func flatForecast(asOf Day, n int, mean, variance float64) *Forecast {
	f := &Forecast{SKU: "s", AsOf: asOf}
	for i := range n {
		f.Points = append(f.Points, ForecastPoint{Day: asOf + 1 + Day(i), Mean: mean, own: variance, pieces: true})
	}
	return f
}

func stockOf(n int64) *OnHand {
	return &OnHand{All: StockState{Pieces: n, Known: true}}
}

func TestPlanSKUOrdersTheQuantile(t *testing.T) {
	t.Parallel()
	// Ten days of 10 ± √20 each: the sum is 100 ± √200, a negative binomial
	// whose .9 quantile is 118 (R: qnbinom(.9, size=100, mu=100)).
	f := flatForecast(99, 10, 10, 20)
	from, to := Day(100), Day(109)
	for _, c := range []struct {
		name   string
		stock  *OnHand
		supply Supply
		terms  Terms
		need   int64
		order  int64
	}{
		{"nothing there", nil, Supply{}, Terms{ServiceLevel: .9}, 118, 118},
		{"some on hand", stockOf(50), Supply{}, Terms{ServiceLevel: .9}, 68, 68},
		{"some on order in time", stockOf(50), Supply{OnOrder: []Receipt{{105, 20}, {110, 500}}}, Terms{ServiceLevel: .9}, 48, 48},
		{"enough", stockOf(500), Supply{Pack: 12, MinOrder: 100}, Terms{ServiceLevel: .9}, 0, 0},
		{"packs", stockOf(50), Supply{Pack: 12}, Terms{ServiceLevel: .9}, 68, 72},
		{"at least the minimum, in packs", stockOf(110), Supply{Pack: 12, MinOrder: 40}, Terms{ServiceLevel: .9}, 8, 48},
		{"oversold", stockOf(-5), Supply{}, Terms{ServiceLevel: .9}, 118, 118},
		{"too late", nil, Supply{LeadTimeDays: 11}, Terms{ServiceLevel: .9}, 118, 0},
		// Margin 9 and a loss of a quarter of 4 on a leftover piece: .9.
		{"the costs decide", nil, Supply{Cost: 400, Price: 1300}, Terms{}, 118, 118},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			it := PlanSKU(f, from, to, c.stock, c.supply, 0, c.terms)
			if it.Need != c.need || it.Order != c.order || math.Abs(it.ServiceLevel-.9) > 1e-9 || it.SafetyStock != 18 {
				t.Errorf("need %d, order %d at %g with safety %d; want %d, %d", it.Need, it.Order, it.ServiceLevel, it.SafetyStock, c.need, c.order)
			}
		})
	}
}

func TestPlanSKUCountsWhatSellsBeforeTheWindow(t *testing.T) {
	t.Parallel()
	f := flatForecast(99, 20, 10, 20)
	it := PlanSKU(f, 110, 119, stockOf(0), Supply{}, 0, Terms{ServiceLevel: .9})
	if it.Before != 100 || it.Demand.Mean != 100 || it.Target < 215 || it.Target > 235 {
		t.Errorf("before %g, window %g, target %d", it.Before, it.Demand.Mean, it.Target)
	}
}

func TestReorderPointGrowsWithAnUncertainLeadTime(t *testing.T) {
	t.Parallel()
	f := flatForecast(99, 10, 10, 20)
	point := func(days, sd float64) int64 {
		return PlanSKU(f, 100, 109, nil, Supply{LeadTimeDays: days, LeadTimeSD: sd}, 0, Terms{ServiceLevel: .95}).ReorderPoint
	}
	sure, unsure, long := point(4, 0), point(4, 2), point(30, 0)
	// 40 ± √(4·20): R's qnbinom(.95, size=40, mu=40) is 56.
	if sure != 56 || unsure <= sure || long < 300 {
		t.Errorf("reorder points %d, %d with an uncertain lead time, %d beyond the forecast", sure, unsure, long)
	}
}

// What is ordered at one review must last until what is ordered at the next is
// there: as a lead time that is longer by the review.
func TestOrderUpToCoversLeadTimeAndReview(t *testing.T) {
	t.Parallel()
	f := flatForecast(99, 30, 10, 20)
	item := func(lead, review float64) PlanItem {
		return PlanSKU(f, 100, 109, nil, Supply{LeadTimeDays: lead}, 0, Terms{ServiceLevel: .95, ReviewDays: review})
	}
	if got, want := item(4, 3).OrderUpTo, item(7, 3).ReorderPoint; got != want {
		t.Errorf("up to %d over 4 days and a review of 3, %d over 7 days", got, want)
	}
	if got, want := item(4, 0).OrderUpTo, item(4+defaultReview, 3).ReorderPoint; got != want {
		t.Errorf("up to %d over 4 days and the usual review, %d over %d days", got, want, 4+defaultReview)
	}
}

// Stock for seven days, and an order that takes four: on time nothing sells
// out, unless the lead time may be twice as long.
func TestSelloutKnowsThatAnOrderMayBeLate(t *testing.T) {
	t.Parallel()
	f := flatForecast(99, 10, 10, 20)
	sellout := func(sd float64) float64 {
		return PlanSKU(f, 100, 109, stockOf(75), Supply{LeadTimeDays: 4, LeadTimeSD: sd}, 0, Terms{ServiceLevel: .99}).Sellout
	}
	if onTime, unsure := sellout(0), sellout(4); onTime > .02 || unsure < 3*onTime || unsure < .05 {
		t.Errorf("sells out with %.3f if the order is on time, %.3f if not", onTime, unsure)
	}
}

// What today has sold has left the shelves and met its part of the demand.
func TestWhatTodaySoldIsNotOrderedAgain(t *testing.T) {
	t.Parallel()
	need := func(onHand, sold int64) int64 {
		it := newPlanning(skuState{forecast: flatForecast(99, 10, 10, 20), stock: stockOf(onHand), sold: sold}, 100, 109, Terms{ServiceLevel: .9})
		it.aim(it.quantile(), Terms{})
		return it.Need
	}
	if before, after := need(50, 0), need(42, 8); before != 68 || after != before {
		t.Errorf("%d are needed before 8 are sold, %d after", before, after)
	}
}

// A receipt helps only from its day on: the shelf may be empty before.
func TestSelloutBeforeAReceipt(t *testing.T) {
	t.Parallel()
	f := flatForecast(99, 10, 10, 20)
	early := PlanSKU(f, 100, 109, stockOf(40), Supply{OnOrder: []Receipt{{102, 200}}}, 0, Terms{ServiceLevel: .9})
	late := PlanSKU(f, 100, 109, stockOf(40), Supply{OnOrder: []Receipt{{108, 200}}}, 0, Terms{ServiceLevel: .9})
	if early.Sellout > .05 || late.Sellout < .95 {
		t.Errorf("sells out with %.3f before an early receipt, %.3f before a late one", early.Sellout, late.Sellout)
	}
}

func TestLawsOfPlans(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "days")
		f := &Forecast{SKU: "s", AsOf: 99}
		for i := range n {
			mean := rapid.Float64Range(0, 500).Draw(t, "mean")
			f.Points = append(f.Points, ForecastPoint{Day: 100 + Day(i), Mean: mean, own: mean * 2, shared: .2 * mean, pieces: true})
		}
		s := Supply{
			Cost: events.Money(rapid.IntRange(0, 1000).Draw(t, "cost")), Price: events.Money(rapid.IntRange(0, 2000).Draw(t, "price")),
			LeadTimeDays: rapid.Float64Range(0, 50).Draw(t, "lead"), LeadTimeSD: rapid.Float64Range(0, 10).Draw(t, "sd"),
			Pack: rapid.Int64Range(1, 50).Draw(t, "pack"), MinOrder: rapid.Int64Range(0, 200).Draw(t, "min"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "receipts") {
			s.OnOrder = append(s.OnOrder, Receipt{Day(rapid.IntRange(90, 150).Draw(t, "date")), rapid.Int64Range(1, 900).Draw(t, "quantity")})
		}
		stock := stockOf(rapid.Int64Range(-20, 5000).Draw(t, "stock"))
		from, to := Day(100), Day(100+n-1)
		at := func(level float64) PlanItem {
			return PlanSKU(f, from, to, stock, s, 0, Terms{ServiceLevel: level})
		}
		low, high := at(.6), at(.97)
		if low.Need > high.Need || low.Target > high.Target || low.ReorderPoint > high.ReorderPoint {
			t.Fatalf("a higher service level needs less: %+v, %+v", low, high)
		}
		for _, it := range []PlanItem{low, high} {
			if it.Order%s.Pack != 0 || it.Order < 0 || it.Order > 0 && (it.Order < it.Need || it.Order < s.MinOrder || it.Late) {
				t.Fatalf("order %+v", it)
			}
			if it.Sellout > it.SelloutWithout+1e-9 || it.Sellout < -1e-9 || it.SelloutWithout > 1+1e-9 || it.CostOfOver < 0 || it.CostOfUnder < 0 {
				t.Fatalf("chances and costs %+v", it)
			}
		}
	})
}

// The plan's service level must be what comes true: over shops whose demand is
// drawn anew, the target is enough as often as it says, within the model's
// means to know.
func TestTargetsHoldTheirServiceLevel(t *testing.T) {
	t.Parallel()
	enough, n := 0., 0.
	for seed := range uint64(10) {
		k := usualShop()
		k.skus, k.lastingSD, k.passingSD = 30, .15, .15
		s := newShop(300+seed, k)
		pool := FitPool(s.series, NewCalendar(nil), 30)
		for i, series := range s.series {
			m, err := Fit(series, NewCalendar(nil), Options{Pool: pool})
			if err != nil {
				t.Fatal(err)
			}
			real := 0.
			for _, y := range s.truth[i] {
				real += y
			}
			it := PlanSKU(m.Predict(k.days), s.from, s.from+Day(k.days)-1, nil, Supply{}, 0, Terms{ServiceLevel: .9})
			if float64(it.Target) >= real {
				enough++
			}
			n++
		}
	}
	if share := enough / n; share < .84 || share > .96 {
		t.Errorf("%.3f of targets were enough, .9 was asked for", share)
	}
}

func TestParsePlanRequest(t *testing.T) {
	t.Parallel()
	got, err := ParsePlanRequest([]byte(`{"event":"11.11","skus":["a","b"],"to":"2025-11-11","service_level":0.95,"service_over":"plan"}`), "CNY")
	want := PlanRequest{Event: "11.11", SKUs: []events.SKU{"a", "b"}, To: day(t, "2025-11-11"), Terms: Terms{ServiceLevel: .95, ServiceOver: ServiceOverPlan}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for _, c := range []struct{ body, field string }{
		{`{}`, "event"},
		{`{"event":"x","skus":[""]}`, "skus[0]"},
		{`{"event":"x","skus":"a"}`, "skus"},
		{`{"event":"x","service_level":0.2}`, "service_level"},
		{`{"event":"x","service_level":1}`, "service_level"},
		{`{"event":"x","service_level":0.9,"service_over":"shop"}`, "service_over"},
		{`{"event":"x","service_over":"plan"}`, "service_level"},
		{`{"event":"x","leftover_loss":-1}`, "leftover_loss"},
		{`{"event":"x","from":"2025-11-11","to":"2025-11-01"}`, "to"},
		{`{"event":"x","budget":-5}`, "budget"},
		{`{"event":"x","budget":"5.001"}`, "budget"},
		{`{"event":"x","money":5}`, "money"},
		{`{"event":"x","review_days":-1}`, "review_days"},
		{`{"event":"x","uplift":{"estimate":-2}}`, "uplift.estimate"},
		{`{"event":"x","uplift":{"estimate":0.1,"low":0.2,"high":0.3}}`, "uplift.low"},
	} {
		var invalid *events.Invalid
		if _, err := ParsePlanRequest([]byte(c.body), "CNY"); !errors.As(err, &invalid) || invalid.Field != c.field {
			t.Errorf("%s: %v, want an error of field %q", c.body, err, c.field)
		}
	}
}

func TestSpreadsAreRecoveredFromDrawnErrors(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(8, 8))
	const day, drift = .09, .04
	var sums spreadSums
	for i := range 3000 {
		mean := []float64{1, 8, 40}[i%3]
		level := math.Exp(math.Sqrt(drift)*rng.NormFloat64() - drift/2)
		var residuals []residual
		for k := range 28 {
			residuals = append(residuals, residual{mean: mean, y: drawCount(rng, mean*level, day), w: 1, k: k})
		}
		sums.add(residuals, usualNoise())
	}
	got := sums.solve()
	if math.Abs(got.day-day) > .01 {
		t.Errorf("a day's own spread %g, drawn with %g", got.day, day)
	}
	for b, d := range got.drift[:3] {
		if math.Abs(d-drift) > .008 {
			t.Errorf("drift in bucket %d is %g, drawn with %g", b, d, drift)
		}
	}
}

func TestDaysOfCover(t *testing.T) {
	t.Parallel()
	f := flatForecast(99, 20, 10, 20)
	for _, c := range []struct {
		name   string
		pieces int64
		days   float64
	}{
		{"none", 0, 0}, {"within the forecast", 45, 4.5}, {"beyond it", 350, 35}, {"for ever", 1_000_000, 999},
	} {
		if it := PlanSKU(f, 100, 109, stockOf(c.pieces), Supply{}, 0, Terms{}); it.Cover == nil || math.Abs(*it.Cover-c.days) > 1e-9 {
			t.Errorf("%s: %v days of cover, want %g", c.name, it.Cover, c.days)
		}
	}
	if it := PlanSKU(f, 100, 109, nil, Supply{}, 0, Terms{}); it.Cover != nil {
		t.Errorf("%g days of an unknown stock", *it.Cover)
	}
}
