package forecast

import (
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
	growth := overallGrowth(s)
	var out shopScore
	var absErr, absNaive, total, planErr, lyErr, kindErr float64
	var n, in80, in95, m, sum80, sum95 float64
	for i, series := range s.series {
		model, err := Fit(series, cal, Options{Horizon: horizon, Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		f := model.Predict(horizon)
		real, ly := 0., 0.
		for k, y := range s.truth[i] {
			p := f.Points[k]
			absErr += math.Abs(p.Mean - y)
			last := len(series.Sold) - 7 + k%7
			naive := 0.
			if last >= 0 {
				naive = series.Sold[last]
			}
			absNaive += math.Abs(naive - y)
			total += y
			n++
			lo, _ := p.Quantiles.At(.1)
			hi, _ := p.Quantiles.At(.9)
			in80 += within(y, lo, hi)
			lo, _ = p.Quantiles.At(.025)
			hi, _ = p.Quantiles.At(.975)
			in95 += within(y, lo, hi)
			real += y
			if at := int(s.from) + k - 365 - int(series.Start); at >= 0 && at < len(series.Sold) {
				ly += series.Sold[at]
			}
		}
		sum := f.Sum(s.from, s.from+Day(len(s.truth[i])-1))
		planErr += math.Abs(sum.Quantile(.5) - real)
		lyErr += math.Abs(ly*growth - real)
		if ly > 0 {
			kindErr += math.Abs(ly*growth - real)
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

// overallGrowth is the shop's sales of the last 28 days over those a year before.
func overallGrowth(s *shop) float64 {
	now, then := 0., 0.
	for _, series := range s.series {
		for k := range 28 {
			if i := len(series.Sold) - 1 - k; i >= 0 {
				now += series.Sold[i]
			}
			if i := len(series.Sold) - 1 - k - 364; i >= 0 {
				then += series.Sold[i]
			}
		}
	}
	return now / then
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

func TestPlayground(t *testing.T) {
	var mean shopScore
	const seeds = 20
	began := time.Now()
	wins := 0
	for seed := range uint64(seeds) {
		s := newShop(seed, usualShop())
		r := scoreShop(t, s, 30)
		t.Logf("%2d wape %.3f naive %.3f | plan %.3f ly %.3f kind %.3f | 80 %.3f 95 %.3f sum80 %.3f sum95 %.3f", seed, r.wape, r.naiveWape, r.accuracy, r.lastYear, r.kindLastYear, r.cover80, r.cover95, r.sum80, r.sum95)
		if r.accuracy > r.kindLastYear {
			wins++
		}
		mean.accuracy += r.accuracy / seeds
		mean.lastYear += r.lastYear / seeds
		mean.kindLastYear += r.kindLastYear / seeds
		mean.wape += r.wape / seeds
		mean.cover80 += r.cover80 / seeds
		mean.cover95 += r.cover95 / seeds
		mean.sum80 += r.sum80 / seeds
		mean.sum95 += r.sum95 / seeds
	}
	t.Logf("mean %+v wins %d in %v", mean, wins, time.Since(began))
}
