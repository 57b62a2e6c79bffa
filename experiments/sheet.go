package experiments

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Sheet says how the columns of a CSV file become the data of an experiment.
// Rows of one unit are summed.
type Sheet struct {
	Unit       string // column of the unit's id; empty: every row is a unit of its own
	Variant    string // column of the variant
	Control    string // the variant that the others are compared with
	Metrics    []SheetMetric
	Segment    string             // column by which the analysis is repeated; empty for none
	Weights    map[string]float64 // planned shares by variant; nil: equal ones
	Alpha      float64
	Correction Correction
	Looks      *Looks // of a group-sequential plan; nil: there is none
}

// SheetMetric is a metric of a Sheet.
type SheetMetric struct {
	Name        string
	Kind        MetricKind // proportion, mean, ratio or quantile
	Column      string
	Denominator string   // column, of a ratio
	Quantile    float64  // of a quantile
	Covariates  []string // columns of what was known before the experiment
	Cap         float64  // quantile over all units at which units' sums are capped; 0 for none
}

// ParseSheetMetric reads "NAME=COL", "NAME=COL:proportion", "NAME=COL:mean",
// "NAME=COL:quantile(0.99)" or "NAME=NUM/DEN:ratio".
func ParseSheetMetric(text string) (SheetMetric, error) {
	name, column, ok := strings.Cut(text, "=")
	if !ok || name == "" || column == "" {
		return SheetMetric{}, wrong("metric", "must be NAME=COLUMN[:kind], got %q", text)
	}
	m := SheetMetric{Name: name, Kind: Mean, Column: column}
	if i := strings.LastIndex(column, ":"); i >= 0 {
		if err := m.readKind(column[i+1:]); err != nil {
			return m, err
		}
		m.Column = column[:i]
	}
	if m.Kind == Ratio {
		if m.Column, m.Denominator, ok = strings.Cut(m.Column, "/"); !ok || m.Column == "" || m.Denominator == "" {
			return m, wrong("metric", "must be NAME=NUMERATOR/DENOMINATOR:ratio, got %q", text)
		}
	}
	if m.Column == "" {
		return m, wrong("metric", "must be NAME=COLUMN[:kind], got %q", text)
	}
	return m, nil
}

func (m *SheetMetric) readKind(kind string) error {
	switch inside, ok := strings.CutPrefix(kind, "quantile("); {
	case ok:
		p, err := strconv.ParseFloat(strings.TrimSuffix(inside, ")"), 64)
		if err != nil || !strings.HasSuffix(inside, ")") || !(p > 0 && p < 1) {
			return wrong("metric", "of kind quantile must be written quantile(0.99), with a number above 0 and below 1, got %q", kind)
		}
		m.Kind, m.Quantile = Quantile, p
	case kind == string(Proportion), kind == string(Mean), kind == string(Ratio):
		m.Kind = MetricKind(kind)
	default:
		return wrong("metric", "must be of kind proportion, mean, ratio or quantile(p), got %q", kind)
	}
	return nil
}

// check holds the sheet to what can be analysed.
func (s *Sheet) check() error {
	if len(s.Metrics) == 0 {
		return wrong("metric", "is required: NAME=COLUMN[:kind]")
	}
	if !(s.Alpha > 0 && s.Alpha < 0.5) {
		return wrong("alpha", "must be above 0 and below 0.5, got %g", s.Alpha)
	}
	switch s.Correction {
	case Holm, BenjaminiHochberg, Uncorrected:
	default:
		return wrong("correction", "must be holm, bh or none, got %q", s.Correction)
	}
	for i := range s.Metrics {
		m := &s.Metrics[i]
		if slices.ContainsFunc(s.Metrics[:i], func(o SheetMetric) bool { return o.Name == m.Name }) {
			return wrong("metric", "must have another name: %q stands there already", m.Name)
		}
		if m.Cap != 0 && !(m.Cap > 0 && m.Cap < 1) {
			return wrong("cap", "of %s must be a quantile above 0 and below 1 such as 0.999, got %g", m.Name, m.Cap)
		}
		if m.Cap != 0 && m.Kind != Mean {
			return wrong("cap", "is for means; %s is a %s", m.Name, m.Kind)
		}
		if m.Kind == Quantile && len(m.Covariates) > 0 {
			return wrong("covariate", "cannot sharpen a quantile such as %s", m.Name)
		}
	}
	return nil
}

// SheetError says where a file is not what was expected.
type SheetError struct {
	Line    int    // from 1, the header being the first; 0: the file as a whole
	Column  string // by name; empty if no column is meant
	Problem string
}

func (e *SheetError) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, "column %q ", e.Column)
	}
	return b.String() + e.Problem
}

// Analysis is what the variants of a sheet did.
type Analysis struct {
	Units         map[string]int64 `json:"units"`
	SRM           SampleRatio      `json:"srm"`
	Warnings      []string         `json:"warnings"`
	Metrics       []MetricReport   `json:"metrics"`
	Segments      []SegmentReport  `json:"segments,omitempty"`
	Heterogeneity []Heterogeneity  `json:"heterogeneity,omitempty"`
}

// Analyze reads a CSV file with a header and compares the variants. A file that
// is not what the sheet says is a *SheetError, a sheet that cannot be an
// *events.Invalid.
func (s Sheet) Analyze(r io.Reader) (*Analysis, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	bounds, err := s.Looks.at(s.Alpha)
	if err != nil {
		return nil, err
	}
	rows, err := readSheet(&s, r)
	if err != nil {
		return nil, err
	}
	rows.bounds = bounds
	variants, weights, err := rows.arrange()
	if err != nil {
		return nil, err
	}
	a := &Analysis{Warnings: []string{}}
	rows.warnings(a)
	rows.cap(a)
	whole := rows.compare(variants, weights, "")
	a.Units, a.SRM, a.Metrics = whole.Units, whole.SRM, whole.Metrics
	if w := a.SRM.warning(); w != "" {
		a.Warnings = append(a.Warnings, w)
	}
	rows.warnOfRows(a)
	rows.warnOfOutliers(a)
	if s.Segment != "" {
		rows.bySegment(a, variants, weights)
	}
	correct(a.Metrics, s.Correction, s.Alpha)
	return a, nil
}
