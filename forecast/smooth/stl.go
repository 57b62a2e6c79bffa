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
	pass := stlPass{smoothers: map[[4]int]*loess{}}
	for range rounds {
		for p, m := range periods {
			for i, s := range d.Seasons[p] {
				rest[i] += s
			}
			pass.run(rest, m, window+4*p, d.Seasons[p], d.Trend)
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

// Fitted is the trend and the seasons, without the remainder.
func (d *STL) Fitted() []float64 {
	out := slices.Clone(d.Trend)
	for _, season := range d.Seasons {
		for i, s := range season {
			out[i] += s
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

// stlPass is the inner loop of STL, run twice, with the smoothers and the room
// that its runs have in common.
type stlPass struct {
	smoothers                  map[[4]int]*loess
	cycle, work, twice, thrice []float64
	low, flat, sub             []float64
}

func (s *stlPass) smoother(n, q, degree, jump int) *loess {
	key := [4]int{n, q, degree, jump}
	if s.smoothers[key] == nil {
		s.smoothers[key] = newLoess(n, q, degree, jump)
	}
	return s.smoothers[key]
}

func (s *stlPass) run(y []float64, m, window int, season, trend []float64) {
	n := len(y)
	s.grow(n, n+2*m)
	span := odd(1.5 * float64(m) / (1 - 1.5/float64(window)))
	clear(trend)
	for range 2 {
		for j := range m {
			s.sub = s.sub[:0]
			for i := j; i < n; i += m {
				s.sub = append(s.sub, y[i]-trend[i])
			}
			l := s.smoother(len(s.sub), window, 0, (window+9)/10)
			fit := s.work[:len(s.sub)]
			l.run(s.sub, fit)
			s.cycle[j] = l.before.of(s.sub)
			for i, v := range fit {
				s.cycle[m+j+i*m] = v
			}
			s.cycle[m+j+len(s.sub)*m] = l.after.of(s.sub)
		}
		s.lowPass(n, m)
		for i := range season {
			season[i] = s.cycle[m+i] - s.low[i]
			s.flat[i] = y[i] - season[i]
		}
		s.smoother(n, span, 1, (span+9)/10).run(s.flat[:n], trend)
	}
}

// grow makes room for n values and cycles of c.
func (s *stlPass) grow(n, c int) {
	if len(s.low) < n || len(s.cycle) < c {
		s.low, s.flat = make([]float64, n), make([]float64, n)
		s.cycle, s.work = make([]float64, c), make([]float64, c)
		s.twice, s.thrice = make([]float64, c), make([]float64, c)
	}
}

// lowPass runs moving averages of m, m and 3 and a loess over the cycles of n
// values.
func (s *stlPass) lowPass(n, m int) {
	a := moving(s.cycle[:n+2*m], m, s.work)
	b := moving(a, m, s.twice)
	c := moving(b, 3, s.thrice)
	span := odd(float64(m))
	s.smoother(n, span, 1, (span+9)/10).run(c, s.low)
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
