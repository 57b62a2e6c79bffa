package forecast

import (
	"fmt"
	"math"
	"testing"
	"time"
)

type shopScore struct {
	wape, naiveWape                float64 // by day and SKU
	accuracy, lastYear             float64 // of plans by SKU
	kindLastYear                   float64 // last year × growth with a remedy for new SKUs
	cover80, cover95, sum80, sum95 float64
}

func scoreShop(t testing.TB, s *shop, horizon int) shopScore {
	cal := NewCalendar(nil)
	pool := FitPool(s.series, cal, horizon)
	lastYear := LastYearTimesGrowth(s.series, s.from, s.from+Day(len(s.truth[0])-1))
	var out shopScore
	var absErr, absNaive, total, planErr, lyErr, kindErr float64
	var n, in80, in95, m, sum80, sum95 float64
	for i, series := range s.series {
		model, err := Fit(series, cal, Options{Horizon: horizon, Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		f := model.Predict(horizon)
		real, ly, naive := 0., lastYear[i], SeasonalNaive(series, horizon)
		for k, y := range s.truth[i] {
			p := f.Points[k]
			absErr += math.Abs(p.Mean - y)
			absNaive += math.Abs(naive[k] - y)
			total += y
			n++
			lo, _ := p.Quantiles.At(.1)
			hi, _ := p.Quantiles.At(.9)
			in80 += within(y, lo, hi)
			lo, _ = p.Quantiles.At(.025)
			hi, _ = p.Quantiles.At(.975)
			in95 += within(y, lo, hi)
			real += y
		}
		sum := f.Sum(s.from, s.from+Day(len(s.truth[i])-1))
		planErr += math.Abs(sum.Quantile(.5) - real)
		lyErr += math.Abs(ly - real)
		if ly > 0 {
			kindErr += math.Abs(ly - real)
		} else {
			kindErr += math.Abs(recent(series)*peakMultiple(s) - real)
		}
		m++
		sum80 += within(real, sum.Quantile(.1), sum.Quantile(.9))
		sum95 += within(real, sum.Quantile(.025), sum.Quantile(.975))
	}
	out.wape, out.naiveWape = absErr/total, absNaive/total
	out.accuracy, out.lastYear, out.kindLastYear = 1-planErr/total, 1-lyErr/total, 1-kindErr/total
	out.cover80, out.cover95, out.sum80, out.sum95 = in80/n, in95/n, sum80/m, sum95/m
	return out
}

func within(y, lo, hi float64) float64 {
	if y >= lo && y <= hi {
		return 1
	}
	return 0
}

func recent(s *Series) float64 {
	sum, n := 0., 0.
	for i := max(0, len(s.Sold)-28); i < len(s.Sold); i++ {
		sum += s.Sold[i]
		n++
	}
	return sum / math.Max(n, 1)
}

// peakMultiple is last year's window over 28 days before it, of the whole shop.
func peakMultiple(s *shop) float64 {
	peak, days := 0., 0.
	for i, series := range s.series {
		for k := range s.truth[i] {
			if at := int(s.from) + k - 365 - int(series.Start); at >= 0 && at < len(series.Sold) {
				peak += series.Sold[at]
			}
		}
		for k := 1; k <= 28; k++ {
			if at := int(s.from) - k - 365 - int(series.Start); at >= 0 && at < len(series.Sold) {
				days += series.Sold[at] / 28
			}
		}
	}
	return peak / days
}

// TestForecastsAndPlansOverSeeds holds the forecast of a Double 11 that was
// seen once, and the plan for it, against the simple methods over twenty shops:
// each shop must be won, clearly, and the intervals must cover over all of
// them what they say.
func TestForecastsAndPlansOverSeeds(t *testing.T) {
	t.Parallel()
	const seeds = 20
	scores := make([]shopScore, seeds)
	t.Run("shops", func(t *testing.T) {
		for seed := range scores {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				k := usualShop()
				k.skus = 40
				r := scoreShop(t, newShop(uint64(seed), k), 30)
				if r.wape > .65*r.naiveWape {
					t.Errorf("WAPE %.3f, seasonal naive %.3f", r.wape, r.naiveWape)
				}
				if r.accuracy < r.lastYear+.15 || r.accuracy < r.kindLastYear {
					t.Errorf("plan accuracy %.3f, last year × growth %.3f, with a remedy for new SKUs %.3f", r.accuracy, r.lastYear, r.kindLastYear)
				}
				scores[seed] = r
			})
		}
	})
	var mean shopScore
	for _, r := range scores {
		mean.wape += r.wape / seeds
		mean.naiveWape += r.naiveWape / seeds
		mean.accuracy += r.accuracy / seeds
		mean.lastYear += r.lastYear / seeds
		mean.kindLastYear += r.kindLastYear / seeds
		mean.cover80 += r.cover80 / seeds
		mean.cover95 += r.cover95 / seeds
		mean.sum80 += r.sum80 / seeds
		mean.sum95 += r.sum95 / seeds
	}
	t.Logf("WAPE %.3f (seasonal naive %.3f); plan accuracy %.3f (last year × growth %.3f, with a remedy for new SKUs %.3f)",
		mean.wape, mean.naiveWape, mean.accuracy, mean.lastYear, mean.kindLastYear)
	t.Logf("coverage of days: 80 %% %.3f, 95 %% %.3f; of sums: 80 %% %.3f, 95 %% %.3f", mean.cover80, mean.cover95, mean.sum80, mean.sum95)
	if mean.accuracy < mean.kindLastYear+.12 {
		t.Errorf("plan accuracy %.3f is not clearly above %.3f", mean.accuracy, mean.kindLastYear)
	}
	for _, c := range []struct {
		name           string
		got, low, high float64
	}{
		// Counts are discrete, so that even true quantiles cover too much.
		{"80 % of days", mean.cover80, .77, .90},
		{"95 % of days", mean.cover95, .93, .985},
		{"80 % of sums", mean.sum80, .74, .87},
		{"95 % of sums", mean.sum95, .91, .98},
	} {
		if c.got < c.low || c.got > c.high {
			t.Errorf("coverage of %s is %.3f, want %.2f to %.3f", c.name, c.got, c.low, c.high)
		}
	}
}

// TestForecastsOfOtherShops holds on shops that differ in one thing.
func TestForecastsOfOtherShops(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		turn func(*shopKnobs)
		plan bool // last year's window is known
	}{
		{"the night before", func(k *shopKnobs) { k.end, k.days = NewDay(2025, time.November, 10), 1 }, true},
		{"before the presale", func(k *shopKnobs) { k.end, k.days = NewDay(2025, time.October, 19), 23 }, true},
		{"rarely sold", func(k *shopKnobs) { k.level = .5 }, true},
		{"hundreds a day", func(k *shopKnobs) { k.level = 200 }, true},
		{"very noisy", func(k *shopKnobs) { k.noise = .4 }, true},
		{"nothing changed since last year", func(k *shopKnobs) { k.growthSD, k.newSKUs, k.soldOut = .01, 0, 0 }, true},
		{"an ordinary month", func(k *shopKnobs) { k.end, k.days = NewDay(2025, time.September, 8), 30 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var fits, naive, plan, lastYear float64
			for seed := range uint64(2) {
				k := usualShop()
				k.skus = 30
				c.turn(&k)
				r := scoreShop(t, newShop(200+seed, k), 30)
				fits, naive = fits+r.wape, naive+r.naiveWape
				plan, lastYear = plan+r.accuracy/2, lastYear+r.kindLastYear/2
			}
			if fits > .8*naive {
				t.Errorf("WAPE %.3f, seasonal naive %.3f", fits/2, naive/2)
			}
			if c.plan && plan < lastYear+.03 {
				t.Errorf("plan accuracy %.3f, last year × growth %.3f", plan, lastYear)
			}
		})
	}
}
