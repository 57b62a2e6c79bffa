package experiments

import (
	"encoding/json"
	"math"

	"github.com/peakday/peakday/stats"
)

// ArmReport is a variant's own figure, in the metric's unit.
type ArmReport struct {
	Variant string  `json:"variant"`
	Units   int64   `json:"units"`
	Mean    float64 `json:"mean"`
}

// Result is a treatment against control. Absolute, Relative and PValue hold for
// one look at a size that was fixed beforehand; AlwaysValid holds for any number
// of looks. Where the data cannot answer, Problem
// says why and the numbers are absent.
type Result struct {
	ArmReport
	Absolute       *Estimate `json:"absolute,omitempty"`
	Relative       *Estimate `json:"relative,omitempty"`
	StdError       Number    `json:"std_error"`
	Statistic      Number    `json:"statistic"` // z, t or as Method says
	PValue         Number    `json:"p_value"`
	AdjustedPValue Number    `json:"adjusted_p_value"`
	// AdjustedAbsolute and AdjustedRelative are the intervals that allow for the
	// metrics and variants judged together: Bonferroni's beside Holm's p-values,
	// those of the false coverage rate beside Benjamini and Hochberg's.
	AdjustedAbsolute *Estimate    `json:"adjusted_absolute,omitempty"`
	AdjustedRelative *Estimate    `json:"adjusted_relative,omitempty"`
	AlwaysValid      *AlwaysValid `json:"always_valid,omitempty"`
	Bayesian         *Bayesian    `json:"bayesian,omitempty"`
	Stratified       *Stratified  `json:"stratified,omitempty"`
	Margin           *MarginTest  `json:"margin,omitempty"` // of a guardrail
	// GroupSequential is there when looks were asked for.
	GroupSequential *GroupSequential `json:"group_sequential,omitempty"`
	// Shown is "always-valid" where Absolute, Relative and PValue are those of the
	// confidence sequence, since a guardrail stopped the experiment.
	Shown string `json:"shown,omitempty"`
	// FixedHorizon is then the difference for a single look.
	FixedHorizon *Estimate `json:"fixed_horizon,omitempty"`
	Method       string    `json:"method,omitempty"`
	Problem      string    `json:"problem,omitempty"`

	effect *stats.Effect
	always *stats.Effect // always valid; nil if there is none
	arms   [2]arm        // control, treatment
}

// Estimate is a difference with its fixed-horizon interval. A bound that does
// not exist is null.
type Estimate struct {
	Estimate Number `json:"estimate"`
	Low      Number `json:"low"`
	High     Number `json:"high"`
}

// Number is a float that JSON writes as null when it is not finite.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if f := float64(n); math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// AlwaysValid is the difference as it may be looked at as often as one likes,
// and stopped on whatever it shows: an interval of a confidence sequence.
type AlwaysValid struct {
	Low    Number `json:"low"`
	High   Number `json:"high"`
	PValue Number `json:"p_value"`
	// LeastUnits is the number of units an arm from which the sequence is honest
	// for a metric of this kind.
	LeastUnits int64  `json:"least_units"`
	Tuning     int64  `json:"tuning,omitempty"` // units of both arms at which it is tightest
	Method     string `json:"method"`
}

// Bayesian is what is to be believed after the data. A chance to win is not
// honest under peeking.
type Bayesian struct {
	ChanceToWin  Number `json:"chance_to_win"`
	ExpectedLoss Number `json:"expected_loss"` // of shipping the variant, in the metric's unit
	Prior        string `json:"prior"`
}

// MarginTest says how a variant stands to a guardrail's margin, at the report's
// alpha on each side.
type MarginTest struct {
	Margin      float64             `json:"margin"` // tolerated worsening, relative to control
	Verdict     stats.MarginVerdict `json:"verdict"`
	PValue      Number              `json:"p_value"`      // of the worsening being the margin or more: small means non-inferior
	HarmPValue  Number              `json:"harm_p_value"` // of the worsening being the margin or less: small means harmful
	AlwaysValid stats.MarginVerdict `json:"always_valid_verdict,omitempty"`
}
