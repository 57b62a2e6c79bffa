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

// reportCSV writes one row for each metric and variant; control comes first
// and has no effect.
func (x *exchange) reportCSV(r *experiments.Report) error {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	rows := [][]string{{
		"metric", "kind", "role", "variant", "units", "mean", "absolute", "absolute_low", "absolute_high",
		"relative", "relative_low", "relative_high", "std_error", "p_value", "adjusted_p_value", "method", "problem",
	}}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		rows = append(rows, append(armRow(m, &m.Control), make([]string, 11)...))
		for j := range m.Results {
			rows = append(rows, resultRow(m, &m.Results[j]))
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	x.Header().Set("Content-Disposition", `attachment; filename="`+r.Experiment+`.csv"`)
	return x.send(http.StatusOK, x.headers.csv, b.Bytes())
}

func armRow(m *experiments.MetricReport, a *experiments.ArmReport) []string {
	return []string{m.Name, string(m.Kind), string(m.Role), a.Variant, strconv.FormatInt(a.Units, 10), number(a.Mean)}
}

func resultRow(m *experiments.MetricReport, r *experiments.Result) []string {
	row := armRow(m, &r.ArmReport)
	row = append(row, estimate(r.Absolute)...)
	row = append(row, estimate(r.Relative)...)
	return append(row, number(float64(r.StdError)), number(float64(r.PValue)), number(float64(r.AdjustedPValue)), cell(r.Method), cell(r.Problem))
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
