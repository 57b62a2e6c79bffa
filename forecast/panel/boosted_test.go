package panel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// launches are series of counts that begin at 40 to 90 a step and fade by a
// tenth each step, with noise; other is added to the last n values.
func launches(series, n int, other float64) *Panel {
	random := rand.New(rand.NewPCG(3, 4))
	p := &Panel{Step: Step{Every: week}}
	for i := range series {
		s := &Series{Name: fmt.Sprint("item ", i), Start: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
		level := 40 + 50*random.Float64()
		for range 24 + random.IntN(12) {
			level *= .9
			s.Y = append(s.Y, math.Floor(level*(.7+.6*random.Float64())))
		}
		for k := len(s.Y) - n; k < len(s.Y); k++ {
			s.Y[k] += other
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// trees learns from a panel at horizon 4, for the forecast and the last two
// backtest windows.
func trees(p *Panel) (*boosted, []*task) {
	e := newEngine(p, 4, nil, false)
	var tasks []*task
	for _, s := range p.Series {
		tasks = append(tasks, e.newTask(s))
	}
	b := newBoosted(e, 1200)
	b.holdouts = b.holdouts[:2]
	for _, back := range b.holdouts {
		b.models = append(b.models, b.learn(tasks, back))
	}
	return b, tasks
}

func TestTreesKnowWhatSeriesShare(t *testing.T) {
	t.Parallel()
	b, tasks := trees(launches(80, 0, 0))
	ours, flat := 0., 0.
	for _, task := range tasks {
		n := len(task.s.Y) - 4
		path := b.path(task, n)
		level, _ := moments(tail(task.s.Y[:n], 3))
		for k, y := range task.s.Y[n:] {
			ours += math.Abs(y - path[k])
			flat += math.Abs(y - level)
		}
	}
	if ours > .7*flat {
		t.Errorf("the trees' errors are %.2f of those of the last level, want .7 at most", ours/flat)
	}
}

func TestTreesOfABacktestWindowHaveNotSeenItsActuals(t *testing.T) {
	t.Parallel()
	before, tasks := trees(launches(20, 4, 0))
	after, changed := trees(launches(20, 4, 500))
	n := len(tasks[0].s.Y)
	if a, b := before.path(tasks[0], n-4), after.path(changed[0], n-4); !slices.Equal(a, b) {
		t.Errorf("the backtest window is forecast as %v and, with other actuals, as %v", a, b)
	}
	if a, b := before.path(tasks[0], n), after.path(changed[0], n); slices.Equal(a, b) {
		t.Error("the forecast does not know the last values")
	}
}

func TestTreesHaveTheWeightThatTheBacktestGives(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                 string
		truth, center, trees []float64
		want                 float64
	}{
		{"between the two", []float64{10, 10, 10}, []float64{20, 20, 20}, []float64{0, 0, 0}, .5},
		{"no window of trees", []float64{10, 10, 10}, []float64{20, 20, 20}, nil, 0},
		{"a median of nothing leaves no mean", []float64{0, 0, 30}, []float64{10, 10, 10}, []float64{0, 0, 0}, .2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &boosted{weights: map[string]float64{}}
			win := window{truth: c.truth, combined: c.center, boosted: c.trees}
			b.learnWeights([]*task{{segment: "counts", size: 10, windows: []window{win}}})
			if got := b.weight("counts"); got != c.want {
				t.Errorf("got a weight of %g, want %g", got, c.want)
			}
		})
	}
}
