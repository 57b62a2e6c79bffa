package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/experiments"
)

func experimentsPage(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	return x.renderPage(http.StatusOK, "experiments", "Experiments", ui.Experiments{Rows: x.experimentRows(all.Experiments), Holdouts: holdoutRows(all.Holdouts)})
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
		Segment: r.Segment, Segments: e.Segments,
		Verdict: string(r.Decision.Verdict), VerdictText: verdictText(e, r.Decision), Reasons: r.Decision.Reasons, Warnings: r.Warnings,
		SampleRatio:       fmt.Sprintf("χ² %.2f, p = %.3g", r.SRM.Chi2, r.SRM.PValue),
		SampleRatioStatus: string(r.SRM.Status), Flicker: r.Health.Flicker, TooLate: r.Health.TooLate,
		Confidence: 1 - e.Alpha, Correction: string(e.Correction), Audience: audienceText(e.Audience),
		Arms: armViews(e.Variants, e.Control().Key, r.Units), Metrics: metricViews(e.Variants, r.Metrics),
		Bots: r.Bots, Mature: r.Mature, Power: powerText(r.Power), Health: x.healthChecks(r), Breakdown: breakdown(e, r),
	}
	if e.Status != experiments.Running {
		v.Power = ""
	}
	if e.Status == experiments.Draft {
		v.VerdictText = "Not started yet"
	}
	changes, err := x.Definitions.History(x.ctx(), experiments.ExperimentKind, e.Key)
	if err != nil {
		return unavailable("the history cannot be read", err)
	}
	interleaved, err := x.interleavingsOf(e)
	if err != nil {
		return err
	}
	for _, d := range interleaved {
		v.Interleavings = append(v.Interleavings, ui.Interleaving{First: d.Policies[0], Second: d.Policies[1], Rows: []ui.InterleavingRow{interleavingRow("clicks", d.Clicks), interleavingRow("orders", d.Bought)}})
	}
	for _, c := range changes {
		v.History = append(v.History, ui.Change{Version: c.Version, At: x.formatTime(c.At), Author: c.Author, Action: c.Action})
	}
	return x.renderPage(http.StatusOK, "experiment", e.Key, v)
}

func interleavingRow(by string, p preference) ui.InterleavingRow {
	r := ui.InterleavingRow{By: by, First: p.First, Second: p.Second, Tied: p.Tied, Decided: p.P != nil}
	if r.Decided {
		r.Preference, r.Low, r.High, r.P = *p.Preference, *p.Low, *p.High, *p.P
	}
	return r
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

func armViews(variants []experiments.Variant, control string, units map[string]int64) []ui.Arm {
	total := 0.0
	for _, v := range variants {
		total += v.Weight
	}
	out := make([]ui.Arm, len(variants))
	for i, v := range variants {
		out[i] = ui.Arm{Variant: v.Key, Control: v.Key == control, Share: v.Weight / total, Units: units[v.Key]}
	}
	return out
}

func metricViews(variants []experiments.Variant, metrics []experiments.MetricReport) []ui.Metric {
	out := make([]ui.Metric, len(metrics))
	for i := range metrics {
		m := &metrics[i]
		out[i] = ui.Metric{Name: m.Name, Kind: kindText(m), Role: string(m.Role), Control: m.Control.Mean}
		if m.State != experiments.Fresh {
			out[i].State = strings.ReplaceAll(m.State, "_", " ")
		}
		for _, s := range m.Steps {
			shares := map[string]float64{s.Control.Variant: s.Control.Share}
			for _, res := range s.Results {
				shares[res.Variant] = res.Share
			}
			step := ui.FunnelStep{Name: s.Name}
			for _, v := range variants {
				step.Shares = append(step.Shares, shares[v.Key])
			}
			out[i].Steps = append(out[i].Steps, step)
		}
		var relative []ui.Interval
		for j, res := range m.Results {
			v := ui.Result{
				Variant: res.Variant, Units: res.Units, Mean: res.Mean, Absolute: interval(res.Absolute), Relative: interval(res.Relative),
				PValue: float64(res.AdjustedPValue), Method: res.Method, Problem: res.Problem, Chance: math.NaN(), Line: ui.NewLine(daily(m, j)),
			}
			if a := res.AlwaysValid; a != nil {
				v.Always, v.AlwaysP = ui.Interval{Known: true, Low: float64(a.Low), High: float64(a.High)}, float64(a.PValue)
			}
			if b := res.Bayesian; b != nil {
				v.Chance = float64(b.ChanceToWin)
			}
			if t := res.Margin; t != nil {
				v.Margin = fmt.Sprintf("margin %s: %s", ui.Percent(t.Margin), t.Verdict)
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

// kindText names the kind, and whose mean it is where it is not that of a unit.
func kindText(m *experiments.MetricReport) string {
	if m.Per != "" {
		return string(m.Kind) + ", each " + string(m.Per)
	}
	return string(m.Kind)
}

// daily is how a result stood at the end of each day.
func daily(m *experiments.MetricReport, result int) []ui.Interval {
	var out []ui.Interval
	for _, day := range m.Series {
		if result < len(day.Results) {
			out = append(out, interval(day.Results[result].Absolute))
		}
	}
	return out
}

// powerText says what the units seen so far can find.
func powerText(p *experiments.Power) string {
	if p == nil || p.Problem != "" || p.Needed == 0 {
		return ""
	}
	come, effect := ui.Number(float64(p.Units)), fmt.Sprintf("a change of %s of %s", p.Metric, ui.Percent(p.Target))
	if p.Reached {
		return fmt.Sprintf("%s units would find %s with a chance of 80 %%.", come, effect)
	}
	text := fmt.Sprintf("To find %s takes %s units; %s have come", effect, ui.Number(float64(p.Needed)), come)
	if p.DaysLeft != nil {
		text += fmt.Sprintf(", and at this pace the rest takes about %d days", *p.DaysLeft)
	}
	return text + "."
}

// healthChecks are the lines of health below the sample ratio.
func (x *exchange) healthChecks(r *experiments.Report) []ui.Check {
	var out []ui.Check
	h := &r.Health
	if s := h.SRM.Sequential; s != nil {
		out = append(out, ui.Check{Name: "Sample ratio, looked at all the time", Text: fmt.Sprintf("p = %.3g", s.PValue), Status: string(s.Status)})
	}
	if p := h.PreExposure; p != nil && p.Looked > 0 {
		out = append(out, ui.Check{Name: "Difference before exposure", Text: fmt.Sprintf("%d of %d checks", len(p.Checks), p.Looked), Status: string(p.Status)})
	}
	if b := h.Bots; b != nil {
		n := int64(0)
		for _, units := range b.Units {
			n += units
		}
		out = append(out, ui.Check{Name: "Suspected bots and brush buyers", Text: fmt.Sprintf("%d units as of %s", n, x.formatTime(b.AsOf))})
		for _, w := range b.Without {
			if w.Absolute != nil {
				out = append(out, ui.Check{Name: "Without them, " + w.Variant, Text: fmt.Sprintf("difference %.4g (%.4g to %.4g)", w.Absolute.Estimate, w.Absolute.Low, w.Absolute.High)})
			}
		}
	}
	for _, n := range h.Novelty {
		out = append(out, ui.Check{Name: "Effect by days since exposure, " + n.Variant, Text: fmt.Sprintf("from %.4g on the first day to %.4g on the last (p = %.2g)", n.First, n.Last, n.PValue)})
	}
	for _, d := range r.Heterogeneity {
		out = append(out, ui.Check{Name: "Differs by " + d.Segment + ": " + d.Metric + ", " + d.Variant, Text: fmt.Sprintf("p = %.2g, adjusted %.2g", d.PValue, d.AdjustedPValue)})
	}
	for _, i := range h.Interactions {
		out = append(out, ui.Check{Name: "Interaction with " + i.Experiment, Text: fmt.Sprintf("p = %.2g, adjusted %.2g", i.PValue, i.AdjustedPValue)})
	}
	if n := len(h.SoldOut); n > 0 {
		out = append(out, ui.Check{Name: "SKUs that sold out", Text: fmt.Sprint(n), Status: "warning"})
	}
	return out
}

// breakdown is the primary metric by segment.
func breakdown(e *experiments.Experiment, r *experiments.Report) []ui.SegmentEffect {
	var out []ui.SegmentEffect
	var all []ui.Interval
	for _, s := range r.Segments {
		for i := range s.Metrics {
			if s.Metrics[i].Name != e.Primary {
				continue
			}
			for _, res := range s.Metrics[i].Results {
				v := ui.SegmentEffect{Segment: s.Segment, Variant: res.Variant, Units: res.Units, Relative: interval(res.Relative)}
				all = append(all, v.Relative)
				out = append(out, v)
			}
		}
	}
	scale := ui.Scale(all)
	for i := range out {
		out[i].Bar = ui.NewBar(out[i].Relative, scale)
	}
	return out
}

func interval(e *experiments.Estimate) ui.Interval {
	if e == nil {
		return ui.Interval{}
	}
	return ui.Interval{Known: true, Estimate: float64(e.Estimate), Low: float64(e.Low), High: float64(e.High)}
}
