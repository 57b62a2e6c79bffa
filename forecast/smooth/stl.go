package smooth

import "slices"

// STL is y = trend + Σ seasons + rest, by loess (Cleveland, Cleveland, McRae
// and Terpenning, 1990), for several seasons by turns as R's mstl does.
type STL struct {
	Trend   []float64
	Seasons [][]float64 // one a period, in their order
	Periods []int
}

// FitSTL decomposes y by periods, which rise; y must hold two of the longest.
// window is the loess span of each cycle's sub-series: R's mstl takes 11 for
// the first period and 4 more for each further one.
func FitSTL(y []float64, periods []int, window int) *STL {
	n := len(y)
	d := &STL{Trend: make([]float64, n), Periods: periods}
	rest := slices.Clone(y)
	for range periods {
		d.Seasons = append(d.Seasons, make([]float64, n))
	}
	rounds := 2
	if len(periods) == 1 {
		rounds = 1
	}
	for range rounds {
		for p, m := range periods {
			for i, s := range d.Seasons[p] {
				rest[i] += s
			}
			stlPass(rest, m, window+4*p, d.Seasons[p], d.Trend)
			for i, s := range d.Seasons[p] {
				rest[i] -= s
			}
		}
	}
	return d
}

// Adjusted is y without its seasons.
func (d *STL) Adjusted(y []float64) []float64 {
	out := slices.Clone(y)
	for _, season := range d.Seasons {
		for i, s := range season {
			out[i] -= s
		}
	}
	return out
}

// SeasonAhead is the sum of all seasons k values after the last, from 0: as in
// their last cycle.
func (d *STL) SeasonAhead(k int) float64 {
	sum := 0.
	for p, m := range d.Periods {
		season := d.Seasons[p]
		sum += season[len(season)-m+k%m]
	}
	return sum
}

// stlPass is the inner loop of STL, run twice.
func stlPass(y []float64, m, window int, season, trend []float64) {
	n := len(y)
	span := odd(1.5 * float64(m) / (1 - 1.5/float64(window)))
	clear(trend)
	cycle, work, low := make([]float64, n+2*m), make([]float64, n+2*m), make([]float64, n)
	sub := make([]float64, 0, n/m+1)
	flat := make([]float64, n)
	for range 2 {
		for j := range m {
			sub = sub[:0]
			for i := j; i < n; i += m {
				sub = append(sub, y[i]-trend[i])
			}
			jump := (window + 9) / 10
			fit := work[:len(sub)]
			smoothAt(sub, window, 0, jump, fit)
			cycle[j] = loess(sub, window, 0, -1)
			for i, v := range fit {
				cycle[m+j+i*m] = v
			}
			cycle[m+j+len(sub)*m] = loess(sub, window, 0, float64(len(sub)))
		}
		lowPass(cycle, m, work, low)
		for i := range season {
			season[i] = cycle[m+i] - low[i]
			flat[i] = y[i] - season[i]
		}
		smoothAt(flat, span, 1, (span+9)/10, trend)
	}
}

// lowPass runs moving averages of m, m and 3 and a loess over cycle.
func lowPass(cycle []float64, m int, work, out []float64) {
	a := moving(cycle, m, work)
	b := moving(a, m, make([]float64, len(a)))
	c := moving(b, 3, make([]float64, len(b)))
	span := odd(float64(m))
	smoothAt(c, span, 1, (span+9)/10, out)
}

func moving(y []float64, m int, out []float64) []float64 {
	out = out[:len(y)-m+1]
	sum := 0.
	for i, v := range y {
		sum += v
		if i >= m {
			sum -= y[i-m]
		}
		if i >= m-1 {
			out[i-m+1] = sum / float64(m)
		}
	}
	return out
}

// odd is the next odd number that is at least x.
func odd(x float64) int {
	k := int(x)
	if float64(k) < x {
		k++
	}
	return k + 1 - k%2
}
