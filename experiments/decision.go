package experiments

import (
	"fmt"

	"github.com/peakday/peakday/stats"
)

// Verdict is what the report advises. It changes no status by itself.
type Verdict string

// The verdicts.
const (
	Ship        Verdict = "ship"         // a variant is better, and no guardrail speaks against it
	Stop        Verdict = "stop"         // every variant is worse, or breaks a guardrail
	Hold        Verdict = "hold"         // something must be looked at before anything is decided
	KeepRunning Verdict = "keep-running" // there is no answer yet
)

// Decision is a verdict with its reasons in words.
type Decision struct {
	Verdict Verdict  `json:"verdict"`
	Variant string   `json:"variant,omitempty"` // to ship
	Reasons []string `json:"reasons"`
}

func (d *Decision) because(format string, args ...any) {
	d.Reasons = append(d.Reasons, fmt.Sprintf(format, args...))
}

// Decide reads a verdict off a report: first whether it can be believed, then
// whether a guardrail breaks, then what the primary metric says.
func Decide(e *Experiment, r *Report) Decision {
	var d Decision
	if r.SRM.Status == stats.Failed {
		d.Verdict = Hold
		d.because("the units do not come in the shares of the weights (p = %.2g): the comparison cannot be trusted", r.SRM.PValue)
		return d
	}
	if p := r.Health.PreExposure; p != nil && p.Status == stats.Failed {
		d.Verdict = Hold
		d.because("%s differed before the experiment already (p = %.2g): assignment is broken, or who is exposed depends on the variant", p.Checks[0].Metric, p.Checks[0].AdjustedPValue)
		return d
	}
	var standing []string
	for _, v := range e.Variants {
		if v.Key != e.Control().Key && !d.breaksGuardrail(e, r, v.Key) {
			standing = append(standing, v.Key)
		}
	}
	if len(standing) == 0 {
		d.Verdict = Stop
		return d
	}
	d.byPrimary(e, r, standing)
	return d
}

// breaksGuardrail reports whether the variant is worse than a guardrail
// tolerates, with the confidence of the report's intervals.
func (d *Decision) breaksGuardrail(e *Experiment, r *Report, variant string) bool {
	broken := false
	for _, g := range e.Guardrails {
		w, ok := worsening(r, g.Metric, variant)
		if ok && w.low > w.tolerated(g) {
			d.because("%s makes %s worse by %s, more than the %.3g %% that are tolerated", variant, g.Metric, w, 100*g.Margin)
			broken = true
		}
	}
	return broken
}

// span is a change for the worse, as a share of control: an estimate with its
// interval. Where control is at zero nothing can be a share of it, and the span
// is in the metric's own unit.
type span struct {
	estimate, low, high float64
	absolute            bool
}

func (s span) String() string {
	if s.absolute {
		return fmt.Sprintf("%.3g (%.3g to %.3g) from zero", s.estimate, s.low, s.high)
	}
	return fmt.Sprintf("%.3g %% (%.3g to %.3g %%)", 100*s.estimate, 100*s.low, 100*s.high)
}

// tolerated is the end of what a guardrail bears: of zero, no share.
func (s span) tolerated(g Guardrail) float64 {
	if s.absolute {
		return 0
	}
	return g.Margin
}

// turned is the change seen from the other side.
func (s span) turned() span { return span{-s.estimate, -s.high, -s.low, s.absolute} }

// worsening gives how much worse a metric has become.
func worsening(r *Report, metric, variant string) (span, bool) {
	m, res := r.find(metric, variant)
	if res == nil || res.Absolute == nil {
		return span{}, false
	}
	e, absolute := res.Relative, false
	if e == nil {
		e, absolute = res.Absolute, true
	}
	s := span{float64(e.Estimate), float64(e.Low), float64(e.High), absolute}
	if m.direction == Increase {
		s = s.turned()
	}
	return s, true
}

// find gives the metric and the variant's result, or nil.
func (r *Report) find(metric, variant string) (*MetricReport, *Result) {
	for i := range r.Metrics {
		if r.Metrics[i].Name != metric {
			continue
		}
		for j := range r.Metrics[i].Results {
			if r.Metrics[i].Results[j].Variant == variant {
				return &r.Metrics[i], &r.Metrics[i].Results[j]
			}
		}
	}
	return nil, nil
}

// leastToDecide is how many units an arm needs before the primary metric may
// decide: of fewer, one strange unit makes an effect.
const leastToDecide = 10

// byPrimary judges the variants that break no guardrail.
func (d *Decision) byPrimary(e *Experiment, r *Report, standing []string) {
	if e.Primary == "" {
		d.Verdict = KeepRunning
		d.because("there is no primary metric to decide by")
		return
	}
	best, bestGain, worse := "", 0.0, 0
	for _, v := range standing {
		w, ok := worsening(r, e.Primary, v)
		m, res := r.find(e.Primary, v)
		if !ok || float64(res.AdjustedPValue) > e.Alpha {
			continue
		}
		if min(m.Control.Units, res.Units) < leastToDecide {
			d.because("%d units of control and %d of %s are too few to decide by: wait for %d an arm", m.Control.Units, res.Units, v, leastToDecide)
			continue
		}
		if early(e, r) && res.AlwaysValid != nil && float64(res.AlwaysValid.PValue) > e.Alpha {
			d.because("%s changes %s by the test for one look at the planned size (p = %.2g), but it is early: the test that may be looked at every day says p = %.2g",
				v, e.Primary, res.AdjustedPValue, res.AlwaysValid.PValue)
			continue
		}
		switch {
		case w.estimate < 0 && -w.estimate > bestGain:
			best, bestGain = v, -w.estimate
		case w.estimate > 0:
			worse++
			d.because("%s makes %s worse by %s", v, e.Primary, w)
		}
	}
	switch {
	case best != "":
		d.ship(e, r, best)
	case worse == len(standing):
		d.Verdict = Stop
	default:
		d.Verdict = KeepRunning
		d.because("no variant is better than control in %s yet", e.Primary)
		d.byPower(e, r)
	}
}

// early reports whether the experiment runs and has not the units that it was
// planned for: whoever decides by it then has looked before, and may look again.
func early(e *Experiment, r *Report) bool {
	return e.Status == Running && (r.Power == nil || r.Power.Assumed || !r.Power.Reached)
}

// byPower says how long an answer may take; or that there will be none, if the
// units suffice for the effect that the analyst asked for.
func (d *Decision) byPower(e *Experiment, r *Report) {
	switch p := r.Power; {
	case p == nil || p.Problem != "" || p.Needed == 0:
	case p.Reached && !p.Assumed:
		d.Verdict = Stop
		d.because("%d units suffice to find an effect of %.3g %% with a chance of 80 %%, and none was found", p.Units, 100*p.Target)
	case p.Reached:
		d.because("%d units would find an effect of %.3g %% with a chance of 80 %%; set min_effect if a smaller one matters", p.Units, 100*p.Target)
	case e.Status == Running && p.DaysLeft != nil:
		d.because("an effect of %.3g %% takes %d units, and %d have come: about %d days more", 100*p.Target, p.Needed, p.Units, *p.DaysLeft)
	default:
		d.because("an effect of %.3g %% takes %d units, and %d have come", 100*p.Target, p.Needed, p.Units)
	}
}

// ship advises to ship the winner unless a guardrail is still in the open.
func (d *Decision) ship(e *Experiment, r *Report, winner string) {
	w, _ := worsening(r, e.Primary, winner)
	d.Variant = winner
	d.because("%s makes %s better by %s", winner, e.Primary, w.turned())
	d.Verdict = Ship
	for _, g := range e.Guardrails {
		if g.Margin == 0 {
			continue // nothing can prove that there is no harm at all
		}
		if s, ok := worsening(r, g.Metric, winner); !ok || s.high > s.tolerated(g) {
			d.Verdict, d.Variant = Hold, ""
			d.because("%s may still be worse by more than the %.3g %% that are tolerated: wait for more units", g.Metric, 100*g.Margin)
		}
	}
}
