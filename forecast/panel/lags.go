package panel

import (
	"math"
	"slices"

	"github.com/peakday/peakday/forecast/smooth"
)

// lagged is a regression of values on earlier ones: one to three steps back,
// and one to some cycles back with their neighbours. All are taken around the
// mean of the last long cycle.
type lagged struct {
	lags  []int // rising
	long  int
	prior []float64 // coefficients that all series of the panel share
}

// newLagged is for series of n values or more with these seasons.
func newLagged(seasons []int, n int) *lagged {
	if len(seasons) == 0 {
		return nil
	}
	m, long := seasons[0], seasons[len(seasons)-1]
	l := &lagged{long: long}
	lags := []int{1, 2, 3, m - 1, m, m + 1, 2 * m, 3 * m, long - 1, long, long + 1}
	for k := 4; k*m < long && k <= 7; k++ {
		lags = append(lags, k*m)
	}
	if m == long && m <= 24 {
		lags = []int{2 * m}
		for k := range m + 1 {
			lags = append(lags, k+1)
		}
	}
	if 3*long < n {
		lags = append(lags, 2*long)
	}
	lags = slices.DeleteFunc(lags, func(lag int) bool { return lag < 1 || 2*lag > n })
	slices.Sort(lags)
	l.lags = slices.Compact(lags)
	if len(l.lags) == 0 {
		return nil
	}
	l.prior = make([]float64, len(l.lags))
	for j, lag := range l.lags {
		switch lag {
		case long:
			l.prior[j] = .7
		case 1:
			l.prior[j] = .3
		}
	}
	return l
}

func (l *lagged) reach() int { return max(l.lags[len(l.lags)-1], l.long) }

// base is the mean of the long cycle before each index of y, and room for h
// more.
func (l *lagged) base(y []float64, h int) (mean []float64, sum float64) {
	mean = make([]float64, len(y)+h+1)
	for i, x := range y {
		if sum += x; i >= l.long {
			sum -= y[i-l.long]
		}
		if i >= l.long-1 {
			mean[i+1] = sum / float64(l.long)
		}
	}
	return mean, sum
}

// gather adds the rows of y to g and gives their mean square.
func (l *lagged) gather(g *smooth.Gram, y, mean []float64, weight float64) float64 {
	row := smooth.Row{Values: make([]float64, len(l.lags))}
	for j := range l.lags {
		row.Columns = append(row.Columns, int32(j))
	}
	squares, n := 0., 0.
	for i := l.reach(); i < len(y); i++ {
		for j, lag := range l.lags {
			row.Values[j] = y[i-lag] - mean[i]
			squares += row.Values[j] * row.Values[j]
		}
		g.Add(row, y[i]-mean[i], weight)
		n += float64(len(l.lags))
	}
	return squares / max(n, 1)
}

// share learns the coefficients that series have in common, each scaled by its
// own variance.
func (l *lagged) share(all [][]float64) {
	pooled := smooth.NewGram(len(l.lags))
	rows := 0.
	for _, y := range all {
		if len(y) < l.reach()+5 {
			continue
		}
		mean, _ := l.base(y, 0)
		var square float64
		for i := l.reach(); i < len(y); i++ {
			square += (y[i] - mean[i]) * (y[i] - mean[i]) / float64(len(y)-l.reach())
		}
		if !(square > 0) || math.IsInf(square, 0) {
			continue
		}
		l.gather(pooled, y, mean, 1/square)
		rows += float64(len(y) - l.reach())
	}
	l.prior = pooled.Solve(slices.Repeat([]float64{10}, len(l.lags)), l.prior)
}

// fit gives the coefficients of y, shrunk to the prior as if strength times its
// own evidence said so; nil if y is too short.
func (l *lagged) fit(y []float64, strength float64) []float64 {
	if len(y) < l.reach()+3 {
		return nil
	}
	mean, _ := l.base(y, 0)
	g := smooth.NewGram(len(l.lags))
	square := l.gather(g, y, mean, 1)
	return g.Solve(slices.Repeat([]float64{strength * square}, len(l.lags)), l.prior)
}

// forecast continues y by h values.
func (l *lagged) forecast(y, beta []float64, h int) []float64 {
	n := len(y)
	mean, sum := l.base(y, h)
	y = append(make([]float64, 0, n+h), y...)
	for k := range h {
		i, next := n+k, 0.
		for j, lag := range l.lags {
			next += beta[j] * (y[i-lag] - mean[i])
		}
		y = append(y, mean[i]+next)
		sum += y[i] - y[i-l.long]
		mean[i+1] = sum / float64(l.long)
	}
	return y[n:]
}

// lagRidge continues a series by the regression on its own past; with shared,
// its coefficients are nearer to those of all series.
func lagRidge(v *view, log, shared bool) []float64 {
	l := v.lags[at(log)]
	if l == nil || log && !v.positive {
		return nil
	}
	y, beta, strength := v.values(log), &v.warmStart.lags[at(log)][at(shared)], 20.
	if shared {
		strength = 100
	}
	if *beta == nil || !v.warmStart.frozen {
		*beta = l.fit(y, strength)
	}
	if *beta == nil {
		return nil
	}
	return back(l.forecast(y, *beta, v.h), log)
}

func at(second bool) int {
	if second {
		return 1
	}
	return 0
}
