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

// presaleShop is a shop with one earlier presale of Double 11, whose demand this
// year is `surprise` times what last year's would suggest, for every SKU.
type presaleShop struct {
	*memory
	desk  *Desk
	zone  *time.Location
	truth map[events.SKU]float64 // pieces of 11 November this year
}

const (
	presalePart = .4 // of the demand of 11 November
	presalePaid = .75
)

// openPresale lives until a moment of this year's presale: deposits come evenly
// from 20 October to 10 November, balances on 11 November.
func openPresale(t testing.TB, surprise float64, until time.Time) *presaleShop {
	zone := shanghai(t)
	s := &presaleShop{memory: newMemory(), zone: zone, truth: map[events.SKU]float64{}}
	s.desk = &Desk{Reader: s.memory, Zone: zone, Currency: "CNY", Category: func(events.ItemID) string { return "c" }}
	s.events = []Event{{Key: "11.11", Version: 1, Occurrences: []Occurrence{eleven(2024), eleven(2025)}}}
	rng := rand.New(rand.NewPCG(9, 9))
	for i := range 8 {
		sku := events.SKU(fmt.Sprintf("s%02d", i))
		daily := 5 + 2*float64(i)
		own := surprise * math.Exp(.1*rng.NormFloat64()-.005)
		s.truth[sku] = daily * 20 * own
		for d := NewDay(2024, time.September, 1); d.In(zone).Before(until); d++ {
			year := d.Year()
			peak := daily * 20
			if year == 2025 {
				peak *= own
			}
			day := NewDay(year, time.November, 11)
			if d == NewDay(year, time.October, 20) {
				s.presell(sku, year, peak, rng, until)
			}
			mean := daily
			if d == day {
				mean = peak * (1 - presalePart)
			}
			for h := range 24 {
				at := d.In(zone).Add(time.Duration(h) * time.Hour)
				if q := drawCount(rng, mean/24, .02); q > 0 && at.Before(until) {
					there := s.hours[hourKey{sku, "east", at.Unix()}]
					s.put(Hour{SKU: sku, Region: "east", Start: at, Quantity: there.Quantity + int64(q), Revenue: there.Revenue + events.Money(q*10000)})
				}
			}
		}
	}
	return s
}

func eleven(year int) Occurrence {
	at := NewDay(year, time.November, 11)
	return Occurrence{Year: year, Phases: []Phase{
		{Phase: PhaseDeposit, From: NewDay(year, time.October, 20), To: at - 1}, {Phase: PhaseDay, From: at, To: at},
	}}
}

// presell lets the deposits of a year come in, and their balances.
func (s *presaleShop) presell(sku events.SKU, year int, peak float64, rng *rand.Rand, until time.Time) {
	deposits := peak * presalePart / presalePaid
	opens, due := NewDay(year, time.October, 20).In(s.zone), NewDay(year, time.November, 11).In(s.zone)
	hours := int(due.Sub(opens) / time.Hour)
	paid := map[time.Time]int64{}
	for h := range hours {
		at := opens.Add(time.Duration(h) * time.Hour)
		n := int64(drawCount(rng, deposits/float64(hours), 0))
		if n == 0 || !at.Before(until) {
			continue
		}
		row := PresaleHour{SKU: sku, Event: "11.11", Start: at, Deposits: n, DepositValue: events.Money(n * 2000)}
		for range n {
			if rng.Float64() > presalePaid {
				continue
			}
			when := due.Add(time.Duration(rng.ExpFloat64()*3*3600) * time.Second).Truncate(time.Hour)
			if when.Before(until) && when.Before(due.AddDate(0, 0, 1)) {
				row.Paid++
				paid[when]++
			}
		}
		s.presales[presaleKey{sku, "11.11", at.Unix()}] = row
	}
	for when, n := range paid {
		k := presaleKey{sku, "11.11", when.Unix()}
		row := s.presales[k]
		row.SKU, row.Event, row.Start, row.Balances = sku, "11.11", when, n
		s.presales[k] = row
		h := s.hours[hourKey{sku, "east", when.Unix()}]
		h.SKU, h.Region, h.Start, h.Quantity, h.Revenue = sku, "east", when, h.Quantity+n, h.Revenue+events.Money(n*10000)
		s.put(h)
	}
}

// errorOf11 is the WAPE of the forecast of 11 November, and its width.
func (s *presaleShop) errorOf11(t *testing.T) (wape, width float64) {
	t.Helper()
	fs, err := s.desk.EventForecasts(context.Background(), "11.11", "", false, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	off, sum := 0., 0.
	for _, f := range fs {
		p := f.Points[len(f.Points)-1]
		if p.Day != NewDay(2025, time.November, 11) {
			t.Fatalf("the last day is %s", p.Day)
		}
		if math.Abs(p.Components.Sum()-p.Mean) > 1e-6*p.Mean {
			t.Fatalf("components sum to %g, mean %g", p.Components.Sum(), p.Mean)
		}
		off += math.Abs(p.Mean - s.truth[f.SKU])
		sum += s.truth[f.SKU]
		low, _ := p.Quantiles.At(.1)
		high, _ := p.Quantiles.At(.9)
		width += (high - low) / p.Mean / float64(len(fs))
	}
	return off / sum, width
}

// TestErrorFallsAsDepositsArrive: this year sells half as much again as last
// year's sale would suggest, and only the deposits can tell.
func TestErrorFallsAsDepositsArrive(t *testing.T) {
	t.Parallel()
	var wapes, widths []float64
	for _, until := range []string{"2025-10-19 12:00", "2025-10-24 12:00", "2025-11-02 12:00", "2025-11-10 12:00", "2025-11-11 09:00"} {
		s := openPresale(t, 1.5, at(t, shanghai(t), until))
		wape, width := s.errorOf11(t)
		t.Logf("%s: WAPE %.3f, 80 %% interval %.2f of the mean", until, wape, width)
		wapes, widths = append(wapes, wape), append(widths, width)
	}
	for i, most := range []float64{1, .25, .2, .15, .1} {
		if wapes[i] > most {
			t.Errorf("WAPE %.3f at step %d, want at most %.2f", wapes[i], i, most)
		}
	}
	if wapes[0] < .2 || wapes[2] > .6*wapes[0] || wapes[3] > .4*wapes[0] || widths[4] > .6*widths[0] {
		t.Errorf("WAPE %.3f, widths %.3f: they must fall", wapes, widths)
	}
}

// Without any earlier presale the priors stand in, and deposits still move the
// forecast the right way.
func TestFirstPresaleRestsOnItsPrior(t *testing.T) {
	t.Parallel()
	s := openPresale(t, 2, at(t, shanghai(t), "2025-11-05 12:00"))
	for k, p := range s.presales {
		if p.Start.Year() == 2024 {
			delete(s.presales, k)
		}
	}
	blind := openPresale(t, 2, at(t, shanghai(t), "2025-11-05 12:00"))
	blind.presales = map[presaleKey]PresaleHour{}
	with, _ := s.errorOf11(t)
	without, _ := blind.errorOf11(t)
	if with > .75*without {
		t.Errorf("WAPE %.3f with deposits, %.3f without", with, without)
	}
	s.events[0].Presale = &PresalePrior{Paid: presalePaid, Share: presalePart, Pieces: 500}
	s.events[0].Version++
	told, _ := s.errorOf11(t)
	if told > with+.02 {
		t.Errorf("WAPE %.3f when the planner knows the shares, %.3f by default", told, with)
	}
}

func TestPresaleMovesTheForecastAtOnce(t *testing.T) {
	t.Parallel()
	s := openPresale(t, 1, at(t, shanghai(t), "2025-11-05 12:00"))
	before, err := s.desk.Forecast(context.Background(), Query{SKU: "s03", Horizon: 7}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	fold := Sales{Shop: "CNY", Zone: s.zone}
	now := at(t, s.zone, "2025-11-05 11:30")
	var deposits []events.Event
	for i := range 200 {
		deposits = append(deposits, event(i, events.DepositPaid, now, fmt.Sprintf(`{"order_id":"n%d","user_id":"u","event":"11.11","sku":"s03","quantity":1,"total":20}`, i)))
	}
	apply(t, fold, s.memory, route(t, "CNY", deposits...))
	after, err := s.desk.Forecast(context.Background(), Query{SKU: "s03", Horizon: 7}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := before[0].Points[6].Mean, after[0].Points[6].Mean; b < a+80 {
		t.Errorf("200 more deposits move 11 November from %g to %g", a, b)
	}
	if len(s.hours) == 0 || s.presales[presaleKey{"s03", "11.11", hourStart(now, s.zone)}].Deposits < 200 {
		t.Error("the deposits are not counted")
	}
}

// Two sales follow each other within the days in which balances come.
func TestWavesThatOverlap(t *testing.T) {
	t.Parallel()
	at := func(event string, opens, due, last Day, known bool) *activeWave {
		return &activeWave{wave: wave{event: event, opens: opens, due: due, next: noDay, last: last}, known: known}
	}
	l := &intraday{waves: []*activeWave{
		at("11.11", 80, 100, 100, true), at("11.20", 101, 109, 109, true), at("none", 111, 111, 111, false),
	}}
	for day, want := range map[Day]string{85: "11.11", 100: "11.11", 105: "11.11", 109: "11.20", 112: "11.20", 122: "11.20", 124: "none", 130: ""} {
		got := ""
		if w := l.waveOf(day); w != nil {
			got = w.event
		}
		if got != want {
			t.Errorf("day %d is of %q, want %q", day, got, want)
		}
	}
}
