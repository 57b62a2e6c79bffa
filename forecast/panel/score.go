package panel

import "math"

// Score says how good forecasts were over the last windows of a panel's
// history. Each was made as if nothing after its origin were known but what
// Series calls the known future.
type Score struct {
	Origins    int     `json:"origins"`
	WAPE       float64 `json:"wape"`        // Σ|error| / Σ|value|
	MASE       float64 `json:"mase"`        // mean |error| over the mean change from season to season before the origin
	Bias       float64 `json:"bias"`        // Σ(forecast − value) / Σ|value|
	Coverage80 float64 `json:"coverage_80"` // of the .1 to .9 interval; of counts by randomised PIT
	Coverage95 float64 `json:"coverage_95"` // of the .025 to .975 interval
	Pinball    float64 `json:"pinball"`     // mean quantile loss at .025, .1, .5, .9, .975, in units of MASE
}

// Backtest forecasts the panel from so many origins, a horizon apart, the last
// of them a horizon before the end. Origins that no series reaches back to are
// left out.
func (p *Panel) Backtest(spec Spec, origins int) (Score, error) {
	if err := spec.check(); err != nil {
		return Score{}, err
	}
	spec.Quantiles = []float64{.025, .1, .5, .9, .975}
	if spec.Seasons == nil {
		spec.Seasons = p.Step.Seasons()
	}
	var sums scoreSums
	for o := origins; o >= 1; o-- {
		past, kept := p.cut(o * spec.Horizon)
		if len(kept) == 0 {
			continue
		}
		result, err := past.Forecast(spec)
		if err != nil {
			return Score{}, err
		}
		sums.origins++
		for i, at := range kept {
			from := len(past.Series[i].Y)
			sums.add(&result.Forecasts[i], past.Series[i].Y, p.Series[at].Y[from:], spec.Seasons)
		}
	}
	return sums.score(), nil
}

type scoreSums struct {
	origins                              int
	miss, size, over, in80, in95, n      float64
	scaled, scaledN, pinballs, pinballsN float64
	u                                    float64
}

func (s *scoreSums) add(f *Forecast, past, truth []float64, seasons []int) {
	m := 1
	if len(seasons) > 0 && len(past) > seasons[0] {
		m = seasons[0]
	}
	scale := change(past, m)
	for k, y := range truth {
		if k >= len(f.Mean) || math.IsNaN(y) {
			continue
		}
		q := f.Quantiles[k]
		s.miss += math.Abs(y - f.Mean[k])
		s.size += math.Abs(y)
		s.over += f.Mean[k] - y
		s.n++
		s.u += .6180339887498949 // fills [0, 1) evenly
		s.u -= math.Floor(s.u)
		if pit, counts := f.Place(k, y, s.u); counts {
			s.in80 += indicator(pit >= .1 && pit <= .9)
			s.in95 += indicator(pit >= .025 && pit <= .975)
		} else {
			s.in80 += indicator(y >= q[1] && y <= q[3])
			s.in95 += indicator(y >= q[0] && y <= q[4])
		}
		if !(scale > 0) {
			continue
		}
		s.scaled += math.Abs(y-f.Mean[k]) / scale
		s.scaledN++
		for i, p := range []float64{.025, .1, .5, .9, .975} {
			s.pinballs += pinball(p, y, q[i]) / scale
			s.pinballsN++
		}
	}
}

func (s *scoreSums) score() Score {
	over := func(a, b float64) float64 {
		if b == 0 {
			return 0
		}
		return a / b
	}
	return Score{
		Origins: s.origins, WAPE: over(s.miss, s.size), MASE: over(s.scaled, s.scaledN), Bias: over(s.over, s.size),
		Coverage80: over(s.in80, s.n), Coverage95: over(s.in95, s.n), Pinball: over(s.pinballs, s.pinballsN),
	}
}
