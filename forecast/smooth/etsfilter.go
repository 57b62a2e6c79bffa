package smooth

import "math"

// run filters y and gives −2·log-likelihood up to a constant; season is
// overwritten with the last states.
func (e *ETS) run(y []float64, season []float64) float64 {
	copy(season, e.season)
	var squares, logs float64
	switch e.Season {
	case 'A':
		squares, logs = e.runAdded(y, season)
	case 'M':
		squares, logs = e.runMultiplied(y, season)
	default:
		squares, logs = e.runFlat(y)
	}
	n := float64(len(y))
	e.Variance = squares / max(n, 1)
	return n*math.Log(squares+1e-12*n) + 2*logs
}

// The three runs give the sum of squared errors, and that of the logarithms of
// the means if errors are relative. They differ by where the season enters.
func (e *ETS) runFlat(y []float64) (squares, logs float64) {
	alpha, beta, phi, relative := e.Alpha, e.Beta, e.Phi, e.Error == 'M'
	l, b, means := e.level, e.trend, product{1, 0}
	for _, v := range y {
		drift := phi * b
		q := l + drift
		miss := v - q
		l, b = q+alpha*miss, drift+beta*miss
		if relative {
			if !(q > tiny) {
				return math.Inf(1), 0
			}
			miss /= q
			means.times(q)
		}
		squares += miss * miss
	}
	e.endLevel, e.endTrend = l, b
	return squares, means.log()
}

func (e *ETS) runAdded(y, season []float64) (squares, logs float64) {
	alpha, beta, gamma, phi, relative := e.Alpha, e.Beta, e.Gamma, e.Phi, e.Error == 'M'
	l, b, means, j := e.level, e.trend, product{1, 0}, 0
	for _, v := range y {
		drift := phi * b
		q := l + drift
		mean := q + season[j]
		miss := v - mean
		l, b = q+alpha*miss, drift+beta*miss
		season[j] += gamma * miss
		if relative {
			if !(mean > tiny) {
				return math.Inf(1), 0
			}
			miss /= mean
			means.times(mean)
		}
		squares += miss * miss
		if j++; j >= len(season) {
			j = 0
		}
	}
	e.endLevel, e.endTrend = l, b
	return squares, means.log()
}

func (e *ETS) runMultiplied(y, season []float64) (squares, logs float64) {
	alpha, beta, gamma, phi, relative := e.Alpha, e.Beta, e.Gamma, e.Phi, e.Error == 'M'
	l, b, means, j := e.level, e.trend, product{1, 0}, 0
	for _, v := range y {
		drift := phi * b
		q := l + drift
		s := season[j]
		mean := q * s
		if !(mean > tiny && q > tiny) {
			return math.Inf(1), 0
		}
		miss, plain := v-mean, v/s-q
		l, b = q+alpha*plain, drift+beta*plain
		season[j] = max(s+gamma*(v/q-s), 1e-3)
		if relative {
			miss /= mean
			means.times(mean)
		}
		squares += miss * miss
		if j++; j >= len(season) {
			j = 0
		}
	}
	e.endLevel, e.endTrend = l, b
	return squares, means.log()
}

// tiny is what means must exceed where errors are relative to them.
const tiny = 1e-10

// product is a product of positive numbers, as the logarithm of most of them
// and the rest: logarithms are slow.
type product struct{ rest, logs float64 }

func (p *product) times(x float64) {
	if p.rest *= x; p.rest > 1e100 || p.rest < 1e-100 {
		p.logs += math.Log(p.rest)
		p.rest = 1
	}
}

func (p *product) log() float64 { return p.logs + math.Log(p.rest) }

// Forecast is the path of the next h values' means.
func (e *ETS) Forecast(h int) []float64 {
	out := make([]float64, h)
	b, sum, damp := e.endTrend, 0., 1.
	for k := range out {
		damp *= e.Phi
		sum += damp
		v := e.endLevel
		if e.Form.Trend != 'N' {
			v += sum * b
		}
		switch e.Season {
		case 'A':
			v += e.endSeason[(e.n+k)%e.M]
		case 'M':
			v *= e.endSeason[(e.n+k)%e.M]
		}
		out[k] = v
	}
	return out
}
