package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/peakday/peakday/events"
)

// shop is a made-up shop whose true demand is known: 13 months of daily sales
// with one earlier Double 11, categories and SKUs that grow at their own pace,
// responses to events of which only a part lasts, SKUs launched since, and
// stock that ran out, most of all in last year's peak.
type shop struct {
	series []*Series
	truth  [][]float64 // demand by series and day of the window, whatever the stock
	from   Day         // the first day of the window
	asOf   Day
}

type shopKnobs struct {
	skus       int
	start, end Day // history, both included
	days       int // of the window behind it
	lastingSD  float64
	passingSD  float64
	growthSD   float64
	noise      float64
	soldOut    float64 // share of SKUs that sold out in last year's peak
	newSKUs    float64 // share launched since
	level      float64 // median pieces a day
}

func usualShop() shopKnobs {
	return shopKnobs{
		skus: 120, start: NewDay(2024, time.October, 1), end: NewDay(2025, time.October, 31), days: 11,
		lastingSD: .25, passingSD: .25, growthSD: .35, noise: .08, soldOut: .25, newSKUs: .2, level: 6,
	}
}

// eventTruth is the multiple of a day, by label.
func eventTruth(l Label) float64 {
	switch l.Event + " " + l.Phase {
	case "11.11 deposit":
		return .9
	case "11.11 balance":
		return 2.2
	case "11.11 warmup":
		return .8 + .1*float64(l.Offset)
	case "11.11 day":
		return 15
	case "11.11 returns":
		return .7
	case "12.12 day", "3.8 day":
		return 4
	case "6.18 day":
		return 8
	}
	return 1
}

func newShop(seed uint64, k shopKnobs) *shop {
	rng := rand.New(rand.NewPCG(seed, 77))
	cal := NewCalendar(nil)
	s := &shop{from: k.end + 1, asOf: k.end}
	total := int(k.end-k.start) + 1 + k.days
	shock := map[string]float64{}
	for i := range k.skus {
		category := fmt.Sprint("c", i%5)
		week := [7]float64{1.15, .9, .9, .92, .95, 1.03, 1.15}
		cg := .2 + .12*normalQuantile((float64(i%5)+.5)/5)
		growth := cg + k.growthSD*rng.NormFloat64()
		level := k.level * math.Exp(rng.NormFloat64())
		lasting := k.lastingSD * rng.NormFloat64()
		passing := map[string]float64{}
		launch := 0
		if rng.Float64() < k.newSKUs {
			launch = 60 + rng.IntN(total-k.days-75)
		}
		soldOut := rng.Float64() < k.soldOut
		closeAt := .05 + .6*rng.Float64()
		series := &Series{SKU: events.SKU(fmt.Sprintf("sku-%03d", i)), Category: category, Start: k.start + Day(launch)}
		var truth []float64
		drift := 0.
		outage := 0
		for t := launch; t < total; t++ {
			d := k.start + Day(t)
			drift += .01 * rng.NormFloat64()
			mean := level * math.Exp(growth*float64(t)/365+drift) * week[d.Weekday()]
			for _, l := range cal.Labels(d) {
				e := eventTruth(l)
				key := fmt.Sprint(l.Event, d.Year())
				if _, ok := passing[key]; !ok {
					passing[key] = k.passingSD * rng.NormFloat64()
				}
				if _, ok := shock[key]; !ok {
					shock[key] = .06 * rng.NormFloat64()
				}
				mean *= e
				if e > 1 {
					sd := k.lastingSD*k.lastingSD + k.passingSD*k.passingSD
					mean *= math.Exp(math.Min(1, math.Log2(e)) * (lasting + passing[key] + shock[key] - sd/2))
				}
			}
			y := drawCount(rng, mean, k.noise)
			if t >= total-k.days {
				truth = append(truth, y)
				continue
			}
			open := 1.
			if soldOut && d == NewDay(2024, time.November, 11) {
				open = closeAt
			}
			if outage == 0 && rng.Float64() < .004 {
				outage = 1 + rng.IntN(6)
			}
			if outage > 0 {
				outage--
				open = 0
			}
			sold := 0.
			for range int(y) {
				if rng.Float64() < open {
					sold++
				}
			}
			series.Sold, series.Open = append(series.Sold, sold), append(series.Open, open)
		}
		s.series, s.truth = append(s.series, series), append(s.truth, truth)
	}
	return s
}

// drawCount draws from a negative binomial as a Poisson of a gamma.
func drawCount(rng *rand.Rand, mean, noise float64) float64 {
	if noise > 0 {
		mean *= gammaDraw(rng, 1/noise) * noise
	}
	if mean > 200 {
		return math.Max(0, math.Round(mean+math.Sqrt(mean)*rng.NormFloat64()))
	}
	n, p := 0., math.Exp(-mean)
	for u := rng.Float64(); u > p; n++ {
		u *= rng.Float64()
	}
	return n
}

// gammaDraw is Marsaglia and Tsang's method for shape >= 1.
func gammaDraw(rng *rand.Rand, shape float64) float64 {
	d := shape - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(rng.Float64()) < .5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
