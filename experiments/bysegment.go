package experiments

import (
	"cmp"
	"maps"
	"slices"

	"github.com/peakday/peakday/stats"
)

// SegmentReport is what the variants did among the units of one segment.
type SegmentReport struct {
	Segment string           `json:"segment"` // such as tier=gold
	Units   map[string]int64 `json:"units"`
	SRM     SampleRatio      `json:"srm"`
	Metrics []MetricReport   `json:"metrics"`
}

// Heterogeneity says whether a variant's effect differs between the values of a
// segment.
type Heterogeneity struct {
	Segment        string      `json:"segment"` // the attribute
	Metric         string      `json:"metric"`
	Variant        string      `json:"variant"`
	PValue         Number      `json:"p_value"`          // of the effect being the same in all
	AdjustedPValue Number      `json:"adjusted_p_value"` // over metrics, variants and segments, by Benjamini and Hochberg
	NotChance      Number      `json:"share_not_chance"` // I²: share of the spread that is not chance
	Deviations     []Deviation `json:"deviations"`
}

// Deviation is how far a segment's effect is from that of the others.
type Deviation struct {
	Segment        string `json:"segment"`
	Effect         Number `json:"effect"` // absolute, in this segment
	Deviation      Number `json:"deviation"`
	AdjustedPValue Number `json:"adjusted_p_value"` // by Holm over the segments
}

// Stratified is the difference averaged within the values of a segment, so that
// a chance difference in the arms' mix no longer counts.
type Stratified struct {
	Segment string `json:"segment"`
	Estimate
	PValue    Number `json:"p_value"`
	Reduction Number `json:"variance_reduction"`
}

// maxShownSegments is how many values of a segment a report shows, the largest
// first.
const maxShownSegments = 20

// bySegment repeats the comparison in each value of each segment.
func (v View) bySegment(r *Report, e *Experiment, segments map[string]map[sumKey]daily) {
	for _, attribute := range e.Segments {
		var of []SegmentReport
		for _, segment := range segmentsIn(e, segments, attribute) {
			of = append(of, v.segment(e, segments[segment], segment))
		}
		r.Heterogeneity = append(r.Heterogeneity, heterogeneity(attribute, of)...)
		if len(e.Phases) < 2 && len(of) < maxShownSegments && attribute == cmp.Or(v.Stratify, e.Segments[0]) {
			stratify(r.Metrics, of, e.Alpha)
		}
		r.Segments = append(r.Segments, of...)
	}
	r.Heterogeneity = adjustHeterogeneity(r.Heterogeneity)
}

// segmentsIn lists the values of an attribute that have units.
func segmentsIn(e *Experiment, segments map[string]map[sumKey]daily, attribute string) []string {
	sizes := map[string]int64{}
	for segment, sums := range segments {
		if segment == "" || attributeOf(segment) != attribute {
			continue
		}
		for _, v := range e.Variants {
			sizes[segment] += sums[sumKey{UnitsCell, v.Key, allPhases}].upTo(lastDay, unitsDim).count(0)
		}
	}
	names := slices.SortedFunc(maps.Keys(sizes), func(a, b string) int { return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b)) })
	names = slices.DeleteFunc(names, func(s string) bool { return sizes[s] <= 0 })
	return names[:min(len(names), maxShownSegments)]
}

func (v View) segment(e *Experiment, sums map[sumKey]daily, segment string) SegmentReport {
	out := SegmentReport{Segment: segment, Units: map[string]int64{}, Metrics: []MetricReport{}}
	out.SRM = e.ratioIn(sums, func(variant string, n int64) { out.Units[variant] = n }, nil)
	for i := range e.Metrics {
		m := &e.Metrics[i]
		mr := MetricReport{Name: m.Key, Kind: m.Kind, Role: e.role(m.Key), Per: m.Per, direction: m.Direction}
		if m.Kind == Quantile {
			at := v
			at.Segment = segment
			at.quantiles(&mr, e, m)
		} else {
			mr.Control, mr.Results = compareAll(e, m, sums, v.last(m))
		}
		out.Metrics = append(out.Metrics, mr)
	}
	return out
}

// heterogeneity compares the effects of every metric and variant between the
// values of one segment.
func heterogeneity(attribute string, segments []SegmentReport) []Heterogeneity {
	var out []Heterogeneity
	if len(segments) == 0 {
		return nil
	}
	for i, m := range segments[0].Metrics {
		for j, res := range m.Results {
			h := Heterogeneity{Segment: attribute, Metric: m.Name, Variant: res.Variant}
			var effects []stats.SegmentEffect
			for _, s := range segments {
				if e := s.Metrics[i].Results[j].effect; e != nil && e.StdErr > 0 {
					effects = append(effects, stats.SegmentEffect{Estimate: e.Estimate, StdErr: e.StdErr})
					h.Deviations = append(h.Deviations, Deviation{Segment: s.Segment, Effect: Number(e.Estimate)})
				}
			}
			found, err := stats.CompareSegments(effects)
			if err != nil {
				continue // fewer than two segments can be compared
			}
			h.PValue, h.NotChance = Number(found.P), Number(found.Share)
			for k, d := range found.Deviations {
				h.Deviations[k].Deviation, h.Deviations[k].AdjustedPValue = Number(d.Estimate), Number(d.AdjustedP)
			}
			out = append(out, h)
		}
	}
	return out
}

func adjustHeterogeneity(all []Heterogeneity) []Heterogeneity {
	ps := make([]float64, len(all))
	for i := range all {
		ps[i] = float64(all[i].PValue)
	}
	adjusted, err := stats.BenjaminiHochberg(ps)
	if err != nil {
		return all // there are none
	}
	for i := range all {
		all[i].AdjustedPValue = Number(adjusted[i])
	}
	return all
}

// leastInStratum is how many units an arm needs in a stratum: small ones gain
// nothing and may have no variance at all.
const leastInStratum = 20

// stratify adds the post-stratified difference to every plain mean and
// proportion whose strata are all large enough. segments must hold all units.
func stratify(metrics []MetricReport, segments []SegmentReport, alpha float64) {
	for i := range metrics {
		for j := range metrics[i].Results {
			if k := metrics[i].Kind; k == Mean || k == Count || k == Proportion || k == Retention {
				metrics[i].Results[j].stratify(i, j, segments, alpha)
			}
		}
	}
}

func (r *Result) stratify(metric, result int, segments []SegmentReport, alpha float64) {
	var strata []stats.Stratum
	units := int64(0)
	for _, s := range segments {
		arms := s.Metrics[metric].Results[result].arms
		if arms[0].Units+arms[1].Units == 0 {
			continue
		}
		if min(arms[0].Units, arms[1].Units) < leastInStratum || len(arms[0].moments.Mean) == 0 || len(arms[1].moments.Mean) == 0 {
			return
		}
		units += arms[0].Units + arms[1].Units
		strata = append(strata, stats.Stratum{Control: plain(arms[0]), Treatment: plain(arms[1])})
	}
	if len(strata) < 2 || units != r.arms[0].Units+r.arms[1].Units {
		return
	}
	e, err := stats.PostStratify(strata, stats.Options{Alpha: alpha})
	if err != nil {
		return
	}
	absolute, _ := estimates(e)
	r.Stratified = &Stratified{Segment: attributeOf(segments[0].Segment), Estimate: *absolute, PValue: Number(e.P), Reduction: Number(e.Reduction)}
}
