package experiments

import (
	"cmp"
	"slices"
	"time"

	"github.com/peakday/peakday/stats"
)

// funnel writes a cell for each day on which the unit came a step further. Its
// vector is (1, reached the last step, reached the first, reached the second …).
func (u *unitCells) funnel(m *Metric, t0 time.Time, facts []UnitFact) {
	var (
		w     = newFunnelProgress(m, t0)
		day   = DayOf(t0, u.zone)
		shown []int64
	)
	for _, s := range m.stepReadings(t0, facts) {
		if d := DayOf(s.at, u.zone); d != day {
			shown = u.settle(m.row(), day, w.vector(), shown)
			day = d
		}
		w.take(s)
	}
	u.settle(m.row(), day, w.vector(), shown)
}

// stepReading is an event that may bring a unit to a step.
type stepReading struct {
	at   time.Time
	step int
}

// stepReadings are those of the window in the order of time and of the steps:
// clocks are coarse.
func (m *Metric) stepReadings(t0 time.Time, facts []UnitFact) []stepReading {
	end := t0.Add(time.Duration(m.Window))
	var out []stepReading
	for i := range m.Steps {
		for _, r := range m.Steps[i].readings(facts) {
			if !r.at.Before(t0) && r.at.Before(end) {
				out = append(out, stepReading{r.at, i})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b stepReading) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.step, b.step))
	})
	return out
}

// funnelProgress is how far a unit has come. latest[k] is the last time at which it
// reached step k in time: whether it goes on in time depends on nothing else.
type funnelProgress struct {
	metric *Metric
	t0     time.Time
	latest []time.Time
	ever   []bool
}

func newFunnelProgress(m *Metric, t0 time.Time) *funnelProgress {
	return &funnelProgress{m, t0, make([]time.Time, len(m.Steps)), make([]bool, len(m.Steps))}
}

func (p *funnelProgress) take(s stepReading) {
	before, steps := p.t0, p.metric.Steps
	if s.step > 0 {
		if !p.ever[s.step-1] {
			return
		}
		before = p.latest[s.step-1]
		if s.at.Equal(before) && steps[s.step].Event == steps[s.step-1].Event {
			return // one event brings nobody two steps further
		}
	}
	within := time.Duration(steps[s.step].Within)
	if within > 0 && s.at.Sub(before) > within {
		return
	}
	p.latest[s.step], p.ever[s.step] = s.at, true
}

func (p *funnelProgress) vector() []int64 {
	n := len(p.ever)
	v := make([]int64, n+1)
	v[0] = 1
	for k, there := range p.ever {
		if there {
			v[stepIndex(k, n)] = 1
		}
	}
	return v
}

// stepIndex is where step k of n stands in the vector: the last one, which is
// the metric's own number, comes first.
func stepIndex(k, n int) int {
	if k == n-1 {
		return 1
	}
	return k + 2
}

// StepReport is a step of a funnel, each treatment against control.
type StepReport struct {
	Name    string       `json:"name"`
	Control StepArm      `json:"control"`
	Results []StepResult `json:"results"`
}

// StepArm is how many units of a variant reached a step.
type StepArm struct {
	Variant string  `json:"variant"`
	Units   int64   `json:"units"`  // that reached it
	Share   float64 `json:"share"`  // of all units
	Onward  float64 `json:"onward"` // of those that reached the step before
}

// StepResult is a treatment's step against control's. FromStart is an honest
// experiment at every step; FromPrevious compares those who got that far, who
// are not the same kind of people once an earlier step differs.
type StepResult struct {
	StepArm
	FromStart    *Estimate `json:"from_start,omitempty"`
	PValue       Number    `json:"p_value"` // of FromStart
	FromPrevious *Estimate `json:"from_previous,omitempty"`
	Problem      string    `json:"problem,omitempty"`
}

// reached counts the units of an arm before the first step and at each.
func (m *Metric) reached(t Triangle) []int64 {
	n := len(m.Steps)
	out := []int64{t.count(0)}
	for k := range n {
		out = append(out, t.count(stepIndex(k, n)))
	}
	return out
}

// steps compares the arms step by step.
func (m *Metric) steps(control string, counts map[string][]int64, treatments []string, alpha float64) []StepReport {
	out := make([]StepReport, len(m.Steps))
	arm := func(variant string, k int) StepArm {
		c := counts[variant]
		a := StepArm{Variant: variant, Units: c[k+1]}
		if c[0] > 0 {
			a.Share = float64(c[k+1]) / float64(c[0])
		}
		if c[k] > 0 {
			a.Onward = float64(c[k+1]) / float64(c[k])
		}
		return a
	}
	for k := range m.Steps {
		out[k] = StepReport{Name: m.Steps[k].Name, Control: arm(control, k), Results: []StepResult{}}
	}
	for _, v := range treatments {
		for k := range m.Steps {
			r := StepResult{StepArm: arm(v, k)}
			// A step that nobody reached must not hide those before it.
			found, err := stats.Funnel(counts[control][:k+2], counts[v][:k+2], stats.Options{Alpha: alpha})
			if err != nil {
				r.PValue, r.Problem = noNumber(), err.Error()
			} else {
				r.FromStart, _ = estimates(found[k].FromStart)
				r.PValue = Number(found[k].FromStart.P)
				if r.Problem = found[k].Problem; r.Problem == "" {
					r.FromPrevious, _ = estimates(found[k].FromPrevious)
				}
			}
			out[k].Results = append(out[k].Results, r)
		}
	}
	return out
}
