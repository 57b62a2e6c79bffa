package forecast

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peakday/peakday/events"
)

// openShop is a store with the hours of a small shop: eight SKUs of two
// categories in two regions, sold at four hours of the day, through one Double 11, until 2025-10-20 12:00.
func openShop(t testing.TB) (*memory, *Desk) {
	zone := shanghai(t)
	m := newMemory()
	rng := rand.New(rand.NewPCG(5, 5))
	cal := NewCalendar(nil)
	first, last := NewDay(2024, time.October, 1), NewDay(2025, time.October, 20)
	for i := range 8 {
		sku := events.SKU(fmt.Sprint("s", i))
		for d := first; d <= last; d++ {
			mean := 4 + 2*float64(i)
			for _, l := range cal.Labels(d) {
				mean *= eventTruth(l)
			}
			left := drawCount(rng, mean, .1)
			for i, h := range []int{9, 13, 20, 23} {
				q := left
				if i < 3 {
					q = math.Min(left, math.Round(left/float64(4-i)))
				}
				left -= q
				if d == last && h >= 12 || q == 0 {
					continue
				}
				start := d.In(zone).Add(time.Duration(h) * time.Hour)
				east := math.Ceil(q * .6)
				m.put(Hour{SKU: sku, Region: "east", Start: start, Quantity: int64(east), Revenue: events.Money(east * 1000)})
				if q > east {
					m.put(Hour{SKU: sku, Region: "west", Start: start, Quantity: int64(q - east), Revenue: events.Money((q - east) * 1000)})
				}
			}
		}
	}
	return m, &Desk{Reader: m, Zone: zone, Currency: "CNY", Refresh: time.Minute, Category: func(item events.ItemID) string {
		return "category-" + string(item[len(item)-1]%2+'a')
	}}
}

func TestDeskForecastsFromTheDayAfterTheLastClosedOne(t *testing.T) {
	t.Parallel()
	_, desk := openShop(t)
	fs, err := desk.Forecast(context.Background(), Query{SKU: "s3", Horizon: 10}, time.Unix(0, 0))
	if err != nil || len(fs) != 1 {
		t.Fatal(len(fs), err)
	}
	f := fs[0]
	if f.AsOf.String() != "2025-10-19" || len(f.Points) != 10 || f.Points[0].Day != f.AsOf+1 || f.SKU != "s3" {
		t.Errorf("as of %s, %d points from %s for %s", f.AsOf, len(f.Points), f.Points[0].Day, f.SKU)
	}
	for _, p := range f.Points {
		if p.Mean < 5 || p.Mean > 15 {
			t.Errorf("mean %g on %s, 10 were sold a day", p.Mean, p.Day)
		}
		if sum := p.Components.Sum(); math.Abs(sum-p.Mean) > 1e-9*p.Mean {
			t.Errorf("components sum to %g, mean %g", sum, p.Mean)
		}
	}
	body, err := json.Marshal(f)
	if err != nil || !strings.Contains(string(body), `"points":[{"date":"2025-10-20","mean":`) || !strings.Contains(string(body), `"quantiles":{"0.025":`) {
		t.Errorf("JSON %.200s, %v", body, err)
	}
}

func TestDeskForecastsCategoriesAndRegions(t *testing.T) {
	t.Parallel()
	_, desk := openShop(t)
	ctx, now := context.Background(), time.Unix(0, 0)
	total := func(q Query) (sum float64, fs []*Forecast) {
		fs, err := desk.Forecast(ctx, q, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fs {
			for _, p := range f.Points {
				sum += p.Mean
			}
		}
		return sum, fs
	}
	sku, _ := total(Query{SKU: "s2", Horizon: 30})
	regions, fs := total(Query{SKU: "s2", Horizon: 30, Level: LevelRegion})
	if len(fs) != 2 || fs[0].Region != "east" || fs[1].Region != "west" || math.Abs(regions/sku-1) > 1e-6 {
		t.Errorf("%d regions sum to %g, the SKU to %g", len(fs), regions, sku)
	}
	parts := 0.
	for _, id := range []events.SKU{"s0", "s2", "s4", "s6"} {
		p, _ := total(Query{SKU: id, Horizon: 30})
		parts += p
	}
	category, fs := total(Query{SKU: "s2", Horizon: 30, Level: LevelCategory})
	if fs[0].Category != "category-a" || math.Abs(category/parts-1) > 1e-6 {
		t.Errorf("category %s sums to %g, its SKUs to %g", fs[0].Category, category, parts)
	}
}

func TestDeskRefusesWhatItCannotAnswer(t *testing.T) {
	t.Parallel()
	_, desk := openShop(t)
	ctx, now := context.Background(), time.Unix(0, 0)
	var invalid *events.Invalid
	if _, err := desk.Forecast(ctx, Query{SKU: "nobody"}, now); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown SKU: %v", err)
	}
	if _, err := desk.Forecast(ctx, Query{SKU: "s1", Level: "galaxy"}, now); !errors.As(err, &invalid) || invalid.Field != "level" {
		t.Errorf("unknown level: %v", err)
	}
	if _, err := desk.Forecast(ctx, Query{SKU: "s1", Horizon: 900}, now); !errors.As(err, &invalid) || invalid.Field != "horizon" {
		t.Errorf("long horizon: %v", err)
	}
	if _, err := desk.EventForecasts(ctx, "no-such", "", false, now); !errors.As(err, &invalid) || invalid.Field != "event" {
		t.Errorf("unknown event: %v", err)
	}
	if _, err := desk.Plan(ctx, "p", PlanRequest{Event: "11.11", From: NewDay(2025, 1, 1)}, now); !errors.As(err, &invalid) || invalid.Field != "from" {
		t.Errorf("a window that is over: %v", err)
	}
	empty := &Desk{Reader: newMemory(), Zone: time.UTC, Currency: "CNY"}
	if _, err := empty.Forecast(ctx, Query{SKU: "s1"}, now); !errors.Is(err, ErrNotFound) {
		t.Errorf("empty shop: %v", err)
	}
	if p, err := empty.Plan(ctx, "p", PlanRequest{Event: "11.11", From: 10, To: 20}, now); err != nil && !errors.As(err, &invalid) || len(p.Items) > 0 {
		t.Errorf("plan of an empty shop: %v, %v", p, err)
	}
	before := time.Date(2026, time.October, 20, 12, 0, 0, 0, time.UTC)
	if p, err := empty.Plan(ctx, "p", PlanRequest{Event: "12.12"}, before); err != nil || len(p.Items) > 0 || p.AsOf != NewDay(2026, 10, 19) || p.To != NewDay(2026, 12, 12) {
		t.Errorf("plan before the first sale: %+v, %v", p, err)
	}
}

// What was sold today is certain; only what is still to come is not.
func TestTodayIsSurerTheLaterItIs(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	zone := shanghai(t)
	day := NewDay(2025, time.October, 20)
	width := func(clock string) float64 {
		m.put(Hour{SKU: "other", Start: at(t, zone, "2025-10-20 "+clock).Truncate(time.Hour), Quantity: 1})
		fs, err := desk.Forecast(context.Background(), Query{SKU: "s7", Fresh: true}, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		sold, today := 0., fs[0].Points[0].Quantiles
		for k, h := range m.hours {
			if k.sku == "s7" && DayOf(h.Start, zone) == day {
				sold += float64(h.Quantity)
			}
		}
		low, _ := today.At(.025)
		high, _ := today.At(.975)
		if low < sold || high < low {
			t.Errorf("at %s, %g sold: %v", clock, sold, today)
		}
		return high - low
	}
	noon := width("12:00")
	m.put(Hour{SKU: "s7", Start: at(t, zone, "2025-10-20 13:00"), Quantity: 5})
	m.put(Hour{SKU: "s7", Start: at(t, zone, "2025-10-20 20:00"), Quantity: 5})
	if evening := width("22:30"); !(evening < .75*noon) {
		t.Errorf("%g pieces wide at noon, %g in the evening", noon, evening)
	}
}

func TestDeskReadsAnewOnlyWhenSomethingChanged(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	zone := shanghai(t)
	now := at(t, zone, "2025-10-20 12:00")
	asOf := func(now time.Time) (Day, int) {
		before := m.reads
		fs, err := desk.Forecast(context.Background(), Query{SKU: "s1"}, now)
		if err != nil {
			t.Fatal(err)
		}
		return fs[0].AsOf, m.reads - before
	}
	monday := NewDay(2025, time.October, 19)
	for _, step := range []struct {
		name  string
		do    func()
		now   time.Time
		asOf  Day
		reads int
	}{
		{"first", func() {}, now, monday, 1},
		{"again", func() {}, now, monday, 0},
		{"a late fact waits", func() { m.put(Hour{SKU: "s1", Start: now.AddDate(0, 0, -3), Quantity: 1}) }, now.Add(time.Second), monday, 0},
		{"and then counts", func() {}, now.Add(2 * time.Minute), monday, 1},
		{"a day closes", func() { m.put(Hour{SKU: "s2", Start: now.Add(15 * time.Hour), Quantity: 1}) }, now.Add(2 * time.Minute), monday + 1, 1},
		{"the calendar changes", func() { m.events = []Event{{Key: "x", Version: 1}} }, now.Add(2 * time.Minute), monday + 1, 1},
	} {
		step.do()
		if day, reads := asOf(step.now); day != step.asOf || reads != step.reads {
			t.Errorf("%s: as of %s after %d reads, want %s after %d", step.name, day, reads, step.asOf, step.reads)
		}
	}
}

func TestDaysWithoutStockAreNoZeros(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	zone := shanghai(t)
	out, back := at(t, zone, "2025-10-08 20:00"), at(t, zone, "2025-10-12 00:00")
	m.moves = []StockMove{
		{ID: events.RecordID{Lo: 1}, SKU: "s4", Location: "l", Region: "east", Level: true, Version: 1, Time: out},
		{ID: events.RecordID{Lo: 2}, SKU: "s4", Location: "l", Region: "east", Level: true, Quantity: 90, Version: 2, Time: back},
	}
	for k, h := range m.hours {
		if h.SKU == "s4" && !h.Start.Before(out) && h.Start.Before(back) {
			delete(m.hours, k)
		}
	}
	lost, err := desk.Lost(context.Background(), "s4", time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if len(lost) != 4 {
		t.Fatalf("%d days lost, want 4: %v", len(lost), lost)
	}
	if open := lost[0].Open; lost[0].Day.String() != "2025-10-08" || open < .4 || open > .9 {
		t.Errorf("first day %s open %g: shut from 20 o'clock, a good part was sold by then", lost[0].Day, open)
	}
	for _, l := range lost[1:] {
		if l.Open > .01 || l.Demand < 7 || l.Demand > 18 {
			t.Errorf("%s open %g, demand %g: shut all day, 12 are usual", l.Day, l.Open, l.Demand)
		}
	}
	fs, err := desk.Forecast(context.Background(), Query{SKU: "s4", Horizon: 7}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if mean := fs[0].Points[0].Mean; mean < 9 || mean > 15 {
		t.Errorf("forecast %g, 12 are usual", mean)
	}
}

func TestDeskPlansAnEvent(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	m.supplies = []Supply{
		{SKU: "s1", Currency: "CNY", Cost: 600, Price: 1000, LeadTimeDays: 5, LeadTimeSD: 1, Pack: 12, MinOrder: 24},
		{SKU: "s2", Currency: "CNY", Cost: 600, Price: 1000, LeadTimeDays: 60, Pack: 1},
	}
	m.moves = []StockMove{{ID: events.RecordID{Lo: 1}, SKU: "s1", Location: "l", Region: "east", Level: true, Quantity: 60, Version: 1, Time: time.Unix(1e9, 0)}}
	ctx, now := context.Background(), at(t, shanghai(t), "2025-10-20 12:00")
	p, err := desk.Plan(ctx, "plan-1", PlanRequest{Event: "11.11", Terms: Terms{ServiceLevel: .9}}, now)
	if err != nil {
		t.Fatal(err)
	}
	if p.From.String() != "2025-10-20" || p.To.String() != "2025-11-11" || len(p.Items) != 8 {
		t.Fatalf("plan from %s to %s with %d items", p.From, p.To, len(p.Items))
	}
	for _, it := range p.Items {
		if it.SKU != "s2" && (it.Late || it.Order < it.Need || it.Sellout > .12 || it.Sellout >= it.SelloutWithout) {
			t.Errorf("%s: %+v", it.SKU, it)
		}
	}
	one, two := p.Items[1], p.Items[2]
	if one.Order%12 != 0 || one.OnHand != 60 || !one.Known || one.Target != one.Need+60+one.SoldToday || one.Arrives.String() != "2025-10-25" || one.CostOfOver <= 0 {
		t.Errorf("s1: %+v", one)
	}
	if !two.Late || two.Order != 0 || two.Need == 0 || two.Sellout < .99 {
		t.Errorf("s2 cannot come in time: %+v", two)
	}
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal(body, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, back, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("plan after JSON (-want +got):\n%s", diff)
	}
	var text strings.Builder
	if err := p.WriteCSV(&text); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(text.String())).ReadAll()
	if err != nil || len(rows) != 9 || len(rows[0]) != 35 || rows[1][0] != "s0" || rows[0][34] != "service_over" || rows[1][34] != "sku" {
		t.Errorf("%d rows, %v: %s", len(rows), err, text.String())
	}
}

func TestDeskForecastsAllSKUsOfAnEvent(t *testing.T) {
	t.Parallel()
	_, desk := openShop(t)
	fs, err := desk.EventForecasts(context.Background(), "12.12", "", false, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if len(fs) != 8 || fs[0].Points[0].Day.String() != "2025-12-06" || len(fs[0].Points) != 7 {
		t.Fatalf("%d forecasts, the first of %d days from %s", len(fs), len(fs[0].Points), fs[0].Points[0].Day)
	}
	for _, f := range fs {
		if day, eve := f.Points[6].Mean, f.Points[5].Mean; day < 2.5*eve || day > 6*eve {
			t.Errorf("%s: the day %g, its eve %g; last year four times as much", f.SKU, day, eve)
		}
	}
	var text strings.Builder
	if err := WriteForecasts(&text, fs); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(text.String(), "\n"); lines != 1+8*7 || !strings.HasPrefix(text.String(), "sku,category,region,date,mean,q0.025,q0.1,q0.5,q0.9,q0.975\ns0,category-a,,2025-12-06,") {
		t.Errorf("%d lines: %.200s", lines, text.String())
	}
}

// A plan is judged by what was wanted: days without stock are filled up.
func TestAccuracyCountsWhatWasLost(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	out, back := at(t, desk.Zone, "2025-10-08 20:00"), at(t, desk.Zone, "2025-10-12 00:00")
	m.moves = []StockMove{
		{ID: events.RecordID{Lo: 1}, SKU: "s4", Location: "l", Region: "east", Level: true, Quantity: 0, Version: 1, Time: out},
		{ID: events.RecordID{Lo: 2}, SKU: "s4", Location: "l", Region: "east", Level: true, Quantity: 90, Version: 2, Time: back},
	}
	for k, h := range m.hours {
		if h.SKU == "s4" && !h.Start.Before(out) && h.Start.Before(back) {
			delete(m.hours, k)
		}
	}
	m.plans = []Plan{{ID: "p", From: NewDay(2025, 10, 6), To: NewDay(2025, 10, 12), AsOf: NewDay(2025, 10, 5), Items: []PlanItem{
		{SKU: "s4", Demand: Demand{Mean: 84}, Target: 1000, ServiceLevel: .9}, {SKU: "s5", Demand: Demand{Mean: 84}, Target: 10, ServiceLevel: .8},
	}}}
	got, err := desk.Accuracy(t.Context(), "p", "", at(t, desk.Zone, "2025-10-20 12:00"))
	if err != nil || len(got) != 1 || len(got[0].Items) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if short, open := got[0].Items[0], got[0].Items[1]; short.Sold < short.Met+20 || short.Sold > short.Met+60 || open.Sold != open.Met {
		t.Errorf("%+v was out of stock for three days of a dozen pieces each, %+v was not", short, open)
	}
	p, sold := got[0], got[0].Items[0].Sold+got[0].Items[1].Sold
	wape := (math.Abs(84-p.Items[0].Sold) + math.Abs(84-p.Items[1].Sold)) / sold
	if p.Enough != .5 || math.Abs(p.Aimed-.85) > 1e-9 || math.Abs(p.Bias-(168/sold-1)) > 1e-9 || math.Abs(p.WAPE-wape) > 1e-9 || p.Stocking != 1-p.WAPE {
		t.Errorf("%+v: one of two targets was enough, and 168 pieces were planned of %g", p, sold)
	}
}
