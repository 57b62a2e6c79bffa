package forecast

import (
	"fmt"
	"math"

	"github.com/peakday/peakday/events"
)

// Uplift is how much more a promotion sells, measured or guessed: a relative
// change (.12 is twelve per cent more) with the interval that holds it with
// the chance Level.
type Uplift struct {
	Estimate float64  `json:"estimate"`
	Low      *float64 `json:"low,omitempty"`
	High     *float64 `json:"high,omitempty"`
	Level    float64  `json:"level,omitempty"` // of the interval: .95 if 0
	Source   string   `json:"source,omitempty"`
}

// Check names the field that is wrong, below field.
func (u *Uplift) Check(field string) error {
	bad := func(name string, v float64) error {
		return &events.Invalid{Field: field + "." + name, Problem: fmt.Sprintf("must be above -1 and at most %d, got %g", maxUplift, v)}
	}
	for _, f := range []struct {
		name  string
		value *float64
	}{{"estimate", &u.Estimate}, {"low", u.Low}, {"high", u.High}} {
		if f.value != nil && !(*f.value > -1 && *f.value <= maxUplift) {
			return bad(f.name, *f.value)
		}
	}
	if u.Level != 0 && !(u.Level > 0 && u.Level < 1) {
		return &events.Invalid{Field: field + ".level", Problem: fmt.Sprintf("must be between 0 and 1, got %g", u.Level)}
	}
	if (u.Low == nil) != (u.High == nil) || u.Low != nil && (*u.Low > u.Estimate || *u.High < u.Estimate) {
		return &events.Invalid{Field: field + ".low", Problem: "must come together with high, and the estimate lie between them"}
	}
	return nil
}

// sd is the standard deviation that the interval stands for. Without an
// interval the uplift is as unsure as half its size.
func (u *Uplift) sd() float64 {
	if u.Low == nil {
		return math.Abs(u.Estimate) / 2
	}
	level := u.Level
	if level == 0 {
		level = .95
	}
	return (*u.High - *u.Low) / (2 * normalQuantile(.5+level/2))
}

// apply lifts the days from one to another.
func (u *Uplift) apply(f *Forecast, from, to Day) {
	times(f, from, to, 1+u.Estimate, u.sd())
}

// times multiplies the days from one to another by a factor that is known up to
// a standard deviation.
func times(f *Forecast, from, to Day, factor, sd float64) {
	factor = max(factor, 0)
	for i := range f.Points {
		p := &f.Points[i]
		if p.Day < from || p.Day > to {
			continue
		}
		before := p.Mean
		p.scale(factor)
		if factor > 0 {
			p.widen(sd * sd / (factor * factor))
		}
		p.Components.Promotion += p.Mean - before
	}
	f.requantile(from, to)
}
