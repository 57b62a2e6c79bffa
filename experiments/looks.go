package experiments

import (
	"cmp"
	"errors"
	"math"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
)

// Looks is a group-sequential plan: a few looks, each with a bound of its own,
// that spend alpha together. Which share of the planned units is in at a look
// need not be known beforehand, but must not depend on what was seen.
type Looks struct {
	// Times are the shares of the planned units at the looks taken so far, the
	// newest last: 0.5, 1.
	Times    []float64 `json:"looks"`
	Alpha    float64   `json:"alpha,omitempty"`    // 0: .05, two-sided
	Spending string    `json:"spending,omitempty"` // obrien-fleming (default), pocock or power
	Rho      float64   `json:"rho,omitempty"`      // of power: alpha·t^rho; 0: 3
}

// LookBound is when to stop at a look.
type LookBound struct {
	Time       float64 `json:"look"`
	Z          Number  `json:"z"`           // stop when |z| is this or more; null while nothing may be spent
	PValue     float64 `json:"p_value"`     // the same bound as a p-value of one look
	AlphaSpent float64 `json:"alpha_spent"` // up to this look
}

// Bounds gives the bound of each look.
func (l Looks) Bounds() ([]LookBound, error) {
	spend, err := l.spending()
	if err != nil {
		return nil, err
	}
	bounds, err := stats.SpendingBounds(l.Times, cmp.Or(l.Alpha, 0.05), spend, stats.TwoSided)
	if refused := (*stats.Error)(nil); errors.As(err, &refused) {
		return nil, wrong("looks", "must rise, each a share of the planned units above 0 and at most 1: %s", refused.Error())
	} else if err != nil {
		return nil, err
	}
	out := make([]LookBound, len(bounds))
	for i, b := range bounds {
		out[i] = LookBound{b.Time, Number(b.Z), b.Nominal, b.Spent}
	}
	return out, nil
}

func (l Looks) spending() (stats.Spending, error) {
	switch {
	case !(l.Alpha == 0 || l.Alpha > 0 && l.Alpha < 0.5):
		return nil, wrong("alpha", "must be above 0 and below 0.5, got %g", l.Alpha)
	case l.Rho != 0 && l.Spending != "power":
		return nil, wrong("rho", "is for spending power")
	case !(l.Rho >= 0 && l.Rho <= 100):
		return nil, wrong("rho", "must be above 0 and at most 100, got %g", l.Rho)
	}
	switch l.Spending {
	case "", "obrien-fleming":
		return stats.OBrienFlemingSpending, nil
	case "pocock":
		return stats.PocockSpending, nil
	case "power":
		return stats.PowerSpending(cmp.Or(l.Rho, 3)), nil
	}
	return nil, wrong("spending", "must be obrien-fleming, pocock or power, got %q", l.Spending)
}

// GroupSequential is a result at a look of a group-sequential plan.
type GroupSequential struct {
	LookBound
	Looks    int    `json:"looks_taken"`
	Spending string `json:"spending"`
	// Crossed says that the experiment may stop here, with the difference proven.
	Crossed bool `json:"crossed"`
	// Low and High are the repeated interval of the absolute difference: honest
	// at every look of the plan.
	Low  Number `json:"low"`
	High Number `json:"high"`
}

// atLook judges a result by the newest look of a plan that was checked.
func (r *Result) atLook(l *Looks, bounds []LookBound) {
	if r.effect == nil || len(bounds) == 0 {
		return
	}
	b := bounds[len(bounds)-1]
	g := &GroupSequential{LookBound: b, Looks: len(bounds), Spending: cmp.Or(l.Spending, "obrien-fleming"), Crossed: r.effect.P <= b.PValue}
	g.Low, g.High = Number(math.Inf(-1)), Number(math.Inf(1))
	if at, err := r.effect.At(b.PValue); err == nil {
		g.Low, g.High = Number(at.Interval.Low), Number(at.Interval.High)
	}
	r.GroupSequential = g
}

// at gives the bounds of a plan that a report is asked for at alpha;
// none for no plan.
func (l *Looks) at(alpha float64) ([]LookBound, error) {
	if l == nil {
		return nil, nil
	}
	own := *l
	own.Alpha = alpha
	return own.Bounds()
}

// ReadLooks checks the looks that an experiment's report is asked for.
func (e *Experiment) ReadLooks(l *Looks) error {
	if e.Breach != nil && l != nil {
		return &events.Invalid{Field: "looks", Problem: "cannot be judged: a guardrail stopped the experiment, which was no look of a plan"}
	}
	_, err := l.at(e.Alpha)
	return err
}
