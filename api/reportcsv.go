package api

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/peakday/peakday/experiments"
)

// reportCSV writes one row for each metric and variant, and, if asked to, for
// each day or segment; control comes first and has no effect.
func (x *exchange) reportCSV(r *experiments.Report, by string) error {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	var rows [][]string
	switch by {
	case "day":
		rows = dayRows(r)
	case "segment":
		rows = [][]string{append([]string{"segment"}, reportHead()...)}
		for _, s := range r.Segments {
			for _, row := range metricRows(s.Metrics) {
				rows = append(rows, append([]string{cell(s.Segment)}, row...))
			}
		}
	default:
		rows = append([][]string{reportHead()}, metricRows(r.Metrics)...)
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	x.Header().Set("Content-Disposition", `attachment; filename="`+r.Experiment+`.csv"`)
	return x.send(http.StatusOK, x.headers.csv, b.Bytes())
}

func reportHead() []string {
	return []string{
		"metric", "kind", "role", "variant", "units", "mean", "absolute", "absolute_low", "absolute_high",
		"relative", "relative_low", "relative_high", "std_error", "p_value", "adjusted_p_value", "method", "problem",
		"always_valid_low", "always_valid_high", "always_valid_p_value", "chance_to_win", "expected_loss",
	}
}

func metricRows(metrics []experiments.MetricReport) [][]string {
	var rows [][]string
	for i := range metrics {
		m := &metrics[i]
		rows = append(rows, append(armRow(m, &m.Control), make([]string, 16)...))
		for j := range m.Results {
			rows = append(rows, resultRow(m, &m.Results[j]))
		}
	}
	return rows
}

// dayRows are how the metrics stood at the end of each day.
func dayRows(r *experiments.Report) [][]string {
	rows := [][]string{{"date", "metric", "variant", "units", "mean", "absolute", "absolute_low", "absolute_high"}}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		for _, day := range m.Series {
			row := func(a *experiments.ArmReport, e *experiments.Estimate) []string {
				return append([]string{day.Date, m.Name, a.Variant, strconv.FormatInt(a.Units, 10), number(a.Mean)}, estimate(e)...)
			}
			rows = append(rows, row(&day.Control, nil))
			for k := range day.Results {
				rows = append(rows, row(&day.Results[k].ArmReport, day.Results[k].Absolute))
			}
		}
	}
	return rows
}

func armRow(m *experiments.MetricReport, a *experiments.ArmReport) []string {
	return []string{m.Name, string(m.Kind), string(m.Role), a.Variant, strconv.FormatInt(a.Units, 10), number(a.Mean)}
}

func resultRow(m *experiments.MetricReport, r *experiments.Result) []string {
	row := armRow(m, &r.ArmReport)
	row = append(row, estimate(r.Absolute)...)
	row = append(row, estimate(r.Relative)...)
	row = append(row, number(float64(r.StdError)), number(float64(r.PValue)), number(float64(r.AdjustedPValue)), cell(r.Method), cell(r.Problem))
	always, belief := make([]string, 3), make([]string, 2)
	if v := r.AlwaysValid; v != nil {
		always = []string{number(float64(v.Low)), number(float64(v.High)), number(float64(v.PValue))}
	}
	if v := r.Bayesian; v != nil {
		belief = []string{number(float64(v.ChanceToWin)), number(float64(v.ExpectedLoss))}
	}
	return append(append(row, always...), belief...)
}

func estimate(e *experiments.Estimate) []string {
	if e == nil {
		return []string{"", "", ""}
	}
	return []string{number(float64(e.Estimate)), number(float64(e.Low)), number(float64(e.High))}
}

// number leaves out what is not finite.
func number(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return ""
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// cell keeps a spreadsheet from taking a text for a formula.
func cell(s string) string {
	if s != "" {
		switch s[0] {
		case '=', '+', '-', '@', '\t', '\r':
			return "'" + s
		}
	}
	return s
}
