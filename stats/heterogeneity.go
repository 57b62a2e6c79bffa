package stats

import (
	"fmt"
	"math"
)

// Heterogeneity says whether an effect differs between segments.
type Heterogeneity struct {
	Q       float64 // Cochran's Q
	DF      int
	P, LogP float64 // of the effect being the same in all segments
	Share   float64 // I²: the share of the spread that is not chance, 0 to 1
	Pooled  float64 // the effect over the segments, weighted by 1/StdErr²

	Deviations []Deviation // one a segment, in the order given
}

// Deviation is how a segment's effect differs from that of the others.
type Deviation struct {
	Estimate, StdErr float64
	P                float64 // of no difference
	AdjustedP        float64 // by Holm over the segments
}

// SegmentEffect is the effect in one segment, in the metric's unit or relative.
type SegmentEffect struct {
	Estimate, StdErr float64
}

// CompareSegments tests whether an effect is the same in segments that share no
// unit:
//
//	Q = Σ w_s·(Δ_s − Δ̄)²,   w = 1/StdErr²,   chi-square with segments − 1 degrees of freedom
//
// (Cochran, Biometrics 10, 1954; I² = max(0, 1 − df/Q): Higgins and Thompson,
// Statistics in Medicine 21, 2002). Which segment stands out is tested against
// all others, with Holm's correction over the segments. Over several ways to
// cut the units, adjust the P of each by BenjaminiHochberg.
func CompareSegments(segments []SegmentEffect) (Heterogeneity, error) {
	if len(segments) < 2 {
		return Heterogeneity{}, refuse(TooFew, "segments", "must be at least 2, got %d", len(segments))
	}
	scale := math.Inf(1)
	for i, s := range segments {
		if err := (DayEffect{Estimate: s.Estimate, StdErr: s.StdErr}).check(fmt.Sprintf("segments[%d]", i)); err != nil {
			return Heterogeneity{}, err
		}
		scale = math.Min(scale, s.StdErr)
	}
	weights := make([]float64, len(segments)) // in units of 1/scale²
	var sum, effect float64
	for i, s := range segments {
		weights[i] = (scale / s.StdErr) * (scale / s.StdErr)
		sum += weights[i]
		effect += weights[i] * s.Estimate
	}
	h := Heterogeneity{DF: len(segments) - 1, Pooled: effect / sum}
	p := make([]float64, len(segments))
	for i, s := range segments {
		z := (s.Estimate - h.Pooled) / s.StdErr
		h.Q += z * z
		others := sum - weights[i]
		d := Deviation{
			Estimate: s.Estimate - (effect-weights[i]*s.Estimate)/others,
			StdErr:   scale * math.Sqrt(1/weights[i]+1/others),
		}
		d.P = math.Exp(Options{}.logP(d.Estimate/d.StdErr, 0))
		h.Deviations = append(h.Deviations, d)
		p[i] = d.P
	}
	if err := finite("segments", h.Q); err != nil {
		return Heterogeneity{}, err
	}
	h.LogP = logChiSquareTail(h.Q, float64(h.DF))
	h.P = math.Exp(h.LogP)
	if h.Q > 0 {
		h.Share = math.Max(0, 1-float64(h.DF)/h.Q)
	}
	adjusted, err := Holm(p)
	if err != nil {
		return Heterogeneity{}, refuse(NotFinite, "segments", "have effects too large or too small to compute with")
	}
	for i := range adjusted {
		h.Deviations[i].AdjustedP = adjusted[i]
	}
	return h, nil
}
