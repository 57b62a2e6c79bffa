package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/experiments"
)

func experimentsPage(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	return x.show(http.StatusOK, "experiments", "Experiments", ui.Experiments{Rows: x.experimentRows(all.Experiments)})
}

// experimentPage is a report in words and tables.
func experimentPage(x *exchange) error {
	e, err := x.experiment()
	if err != nil {
		return err
	}
	r, err := x.report(e)
	if err != nil {
		return err
	}
	v := ui.Experiment{
		ExperimentRow: x.experimentRows([]*experiments.Experiment{e})[0], Hypothesis: e.Hypothesis, Layer: e.Layer,
		Segment: r.Segment, Segments: e.Segments, AsOf: x.moment(r.AsOf),
		Verdict: string(r.Decision.Verdict), VerdictText: verdictText(e, r.Decision), Reasons: r.Decision.Reasons, Warnings: r.Warnings,
		SampleRatio:       fmt.Sprintf("χ² %.2f, p = %.3g", r.SRM.Chi2, r.SRM.PValue),
		SampleRatioStatus: string(r.SRM.Status), Flicker: r.Health.Flicker, TooLate: r.Health.TooLate,
		Confidence: 1 - e.Alpha, Correction: string(e.Correction), Audience: audienceText(e.Audience),
		Arms: arms(e, r), Metrics: metricViews(r),
	}
	if e.Status == experiments.Draft {
		v.VerdictText = "Not started yet"
	}
	changes, err := x.Definitions.History(x.ctx(), experiments.ExperimentKind, e.Key)
	if err != nil {
		return unavailable("the history cannot be read", err)
	}
	for _, c := range changes {
		v.History = append(v.History, ui.Change{Version: c.Version, At: x.moment(c.At), Author: c.Author, Action: c.Action})
	}
	return x.show(http.StatusOK, "experiment", e.Key, v)
}

// verdictText says the verdict as advice.
func verdictText(e *experiments.Experiment, d experiments.Decision) string {
	switch d.Verdict {
	case experiments.Ship:
		return "Ship " + d.Variant
	case experiments.Stop:
		return "Stop: no variant is worth keeping"
	case experiments.Hold:
		return "Hold: this cannot be decided yet"
	}
	if e.Status != experiments.Running {
		return "There is no clear answer"
	}
	return "Keep it running: there is no clear answer yet"
}

func audienceText(c *experiments.Condition) string {
	if c == nil || len(c.Names()) == 0 {
		return ""
	}
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	var out bytes.Buffer
	if json.Compact(&out, b) != nil {
		return string(b)
	}
	return out.String()
}

func arms(e *experiments.Experiment, r *experiments.Report) []ui.Arm {
	total := 0.0
	for _, v := range e.Variants {
		total += v.Weight
	}
	out := make([]ui.Arm, len(e.Variants))
	for i, v := range e.Variants {
		out[i] = ui.Arm{Variant: v.Key, Control: v.Key == e.Control().Key, Share: v.Weight / total, Units: r.Units[v.Key]}
	}
	return out
}

func metricViews(r *experiments.Report) []ui.Metric {
	out := make([]ui.Metric, len(r.Metrics))
	for i := range r.Metrics {
		m := &r.Metrics[i]
		out[i] = ui.Metric{Name: m.Name, Kind: string(m.Kind), Role: string(m.Role), Control: m.Control.Mean}
		var relative []ui.Interval
		for _, res := range m.Results {
			v := ui.Result{
				Variant: res.Variant, Units: res.Units, Mean: res.Mean, Absolute: interval(res.Absolute), Relative: interval(res.Relative),
				PValue: float64(res.AdjustedPValue), Method: res.Method, Problem: res.Problem,
			}
			relative = append(relative, v.Relative)
			out[i].Results = append(out[i].Results, v)
		}
		scale := ui.Scale(relative)
		for j := range out[i].Results {
			out[i].Results[j].Bar = ui.NewBar(relative[j], scale)
		}
	}
	return out
}

func interval(e *experiments.Estimate) ui.Interval {
	if e == nil {
		return ui.Interval{}
	}
	return ui.Interval{Known: true, Estimate: float64(e.Estimate), Low: float64(e.Low), High: float64(e.High)}
}
