package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/internal/imports"
)

const analyzeHelp = `Compare the variants of an experiment from a CSV file (also .gz) with one row a
unit, or several: rows of one unit are summed.

  peakday analyze cookie_cats.csv --unit userid --variant version --control gate_30 \
      --metric retention=retention_7:proportion --metric rounds=sum_gamerounds --cap rounds=0.999

A metric is NAME=COLUMN with the kind mean (the default), proportion or
quantile(p), or NAME=NUMERATOR/DENOMINATOR:ratio. A covariate, known before the
experiment, sharpens a metric; give it several times for several columns.
Without --unit every row is a unit of its own.`

func (p *Program) analyze() *cobra.Command {
	var (
		sheet                     experiments.Sheet
		metrics, covariates, caps []string
		weights                   []string
		correction                string
		looks                     []float64
		spending                  string
		asJSON                    bool
	)
	c := &cobra.Command{
		Use: "analyze FILE --variant COL --control VALUE --metric NAME=COL[:kind]…", Short: "An A/B report from a CSV file",
		Long: analyzeHelp, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := p.setUp(c); err != nil {
				return err
			}
			sheet.Correction = experiments.Correction(correction)
			if len(looks) > 0 {
				sheet.Looks = &experiments.Looks{Times: looks, Spending: spending}
			}
			if err := readSheetFlags(&sheet, metrics, covariates, caps, weights); err != nil {
				return err
			}
			a, err := unlessInterrupted(c.Context(), func() (*experiments.Analysis, error) { return p.analyzeFile(args[0], sheet) })
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(p.Stdout).Encode(a)
			}
			return printAnalysis(p.Stdout, a, sheet)
		},
	}
	f := c.Flags()
	f.StringVar(&sheet.Unit, "unit", "", "column of the unit's id")
	f.StringVar(&sheet.Variant, "variant", "", "column of the variant (required)")
	f.StringVar(&sheet.Control, "control", "", "value of the variant that the others are compared with (required)")
	f.StringArrayVar(&metrics, "metric", nil, "NAME=COL[:proportion|mean|quantile(p)] or NAME=NUM/DEN:ratio; several times for several metrics")
	f.StringArrayVar(&covariates, "covariate", nil, "NAME=COL: a column known before the experiment, for the metric NAME")
	f.StringVar(&sheet.Segment, "segment", "", "column by whose values the report is repeated")
	f.StringArrayVar(&caps, "cap", nil, "NAME=p: cap the units' sums of the metric NAME at their p quantile, such as 0.999")
	f.StringSliceVar(&weights, "weights", nil, "VALUE=w,…: planned shares of the variants (default: equal)")
	f.Float64Var(&sheet.Alpha, "alpha", 0.05, "1 − confidence level")
	f.StringVar(&correction, "correction", string(experiments.Holm), "for several metrics and variants: holm, bh or none")
	f.Float64SliceVar(&looks, "looks", nil, "of a group-sequential plan: shares of the planned units at the looks so far, this one last, such as 0.25,0.5")
	f.StringVar(&spending, "spending", "", "of that plan: obrien-fleming (the default), pocock or power")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// readSheetFlags puts what stands in repeated flags into the sheet.
func readSheetFlags(s *experiments.Sheet, metrics, covariates, caps, weights []string) error {
	switch {
	case s.Variant == "":
		return usage("--variant is required: the column of the variant")
	case s.Control == "":
		return usage("--control is required: the variant that the others are compared with")
	case len(metrics) == 0:
		return usage("--metric is required: NAME=COLUMN[:kind]")
	}
	for _, text := range metrics {
		m, err := experiments.ParseSheetMetric(text)
		if err != nil {
			return usage("--%v", err)
		}
		s.Metrics = append(s.Metrics, m)
	}
	find := func(flag, text string) (*experiments.SheetMetric, string, error) {
		name, value, ok := strings.Cut(text, "=")
		if !ok || value == "" {
			return nil, "", usage("%s must be NAME=VALUE, got %q", flag, text)
		}
		i := slices.IndexFunc(s.Metrics, func(m experiments.SheetMetric) bool { return m.Name == name })
		if i < 0 {
			return nil, "", usage("%s names the metric %q, which no --metric defines", flag, name)
		}
		return &s.Metrics[i], value, nil
	}
	for _, text := range covariates {
		m, column, err := find("--covariate", text)
		if err != nil {
			return err
		}
		m.Covariates = append(m.Covariates, column)
	}
	for _, text := range caps {
		m, value, err := find("--cap", text)
		if err != nil {
			return err
		}
		if m.Cap, err = strconv.ParseFloat(value, 64); err != nil || !(m.Cap > 0 && m.Cap < 1) {
			return usage("--cap %s=… must be a quantile above 0 and below 1 such as 0.999, got %q", m.Name, value)
		}
	}
	return readWeights(s, weights)
}

func readWeights(s *experiments.Sheet, weights []string) error {
	for _, text := range weights {
		i := strings.LastIndex(text, "=")
		if i <= 0 {
			return usage("--weights must be VALUE=w,…, got %q", text)
		}
		w, err := strconv.ParseFloat(text[i+1:], 64)
		if err != nil || !(w > 0) {
			return usage("--weights must give numbers above 0, got %q", text)
		}
		if s.Weights == nil {
			s.Weights = map[string]float64{}
		}
		s.Weights[text[:i]] = w
	}
	return nil
}

// analyzeFile reads one file, plain or gzipped.
func (p *Program) analyzeFile(name string, sheet experiments.Sheet) (*experiments.Analysis, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := newBar(p.Stderr)
	b.say("reading " + name)
	defer b.clear()
	in, err := imports.Unzipped(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	a, err := sheet.Analyze(in)
	var invalid *events.Invalid
	var row *experiments.SheetError
	switch {
	case errors.As(err, &invalid):
		return nil, &usageError{fmt.Errorf("--%w", err)}
	case errors.As(err, &row) && row.Line > 0:
		return nil, fmt.Errorf("%s:%d: %w", name, row.Line, &experiments.SheetError{Column: row.Column, Problem: row.Problem})
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// printAnalysis writes a report for people.
func printAnalysis(out io.Writer, a *experiments.Analysis, s experiments.Sheet) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "units")
	for _, v := range slices.Sorted(maps.Keys(a.Units)) {
		fmt.Fprintf(w, "\t%s %d", v, a.Units[v])
	}
	fmt.Fprintf(w, "\nsample ratio\tchi-square %.3f, p = %.3g: %s\n", a.SRM.Chi2, a.SRM.PValue, a.SRM.Status)
	for _, text := range a.Warnings {
		fmt.Fprintf(w, "warning\t%s\n", text)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := printMetrics(out, "", a.Metrics, s.Alpha); err != nil {
		return err
	}
	for _, segment := range a.Segments {
		if err := printMetrics(out, segment.Segment, segment.Metrics, s.Alpha); err != nil {
			return err
		}
	}
	for _, h := range a.Heterogeneity {
		fmt.Fprintf(out, "\n%s of %s differs between values of %s: p = %.3g, adjusted %.3g\n", h.Metric, h.Variant, h.Segment, h.PValue, h.AdjustedPValue)
	}
	return nil
}

func printMetrics(out io.Writer, segment string, metrics []experiments.MetricReport, alpha float64) error {
	if segment != "" {
		segment = ", " + segment
	}
	for _, m := range metrics {
		fmt.Fprintf(out, "\n%s (%s)%s: %s is at %.6g (%d units)\n", m.Name, m.Kind, segment, m.Control.Variant, m.Control.Mean, m.Control.Units)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, r := range m.Results {
			if r.Problem != "" {
				fmt.Fprintf(w, "  %s\tno answer: %s\n", r.Variant, r.Problem)
				continue
			}
			fmt.Fprintf(w, "  %s\t%.6g (%d units), difference %s\n", r.Variant, r.Mean, r.Units, spanText(r.Absolute, 1, ""))
			fmt.Fprintf(w, "  \trelative %s\n", spanText(r.Relative, 100, " %"))
			fmt.Fprintf(w, "  \tp = %.3g, adjusted %.3g (one look, %s), %.3g %% intervals\n", r.PValue, r.AdjustedPValue, r.Method, 100*(1-alpha))
			if v := r.AlwaysValid; v != nil {
				fmt.Fprintf(w, "  \talways valid: %.4g to %.4g, p = %.3g\n", v.Low, v.High, v.PValue)
			}
			if b := r.Bayesian; b != nil {
				fmt.Fprintf(w, "  \tchance to win %.1f %%, expected loss %.3g (prior %s)\n", 100*b.ChanceToWin, b.ExpectedLoss, b.Prior)
			}
			if g := r.GroupSequential; g != nil {
				fmt.Fprintf(w, "  \tlook %d at %.3g of the plan (%s): %.4g to %.4g, stop at p = %.3g: %s\n", g.Looks, g.Time, g.Spending, g.Low, g.High, g.PValue, crossedText(g))
			}
			if t := r.Stratified; t != nil {
				fmt.Fprintf(w, "  \tpost-stratified by %s: %s, p = %.3g\n", t.Segment, spanText(&t.Estimate, 1, ""), t.PValue)
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func crossedText(g *experiments.GroupSequential) string {
	if g.Crossed {
		return "crossed"
	}
	return "not crossed"
}

func spanText(e *experiments.Estimate, scale experiments.Number, unit string) string {
	if e == nil {
		return "unknown: the control is at zero"
	}
	return fmt.Sprintf("%+.4g%s (%+.4g to %+.4g)", scale*e.Estimate, unit, scale*e.Low, scale*e.High)
}
